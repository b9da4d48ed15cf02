#ifndef METRISHIFT_REWRITER_REWRITE_GRAFANA_VARIABLE_H_
#define METRISHIFT_REWRITER_REWRITE_GRAFANA_VARIABLE_H_

#include <optional>
#include <string_view>

#include "core/span.h"

namespace metrishift::rewrite {

// The part of a Grafana template variable's query that names metrics.
struct VariableQuery {
  enum class Kind {
    kNone,      // label_names(), label_values(job): names no metric
    kNamePart,  // label_names(REGEX): names of which it matches a part
    kSelector,  // label_values(SELECTOR, label), or a bare selector
    kPromQL,    // query_result(PROMQL)
    kRegex,     // metrics(REGEX): names that match it; a part of them does before Grafana 12
  };
  Kind kind = Kind::kNone;
  QuerySpan span;  // within the whole text
  // The second argument of label_values(SELECTOR, label), without quotes; empty for others.
  QuerySpan label;
};

// Takes `text` apart as Grafana does: grafana/grafana
// packages/grafana-prometheus/src/metric_find_query.ts, whose patterns are anchored, tried in this
// order, and greedy, so that the last comma of label_values splits.
VariableQuery ParseVariableQuery(std::string_view text);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_GRAFANA_VARIABLE_H_
