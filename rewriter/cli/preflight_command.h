#ifndef METRISHIFT_REWRITER_CLI_PREFLIGHT_COMMAND_H_
#define METRISHIFT_REWRITER_CLI_PREFLIGHT_COMMAND_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "rewriter/cli/commands.h"
#include "rewriter/preflight/cluster.h"

namespace metrishift::cli {

// metrishift preflight: may an upgrade of etcd begin, and how far is it? It adds itself to a
// command line; once that is parsed, true if it was called for. Has to outlive `app`.
//
// Ends with kClean for go, or when everything is upgraded (--watch); kFindings for no-go; kError
// where nothing can be asked: a wrong command line, no member that answers.
class PreflightCommand {
 public:
  explicit PreflightCommand(CLI::App& app);
  PreflightCommand(const PreflightCommand&) = delete;
  PreflightCommand& operator=(const PreflightCommand&) = delete;

  explicit operator bool() const { return command_->parsed(); }

  ExitCode Run(const Streams& streams) const;

 private:
  ExitCode Check(const preflight::Access& access, const Streams& streams) const;
  ExitCode Watch(const preflight::Access& access, const Streams& streams) const;

  CLI::App* command_;
  std::vector<std::string> endpoints_;
  preflight::Access access_;
  std::vector<std::string> rules_;
  std::string format_ = "text";
  std::string to_ = "3.5";
  double timeout_ = 5;
  double interval_ = 2;
  double deadline_ = 0;
  bool watch_ = false;
};

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_PREFLIGHT_COMMAND_H_
