#include <algorithm>

#include "rewriter/promql/literals.h"
#include "rewriter/promql/parser_impl.h"

namespace metrishift::promql {

int BinaryPrecedence(TokenKind kind) {
  switch (kind) {
    case TokenKind::kOr:
      return 1;
    case TokenKind::kAnd:
    case TokenKind::kUnless:
      return 2;
    case TokenKind::kEqual:
    case TokenKind::kNotEqual:
    case TokenKind::kLess:
    case TokenKind::kLessEqual:
    case TokenKind::kGreater:
    case TokenKind::kGreaterEqual:
    case TokenKind::kTrimUpper:
    case TokenKind::kTrimLower:
    case TokenKind::kTemplate:  // it is most often a comparison that a dashboard lets choose
      return 3;
    case TokenKind::kAdd:
    case TokenKind::kSub:
      return 4;
    case TokenKind::kMul:
    case TokenKind::kDiv:
    case TokenKind::kMod:
    case TokenKind::kAtan2:
      return 5;
    case TokenKind::kPow:
      return 6;
    default:
      return 0;
  }
}

}  // namespace metrishift::promql

namespace metrishift::promql::internal {

namespace {

const int kPowPrecedence = BinaryPrecedence(TokenKind::kPow);

}  // namespace

// All binary operators that bind at least as tightly as `min_precedence`.
Parser::Node Parser::Binary(int min_precedence) {
  const Nesting nesting(this);
  if (TooDeep()) return {};
  Node lhs = Unary();
  while (lhs) {
    const int precedence = BinaryPrecedence(Peek().kind);
    if (precedence == 0 || precedence < min_precedence) break;
    const Token op = Take();
    if (op.kind == TokenKind::kTemplate && !StartsRightSide(Peek().kind)) {
      if (!TrailingVariable(lhs, op)) return {};
      continue;
    }
    lhs = FinishBinary(std::move(lhs), op, precedence);
  }
  return failed() ? Node{} : std::move(lhs);
}

// Whether a variable before a token of this kind is an operator, as in "x $op bool 5" or "x $op on
// (a) y".
bool Parser::StartsRightSide(TokenKind kind) const {
  switch (kind) {
    case TokenKind::kBool:
    case TokenKind::kOn:
    case TokenKind::kIgnoring:
      return true;
    case TokenKind::kAnd:
    case TokenKind::kOr:
    case TokenKind::kUnless:
    case TokenKind::kOffset:
    case TokenKind::kAnchored:
    case TokenKind::kSmoothed:
      return false;
    default:
      return StartsOperand(kind);
  }
}

// "x $offset": a variable that brings a modifier, or nothing.
bool Parser::TrailingVariable(Node& operand, const Token& variable) {
  operand.expr->span.end = variable.span.end;
  if (auto* selector = std::get_if<VectorSelector>(&operand.expr->node)) {
    Node duration = Make(variable.span, Variable{Name(variable)}, 0);
    const QuerySpan no_keyword{variable.span.begin, variable.span.begin};
    selector->modifiers.offset = std::make_unique<OffsetModifier>(
        OffsetModifier{variable.span, no_keyword, std::move(duration.expr)});
  }
  return !failed();
}

Parser::Node Parser::FinishBinary(Node lhs, const Token& op, int precedence) {
  BinaryExpr binary;
  binary.op = op.kind;
  binary.op_span = op.span;
  if (!BinaryModifiers(binary)) return {};
  const bool right_associative = precedence == kPowPrecedence;
  Node rhs = Binary(right_associative ? precedence : precedence + 1);
  if (!rhs) return {};
  const QuerySpan span{lhs->span.begin, rhs->span.end};
  const size_t depth = std::max(lhs.depth, rhs.depth);
  binary.lhs = std::move(lhs.expr);
  binary.rhs = std::move(rhs.expr);
  return Make(span, std::move(binary), depth);
}

// A sign binds as tightly as "*": -a^b is -(a^b), -a*b is (-a)*b.
Parser::Node Parser::Unary() {
  if (!At(TokenKind::kAdd) && !At(TokenKind::kSub)) return Postfix();
  const Token sign = Take();
  Node operand = Binary(kPowPrecedence);
  if (!operand) return {};
  const QuerySpan span{sign.span.begin, operand->span.end};
  if (auto* number = std::get_if<NumberLiteral>(&operand.expr->node)) {
    if (sign.kind == TokenKind::kSub) number->value = -number->value;
    operand.expr->span = span;
    return operand;
  }
  const size_t depth = operand.depth;
  return Make(span, UnaryExpr{sign.kind, sign.span, std::move(operand.expr)}, depth);
}

bool Parser::BinaryModifiers(BinaryExpr& binary) {
  if (At(TokenKind::kBool)) binary.bool_keyword = Take().span;
  switch (Peek().kind) {
    case TokenKind::kOn:
    case TokenKind::kIgnoring:
    case TokenKind::kFill:
    case TokenKind::kFillLeft:
    case TokenKind::kFillRight:
      binary.matching = std::make_unique<VectorMatching>();
      return OnOrIgnoring(*binary.matching) && FillModifiers(*binary.matching);
    default:
      return !failed();
  }
}

bool Parser::OnOrIgnoring(VectorMatching& matching) {
  if (!At(TokenKind::kOn) && !At(TokenKind::kIgnoring)) return true;
  const Token keyword = Take();
  matching.on = keyword.kind == TokenKind::kOn;
  matching.matching_keyword = keyword.span;
  std::optional<LabelList> labels = Labels();
  if (!labels) return false;
  matching.matching_labels = std::move(*labels);
  if (!At(TokenKind::kGroupLeft) && !At(TokenKind::kGroupRight)) return !failed();
  const Token group = Take();
  const bool left = group.kind == TokenKind::kGroupLeft;
  matching.card = left ? VectorMatching::Card::kManyToOne : VectorMatching::Card::kOneToMany;
  matching.group_keyword = group.span;
  if (At(TokenKind::kLeftParen)) matching.include = Labels();
  return !failed();
}

bool Parser::FillModifiers(VectorMatching& matching) {
  if (At(TokenKind::kFill)) {
    Take();
    matching.fill_left = matching.fill_right = FillValue();
    return !failed();
  }
  while (At(TokenKind::kFillLeft) || At(TokenKind::kFillRight)) {
    auto& side = At(TokenKind::kFillLeft) ? matching.fill_left : matching.fill_right;
    if (side) break;  // a second one names a metric
    Take();
    side = FillValue();
    if (!side) return false;
  }
  return !failed();
}

std::optional<double> Parser::FillValue() {
  Token token;
  if (!Expect(TokenKind::kLeftParen, &token, "fill", "\"(\"")) return std::nullopt;
  bool negative = false;
  if (At(TokenKind::kAdd) || At(TokenKind::kSub)) negative = Take().kind == TokenKind::kSub;
  double value = 0;
  if (At(TokenKind::kTemplate)) {
    Take();
  } else if (At(TokenKind::kNumber) || At(TokenKind::kDuration)) {
    const Node number = NumberOperand();
    if (!number) return std::nullopt;
    value = std::get<NumberLiteral>(number->node).value;
  } else {
    FailUnexpected("fill", "a number");
    return std::nullopt;
  }
  if (!Expect(TokenKind::kRightParen, &token, "fill", "\")\"")) return std::nullopt;
  return negative ? -value : value;
}

}  // namespace metrishift::promql::internal
