#include "rewriter/rewrite/cascade.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "rewriter/rewrite/embedded_plan.h"
#include "rewriter/rewrite/file_rewrite.h"

namespace metrishift::rewrite {
namespace {

using formats::EmbeddedQuery;
using formats::Extraction;

std::string PlaceOf(const SourceText& file, FileSpan span) {
  const LineColumn at = file.Locate(span.begin);
  return file.path() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::vector<std::string> WordsOf(std::string_view query) {
  std::vector<std::string> words;
  for (size_t at = 0; at < query.size(); ++at) {
    const size_t begin = at;
    while (at < query.size() && IsMetricNameChar(query[at])) ++at;
    const std::string_view word = query.substr(begin, at - begin);
    if (IsMetricName(word)) words.emplace_back(word);
  }
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

bool IsHeldForward(const QueryFinding& finding) {
  return finding.disposition == Disposition::kNeedsPerson && finding.entry != nullptr;
}

// Strings and the like are no readers of a name that is not there yet.
bool IsHeldBackward(const QueryFinding& finding) {
  return finding.disposition == Disposition::kChanged ||
         (IsHeldForward(finding) &&
          (finding.code == FindingCode::kNameRegex || finding.code == FindingCode::kTemplatedName));
}

// Why a name is held that something at `place` names.
std::string WhyHeld(const std::string& place, FindingCode code) {
  return "what names it at " + place + " cannot be rewritten (" +
         std::string(FindingCodeName(code)) + ")";
}

std::string HintAt(const std::string& place, const std::string& hint) {
  return hint.empty() ? "" : place + ": " + hint;
}

}  // namespace

void Cascade::FindRules(const SourceText& file, formats::FileFormat format) {
  const Outcome<Extraction> extraction = formats::Extract(format, file.text());
  if (!extraction) return;
  std::set<FileSpan> records, seen;
  for (const EmbeddedQuery& record : extraction->records) records.insert(record.span);
  for (const EmbeddedQuery& query : extraction->queries) {
    if (query.record.empty()) continue;
    seen.insert(query.record_span);
    rules_.push_back({query.record, WordsOf(query.text), PlaceOf(file, query.record_span),
                      records.contains(query.record_span)});
  }
  // Rules that share their query with another one, which has been taken for its only rule.
  for (const EmbeddedQuery& record : extraction->records) {
    if (!seen.contains(record.span))
      rules_.push_back({record.text, {}, PlaceOf(file, record.span)});
  }
}

void Cascade::Derive() {
  names_ = DeriveRecordedNames(rules_, original_);
  rules_ = {};
  Remap();
}

void Cascade::FindReaders(const SourceText& file, formats::FileFormat format) {
  if (moving_.empty()) return;
  HoldWhatStays(file, format);
  if (const Outcome<Extraction> extraction = formats::Extract(format, file.text())) {
    for (const EmbeddedQuery& query : extraction->queries) {
      HoldWhatQueryReaches(file, query, moving_, forward_, Way::kForward);
      HoldWhatQueryReaches(file, query, moving_, backward_, Way::kBackward);
      if (changed_) Remap();
    }
  }
  if (changed_) Remap();
}

void Cascade::Unreadable(const std::string& path) {
  for (Name* name : moving_)
    Hold(name->second, path + " cannot be read, and may read it", "leave that file out of the run");
  if (changed_) Remap();
}

bool Cascade::AnyMoves() const { return !moving_.empty(); }

Mapping Cascade::MappingOf(std::span<Name* const> names, Way way) {
  RecordedNames moves;
  for (const Name* name : names) {
    const bool forward = way == Way::kForward;
    RecordedName& move = moves.names[forward ? name->first : name->second.new_name];
    move.new_name = forward ? name->second.new_name : name->first;
  }
  return WithRecordedNames({}, moves).value.value_or(Mapping());
}

void Cascade::Hold(RecordedName& name, std::string why, std::string hint) {
  if (name.fate != RecordedName::Fate::kMoves) return;
  name.fate = RecordedName::Fate::kHeld;
  name.why = std::move(why);
  name.hint = std::move(hint);
  changed_ = true;
}

void Cascade::Remap() {
  changed_ = false;
  moving_.clear();
  for (Name& name : names_.names) {
    if (name.second.fate == RecordedName::Fate::kMoves) moving_.push_back(&name);
  }
  Outcome<Mapping> mapping = WithRecordedNames(original_, names_);
  if (!mapping) {
    mapping_ = original_;
    if (moving_.empty()) return;
    for (Name* name : moving_) Hold(name->second, mapping.diagnostics.front().message, "");
    return Remap();
  }
  mapping_ = *std::move(mapping);
  forward_ = MappingOf(moving_, Way::kForward);
  backward_ = MappingOf(moving_, Way::kBackward);
}

// Asks the rewriting itself what it would leave.
void Cascade::HoldWhatStays(const SourceText& file, formats::FileFormat format) {
  const Outcome<FileRewrite> rewrite = RewriteFile(file.text(), format, mapping_, options_, names_);
  const std::vector<Finding> findings =
      rewrite ? rewrite->findings : FindMentionsInText(file.text(), mapping_);
  for (const Finding& finding : findings) {
    if (!IsMove(finding.entry)) continue;
    RecordedName& name = names_.names.at(finding.entry->old_name);
    const bool reads = finding.code == FindingCode::kRenamed;
    if (finding.disposition == Disposition::kChanged && reads) ++name.readers;
    if (finding.disposition != Disposition::kNeedsPerson) continue;
    const std::string place = PlaceOf(file, finding.span);
    Hold(name, WhyHeld(place, finding.code), HintAt(place, finding.hint.text()));
  }
  if (changed_) Remap();
}

// A regular expression may reach many names, and a finding need not say which: where there is one,
// half of the names are asked for at a time.
void Cascade::HoldWhatQueryReaches(const SourceText& file, const EmbeddedQuery& query,
                                   std::span<Name* const> names, const Mapping& mapping, Way way) {
  const QueryPlan plan = PlanEmbedded(query, mapping);
  const auto held =
      std::ranges::find_if(plan.findings, way == Way::kForward ? IsHeldForward : IsHeldBackward);
  if (held == plan.findings.end()) return;
  if (names.size() > 1) {
    const size_t middle = names.size() / 2;
    for (const auto half : {names.first(middle), names.subspan(middle)})
      HoldWhatQueryReaches(file, query, half, MappingOf(half, way), way);
    return;
  }
  RecordedName& name = names.front()->second;
  const std::string place = PlaceOf(file, query.map.ToFile(held->span));
  if (way == Way::kForward) {
    Hold(name, WhyHeld(place, held->code), HintAt(place, held->hint));
  } else {
    Hold(name, name.new_name + " is read already at " + place + ", so there may be another one",
         "rename it by hand if that is meant for this one");
  }
}

}  // namespace metrishift::rewrite
