#ifndef METRISHIFT_REWRITER_CLI_GENERATE_COMMAND_H_
#define METRISHIFT_REWRITER_CLI_GENERATE_COMMAND_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "rewriter/cli/commands.h"
#include "rewriter/generate/companion.h"

namespace metrishift::cli {

// metrishift generate KIND: a companion of rewriter/generate, to standard output or a file. It adds
// itself to a command line; once that is parsed, true if it was called for. Has to outlive `app`.
class GenerateCommand {
 public:
  // Adds what says which tables are applied, and how, to a command.
  using AddOptions = std::function<void(CLI::App&)>;

  GenerateCommand(CLI::App& app, const AddOptions& add_table_options);
  GenerateCommand(const GenerateCommand&) = delete;
  GenerateCommand& operator=(const GenerateCommand&) = delete;

  explicit operator bool() const { return command_->parsed(); }

  // kClean once the companion is out, also where some of it are comments.
  ExitCode Run(const Mapping& mapping, Equivalence least, const Streams& streams) const;

 private:
  using Generator = generate::Companion (*)(const Mapping&, const generate::Options&);

  CLI::App* Add(const char* name, const AddOptions& add_table_options, Generator generator,
                const char* about, const char* when);

  CLI::App* command_;
  Generator generator_ = nullptr;
  std::string output_;
  generate::Options options_;
};

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_GENERATE_COMMAND_H_
