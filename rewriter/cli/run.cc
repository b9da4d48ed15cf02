#include "rewriter/cli/run.h"

#include <algorithm>
#include <ostream>
#include <thread>

#include "rewriter/cli/in_order.h"
#include "rewriter/rewrite/cascade.h"

namespace metrishift::cli {
namespace {

size_t JobsOf(const FileOptions& options) {
  return options.jobs > 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

Run::Run(Mapping mapping, const FileOptions& options, const Streams& streams, OnError on_error)
    : mapping_(std::move(mapping)),
      options_(options),
      streams_(streams),
      on_error_(std::move(on_error)),
      reader_(options.stdin_name, options.walk.code),
      progress_(streams.err, streams.err_terminal) {}

const Tally& Run::Files(const std::vector<std::string>& paths, std::ostream& report,
                        const std::function<void(const PlannedFile&)>& use) {
  const FileSet set = CollectFiles(paths, options_.walk);
  tally_.ignored = set.ignored;
  for (const WalkError& error : set.errors) Error(error.path, error.message);
  if (options_.cascade) {
    PlanCascade(set);
    report << RenderRecordedNames(recorded_) << std::flush;
  }
  prefilter_.emplace(mapping_, recorded_);
  progress_.Begin(set.files.size());
  InOrder(
      set.files.size(), JobsOf(options_), [&](size_t i) { return Plan(set.files[i]); },
      [&](size_t i, Planned planned) {
        Use(set.files[i], std::move(planned), use);
        progress_.Step();
      },
      [](const Planned& planned) { return planned.file != nullptr; });
  progress_.Clear();
  return tally_;
}

void Run::Error(const std::string& path, const std::string& message) {
  progress_.Clear();
  ++tally_.errors;
  streams_.err << Printable(path) << ": error: " << Printable(message) << "\n";
  if (on_error_) on_error_(path, message);
}

void Run::Warn(const std::string& path, const std::string& message) {
  progress_.Clear();
  streams_.err << Printable(path) << ": warning: " << Printable(message) << "\n";
}

// Looks at every file twice, before it is read once more to be rewritten: what moves is not known
// before the last of them.
void Run::PlanCascade(const FileSet& set) {
  rewrite::Cascade cascade(mapping_, options_.plan);
  std::string why;
  progress_.Begin(2 * set.files.size());
  for (const InputFile& file : set.files) {
    const std::optional<Input> input = reader_.Read(file, &why);
    if (input && rewrite::MayRecord(input->text))
      cascade.FindRules(SourceText(file.path, input->text), input->format);
    progress_.Step();
  }
  cascade.Derive();
  for (const WalkError& error : set.errors) cascade.Unreadable(error.path);
  const rewrite::Prefilter prefilter(cascade.mapping(), cascade.names());
  for (const InputFile& file : set.files) {
    if (!cascade.AnyMoves()) break;
    const std::optional<Input> input = reader_.Read(file, &why);
    if (!input)
      cascade.Unreadable(file.path);
    else if (prefilter.MayConcern(input->text))
      cascade.FindReaders(SourceText(file.path, input->text), input->format);
    progress_.Step();
  }
  progress_.Clear();
  mapping_ = cascade.mapping();
  recorded_ = cascade.names();
}

Run::Planned Run::Plan(const InputFile& file) {
  Planned planned;
  std::optional<Input> input = reader_.Read(file, &planned.why);
  if (!input) return planned;
  // What comes from standard input may have to go out again.
  const bool is_stdin = file.path == kStandardInput;
  planned.passed_by = !is_stdin && !prefilter_->MayConcern(input->text);
  if (planned.passed_by) return planned;
  const std::string& path = is_stdin ? options_.stdin_name : file.path;
  Outcome<rewrite::FileRewrite> made = rewrite::RewriteFile(&input->text, input->format, mapping_,
                                                            options_.plan, recorded_, &*prefilter_);
  planned.diagnostics = std::move(made.diagnostics);
  planned.parsed = made.value.has_value();
  if (!made) made.value.emplace().findings = rewrite::FindMentionsInText(input->text, mapping_);
  planned.file = std::make_unique<PlannedFile>(path, std::move(input->text));
  planned.file->rewrite = *std::move(made.value);
  return planned;
}

// Folders hold templates and other texts that only look like YAML. They matter if they name
// something deprecated, or if somebody asked for this very file.
void Run::Use(const InputFile& file, Planned planned,
              const std::function<void(const PlannedFile&)>& use) {
  ++tally_.files;
  if (planned.passed_by) ++tally_.passed_by;
  if (planned.passed_by) return;
  if (!planned.file) return Error(file.path, planned.why);
  const rewrite::FileRewrite& rewrite = planned.file->rewrite;
  if (!planned.parsed && rewrite.findings.empty() && !file.named) {
    ++tally_.unreadable_files;
    return;
  }
  for (Diagnostic& diagnostic : planned.diagnostics) {
    if (!planned.parsed && !file.named) diagnostic.severity = Severity::kWarning;
    Print(planned.file->source, diagnostic);
  }
  if (!planned.parsed && file.named) {
    ++tally_.errors;
    if (on_error_ && !planned.diagnostics.empty())
      on_error_(planned.file->source.path(), planned.diagnostics.front().message);
  }
  tally_.queries += rewrite.queries;
  tally_.unparsable_queries += rewrite.unparsable;
  for (const rewrite::Finding& finding : rewrite.findings) tally_.Count(finding);
  if (!rewrite.edits.empty()) ++tally_.files_with_changes;
  if (!rewrite.findings.empty()) progress_.Clear();
  use(*planned.file);
}

void Run::Print(const SourceText& source, const Diagnostic& diagnostic) {
  progress_.Clear();
  streams_.err << RenderDiagnostic(source, diagnostic, streams_.err_color);
}

}  // namespace metrishift::cli
