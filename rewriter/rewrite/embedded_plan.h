#ifndef METRISHIFT_REWRITER_REWRITE_EMBEDDED_PLAN_H_
#define METRISHIFT_REWRITER_REWRITE_EMBEDDED_PLAN_H_

#include <string>

#include "core/mapping.h"
#include "rewriter/formats/extract.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::rewrite {

// Plans a query as PlanQuery does, and minds what it is for: a regular expression on names is no
// PromQL, a name has no room for a union, and what a rule records keeps its labels, since who reads
// it is not seen. Thread-safe.
QueryPlan PlanEmbedded(const formats::EmbeddedQuery& query, const Mapping& mapping,
                       PlanOptions options = {});

// Takes back what was planned: each change is left to a person, with `code` and `hint`, and `why`
// behind its message.
void LeaveToPerson(QueryPlan& plan, FindingCode code, const std::string& why,
                   const std::string& hint);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_EMBEDDED_PLAN_H_
