#ifndef METRISHIFT_REWRITER_REWRITE_NAME_PART_PLAN_H_
#define METRISHIFT_REWRITER_REWRITE_NAME_PART_PLAN_H_

#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::rewrite {

// Plans the argument of Grafana's label_names(x), which asks for the labels of {__name__=~".*x.*"}
// (grafana/grafana packages/grafana-prometheus/src/metric_find_query.ts): a regular expression that
// matches a part of a name. Where x is a deprecated name as a whole, it is renamed; not where the
// tables know of other metrics whose names have the old or the new name as a part, and that would
// be lost or found besides. A union is (?:new|old). What else finds deprecated names is reported.
// `span` is the argument's, within `text`. Pure; thread-safe.
QueryPlan PlanNamePart(std::string_view text, QuerySpan span, const Mapping& mapping,
                       const PlanOptions& options);

// What older Grafana's metrics(x) finds besides, since it does not anchor x, and would lose: the
// deprecated names that x matches a part of, and not their new names. Likewise.
std::vector<QueryFinding> LostByPart(std::string_view text, QuerySpan span, const Mapping& mapping);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_NAME_PART_PLAN_H_
