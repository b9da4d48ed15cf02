// Any bytes as a file of each format: the result differs from the input in the reported edits
// only, and a second run finds nothing to do.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mappings/catalog.h"
#include "rewriter/rewrite/cascade.h"
#include "rewriter/rewrite/file_rewrite.h"
#include "rewriter/rewrite/prefilter.h"

using metrishift::Mapping;
using metrishift::Outcome;
using metrishift::SourceText;
using metrishift::formats::FileFormat;
using metrishift::rewrite::Cascade;
using metrishift::rewrite::Disposition;
using metrishift::rewrite::FileRewrite;
using metrishift::rewrite::Mode;
using metrishift::rewrite::Prefilter;
using metrishift::rewrite::RewriteFile;

namespace {

// Where something is found, nobody may have been told that nothing could be.
void CheckPrefilter(std::string_view text, const Outcome<FileRewrite>& rewrite,
                    const Prefilter& prefilter, const Mapping& mapping) {
  const bool found = rewrite ? !rewrite->findings.empty()
                             : !metrishift::rewrite::FindMentionsInText(text, mapping).empty();
  if (found && !prefilter.MayConcern(text)) std::abort();
}

void Check(std::string_view text, FileFormat format, const Mapping& mapping) {
  std::string in_place(text);
  const Outcome<FileRewrite> rewrite = RewriteFile(&in_place, format, mapping);
  if (in_place != text) std::abort();
  const Prefilter prefilter(mapping);
  CheckPrefilter(text, rewrite, prefilter, mapping);
  const Outcome<FileRewrite> read_less = RewriteFile(text, format, mapping, {}, {}, &prefilter);
  if (rewrite && (!read_less || read_less->edits.edits() != rewrite->edits.edits())) std::abort();
  if (!rewrite) {
    for (const auto& diagnostic : rewrite.diagnostics) {
      // A fault of ours, not of the input.
      if (diagnostic.hint.find("fault of metrishift") != std::string::npos) std::abort();
    }
    return;
  }
  for (const auto& finding : rewrite->findings) {
    if (finding.span.begin > finding.span.end || finding.span.end > text.size()) std::abort();
  }
  std::string after = rewrite->edits.Splice(text);
  const Outcome<FileRewrite> twice = RewriteFile(&after, format, mapping);
  if (!twice || !twice->edits.empty()) std::abort();
  const Outcome<FileRewrite> identity = RewriteFile(text, format, Mapping());
  if (!identity || !identity->edits.empty() || !identity->findings.empty()) std::abort();
}

// The same when recorded names move, too.
void CheckCascade(std::string_view text, FileFormat format, const Mapping& mapping) {
  std::string before(text);
  for (int round = 0; round < 2; ++round) {
    const SourceText file("f", before);
    Cascade cascade(mapping, Mode::kReplace);
    cascade.FindRules(file, format);
    cascade.Derive();
    cascade.FindReaders(file, format);
    const Outcome<FileRewrite> rewrite =
        RewriteFile(before, format, cascade.mapping(), Mode::kReplace, cascade.names());
    CheckPrefilter(before, rewrite, Prefilter(cascade.mapping(), cascade.names()),
                   cascade.mapping());
    if (!cascade.names().names.empty() && !metrishift::rewrite::MayRecord(before)) std::abort();
    for (const auto& diagnostic : rewrite.diagnostics) {
      if (diagnostic.hint.find("fault of metrishift") != std::string::npos) std::abort();
    }
    if (!rewrite) return;
    for (const auto& finding : rewrite->findings) {
      // What cannot follow holds the name.
      const bool left = finding.disposition == Disposition::kNeedsPerson;
      if (left && metrishift::rewrite::IsMove(finding.entry)) std::abort();
    }
    if (round == 1 && !rewrite->edits.empty()) std::abort();
    before = rewrite->edits.Splice(before);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Mapping mapping =
      metrishift::LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Check(text, FileFormat::kYaml, mapping);
  Check(text, FileFormat::kJson, mapping);
  Check(text, FileFormat::kShell, mapping);
  CheckCascade(text, FileFormat::kYaml, mapping);
  CheckCascade(text, FileFormat::kJson, mapping);
  return 0;
}
