#include "rewriter/rewrite/test_series.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rewriter/promql/parser.h"
#include "rewriter/rewrite/conversion.h"

namespace metrishift::rewrite {
namespace {

using formats::QueryUse;

struct Name {
  QuerySpan span;  // without quotes
  std::string_view text;
};

// The name in x{..}, {"x",..} or {__name__="x",..}.
std::optional<Name> NameOf(const promql::VectorSelector& selector) {
  if (selector.name) {
    QuerySpan span = selector.name->span;
    if (selector.name->quoted) span = {span.begin + 1, span.end - 1};
    return {{span, selector.name->text}};
  }
  for (const promql::LabelMatcher& matcher : selector.matchers) {
    const bool names = matcher.form == promql::LabelMatcher::Form::kPlain &&
                       matcher.name.text == "__name__" && matcher.type == promql::MatchType::kEqual;
    const QuerySpan span = matcher.value.span;
    if (names) return {{{span.begin + 1, span.end - 1}, matcher.value.text}};
  }
  return std::nullopt;
}

// True iff a value of the old series is the same in the new one.
bool KeepsValues(const Mapping::Match& match) {
  const MappingEntry& entry = *match.entry;
  return entry.fate == MappingEntry::Fate::kReplaced && match.HasNewSeries() &&
         match.Scale() == 1 && match.Offset() == 0 && entry.expr.empty() &&
         (match.suffix != "_bucket" || entry.scale == 1);
}

// The new series for one that is more than renamed; nothing where its values would differ.
std::optional<Conversion> NewSeries(std::string_view text, const promql::Expr& selector,
                                    const Name& name, std::span<const Mapping::Match> matches) {
  std::optional<Conversion> otherwise;
  for (const Mapping::Match& match : matches) {
    ConversionResult result = Convert(text, selector, name.span, match);
    if (!result.conversion || !KeepsValues(match)) {
      if (result.conversion || result.unfit != Unfit::kNotMeant) return std::nullopt;
      continue;
    }
    const bool is_rest = match.entry->when.empty() && matches.size() > 1;
    if (!is_rest) return std::move(result.conversion);
    otherwise = std::move(result.conversion);
  }
  return otherwise;
}

// Nothing when there is nothing to be said of it but what PlanQuery says.
std::optional<QueryPlan> PlanConverted(const formats::EmbeddedQuery& query,
                                       const Mapping& mapping) {
  const promql::ParseResult parsed =
      promql::ParseSelector(query.text, {promql::Dialect::kPrometheus});
  if (!parsed) return std::nullopt;
  const auto* selector = std::get_if<promql::VectorSelector>(&parsed.expr->node);
  const std::optional<Name> name = selector != nullptr ? NameOf(*selector) : std::nullopt;
  if (!name) return std::nullopt;
  const auto matches = mapping.FindAllOld(name->text);
  if (matches.empty() || (matches.size() == 1 && matches.front().entry->IsRename()))
    return std::nullopt;
  const Mapping::Match& match = matches.front();
  QueryPlan plan;
  std::optional<Conversion> conversion;
  if (query.use == QueryUse::kTestSeries)
    conversion = NewSeries(query.text, *parsed.expr, *name, matches);
  if (conversion) {
    plan.edits = std::move(conversion->edits);
    plan.findings.push_back(
        {Disposition::kChanged, FindingCode::kRenamed, name->span,
         "deprecated " + match.OldSeries() + ", use " + InsteadOf(conversion->match), "",
         conversion->match.entry});
    return plan;
  }
  // A metric that keeps its name has other labels now, but not these.
  if (std::ranges::all_of(matches, [](const Mapping::Match& m) { return m.entry->SameName(); }))
    return plan;
  plan.findings.push_back(
      {Disposition::kNeedsPerson, FindingCode::kNotConvertible, name->span,
       "deprecated " + match.OldSeries() + " has more than another name now, in a series of a test",
       "change it by hand: " + InsteadOf(match), match.entry});
  return plan;
}

}  // namespace

QueryPlan PlanTestSeries(const formats::EmbeddedQuery& query, const Mapping& mapping,
                         const PlanOptions& options) {
  const bool unites = options.mode == Mode::kUnion;
  PlanOptions how = options;
  if (unites) how.mode = Mode::kReplace;
  std::optional<QueryPlan> converted = PlanConverted(query, mapping);
  QueryPlan plan =
      converted ? *std::move(converted) : PlanQuery(query.text, query.kind, mapping, how);
  if (!unites) return plan;
  plan.edits = {};
  for (QueryFinding& finding : plan.findings) {
    finding.disposition = Disposition::kInfo;
    finding.code = FindingCode::kNoUnion;
    if (finding.entry == nullptr) continue;
    finding.message =
        "deprecated " + finding.entry->old_name + " stays in a test: a union finds it still";
    finding.hint.clear();
  }
  return plan;
}

}  // namespace metrishift::rewrite
