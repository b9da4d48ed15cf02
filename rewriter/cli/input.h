#ifndef METRISHIFT_REWRITER_CLI_INPUT_H_
#define METRISHIFT_REWRITER_CLI_INPUT_H_

#include <map>
#include <mutex>
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

// Reads the files of a run, each as often as it is asked for. What can be read only once (standard
// input, a pipe: <(helm template ..)) is kept in memory from the first time on; files are not.
// Thread-safe.
class InputReader {
 public:
  // `stdin_name` is what standard input would be called as a file, for its format; with `code`,
  // programs and prose are read as what they are (FormatOf).
  explicit InputReader(std::string stdin_name, bool code = false)
      : stdin_name_(std::move(stdin_name)), code_(code) {}

  // On failure nothing, and `*why` is a clause for people, without the path. UTF-16 and what is no
  // text at all are one: no name would be found in it.
  std::optional<Input> Read(const InputFile& file, std::string* why);

 private:
  std::optional<std::string> ReadOnce(const std::string& path, std::string* why);

  std::string stdin_name_;
  bool code_;
  std::mutex mutex_;
  std::map<std::string, std::string> kept_;  // by path; guarded by mutex_
};

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_INPUT_H_
