#include <algorithm>
#include <cmath>
#include <limits>

#include "rewriter/promql/literals.h"
#include "rewriter/promql/parser_impl.h"

namespace metrishift::promql::internal {

namespace {

Modifiers* ModifiersOf(Expr& expr) {
  if (auto* e = std::get_if<VectorSelector>(&expr.node)) return &e->modifiers;
  if (auto* e = std::get_if<MatrixSelector>(&expr.node)) return &e->modifiers;
  if (auto* e = std::get_if<SubqueryExpr>(&expr.node)) return &e->modifiers;
  return nullptr;
}

// The modifiers of the selector inside a range selector, which count for the whole.
const Modifiers* InnerModifiers(const Expr& expr) {
  const auto* matrix = std::get_if<MatrixSelector>(&expr.node);
  if (matrix == nullptr) return nullptr;
  const auto* vector = std::get_if<VectorSelector>(&matrix->selector->node);
  return vector != nullptr ? &vector->modifiers : nullptr;
}

// A literal offset of less than half a nanosecond: for Prometheus that is no offset.
bool IsZeroOffset(const OffsetModifier& offset) {
  const auto* number = std::get_if<NumberLiteral>(&offset.duration->node);
  return number != nullptr && std::round(number->value * 1e9) == 0;
}

}  // namespace

Parser::Node Parser::Postfix() {
  Node operand = Operand();
  while (operand) {
    switch (Peek().kind) {
      case TokenKind::kLeftBracket:
        operand = Brackets(std::move(operand));
        break;
      case TokenKind::kOffset:
        if (!Offset(operand)) return {};
        break;
      case TokenKind::kAt:
        if (!AtTime(operand)) return {};
        break;
      case TokenKind::kAnchored:
      case TokenKind::kSmoothed:
        if (!Extended(operand)) return {};
        break;
      default:
        return failed() ? Node{} : std::move(operand);
    }
  }
  return {};
}

Parser::Node Parser::Brackets(Node operand) {
  const QuerySpan open = Take().span;
  Node range = PositiveDuration();
  if (!range) return {};
  if (At(TokenKind::kColon)) return Subquery(std::move(operand), open, std::move(range.expr));
  return Range(std::move(operand), open, std::move(range.expr));
}

Parser::Node Parser::Range(Node operand, QuerySpan open, ExprPtr range) {
  Token close;
  if (!Expect(TokenKind::kRightBracket, &close, "a range", "\":\" or \"]\"")) return {};
  const QuerySpan brackets{open.begin, close.span.end};
  if (const auto* vector = std::get_if<VectorSelector>(&operand->node)) {
    const Modifiers& m = vector->modifiers;
    if (m.offset && !IsZeroOffset(*m.offset)) Fail(brackets, "offset must follow the range");
    if (m.at) Fail(brackets, "@ must follow the range");
  } else if (!std::holds_alternative<Variable>(operand->node)) {
    Fail(brackets, "a range is only allowed behind a vector selector");
  }
  if (failed()) return {};
  const QuerySpan span{operand->span.begin, close.span.end};
  const size_t depth = operand.depth;
  MatrixSelector matrix{std::move(operand.expr), brackets, std::move(range), {}};
  return Make(span, std::move(matrix), depth);
}

Parser::Node Parser::Subquery(Node operand, QuerySpan open, ExprPtr range) {
  SubqueryExpr subquery;
  subquery.range = std::move(range);
  subquery.colon = Take().span;
  if (!At(TokenKind::kRightBracket)) {
    Node step = PositiveDuration();
    if (!step) return {};
    subquery.step = std::move(step.expr);
  }
  Token close;
  if (!Expect(TokenKind::kRightBracket, &close, "a subquery", "\"]\"")) return {};
  subquery.brackets = {open.begin, close.span.end};
  const QuerySpan span{operand->span.begin, close.span.end};
  const size_t depth = operand.depth;
  subquery.expr = std::move(operand.expr);
  return Make(span, std::move(subquery), depth);
}

bool Parser::Offset(Node& operand) {
  OffsetModifier offset;
  offset.keyword_span = Take().span;
  Node duration = OffsetDuration();
  if (!duration) return false;
  offset.span = {offset.keyword_span.begin, last_end_};
  offset.duration = std::move(duration.expr);
  return SetOffset(operand, std::move(offset));
}

bool Parser::SetOffset(Node& operand, OffsetModifier offset) {
  Modifiers* modifiers = ModifiersOf(*operand.expr);
  const QuerySpan span = operand->span;
  if (modifiers == nullptr) {
    if (std::holds_alternative<Variable>(operand->node)) {
      operand.expr->span.end = last_end_;
      return true;
    }
    Fail(span, "offset is only allowed behind a selector or a subquery");
    return false;
  }
  if (modifiers->offset && !IsZeroOffset(*modifiers->offset)) {
    Fail(span, "offset may not be set twice");
    return false;
  }
  modifiers->offset = std::make_unique<OffsetModifier>(std::move(offset));
  operand.expr->span.end = last_end_;
  return true;
}

bool Parser::AtTime(Node& operand) {
  AtModifier at;
  at.span = Take().span;
  if (At(TokenKind::kStart) || At(TokenKind::kEndWord)) {
    const Token word = Take();
    Token token;
    if (!Expect(TokenKind::kLeftParen, &token, "@", "\"(\"")) return false;
    if (!Expect(TokenKind::kRightParen, &token, "@", "\")\"")) return false;
    at.kind = word.kind == TokenKind::kStart ? AtModifier::Kind::kStart : AtModifier::Kind::kEnd;
    at.value_span = {word.span.begin, token.span.end};
  } else if (At(TokenKind::kTemplate)) {
    at.kind = AtModifier::Kind::kVariable;
    at.value_span = Take().span;
  } else {
    at.value_span.begin = Peek().span.begin;
    const std::optional<double> seconds = Timestamp();
    if (!seconds) return false;
    at.timestamp = *seconds;
    at.value_span.end = last_end_;
    // The range of int64, in the floating-point arithmetic that Prometheus uses.
    constexpr double kLimit = 9223372036854775808.0;
    if (!(*seconds<kLimit&& * seconds> - kLimit)) {
      Fail(operand->span, "timestamp of @ is out of range");
      return false;
    }
  }
  at.span.end = last_end_;
  return SetAt(operand, at);
}

bool Parser::SetAt(Node& operand, AtModifier at) {
  Modifiers* modifiers = ModifiersOf(*operand.expr);
  if (modifiers == nullptr) {
    if (!std::holds_alternative<Variable>(operand->node)) {
      Fail(operand->span, "@ is only allowed behind a selector or a subquery");
      return false;
    }
  } else if (modifiers->at) {
    Fail(operand->span, "@ may not be set twice");
    return false;
  } else {
    modifiers->at = std::make_unique<AtModifier>(at);
  }
  operand.expr->span.end = last_end_;
  return true;
}

std::optional<double> Parser::Timestamp() {
  bool negative = false;
  if (At(TokenKind::kAdd) || At(TokenKind::kSub)) negative = Take().kind == TokenKind::kSub;
  if (!At(TokenKind::kNumber) && !At(TokenKind::kDuration)) {
    FailUnexpected("@", "a timestamp");
    return std::nullopt;
  }
  const Node number = NumberOperand();
  if (!number) return std::nullopt;
  const double value = std::get<NumberLiteral>(number->node).value;
  return negative ? -value : value;
}

bool Parser::Extended(Node& operand) {
  const Token keyword = Take();
  const bool anchored = keyword.kind == TokenKind::kAnchored;
  Modifiers* modifiers = ModifiersOf(*operand.expr);
  if (std::holds_alternative<Variable>(operand->node)) {
    operand.expr->span.end = last_end_;
    return true;
  }
  const std::string name(Text(keyword));
  if (modifiers == nullptr || std::holds_alternative<SubqueryExpr>(operand->node)) {
    Fail(operand->span, name + " is only allowed behind a selector");
    return false;
  }
  (anchored ? modifiers->anchored : modifiers->smoothed) =
      std::make_unique<QuerySpan>(keyword.span);
  const Modifiers* inner = InnerModifiers(*operand.expr);
  const bool both_anchored = modifiers->anchored || (inner != nullptr && inner->anchored);
  const bool both_smoothed = modifiers->smoothed || (inner != nullptr && inner->smoothed);
  if (both_anchored && both_smoothed) {
    Fail(operand->span, "anchored and smoothed exclude each other");
    return false;
  }
  operand.expr->span.end = last_end_;
  return true;
}

}  // namespace metrishift::promql::internal
