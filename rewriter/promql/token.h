#ifndef METRISHIFT_REWRITER_PROMQL_TOKEN_H_
#define METRISHIFT_REWRITER_PROMQL_TOKEN_H_

#include <cstdint>
#include <string_view>

#include "core/span.h"

namespace metrishift::promql {

// What may stand in a query besides PromQL.
//   kPrometheus  nothing: exactly the language that Prometheus 3.14 accepts
//   kGrafana     Grafana's variables: $x  ${x}  ${x:fmt}  ${x.field:fmt}  [[x]]  [[x:fmt]]
//   kGoTemplate  those, and what is rendered before Prometheus sees the text:
//                {{ ... }} (Helm, Go, Jinja), <<.Series>> (prometheus-adapter),
//                %(x)s (Python, Jsonnet)
// The dialects only add: what parses in an earlier one gives the same tree in a later one.
enum class Dialect : uint8_t { kPrometheus, kGrafana, kGoTemplate };

// Kinds of tokens. Keywords are recognised in any case ("SUM", "Offset"); whether one is a keyword
// or a name at its place is decided by the parser, since most keywords may also name a metric or a
// label.
enum class TokenKind : uint8_t {
  kEnd,
  kError,       // bytes that are no token; the lexer says why
  kComment,     // "#" to the end of the line; in kGoTemplate also {{/* */}} and control actions
  kIdentifier,  // [a-zA-Z_][a-zA-Z0-9_]*
  kMetricIdentifier,  // an identifier with at least one ":"
  kNumber,
  kDuration,
  kString,    // with its quotes
  kTemplate,  // a word with at least one variable or template action in it: $x, x${y}_total, {{ .z
              // }}, 5$unit
  kLeftParen,
  kRightParen,
  kLeftBrace,
  kRightBrace,
  kLeftBracket,
  kRightBracket,
  kComma,
  kColon,
  kAssign,  // "="; in braces the matcher "equal"

  kOperatorsBegin,
  kAdd = kOperatorsBegin,
  kSub,
  kMul,
  kDiv,
  kMod,
  kPow,
  kEqual,     // "=="
  kNotEqual,  // "!=": comparison, and the matcher "not equal"
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kTrimUpper,  // "</", of native histograms
  kTrimLower,  // ">/"
  kAnd,
  kOr,
  kUnless,
  kAtan2,
  kRegexMatch,     // "=~"
  kNotRegexMatch,  // "!~"
  kAt,
  kOperatorsEnd,

  kAggregatorsBegin = kOperatorsEnd,
  kAvg = kAggregatorsBegin,
  kBottomk,
  kCount,
  kCountValues,
  kGroup,
  kMax,
  kMin,
  kQuantile,
  kStddev,
  kStdvar,
  kSum,
  kTopk,
  kLimitk,
  kLimitRatio,
  kAggregatorsEnd,

  kKeywordsBegin = kAggregatorsEnd,
  kBool = kKeywordsBegin,
  kBy,
  kGroupLeft,
  kGroupRight,
  kFill,
  kFillLeft,
  kFillRight,
  kIgnoring,
  kOffset,
  kSmoothed,
  kAnchored,
  kOn,
  kWithout,
  kKeywordsEnd,

  kPreprocessorsBegin =
      kKeywordsEnd,  // functions that are also words of the duration and @ grammars
  kStart = kPreprocessorsBegin,
  kEndWord,  // end()
  kStep,
  kRange,
  kMaxOf,
  kMinOf,
  kPreprocessorsEnd,
};

inline bool IsAggregator(TokenKind kind) {
  return kind >= TokenKind::kAggregatorsBegin && kind < TokenKind::kAggregatorsEnd;
}

// Identifiers, keywords and words with variables: everything that a name can look like.
inline bool IsWord(TokenKind kind) {
  return kind == TokenKind::kIdentifier || kind == TokenKind::kMetricIdentifier ||
         kind == TokenKind::kTemplate ||
         (kind >= TokenKind::kAggregatorsBegin && kind < TokenKind::kPreprocessorsEnd) ||
         (kind >= TokenKind::kAnd && kind <= TokenKind::kAtan2);
}

// Words that may name a metric, and those that may name a label in a list: nearly all keywords may.
// Source: metric_identifier and maybe_label in prometheus/prometheus
// promql/parser/generated_parser.y, v3.14.
inline bool IsMetricName(TokenKind kind) {
  switch (kind) {
    case TokenKind::kAtan2:
    case TokenKind::kBool:
    case TokenKind::kOn:
    case TokenKind::kIgnoring:
    case TokenKind::kGroupLeft:
    case TokenKind::kGroupRight:
      return false;
    default:
      return IsWord(kind);
  }
}
inline bool IsLabelName(TokenKind kind) { return IsWord(kind) && kind != TokenKind::kWithout; }

// A token is a kind and a place; its text is that slice of the query.
struct Token {
  TokenKind kind = TokenKind::kEnd;
  QuerySpan span;

  std::string_view TextIn(std::string_view query) const {
    return query.substr(span.begin, span.size());
  }
};

// How tightly a binary operator binds, 1 (or) to 6 (^), as in generated_parser.y; 0 when the token
// is none. A variable in the place of an operator counts as a comparison.
int BinaryPrecedence(TokenKind kind);

// The kind for test dumps, like "Identifier", "Add". Static storage.
const char* TokenKindName(TokenKind kind);

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_TOKEN_H_
