#include "rewriter/cli/commands.h"

#include <functional>
#include <ostream>

#include "rewriter/cli/diff.h"
#include "rewriter/cli/file_set.h"
#include "rewriter/cli/input.h"
#include "rewriter/cli/report.h"
#include "rewriter/rewrite/cascade.h"
#include "rewriter/rewrite/file_rewrite.h"

namespace metrishift::cli {
namespace {

using rewrite::Disposition;
using rewrite::FileRewrite;
using rewrite::Finding;

// A file that was read and planned.
struct PlannedFile {
  const SourceText& source;
  const FileRewrite& rewrite;
};

// Reads and plans every file that `paths` stand for, and hands each to `use` as soon as it is
// planned. What goes wrong is printed and counted here.
class Run {
 public:
  Run(const Mapping& mapping, const FileOptions& options, const Streams& streams)
      : mapping_(mapping), options_(options), streams_(streams) {}

  // With options.cascade, `report` gets the list of names that move before the first file is used.
  const Tally& Files(const std::vector<std::string>& paths, std::ostream& report,
                     const std::function<void(const PlannedFile&)>& use) {
    const FileSet set = CollectFiles(paths);
    for (const WalkError& error : set.errors) Error(error.path, error.message);
    if (options_.cascade) {
      PlanCascade(set);
      report << RenderRecordedNames(recorded_) << std::flush;
    }
    for (const InputFile& file : set.files) File(file, use);
    return tally_;
  }

  void Error(const std::string& path, const std::string& message) {
    ++tally_.errors;
    streams_.err << Printable(path) << ": error: " << message << "\n";
  }

 private:
  // Looks at every file twice, before it is read once more to be rewritten: what moves is not known
  // before the last of them.
  void PlanCascade(const FileSet& set) {
    rewrite::Cascade cascade(mapping_, options_.plan);
    std::string why;
    for (const InputFile& file : set.files) {
      if (const std::optional<Input> input = reader_.Read(file, &why))
        cascade.FindRules(SourceText(file.path, input->text), input->format);
    }
    cascade.Derive();
    for (const WalkError& error : set.errors) cascade.Unreadable(error.path);
    for (const InputFile& file : set.files) {
      if (!cascade.AnyMoves()) break;
      if (const std::optional<Input> input = reader_.Read(file, &why))
        cascade.FindReaders(SourceText(file.path, input->text), input->format);
      else
        cascade.Unreadable(file.path);
    }
    mapping_ = cascade.mapping();
    recorded_ = cascade.names();
  }

  void File(const InputFile& file, const std::function<void(const PlannedFile&)>& use) {
    ++tally_.files;
    std::string why;
    const std::optional<Input> input = reader_.Read(file, &why);
    if (!input) return Error(file.path, why);
    const SourceText source(file.path, input->text);
    const Outcome<FileRewrite> outcome =
        rewrite::RewriteFile(input->text, input->format, mapping_, options_.plan, recorded_);
    if (!outcome) return Unreadable(file, source, outcome.diagnostics, use);
    for (const Diagnostic& warning : outcome.diagnostics) {
      streams_.err << RenderDiagnostic(source, warning, streams_.err_color);
    }
    tally_.queries += outcome->queries;
    tally_.unparsable_queries += outcome->unparsable;
    Use(source, *outcome, use);
  }

  // Folders hold templates and other texts that only look like YAML. They matter if they name
  // something deprecated, or if somebody asked for this very file.
  void Unreadable(const InputFile& file, const SourceText& source, std::vector<Diagnostic> why,
                  const std::function<void(const PlannedFile&)>& use) {
    FileRewrite mentions;
    mentions.findings = rewrite::FindMentionsInText(source.text(), mapping_);
    if (mentions.findings.empty() && !file.named) {
      ++tally_.unreadable_files;
      return;
    }
    for (Diagnostic& diagnostic : why) {
      diagnostic.severity = file.named ? Severity::kError : Severity::kWarning;
      streams_.err << RenderDiagnostic(source, diagnostic, streams_.err_color);
    }
    if (file.named) ++tally_.errors;
    Use(source, mentions, use);
  }

  void Use(const SourceText& source, const FileRewrite& rewrite,
           const std::function<void(const PlannedFile&)>& use) {
    for (const Finding& finding : rewrite.findings) tally_.Count(finding);
    if (!rewrite.edits.empty()) ++tally_.files_with_changes;
    use({source, rewrite});
  }

  Mapping mapping_;
  FileOptions options_;
  const Streams& streams_;
  InputReader reader_;
  rewrite::RecordedNames recorded_;
  Tally tally_;
};

}  // namespace

ExitCode RunRewrite(const Mapping& mapping, const FileOptions& options,
                    const std::vector<std::string>& paths, const Streams& streams) {
  Run run(mapping, options, streams);
  size_t written = 0;
  const Tally& tally = run.Files(paths, streams.err, [&](const PlannedFile& file) {
    streams.out << UnifiedDiff(file.source, file.rewrite.edits, streams.out_color) << std::flush;
    for (const Finding& finding : file.rewrite.findings) {
      if (finding.disposition == Disposition::kChanged) continue;
      streams.err << RenderFinding(file.source, finding, streams.err_color);
    }
    if (!options.write || file.rewrite.edits.empty()) return;
    const std::optional<std::string> error =
        ReplaceFile(file.source.path(), std::string(file.source.text()), file.rewrite.text);
    if (error) return run.Error(file.source.path(), *error + "; it is left as it was");
    ++written;
  });
  streams.err << RenderTally(tally);
  if (written > 0) streams.err << Plural(written, "file is", "files are") << " changed\n";
  if (!options.write && tally.files_with_changes > 0)
    streams.err << "nothing is written without --write\n";
  if (tally.errors > 0) return kError;
  return tally.needs_person > 0 ? kFindings : kClean;
}

ExitCode RunCheck(const Mapping& mapping, const FileOptions& options,
                  const std::vector<std::string>& paths, const Streams& streams) {
  Run run(mapping, options, streams);
  const Tally& tally = run.Files(paths, streams.out, [&](const PlannedFile& file) {
    for (const Finding& finding : file.rewrite.findings) {
      streams.out << RenderFinding(file.source, finding, streams.out_color);
    }
    streams.out << std::flush;
  });
  streams.err << RenderTally(tally);
  if (tally.errors > 0) return kError;
  return tally.renamed + tally.moved + tally.needs_person > 0 ? kFindings : kClean;
}

}  // namespace metrishift::cli
