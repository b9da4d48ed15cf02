#ifndef METRISHIFT_REWRITER_REWRITE_PATTERN_PLAN_H_
#define METRISHIFT_REWRITER_REWRITE_PATTERN_PLAN_H_

#include <string_view>

#include "core/mapping.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::rewrite {

// Plans a regular expression that is compared with whatever a query gives, names of metrics among
// it: the filter of a Grafana variable, /x_total{.*}/ (JavaScript), or what it puts in for "all".
//
// A deprecated name that stands in it as a word is rewritten; a union makes (?:new|old) of it,
// which takes no group's number. An expression that names none, but matches one by a part of its
// text that the new name does not have, is reported. Any other is none of our business. Pure;
// thread-safe.
QueryPlan PlanPattern(std::string_view text, const Mapping& mapping, const PlanOptions& options);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_PATTERN_PLAN_H_
