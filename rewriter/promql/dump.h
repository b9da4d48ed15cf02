#ifndef METRISHIFT_REWRITER_PROMQL_DUMP_H_
#define METRISHIFT_REWRITER_PROMQL_DUMP_H_

#include <string>

#include "rewriter/promql/ast.h"

namespace metrishift::promql {

// The tree as one line of nested parentheses, made for tests and for people who want to see how a
// query is understood:
//   sum by (job) (rate(x{a="b"}[5m]))  ->  (agg sum by=[job] (call rate (range (sel x a="b") 300)))
// Heads: sel range subquery agg op call neg pos paren var; numbers, durations (in seconds) and
// strings stand for themselves. Names that are no identifiers are quoted, names with variables get
// a "~" in front. It says what was parsed and not how it was written: white space, comments, quotes
// and the spelling of numbers do not show. It is not PromQL and cannot be parsed again.
std::string Dump(const Expr& expr);

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_DUMP_H_
