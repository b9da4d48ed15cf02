#ifndef METRISHIFT_REWRITER_CLI_GENERATE_COMMAND_H_
#define METRISHIFT_REWRITER_CLI_GENERATE_COMMAND_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "rewriter/cli/commands.h"
#include "rewriter/generate/companion.h"

namespace metrishift::cli {

// metrishift generate KIND: a companion of rewriter/generate, to standard output or a file. It adds
// itself to a command line; once that is parsed, true if it was called for. Has to outlive `app`.
class GenerateCommand {
 public:
  explicit GenerateCommand(CLI::App& app);
  GenerateCommand(const GenerateCommand&) = delete;
  GenerateCommand& operator=(const GenerateCommand&) = delete;

  explicit operator bool() const { return command_->parsed(); }

  // kClean once the companion is out, also where some of it are comments.
  ExitCode Run(const Streams& streams) const;

 private:
  using Generator = generate::Companion (*)(const Mapping&, const generate::Options&);

  CLI::App* Add(const char* name, Generator generator, const char* about, const char* when);

  CLI::App* command_;
  Generator generator_ = nullptr;
  std::vector<std::string> mappings_;
  std::string output_;
  std::string equivalence_ = "aggregated";
  generate::Options options_;
};

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_GENERATE_COMMAND_H_
