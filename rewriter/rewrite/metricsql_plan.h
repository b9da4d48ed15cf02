#ifndef METRISHIFT_REWRITER_REWRITE_METRICSQL_PLAN_H_
#define METRISHIFT_REWRITER_REWRITE_METRICSQL_PLAN_H_

#include <optional>
#include <string_view>

#include "core/mapping.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::rewrite {

// Plans a query that is no PromQL but has words of MetricsQL, VictoriaMetrics' language: WITH
// templates, keep_metric_names, default, if, ifnot, limit, or in braces
// (https://docs.victoriametrics.com/metricsql/). It is not parsed: what its tokens say for certain
// to be the name of a metric is renamed, where nothing but names changes and no deprecated name is
// left over. Nothing otherwise, and for unions. Thread-safe.
std::optional<QueryPlan> PlanMetricsQl(std::string_view text, const Mapping& mapping,
                                       const PlanOptions& options);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_METRICSQL_PLAN_H_
