#ifndef METRISHIFT_REWRITER_CLI_RUN_H_
#define METRISHIFT_REWRITER_CLI_RUN_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/diagnostic.h"
#include "core/mapping.h"
#include "rewriter/cli/commands.h"
#include "rewriter/cli/file_set.h"
#include "rewriter/cli/input.h"
#include "rewriter/cli/progress.h"
#include "rewriter/cli/report.h"
#include "rewriter/rewrite/file_rewrite.h"
#include "rewriter/rewrite/prefilter.h"
#include "rewriter/rewrite/recorded_names.h"

namespace metrishift::cli {

// A file that was read and planned.
struct PlannedFile {
  PlannedFile(const std::string& path, std::string bytes)
      : text(std::move(bytes)), source(path, text) {}
  PlannedFile(const PlannedFile&) = delete;
  PlannedFile& operator=(const PlannedFile&) = delete;

  const std::string text;
  const SourceText source;  // of `text`
  rewrite::FileRewrite rewrite;
};

// One run over files: reads and plans them on several threads and hands them out in order.
class Run {
 public:
  // What is to be done with something that went wrong, besides printing it.
  using OnError = std::function<void(const std::string& path, const std::string& message)>;

  // `streams` has to outlive it.
  Run(Mapping mapping, const FileOptions& options, const Streams& streams, OnError on_error = {});

  // Reads and plans every file that `paths` stand for, and hands each that has to do with the
  // mapping to `use`, in order. What goes wrong is printed and counted. With options.cascade,
  // `report` gets the list of names that move before the first file is used.
  const Tally& Files(const std::vector<std::string>& paths, std::ostream& report,
                     const std::function<void(const PlannedFile&)>& use);

  // Prints and counts it.
  void Error(const std::string& path, const std::string& message);

  // Prints what somebody should know, though all is done.
  void Warn(const std::string& path, const std::string& message);

  const Tally& tally() const { return tally_; }

 private:
  // What the threads make of a file.
  struct Planned {
    std::unique_ptr<PlannedFile> file;  // nothing if it cannot be read, or is
    bool passed_by = false;             // without a trace of a deprecated name
    std::string why;                    // it cannot be read
    bool parsed = false;                // false: `file` is neither YAML nor JSON
    std::vector<Diagnostic> diagnostics;
  };

  void PlanCascade(const FileSet& set);
  Planned Plan(const InputFile& file);
  void Use(const InputFile& file, Planned planned,
           const std::function<void(const PlannedFile&)>& use);
  void Print(const SourceText& source, const Diagnostic& diagnostic);

  Mapping mapping_;
  FileOptions options_;
  const Streams& streams_;
  OnError on_error_;
  InputReader reader_;
  Progress progress_;
  rewrite::RecordedNames recorded_;
  std::optional<rewrite::Prefilter> prefilter_;  // of both
  Tally tally_;
};

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_RUN_H_
