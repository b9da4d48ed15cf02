#include "rewriter/cli/commands.h"

#include <functional>
#include <ostream>

#include "core/file.h"
#include "rewriter/cli/diff.h"
#include "rewriter/cli/file_set.h"
#include "rewriter/cli/report.h"
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
  Run(const Mapping& mapping, rewrite::Mode mode, const Streams& streams)
      : mapping_(mapping), mode_(mode), streams_(streams) {}

  const Tally& Files(const std::vector<std::string>& paths,
                     const std::function<void(const PlannedFile&)>& use) {
    const FileSet set = CollectFiles(paths);
    for (const WalkError& error : set.errors) Error(error.path, error.message);
    for (const InputFile& file : set.files) File(file, use);
    return tally_;
  }

  void Error(const std::string& path, const std::string& message) {
    ++tally_.errors;
    streams_.err << Printable(path) << ": error: " << message << "\n";
  }

 private:
  void File(const InputFile& file, const std::function<void(const PlannedFile&)>& use) {
    ++tally_.files;
    std::string why;
    const std::optional<std::string> text = ReadFile(file.path, &why);
    if (!text) return Error(file.path, why);
    if (text->starts_with("\xFF\xFE") || text->starts_with("\xFE\xFF"))
      return Error(file.path, "is UTF-16, which is not searched; convert it to UTF-8");
    const SourceText source(file.path, *text);
    const formats::FileFormat format =
        formats::FormatOf(file.path, *text).value_or(formats::FileFormat::kYaml);
    const Outcome<FileRewrite> outcome = rewrite::RewriteFile(*text, format, mapping_, mode_);
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

  const Mapping& mapping_;
  rewrite::Mode mode_;
  const Streams& streams_;
  Tally tally_;
};

}  // namespace

ExitCode RunRewrite(const Mapping& mapping, rewrite::Mode mode,
                    const std::vector<std::string>& paths, bool write, const Streams& streams) {
  Run run(mapping, mode, streams);
  size_t written = 0;
  const Tally& tally = run.Files(paths, [&](const PlannedFile& file) {
    streams.out << UnifiedDiff(file.source, file.rewrite.edits, streams.out_color) << std::flush;
    for (const Finding& finding : file.rewrite.findings) {
      if (finding.disposition == Disposition::kChanged) continue;
      streams.err << RenderFinding(file.source, finding, streams.err_color);
    }
    if (!write || file.rewrite.edits.empty()) return;
    const std::optional<std::string> error =
        ReplaceFile(file.source.path(), std::string(file.source.text()), file.rewrite.text);
    if (error) return run.Error(file.source.path(), *error + "; it is left as it was");
    ++written;
  });
  streams.err << RenderTally(tally);
  if (write && written > 0) streams.err << Plural(written, "file is", "files are") << " changed\n";
  if (!write && tally.files_with_changes > 0) streams.err << "nothing is written without --write\n";
  if (tally.errors > 0) return kError;
  return tally.needs_person > 0 ? kFindings : kClean;
}

ExitCode RunCheck(const Mapping& mapping, const std::vector<std::string>& paths,
                  const Streams& streams) {
  Run run(mapping, rewrite::Mode::kReplace, streams);
  const Tally& tally = run.Files(paths, [&](const PlannedFile& file) {
    for (const Finding& finding : file.rewrite.findings) {
      streams.out << RenderFinding(file.source, finding, streams.out_color);
    }
    streams.out << std::flush;
  });
  streams.err << RenderTally(tally);
  if (tally.errors > 0) return kError;
  return tally.renamed + tally.needs_person > 0 ? kFindings : kClean;
}

}  // namespace metrishift::cli
