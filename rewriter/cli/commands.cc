#include "rewriter/cli/commands.h"

#include <optional>
#include <ostream>

#include "rewriter/cli/diff.h"
#include "rewriter/cli/report.h"
#include "rewriter/cli/run.h"
#include "rewriter/cli/write_file.h"

namespace metrishift::cli {

using rewrite::Disposition;
using rewrite::Finding;

namespace {

void PrintEnd(const Run& run, const FileOptions& options, std::ostream& out) {
  out << RenderTally(run.tally());
  if (options.summary) out << RenderEntries(run.tally());
}

bool IsStandardInput(const std::vector<std::string>& paths) {
  return paths.size() == 1 && paths.front() == kStandardInput;
}

}  // namespace

ExitCode RunRewrite(const Mapping& mapping, const FileOptions& options,
                    const std::vector<std::string>& paths, const Streams& streams) {
  Run run(mapping, options, streams);
  const bool filter = options.write && IsStandardInput(paths);
  size_t written = 0;
  const Tally& tally = run.Files(paths, streams.err, [&](const PlannedFile& file) {
    if (!filter)
      streams.out << UnifiedDiff(file.source, file.rewrite.edits, streams.out_color) << std::flush;
    for (const Finding& finding : file.rewrite.findings) {
      if (finding.disposition == Disposition::kChanged) continue;
      streams.err << RenderFinding(file.source, finding, streams.err_color);
    }
    if (filter) streams.out << (file.rewrite.edits.empty() ? file.text : file.rewrite.text);
    if (filter || !options.write || file.rewrite.edits.empty()) return;
    const std::optional<std::string> error =
        ReplaceFile(file.source.path(), file.text, file.rewrite.text);
    if (error) return run.Error(file.source.path(), *error + "; it is left as it was");
    ++written;
  });
  PrintEnd(run, options, streams.err);
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
  PrintEnd(run, options, streams.err);
  if (tally.errors > 0) return kError;
  return tally.renamed + tally.moved + tally.needs_person > 0 ? kFindings : kClean;
}

}  // namespace metrishift::cli
