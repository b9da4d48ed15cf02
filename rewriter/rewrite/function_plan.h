#ifndef METRISHIFT_REWRITER_REWRITE_FUNCTION_PLAN_H_
#define METRISHIFT_REWRITER_REWRITE_FUNCTION_PLAN_H_

#include "core/mapping.h"
#include "rewriter/promql/ast.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::rewrite {

// Plans the calls of deprecated functions in `expr`: each gets its new name, and nothing else
// changes. No expression calls a function that one of two versions does not know and works in both
// (promql/parser/parse.go refuses the whole query), so that with kUnion they are left to a person,
// as are those that have no new name. What a table notes of a new name is said once for
// an expression. A name that is partly a template is not looked at. Spans are
// those of `expr`. Pure; thread-safe.
QueryPlan PlanFunctions(const promql::Expr& expr, const Mapping& mapping, Mode mode);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_FUNCTION_PLAN_H_
