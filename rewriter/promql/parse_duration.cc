#include <algorithm>

#include "rewriter/promql/functions.h"
#include "rewriter/promql/literals.h"
#include "rewriter/promql/parser_impl.h"

namespace metrishift::promql::internal {

// Durations have an arithmetic of their own: numbers, durations, step(), range(), min_of(),
// max_of(), operators. Ranges and steps take all of it; behind "offset" only what cannot be
// mistaken for an operator on the offset selector.

namespace {

constexpr int kPow = 3;

int Precedence(TokenKind kind) {
  switch (kind) {
    case TokenKind::kAdd:
    case TokenKind::kSub:
      return 1;
    case TokenKind::kMul:
    case TokenKind::kDiv:
    case TokenKind::kMod:
      return 2;
    case TokenKind::kPow:
      return kPow;
    default:
      return 0;
  }
}

// Durations are int64 nanoseconds.
bool OutOfRange(double seconds) {
  constexpr double kLimit = 9223372036.854775808;
  return seconds > kLimit || seconds < -kLimit;
}

NumberLiteral* AsNumber(const ExprPtr& expr) {
  return expr ? std::get_if<NumberLiteral>(&expr->node) : nullptr;
}

bool IsSign(TokenKind kind) { return kind == TokenKind::kAdd || kind == TokenKind::kSub; }

}  // namespace

// A range or a step.
Parser::Node Parser::PositiveDuration() {
  Node duration = Duration(0);
  if (!duration) return {};
  Peek();  // only here is it known to be complete
  const NumberLiteral* number = AsNumber(duration.expr);
  if (number != nullptr && number->value <= 0)
    Fail(duration->span, "duration must be greater than 0");
  return failed() ? Node{} : std::move(duration);
}

Parser::Node Parser::Duration(int min_precedence) {
  const Nesting nesting(this);
  if (TooDeep()) return {};
  Node lhs;
  if (IsSign(Peek().kind)) {
    const Token sign = Take();
    lhs = Negated(sign, Duration(kPow));
  } else {
    lhs = DurationOperand();
  }
  return lhs ? DurationTail(std::move(lhs), min_precedence) : Node{};
}

Parser::Node Parser::DurationTail(Node lhs, int min_precedence) {
  for (;;) {
    const int precedence = Precedence(Peek().kind);
    if (failed()) return {};
    if (precedence == 0 || precedence < min_precedence) return lhs;
    const Token op = Take();
    Node rhs = Duration(precedence == kPow ? precedence : precedence + 1);
    if (!rhs) return {};
    const NumberLiteral* divisor = AsNumber(rhs.expr);
    const bool divides = op.kind == TokenKind::kDiv || op.kind == TokenKind::kMod;
    if (divides && divisor != nullptr && divisor->value == 0) {
      Fail(op.span, "division by zero in a duration");
      return {};
    }
    BinaryExpr binary;
    binary.op = op.kind;
    binary.op_span = op.span;
    const QuerySpan span{lhs->span.begin, rhs->span.end};
    const size_t depth = std::max(lhs.depth, rhs.depth);
    binary.lhs = std::move(lhs.expr);
    binary.rhs = std::move(rhs.expr);
    lhs = Make(span, std::move(binary), depth);
    if (!lhs) return {};
  }
}

Parser::Node Parser::DurationOperand() {
  switch (Peek().kind) {
    case TokenKind::kNumber:
    case TokenKind::kDuration:
      return DurationNumber();
    case TokenKind::kStep:
    case TokenKind::kRange:
    case TokenKind::kMaxOf:
    case TokenKind::kMinOf:
      return DurationFunction();
    case TokenKind::kLeftParen:
      return DurationParen();
    case TokenKind::kTemplate: {
      const Token token = Take();
      return Make(token.span, Variable{Name(token)}, 0);
    }
    default:
      FailUnexpected("a duration", "a number, a duration, step() or range()");
      return {};
  }
}

Parser::Node Parser::DurationNumber() {
  Node number = NumberOperand();
  if (!number) return {};
  if (OutOfRange(AsNumber(number.expr)->value)) {
    Fail(number->span, "duration is out of range");
    return {};
  }
  return number;
}

Parser::Node Parser::DurationParen() {
  const Token open = Take();
  Node inner = Duration(0);
  Token close;
  if (!inner || !Expect(TokenKind::kRightParen, &close, "a duration", "an operator or \")\"")) {
    return {};
  }
  const size_t depth = inner.depth;
  return Make({open.span.begin, close.span.end}, ParenExpr{std::move(inner.expr)}, depth);
}

Parser::Node Parser::DurationFunction() {
  const Token word = Take();
  const bool two_arguments = word.kind == TokenKind::kMaxOf || word.kind == TokenKind::kMinOf;
  Call call;
  call.name = Name(word);
  call.function =
      FindFunction(two_arguments ? (word.kind == TokenKind::kMaxOf ? "max_of" : "min_of")
                                 : (word.kind == TokenKind::kStep ? "step" : "range"));
  Token token;
  if (!Expect(TokenKind::kLeftParen, &token, "a duration", "\"(\"")) return {};
  call.parens.begin = token.span.begin;
  size_t depth = 0;
  if (two_arguments) {
    Node first = Duration(0);
    if (!first || !Expect(TokenKind::kComma, &token, "a duration", "\",\"")) return {};
    Node second = Duration(0);
    if (!second) return {};
    depth = std::max(first.depth, second.depth);
    call.args.push_back(std::move(first.expr));
    call.args.push_back(std::move(second.expr));
  }
  if (!Expect(TokenKind::kRightParen, &token, "a duration", "\")\"")) return {};
  call.parens.end = token.span.end;
  return Make({word.span.begin, token.span.end}, std::move(call), depth);
}

Parser::Node Parser::Negated(const Token& sign, Node operand) {
  if (!operand) return {};
  const QuerySpan span{sign.span.begin, operand->span.end};
  if (NumberLiteral* number = AsNumber(operand.expr)) {
    if (sign.kind == TokenKind::kSub) number->value = -number->value;
    if (OutOfRange(number->value)) {
      Fail(sign.span, "duration is out of range");
      return {};
    }
    operand.expr->span = span;
    return operand;
  }
  const size_t depth = operand.depth;
  return Make(span, UnaryExpr{sign.kind, sign.span, std::move(operand.expr)}, depth);
}

// Behind "offset". "x offset 5m + y" adds y to x, and so does every offset that is complete without
// looking further; but behind a leading parenthesis or a second sign operators belong to the
// duration: "x offset (5m) + 1m" is one selector.
Parser::Node Parser::OffsetDuration() {
  const TokenKind first = Peek().kind;
  if (first == TokenKind::kLeftParen) return Duration(0);
  if (IsSign(first)) return SignedOffset();
  return DurationOperand();
}

Parser::Node Parser::SignedOffset() {
  const Token sign = Take();
  const TokenKind next = Peek().kind;
  if (next == TokenKind::kNumber || next == TokenKind::kDuration) {
    return Negated(sign, NumberOperand());
  }
  if (!IsSign(next)) return Negated(sign, DurationOperand());
  Node operand = Negated(sign, Duration(kPow));
  return operand ? DurationTail(std::move(operand), 0) : Node{};
}

}  // namespace metrishift::promql::internal
