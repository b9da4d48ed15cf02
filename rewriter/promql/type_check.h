#ifndef METRISHIFT_REWRITER_PROMQL_TYPE_CHECK_H_
#define METRISHIFT_REWRITER_PROMQL_TYPE_CHECK_H_

#include <optional>
#include <string_view>

#include "rewriter/promql/ast.h"
#include "rewriter/promql/functions.h"
#include "rewriter/promql/parser.h"

namespace metrishift::promql {

// The type of an expression's value. Matrix for range selectors and subqueries; kAny when a
// variable decides.
ValueType TypeOf(const Expr& expr);

// The first violation of PromQL's typing rules, in the order in which Prometheus looks for them:
// argument counts and types, operands of operators, matching, names set twice, selectors without a
// non-empty matcher. ParseExpr calls it. `text` is the query that `expr` was parsed from.
std::optional<ParseError> CheckTypes(const Expr& expr, std::string_view text);

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_TYPE_CHECK_H_
