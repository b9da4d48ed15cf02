#ifndef METRISHIFT_REWRITER_CLI_INPUT_H_
#define METRISHIFT_REWRITER_CLI_INPUT_H_

#include <map>
#include <optional>
#include <string>

#include "rewriter/cli/file_set.h"
#include "rewriter/formats/extract.h"

namespace metrishift::cli {

// What was read of one file.
struct Input {
  std::string text;
  formats::FileFormat format = formats::FileFormat::kYaml;
};

// Reads the files of a run, each as often as it is asked for. What can be read only once (a pipe:
// <(helm template ..)) is kept in memory from the first time on; files are not.
class InputReader {
 public:
  // On failure nothing, and `*why` is a clause for people, without the path. UTF-16 is one: no name
  // would be found in it.
  std::optional<Input> Read(const InputFile& file, std::string* why);

 private:
  std::map<std::string, std::string> kept_;  // by path
};

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_INPUT_H_
