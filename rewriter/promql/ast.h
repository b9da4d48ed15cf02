#ifndef METRISHIFT_REWRITER_PROMQL_AST_H_
#define METRISHIFT_REWRITER_PROMQL_AST_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/span.h"
#include "rewriter/promql/token.h"

namespace metrishift::promql {

// The tree of a PromQL expression. Every span is a half-open range of byte offsets into the text
// that was parsed, and every token that somebody may want to rename has its own. The tree owns its
// strings and outlives the text; it is a plain value without shared state, so several threads may
// read one tree.
//
// Spans nest: a child's span lies within its parent's, siblings do not overlap, and an expression's
// span begins at its first token and ends with its last (postfix modifiers such as "offset 5m"
// belong to the selector that they modify).

// A string literal.
struct StringToken {
  QuerySpan span;          // with its quotes
  std::string text;        // decoded; variables stand in it as they were written
  bool templated = false;  // contains a variable or template action
};

// A name as it stands in the query: an identifier, or a quoted string where PromQL allows one
// (inside braces, in a label list).
struct NameToken {
  QuerySpan span;  // quoted: with its quotes
  std::string text;
  bool quoted = false;
  bool templated = false;  // contains a variable: `text` is a pattern, see SplitTemplate()
};

enum class MatchType { kEqual, kNotEqual, kRegexp, kNotRegexp };

struct LabelMatcher {
  QuerySpan span;
  NameToken name;
  QuerySpan op_span;
  MatchType type = MatchType::kEqual;
  StringToken value;
  // kQuotedName: a further quoted name ({"a", "b"}); it is `value`, and `name` is an empty span
  // that says __name__. The others are for the Grafana and template dialects only. kBareValue: the
  // value is a variable without quotes
  // ({job=~$job}); `value.span` has none either. kVariable: a variable stands for one or more whole
  // matchers ({$filter}); `name` holds it, there is no operator and no value. kTemplatedOperator: a
  // variable stands for the operator ({a $op "b"}).
  enum class Form { kPlain, kBareValue, kVariable, kTemplatedOperator, kQuotedName };
  Form form = Form::kPlain;
};

// "(a, b, c)" after by, without, on, ignoring, group_left, group_right. A variable among the labels
// may stand for several and may lack its comma ("by (job $grouping)").
struct LabelList {
  QuerySpan span;  // with its parentheses
  std::vector<NameToken> labels;
};

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;  // never null in a finished tree, unless a comment says so

// "offset 5m", "offset -step()". A variable behind a selector ("x $offset") is one, too, with an
// empty keyword. `duration` is an expression of the duration grammar: NumberLiteral, UnaryExpr,
// BinaryExpr, ParenExpr, Call (step, range, min_of, max_of) or Variable.
struct OffsetModifier {
  QuerySpan span;          // from the keyword to the end of the duration
  QuerySpan keyword_span;  // "offset"
  ExprPtr duration;
};

// "@ 1609746000", "@ start()".
struct AtModifier {
  enum class Kind { kTimestamp, kStart, kEnd, kVariable };
  QuerySpan span;  // from "@"
  Kind kind = Kind::kTimestamp;
  double timestamp = 0;  // kTimestamp: seconds
  QuerySpan value_span;
};

// What may follow a selector or subquery, in any order. Each is null when it was not written; they
// are rare, and a query may have very many selectors.
struct Modifiers {
  std::unique_ptr<OffsetModifier> offset;
  std::unique_ptr<AtModifier> at;
  std::unique_ptr<QuerySpan> anchored;  // the keyword
  std::unique_ptr<QuerySpan> smoothed;
};

struct VectorSelector {
  std::optional<NameToken> name;  // before the braces, or quoted inside them
  std::vector<LabelMatcher> matchers;
  std::optional<QuerySpan> braces;  // both included
  Modifiers modifiers;
};

// selector[range]. Modifiers behind the bracket are here, those before it with the selector (where
// only anchored and smoothed are allowed).
struct MatrixSelector {
  ExprPtr selector;  // a VectorSelector, or a Variable
  QuerySpan brackets;
  ExprPtr range;  // duration grammar, as in OffsetModifier
  Modifiers modifiers;
};

// expr[range:step]
struct SubqueryExpr {
  ExprPtr expr;
  QuerySpan brackets;
  ExprPtr range;
  QuerySpan colon;
  ExprPtr step;  // null when not given
  Modifiers modifiers;
};

// "by (a, b)" or "without (a, b)".
struct Grouping {
  QuerySpan span;
  bool without = false;
  QuerySpan keyword_span;
  LabelList labels;
};

// sum by (a) (x), topk(5, x). A variable in place of the operator with a grouping ("$agg by (job)
// (x)") is one, too.
struct AggregateExpr {
  NameToken op;                        // as written
  TokenKind kind = TokenKind::kSum;    // kTemplate when `op` is templated
  std::unique_ptr<Grouping> grouping;  // before or after the arguments
  std::vector<ExprPtr> args;  // one, or parameter and vector; any number when `op` is templated
  bool HasParam() const { return args.size() > 1; }
  const Expr& vector() const { return *args.back(); }
};

// How series of the two sides of a binary operation find each other.
struct VectorMatching {
  enum class Card { kOneToOne, kManyToOne, kOneToMany, kManyToMany };
  Card card = Card::kOneToOne;
  bool on = false;                            // on(...), else ignoring(...) or nothing
  std::optional<QuerySpan> matching_keyword;  // "on" or "ignoring"
  LabelList matching_labels;                  // meaningful with matching_keyword
  std::optional<QuerySpan> group_keyword;     // "group_left" or "group_right"
  std::optional<LabelList> include;           // absent: no list was written
  std::optional<double> fill_left;            // fill(v) sets both
  std::optional<double> fill_right;
};

struct BinaryExpr {
  TokenKind op = TokenKind::kAdd;  // kTemplate: a variable stands for the operator
  QuerySpan op_span;
  std::optional<QuerySpan> bool_keyword;
  std::unique_ptr<VectorMatching> matching;  // null when nothing of it was written
  ExprPtr lhs;
  ExprPtr rhs;
};

struct Function;  // functions.h

struct Call {
  NameToken name;
  const Function* function = nullptr;  // null when templated or unknown
  std::vector<ExprPtr> args;
  QuerySpan parens;
};

struct UnaryExpr {
  TokenKind op = TokenKind::kSub;  // kAdd or kSub
  QuerySpan op_span;
  ExprPtr expr;
};

struct ParenExpr {
  ExprPtr expr;
};

// A number or a duration used as one. A sign directly before a literal belongs to it, as in
// Prometheus: "-5" is one literal.
struct NumberLiteral {
  double value = 0;  // durations: seconds
  bool duration = false;
  QuerySpan token;  // without the sign
};

struct StringLiteral {
  StringToken token;
};

// A variable or template action where an operand or duration is expected: it may stand for a metric
// name, a number, a duration, a whole expression. A word whose literal part can only be a metric
// name (x${y}) is a VectorSelector with a templated name instead.
struct Variable {
  NameToken token;
};

// A chain like "a + b + c ..." or "x[1m:][1m:]..." leans to the left and is as deep as it is long.
// Walk(), Dump() and the destructor do not recurse along it.
struct Expr {
  QuerySpan span;
  std::variant<VectorSelector, MatrixSelector, SubqueryExpr, AggregateExpr, BinaryExpr, Call,
               UnaryExpr, ParenExpr, NumberLiteral, StringLiteral, Variable>
      node;

  template <class Node>
  Expr(QuerySpan expr_span, Node expr_node) : span(expr_span), node(std::move(expr_node)) {}
  ~Expr();
  Expr(const Expr&) = delete;
  Expr& operator=(const Expr&) = delete;
};

// The child at which the text of `expr` begins, when it begins with one: the left operand of a
// binary operator, what a subquery or range applies to. Null for other nodes.
const Expr* LeadingChild(const Expr& expr);

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_AST_H_
