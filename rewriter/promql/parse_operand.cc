#include <algorithm>

#include "rewriter/promql/functions.h"
#include "rewriter/promql/literals.h"
#include "rewriter/promql/parser_impl.h"
#include "rewriter/promql/quote.h"
#include "rewriter/promql/template.h"

namespace metrishift::promql::internal {

namespace {

bool TakesParameter(TokenKind aggregator) {
  switch (aggregator) {
    case TokenKind::kTopk:
    case TokenKind::kBottomk:
    case TokenKind::kCountValues:
    case TokenKind::kQuantile:
    case TokenKind::kLimitk:
    case TokenKind::kLimitRatio:
      return true;
    default:
      return false;
  }
}

bool IsDurationUnit(std::string_view text) {
  static constexpr std::string_view kUnits[] = {"ms", "s", "m", "h", "d", "w", "y"};
  return std::find(std::begin(kUnits), std::end(kUnits), text) != std::end(kUnits);
}

// Whether a word with variables can only be a name: it has letters of its own, and they are no unit
// behind a variable number.
bool MustBeName(std::string_view word, Dialect dialect) {
  if (word[0] >= '0' && word[0] <= '9') return false;
  const std::vector<TemplatePiece> pieces = SplitTemplate(word, dialect);
  for (const TemplatePiece& piece : pieces) {
    if (piece.variable) continue;
    const std::string_view literal = word.substr(piece.span.begin, piece.span.size());
    const bool suffix = piece.span.begin > 0 && piece.span.end == word.size();
    if (suffix && pieces.size() == 2 && IsDurationUnit(literal)) return false;
    if (literal.find_first_not_of("0123456789.") != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

bool Parser::StartsOperand(TokenKind kind) const {
  switch (kind) {
    case TokenKind::kNumber:
    case TokenKind::kDuration:
    case TokenKind::kString:
    case TokenKind::kLeftParen:
    case TokenKind::kLeftBrace:
    case TokenKind::kAdd:
    case TokenKind::kSub:
      return true;
    default:
      return IsMetricName(kind);
  }
}

Parser::Node Parser::Operand() {
  switch (Peek().kind) {
    case TokenKind::kNumber:
    case TokenKind::kDuration:
      return NumberOperand();
    case TokenKind::kString: {
      const Token token = Take();
      return Make(token.span, StringLiteral{String(token)}, 0);
    }
    case TokenKind::kLeftParen:
      return Paren();
    case TokenKind::kLeftBrace:
      return SelectorFrom(std::nullopt);
    default:
      if (IsMetricName(Peek().kind)) return WordOperand();
      FailUnexpected("", "an expression");
      return {};
  }
}

Parser::Node Parser::NumberOperand() {
  const Token token = Take();
  const bool duration = token.kind == TokenKind::kDuration;
  const std::optional<double> value =
      duration ? ParseDurationLiteral(Text(token)) : ParseNumber(Text(token));
  if (!value) {
    Fail(token.span, (duration ? "bad duration " : "bad number ") + QuoteForMessage(Text(token)));
    return {};
  }
  return Make(token.span, NumberLiteral{*value, duration, token.span}, 0);
}

Parser::Node Parser::Paren() {
  const Token open = Take();
  Node inner = Binary(0);
  Token close;
  if (!inner || !Expect(TokenKind::kRightParen, &close, "", "an operator or \")\"")) return {};
  const size_t depth = inner.depth;
  return Make({open.span.begin, close.span.end}, ParenExpr{std::move(inner.expr)}, depth);
}

Parser::Node Parser::WordOperand() {
  const Token word = Take();
  const TokenKind next = Peek().kind;
  const bool grouping = next == TokenKind::kBy || next == TokenKind::kWithout;
  if (word.kind == TokenKind::kTemplate) return TemplateOperand(word);
  if (IsAggregator(word.kind) && (grouping || next == TokenKind::kLeftParen))
    return Aggregate(word);
  const bool callable =
      word.kind == TokenKind::kIdentifier ||
      (word.kind >= TokenKind::kPreprocessorsBegin && word.kind < TokenKind::kPreprocessorsEnd);
  if (callable && next == TokenKind::kLeftParen) return FunctionCall(word);
  return SelectorFrom(word);
}

Parser::Node Parser::TemplateOperand(const Token& word) {
  switch (Peek().kind) {
    case TokenKind::kLeftParen:
      return FunctionCall(word);
    case TokenKind::kBy:
    case TokenKind::kWithout:
      return Aggregate(word);
    case TokenKind::kLeftBrace:
      return SelectorFrom(word);
    default:
      if (MustBeName(Text(word), dialect_)) return SelectorFrom(word);
      return Make(word.span, Variable{Name(word)}, 0);
  }
}

Parser::Node Parser::FunctionCall(const Token& word) {
  Call call;
  size_t depth = 0;
  if (!Arguments(call.args, &call.parens, &depth)) return {};
  call.name = Name(word);
  if (word.kind != TokenKind::kTemplate) {
    call.function = FindFunction(Text(word));
    if (call.function == nullptr && !unknown_functions_) {
      Fail(word.span, "unknown function " + QuoteForMessage(call.name.text));
      return {};
    }
  } else if (At(TokenKind::kBy) || At(TokenKind::kWithout)) {
    AggregateExpr aggregate{std::move(call.name), TokenKind::kTemplate, ByOrWithout(),
                            std::move(call.args)};
    if (failed()) return {};
    return Make({word.span.begin, last_end_}, std::move(aggregate), depth);
  }
  const QuerySpan span{word.span.begin, call.parens.end};
  return Make(span, std::move(call), depth);
}

Parser::Node Parser::Aggregate(const Token& word) {
  AggregateExpr aggregate;
  aggregate.op = Name(word);
  aggregate.kind = word.kind;
  const bool grouping_first = !At(TokenKind::kLeftParen);
  if (grouping_first) {
    aggregate.grouping = ByOrWithout();
    if (!aggregate.grouping) return {};
  }
  QuerySpan parens;
  size_t depth = 0;
  if (!Arguments(aggregate.args, &parens, &depth)) return {};
  if (!grouping_first && (At(TokenKind::kBy) || At(TokenKind::kWithout))) {
    aggregate.grouping = ByOrWithout();
  }
  const QuerySpan span{word.span.begin, last_end_};
  if (failed() || !CheckAggregate(aggregate, span)) return {};
  return Make(span, std::move(aggregate), depth);
}

bool Parser::CheckAggregate(const AggregateExpr& aggregate, QuerySpan span) {
  const size_t wanted = TakesParameter(aggregate.kind) ? 2 : 1;
  const size_t got = aggregate.args.size();
  if (got == 0) {
    Fail(span, "no arguments for aggregation \"" + aggregate.op.text + "\"");
  } else if (got != wanted && aggregate.kind != TokenKind::kTemplate) {
    Fail(span, "expected " + std::to_string(wanted) + " argument(s) for aggregation \"" +
                   aggregate.op.text + "\", got " + std::to_string(got));
  }
  return !failed();
}

bool Parser::Arguments(std::vector<ExprPtr>& args, QuerySpan* parens, size_t* depth) {
  Token token;
  if (!Expect(TokenKind::kLeftParen, &token, "aggregation", "\"(\"")) return false;
  parens->begin = token.span.begin;
  while (!At(TokenKind::kRightParen)) {
    Node arg = Binary(0);
    if (!arg) return false;
    *depth = std::max(*depth, arg.depth);
    args.push_back(std::move(arg.expr));
    if (!At(TokenKind::kComma)) break;
    const Token comma = Take();
    if (StartsOperand(Peek().kind) || failed()) continue;
    Fail(comma.span, "trailing comma in the arguments of a call");
    return false;
  }
  if (!Expect(TokenKind::kRightParen, &token, "", "an operator, \",\" or \")\"")) return false;
  parens->end = token.span.end;
  return true;
}

}  // namespace metrishift::promql::internal
