#include "tests/rewriter/promql/spans.h"

#include "rewriter/promql/keywords.h"
#include "rewriter/promql/lexer.h"
#include "rewriter/promql/literals.h"
#include "rewriter/promql/walk.h"

namespace metrishift::promql {

namespace {

using Kind = TokenSpan::Kind;

class Inspector {
 public:
  explicit Inspector(std::string_view text) : text_(text) {}

  void Inspect(const Expr& expr) {
    Walk(expr, [&](const Expr& node, const Expr* parent) {
      if (node.span.empty() || node.span.end > text_.size()) Complain("bad span", node.span);
      if (parent != nullptr && !parent->span.Contains(node.span))
        Complain("child outside", node.span);
      size_t end = node.span.begin;
      ForEachChild(node, [&](const Expr& child) {
        if (child.span.begin < end) Complain("siblings overlap", child.span);
        end = child.span.end;
      });
      outer_ = node.span;
      std::visit([this](const auto& n) { Tokens(n); }, node.node);
    });
  }

  SpanReport Take() { return std::move(report_); }

 private:
  void Complain(const std::string& what, QuerySpan span) {
    report_.problems.push_back(what + " at " + std::to_string(span.begin) + ".." +
                               std::to_string(span.end));
  }

  void Token(Kind kind, QuerySpan span, std::string text) {
    if (!outer_.Contains(span)) Complain("token outside its node", span);
    if (span.end > text_.size()) return Complain("token outside the text", span);
    report_.tokens.push_back({kind, span, std::move(text)});
  }
  void Keyword(QuerySpan span) {
    Token(Kind::kKeyword, span, std::string(text_.substr(span.begin, span.size())));
  }
  void Name(const NameToken& name) { Token(Kind::kName, name.span, name.text); }
  void List(const LabelList& list) {
    if (!outer_.Contains(list.span)) Complain("list outside its node", list.span);
    for (const NameToken& label : list.labels) {
      if (!list.span.Contains(label.span)) Complain("label outside its list", label.span);
      Name(label);
    }
  }
  void Duration(const ExprPtr& duration) {
    const QuerySpan outer = outer_;
    Inspect(*duration);
    outer_ = outer;
    if (!outer_.Contains(duration->span)) Complain("duration outside", duration->span);
  }

  void Tokens(const Modifiers& m) {
    if (m.offset) {
      if (!m.offset->keyword_span.empty()) Keyword(m.offset->keyword_span);
      Duration(m.offset->duration);
      if (!m.offset->span.Contains(m.offset->duration->span)) Complain("offset", m.offset->span);
    }
    if (m.at && !m.at->span.Contains(m.at->value_span)) Complain("@", m.at->span);
    if (m.at && !outer_.Contains(m.at->span)) Complain("@ outside", m.at->span);
    if (m.anchored) Keyword(*m.anchored);
    if (m.smoothed) Keyword(*m.smoothed);
  }

  void Tokens(const VectorSelector& e) {
    if (e.name) Name(*e.name);
    for (const LabelMatcher& matcher : e.matchers) {
      if (!e.braces || !e.braces->Contains(matcher.span)) Complain("matcher", matcher.span);
      if (matcher.form == LabelMatcher::Form::kQuotedName) {
        Token(Kind::kString, matcher.value.span, matcher.value.text);
        continue;
      }
      Name(matcher.name);
      if (!matcher.span.Contains(matcher.name.span)) Complain("matcher name", matcher.span);
      if (matcher.form == LabelMatcher::Form::kPlain) {
        Token(Kind::kMatchOperator, matcher.op_span, "");
        Token(Kind::kString, matcher.value.span, matcher.value.text);
        if (!matcher.span.Contains(matcher.value.span)) Complain("matcher value", matcher.span);
      }
    }
    Tokens(e.modifiers);
  }
  void Tokens(const MatrixSelector& e) {
    Duration(e.range);
    if (!e.brackets.Contains(e.range->span)) Complain("range", e.brackets);
    Tokens(e.modifiers);
  }
  void Tokens(const SubqueryExpr& e) {
    Duration(e.range);
    if (e.step) Duration(e.step);
    if (!e.brackets.Contains(e.colon)) Complain("colon", e.colon);
    Tokens(e.modifiers);
  }
  void Tokens(const AggregateExpr& e) {
    Name(e.op);
    if (!e.grouping) return;
    Keyword(e.grouping->keyword_span);
    List(e.grouping->labels);
  }
  void Tokens(const BinaryExpr& e) {
    if (e.op != TokenKind::kTemplate)
      Token(Kind::kOperator, e.op_span, std::string(SpellingOf(e.op)));
    if (e.op_span.begin < e.lhs->span.end || e.op_span.end > e.rhs->span.begin) {
      Complain("operator not between its operands", e.op_span);
    }
    if (e.bool_keyword) Keyword(*e.bool_keyword);
    if (!e.matching) return;
    if (e.matching->matching_keyword) {
      Keyword(*e.matching->matching_keyword);
      List(e.matching->matching_labels);
    }
    if (e.matching->group_keyword) Keyword(*e.matching->group_keyword);
    if (e.matching->include) List(*e.matching->include);
  }
  void Tokens(const Call& e) {
    Name(e.name);
    if (!outer_.Contains(e.parens)) Complain("parentheses", e.parens);
  }
  void Tokens(const UnaryExpr& e) {
    Token(Kind::kOperator, e.op_span, std::string(SpellingOf(e.op)));
  }
  void Tokens(const ParenExpr&) {}
  void Tokens(const NumberLiteral& e) { Token(Kind::kNumber, e.token, ""); }
  void Tokens(const StringLiteral& e) { Token(Kind::kString, e.token.span, e.token.text); }
  void Tokens(const Variable& e) { Name(e.token); }

  std::string_view text_;
  QuerySpan outer_;
  SpanReport report_;
};

bool Relexes(const TokenSpan& token, std::string_view bytes, Dialect dialect) {
  // Matcher operators exist in braces only.
  const bool braces = token.kind == Kind::kMatchOperator;
  const std::string alone = (braces ? "{" : "") + std::string(bytes);
  const std::vector<Token> tokens = Tokenize(alone, dialect);
  if (tokens.size() != (braces ? 2U : 1U) || tokens.back().span.size() != bytes.size())
    return false;
  const TokenKind kind = tokens.back().kind;
  switch (token.kind) {
    case Kind::kName:
      if (kind == TokenKind::kString) return Unquote(bytes, dialect) == token.text;
      return bytes == token.text && (IsWord(kind) || kind == TokenKind::kNumber);
    case Kind::kString:
      return kind == TokenKind::kString && Unquote(bytes, dialect) == token.text;
    case Kind::kNumber:
      return kind == TokenKind::kNumber || kind == TokenKind::kDuration;
    case Kind::kKeyword:
      return IsWord(kind) && kind != TokenKind::kIdentifier && kind != TokenKind::kTemplate;
    case Kind::kMatchOperator:
      return kind == TokenKind::kAssign || kind == TokenKind::kNotEqual ||
             kind == TokenKind::kRegexMatch || kind == TokenKind::kNotRegexMatch;
    case Kind::kOperator:
      return SpellingOf(kind) == token.text;
  }
  return false;
}

}  // namespace

SpanReport InspectSpans(const Expr& expr, std::string_view text) {
  Inspector inspector(text);
  inspector.Inspect(expr);
  return inspector.Take();
}

std::vector<std::string> RelexProblems(const SpanReport& report, std::string_view text,
                                       Dialect dialect) {
  std::vector<std::string> problems;
  for (const TokenSpan& token : report.tokens) {
    const std::string_view bytes = text.substr(token.span.begin, token.span.size());
    if (!Relexes(token, bytes, dialect)) problems.push_back("no token: " + std::string(bytes));
  }
  return problems;
}

}  // namespace metrishift::promql
