#include "rewriter/rewrite/embedded_plan.h"

#include <string_view>
#include <utility>

namespace metrishift::rewrite {
namespace {

using formats::EmbeddedQuery;
using formats::QueryUse;

// To the planner, a regular expression on names is what stands in Grafana's metrics(...).
QueryPlan PlanNameRegex(const std::string& regex, const Mapping& mapping,
                        const PlanOptions& options) {
  constexpr std::string_view kCall = "metrics(";
  QueryPlan call = PlanQuery(std::string(kCall) + regex + ")", formats::QueryKind::kGrafanaVariable,
                             mapping, options);
  const auto inside = [&](QuerySpan span) {
    return QuerySpan{span.begin - kCall.size(), span.end - kCall.size()};
  };
  QueryPlan plan;
  for (const QueryEdit& edit : call.edits.edits()) plan.edits.Add({inside(edit.span), edit.text});
  for (QueryFinding& finding : call.findings) {
    finding.span = inside(finding.span);
    plan.findings.push_back(std::move(finding));
  }
  return plan;
}

}  // namespace

QueryPlan PlanEmbedded(const EmbeddedQuery& query, const Mapping& mapping, PlanOptions options) {
  if (!query.record_span.empty()) options.keep_labels = true;
  if (query.use == QueryUse::kNameRegex) return PlanNameRegex(query.text, mapping, options);
  const bool is_name = query.use == QueryUse::kMetricName || query.use == QueryUse::kTestSeries;
  if (options.mode != Mode::kUnion || !is_name)
    return PlanQuery(query.text, query.kind, mapping, options);
  options.mode = Mode::kReplace;
  QueryPlan plan = PlanQuery(query.text, query.kind, mapping, options);
  if (query.use == QueryUse::kMetricName) {
    LeaveToPerson(plan, FindingCode::kNoUnion, ", at a place that holds one name only",
                  "change it once every target exposes the new name");
    return plan;
  }
  LeaveToPerson(plan, FindingCode::kNoUnion, ", as a series of a test: a union finds it still", "");
  for (QueryFinding& finding : plan.findings) finding.disposition = Disposition::kInfo;
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
