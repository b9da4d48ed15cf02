#include "rewriter/promql/parser.h"

#include "rewriter/promql/parser_impl.h"
#include "rewriter/promql/quote.h"
#include "rewriter/promql/type_check.h"

namespace metrishift::promql {

namespace internal {

namespace {

const char* KindInWords(TokenKind kind) {
  switch (kind) {
    case TokenKind::kIdentifier:
      return "identifier ";
    case TokenKind::kMetricIdentifier:
      return "metric name ";
    case TokenKind::kNumber:
      return "number ";
    case TokenKind::kDuration:
      return "duration ";
    case TokenKind::kTemplate:
      return "variable ";
    default:
      return IsWord(kind) ? "keyword " : "";
  }
}

}  // namespace

void Parser::Read() {
  do {
    lookahead_ = lexer_.Next();
  } while (lookahead_.kind == TokenKind::kComment);
  has_lookahead_ = true;
  if (lookahead_.kind == TokenKind::kError) {
    Fail({lexer_.error_offset(), text_.size()}, lexer_.error());
    lookahead_ = {TokenKind::kEnd, {text_.size(), text_.size()}};
  }
}

bool Parser::Expect(TokenKind kind, Token* token, const char* context, const char* expected) {
  if (!At(kind)) {
    FailUnexpected(context, expected);
    return false;
  }
  *token = Take();
  return true;
}

void Parser::Fail(QuerySpan span, std::string message) {
  if (!error_) error_ = ParseError{span, std::move(message)};
}

void Parser::FailUnexpected(const char* context, const char* expected) {
  const Token& token = Peek();
  if (failed()) return;
  std::string message = "unexpected " + Describe(token);
  if (*context != '\0') message.append(" in ").append(context);
  if (*expected != '\0') message.append(", expected ").append(expected);
  Fail(token.span, std::move(message));
}

bool Parser::TooDeep() {
  if (nesting_ <= kMaxNesting) return false;
  Fail(Peek().span, "expression is nested too deeply");
  return true;
}

std::string Parser::Describe(const Token& token) const {
  if (token.kind == TokenKind::kEnd) return "end of input";
  if (token.kind == TokenKind::kString) {  // its own quotes suffice
    const std::string quoted = QuoteForMessage(Text(token));
    return "string " + quoted.substr(1, quoted.size() - 2);
  }
  return KindInWords(token.kind) + QuoteForMessage(Text(token));
}

bool Parser::EndOfInput() {
  if (!At(TokenKind::kEnd)) FailUnexpected("", "an operator or the end of the query");
  return !failed();
}

ParseResult Parser::Finish(Node node) {
  ParseResult result;
  if (failed()) {
    result.error = std::move(error_);
  } else {
    result.expr = std::move(node.expr);
  }
  return result;
}

ParseResult Parser::Expression() {
  if (text_.size() > kMaxQueryBytes) Fail({0, text_.size()}, "query is too long");
  if (!failed() && At(TokenKind::kEnd)) Fail({0, 0}, "no expression found in the query");
  Node node;
  if (!failed()) node = Binary(0);
  if (!failed() && EndOfInput()) error_ = CheckTypes(*node.expr, text_);
  return Finish(std::move(node));
}

ParseResult Parser::Selector() {
  if (text_.size() > kMaxQueryBytes) Fail({0, text_.size()}, "query is too long");
  Node node;
  if (!failed()) {
    if (At(TokenKind::kLeftBrace)) {
      node = SelectorFrom(std::nullopt);
    } else {
      const bool name = IsMetricName(Peek().kind);
      if (!name) FailUnexpected("", "a metric name or \"{\"");
      if (name) node = SelectorFrom(Take());
    }
  }
  if (!failed()) EndOfInput();
  return Finish(std::move(node));
}

}  // namespace internal

ParseResult ParseExpr(std::string_view text, ParseOptions options) {
  return internal::Parser(text, options).Expression();
}

ParseResult ParseSelector(std::string_view text, ParseOptions options) {
  return internal::Parser(text, options).Selector();
}

}  // namespace metrishift::promql
