#include "rewriter/cli/commands.h"

#include <memory>
#include <optional>
#include <ostream>
#include <utility>

#include "rewriter/cli/diff.h"
#include "rewriter/cli/report.h"
#include "rewriter/cli/reporter.h"
#include "rewriter/cli/run.h"
#include "rewriter/cli/spool.h"
#include "rewriter/cli/write_file.h"

namespace metrishift::cli {

namespace {

void PrintEnd(const Tally& tally, const FileOptions& options, std::ostream& err) {
  err << RenderTally(tally);
  if (options.summary) err << RenderEntries(tally);
}

// metrishift rewrite, once.
class Rewriting {
 public:
  Rewriting(const Mapping& mapping, const FileOptions& options,
            const std::vector<std::string>& paths, const Streams& streams)
      : options_(options),
        paths_(paths),
        streams_(streams),
        filter_(options.write && paths.size() == 1 && paths.front() == kStandardInput),
        reporter_(MakeReporter(options.format, Subject::kRewrite, streams)),
        run_(mapping, options, streams,
             [this](const std::string& path, const std::string& message) {
               reporter_->Error(path, message);
             }) {}

  ExitCode Go() {
    run_.Files(paths_, streams_.err, [this](const PlannedFile& file) { File(file); });
    if (!options_.patch.empty()) {
      std::string patch;
      patch.reserve(patch_.size());
      const bool given = patch_.Give([&patch](std::string_view piece) { patch += piece; });
      const std::optional<std::string> error =
          given ? WriteFile(options_.patch, patch) : "cannot be read back from /tmp";
      if (error) run_.Error(options_.patch, *error);
    }
    const Tally& tally = run_.tally();
    if (!filter_) reporter_->End(tally);
    PrintEnd(tally, options_, streams_.err);
    if (written_ > 0) streams_.err << Plural(written_, "file is", "files are") << " changed\n";
    if (!options_.write && tally.files_with_changes > 0)
      streams_.err << "nothing is written without --write\n";
    if (tally.errors > 0) return kError;
    return tally.needs_person > 0 ? kFindings : kClean;
  }

 private:
  void File(const PlannedFile& file) {
    const rewrite::FileRewrite& rewrite = file.rewrite;
    if (!options_.patch.empty())
      PrintUnifiedDiff(file.source, rewrite.edits, false, patch_.stream());
    if (filter_) return Filter(file);
    reporter_->File(file);
    if (!options_.write || rewrite.edits.empty()) return;
    const size_t others = OtherHardLinks(file.source.path());
    const std::optional<std::string> error =
        ReplaceFile(file.source.path(), file.text, rewrite.edits.Splice(file.text));
    if (error) return run_.Error(file.source.path(), *error + "; it is left as it was");
    ++written_;
    if (others > 0) run_.Warn(file.source.path(), SplitOff(others));
  }

  // As with sed -i: one that keeps hard links together could be found half written.
  static std::string SplitOff(size_t others) {
    return "is a file of its own now; " +
           Plural(others, "other hard link leads", "other hard links lead") + " to the old text";
  }

  // Standard input, and out again.
  void Filter(const PlannedFile& file) {
    streams_.out << file.rewrite.edits.Splice(file.text);
    for (const rewrite::Finding& finding : file.rewrite.findings) {
      if (finding.disposition != rewrite::Disposition::kChanged)
        streams_.err << RenderFinding(file.source, finding, streams_.err_color);
    }
  }

  const FileOptions& options_;
  const std::vector<std::string>& paths_;
  const Streams& streams_;
  bool filter_;
  std::unique_ptr<Reporter> reporter_;
  Run run_;
  Spool patch_;
  size_t written_ = 0;
};

}  // namespace

ExitCode RunRewrite(const Mapping& mapping, const FileOptions& options,
                    const std::vector<std::string>& paths, const Streams& streams) {
  return Rewriting(mapping, options, paths, streams).Go();
}

ExitCode RunCheck(const Mapping& mapping, const FileOptions& options,
                  const std::vector<std::string>& paths, const Streams& streams) {
  const std::unique_ptr<Reporter> reporter = MakeReporter(options.format, Subject::kCheck, streams);
  FileOptions how = options;
  how.plan.verify = false;
  Run run(mapping, how, streams, [&reporter](const std::string& path, const std::string& why) {
    reporter->Error(path, why);
  });
  // The list of names that move is for people, too.
  std::ostream& list = options.format == "text" ? streams.out : streams.err;
  const Tally& tally =
      run.Files(paths, list, [&reporter](const PlannedFile& file) { reporter->File(file); });
  reporter->End(tally);
  PrintEnd(tally, options, streams.err);
  if (tally.errors > 0) return kError;
  return tally.renamed + tally.moved + tally.needs_person > 0 ? kFindings : kClean;
}

}  // namespace metrishift::cli
