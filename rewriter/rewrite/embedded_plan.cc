#include "rewriter/rewrite/embedded_plan.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "rewriter/rewrite/mention.h"
#include "rewriter/rewrite/metricsql_plan.h"
#include "rewriter/rewrite/name_part_plan.h"
#include "rewriter/rewrite/pattern_plan.h"
#include "rewriter/rewrite/test_series.h"

namespace metrishift::rewrite {
namespace {

using formats::EmbeddedQuery;
using formats::QueryUse;

// A name, or anything else: what cannot be read is no query.
QueryPlan PlanName(const EmbeddedQuery& query, const Mapping& mapping, const PlanOptions& options) {
  const auto match = mapping.FindOld(query.text);
  if (match && !match->entry->IsRename()) {
    const std::string what = "deprecated " + match->OldSeries();
    return {{},
            {{Disposition::kNeedsPerson,
              FindingCode::kNotConvertible,
              {0, query.text.size()},
              what + " has other labels or values under its new name, which a name cannot say",
              "ask for " + InsteadOf(*match) + " where the name is used",
              match->entry}},
            {}};
  }
  QueryPlan plan = PlanQuery(query.text, query.kind, mapping, options);
  if (plan.error && FindMentions<QuerySpan>(query.text, mapping).empty()) plan.error.reset();
  return plan;
}

// A selector may be written without its braces: __name__="x",job="y" of allow-lists.
QueryPlan PlanSelector(const EmbeddedQuery& query, const Mapping& mapping,
                       const PlanOptions& options) {
  QueryPlan plan = PlanQuery(query.text, query.kind, mapping, options);
  if (!plan.error) return plan;
  const std::string whole = "{" + query.text + "}";
  QueryPlan braced = PlanQuery(whole, query.kind, mapping, options);
  if (braced.error) return plan;
  plan = {};
  const QuerySpan inner{1, whole.size() - 1};
  const bool stays = std::ranges::all_of(
      braced.edits.edits(), [&](const QueryEdit& edit) { return inner.Contains(edit.span); });
  if (!stays) {
    LeaveToPerson(braced, FindingCode::kNotConvertible, ", which matchers alone cannot say",
                  "write the selector anew");
  }
  for (const QueryEdit& edit : braced.edits.edits())
    plan.edits.Add({{edit.span.begin - 1, edit.span.end - 1}, edit.text});
  for (QueryFinding& finding : braced.findings) {
    finding.span.begin = std::clamp(finding.span.begin, inner.begin, inner.end) - 1;
    finding.span.end = std::clamp(finding.span.end, inner.begin, inner.end) - 1;
    plan.findings.push_back(std::move(finding));
  }
  return plan;
}

QueryPlan PlanAsked(const EmbeddedQuery& query, const Mapping& mapping,
                    const PlanOptions& options) {
  QueryPlan plan = PlanQuery(query.text, query.kind, mapping, options);
  if (!plan.error) return plan;
  std::optional<QueryPlan> metricsql = PlanMetricsQl(query.text, mapping, options);
  return metricsql ? *std::move(metricsql) : std::move(plan);
}

}  // namespace

QueryPlan PlanEmbedded(const EmbeddedQuery& query, const Mapping& mapping, PlanOptions options) {
  if (!query.record_span.empty()) options.keep_labels = true;
  switch (query.use) {
    case QueryUse::kEvaluated:
      return PlanAsked(query, mapping, options);
    case QueryUse::kSelector:
      return PlanSelector(query, mapping, options);
    case QueryUse::kNameRegex:
      return PlanNameRegex(query.text, NamePart::kAll, mapping, options);
    case QueryUse::kNamePart:
      return PlanNamePart(query.text, {0, query.text.size()}, mapping, options);
    case QueryUse::kFirstNameRegex:
      return PlanNameRegex(query.text, NamePart::kFirst, mapping, options);
    case QueryUse::kLastNameRegex:
      return PlanNameRegex(query.text, NamePart::kLast, mapping, options);
    case QueryUse::kMidNameRegex:
      return PlanNameRegex(query.text, NamePart::kMiddle, mapping, options);
    case QueryUse::kPattern:
      return PlanPattern(query.text, mapping, options);
    case QueryUse::kTestSeries:
    case QueryUse::kTestSample:
      return PlanTestSeries(query, mapping, options);
    case QueryUse::kMetricName:
      break;
  }
  const bool unites = options.mode == Mode::kUnion;
  if (unites) options.mode = Mode::kReplace;
  QueryPlan plan = PlanName(query, mapping, options);
  if (unites) {
    LeaveToPerson(plan, FindingCode::kNoUnion, ", at a place that holds one name only",
                  "change it once every target exposes the new name");
  }
  return plan;
}

void LeaveToPerson(QueryPlan& plan, FindingCode code, const std::string& why,
                   const std::string& hint) {
  plan.edits = {};
  for (QueryFinding& finding : plan.findings) {
    if (finding.disposition != Disposition::kChanged) continue;
    finding.disposition = Disposition::kNeedsPerson;
    finding.code = code;
    finding.message += why;
    finding.hint = hint;
  }
}

}  // namespace metrishift::rewrite
