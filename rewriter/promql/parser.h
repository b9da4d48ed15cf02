#ifndef METRISHIFT_REWRITER_PROMQL_PARSER_H_
#define METRISHIFT_REWRITER_PROMQL_PARSER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rewriter/promql/ast.h"
#include "rewriter/promql/token.h"

namespace metrishift::promql {

// A hand-written parser for PromQL as Prometheus 3.14 parses it, with every feature flag of the
// parser on: experimental functions, duration expressions, extended range selectors, fill
// modifiers. Source of the rules: prometheus/prometheus promql/parser (generated_parser.y, lex.go,
// parse.go, functions.go), v3.14.
//
// All functions are pure: thread-safe, no global state, never throw, never print. Time is linear in
// the size of the text.

struct ParseOptions {
  Dialect dialect = Dialect::kPrometheus;
  // Accept calls of functions that Prometheus 3.14 does not know, with any arguments:
  // holt_winters() of Prometheus 2, those of VictoriaMetrics. The template dialects always do.
  bool unknown_functions = false;
};

// The first thing that is wrong, at the offset where Prometheus reports it: what was found, what
// was expected. 0 <= begin <= end <= size of the text.
struct ParseError {
  QuerySpan span;
  std::string message;  // without position, without a final full stop
};

// Exactly one of the two is set.
struct [[nodiscard]] ParseResult {
  ExprPtr expr;
  std::optional<ParseError> error;

  explicit operator bool() const { return expr != nullptr; }
};

// Limits. Texts and trees beyond them are errors, so that nobody who recurses over a tree can run
// out of stack.
inline constexpr size_t kMaxQueryBytes = size_t{16} << 20;
// Parentheses, calls, unary operators, right operands within each other.
inline constexpr size_t kMaxNesting = 500;
// Of the tree. A chain of left-associative operators is as deep as it is long; see Expr.
inline constexpr size_t kMaxTreeDepth = 25000;
// Expressions in one tree. It bounds the memory of a query to about 50 MB, and the time to well
// below 100 ms.
inline constexpr size_t kMaxExpressions = 250000;

// Parses and type-checks one expression.
ParseResult ParseExpr(std::string_view text, ParseOptions options = {});

// Parses one series selector (`up{job="x"}`), as in Grafana's label_values(SELECTOR, label) or
// Prometheus' match[] parameters. The result holds a VectorSelector, or a Variable in the template
// dialects. As in Prometheus there is no check for a non-empty matcher.
ParseResult ParseSelector(std::string_view text, ParseOptions options = {});

// A series with its values as in promtool's unit tests: `x{a="b"} 0+10x5 _ stale {{schema:1
// count:3}}`.
struct SeriesDescription {
  std::optional<NameToken> name;  // before the braces, or quoted inside them
  std::vector<LabelMatcher> labels;
  QuerySpan series;  // name and labels
  QuerySpan values;  // the rest, without surrounding white space
};
struct [[nodiscard]] SeriesResult {
  std::optional<SeriesDescription> series;
  std::optional<ParseError> error;

  explicit operator bool() const { return series.has_value(); }
};
SeriesResult ParseSeries(std::string_view text, ParseOptions options = {});

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_PARSER_H_
