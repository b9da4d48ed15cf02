#ifndef METRISHIFT_TESTS_REWRITER_PROMQL_SPANS_H_
#define METRISHIFT_TESTS_REWRITER_PROMQL_SPANS_H_

#include <string>
#include <string_view>
#include <vector>

#include "rewriter/promql/ast.h"

namespace metrishift::promql {

// A token of a tree, and what its bytes should be when they are read on their own.
struct TokenSpan {
  enum class Kind { kName, kString, kNumber, kKeyword, kMatchOperator, kOperator };
  Kind kind;
  QuerySpan span;
  std::string text;  // decoded; for keywords and operators as in the query
};

// Every token that the tree knows by its own span, in no particular order, and what is wrong with
// the spans: children outside their parents, siblings that overlap or are out of order, tokens
// outside their node. `problems` is empty for a sound tree.
struct SpanReport {
  std::vector<TokenSpan> tokens;
  std::vector<std::string> problems;
};
SpanReport InspectSpans(const Expr& expr, std::string_view text);

// Says what the tokens do not re-lex to, each on its own; empty when all do.
std::vector<std::string> RelexProblems(const SpanReport& report, std::string_view text,
                                       Dialect dialect);

}  // namespace metrishift::promql

#endif  // METRISHIFT_TESTS_REWRITER_PROMQL_SPANS_H_
