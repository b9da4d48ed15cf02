#ifndef METRISHIFT_REWRITER_CLI_MAPPINGS_COMMAND_H_
#define METRISHIFT_REWRITER_CLI_MAPPINGS_COMMAND_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "rewriter/cli/commands.h"

namespace metrishift::cli {

// metrishift mappings [list|show|lint|suggest|import]: what there is in tables, and where new ones
// come from. It adds itself to a command line; once that is parsed, true if it was called for. Has
// to outlive `app`.
class MappingsCommand {
 public:
  explicit MappingsCommand(CLI::App& app);
  MappingsCommand(const MappingsCommand&) = delete;
  MappingsCommand& operator=(const MappingsCommand&) = delete;

  explicit operator bool() const { return command_->parsed(); }

  ExitCode Run(const Streams& streams) const;

 private:
  void AddImport();

  CLI::App* command_;
  CLI::App* list_;
  CLI::App* show_;
  CLI::App* lint_;
  CLI::App* suggest_;
  CLI::App* import_rules_ = nullptr;
  CLI::App* import_schema_ = nullptr;
  CLI::App* import_diff_ = nullptr;
  std::string format_ = "text";
  std::string table_;
  std::vector<std::string> files_;
  std::string body_;
  std::string new_body_;
  std::string version_;
  bool records_new_ = false;
};

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_MAPPINGS_COMMAND_H_
