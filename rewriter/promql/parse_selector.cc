#include "rewriter/promql/literals.h"
#include "rewriter/promql/parser_impl.h"
#include "rewriter/promql/quote.h"
#include "rewriter/promql/regex_syntax.h"
#include "rewriter/promql/template.h"
#include "rewriter/promql/utf8.h"

namespace metrishift::promql::internal {

namespace {

bool IsMatchOperator(TokenKind kind) {
  return kind == TokenKind::kAssign || kind == TokenKind::kNotEqual ||
         kind == TokenKind::kRegexMatch || kind == TokenKind::kNotRegexMatch;
}

bool IsLabelText(std::string_view text) {
  for (size_t pos = 0; pos < text.size();) {
    const Utf8Rune rune = DecodeUtf8(text, pos);
    if (rune.value == kReplacementRune && rune.size == 1) return false;
    pos += rune.size;
  }
  return !text.empty();
}

}  // namespace

StringToken Parser::String(const Token& token) const {
  StringToken string{token.span, Unquote(Text(token), dialect_), false};
  if (dialect_ != Dialect::kPrometheus) {
    string.templated = HasTemplate(Text(token), dialect_, TemplateContext::kString);
  }
  return string;
}

NameToken Parser::Name(const Token& token) const {
  if (token.kind == TokenKind::kString) {
    StringToken string = String(token);
    return {string.span, std::move(string.text), true, string.templated};
  }
  return {token.span, std::string(Text(token)), false, token.kind == TokenKind::kTemplate};
}

// A vector selector whose name, if it has one, is behind us.
Parser::Node Parser::SelectorFrom(std::optional<Token> name) {
  VectorSelector selector;
  QuerySpan span;
  if (name) {
    selector.name = Name(*name);
    span = name->span;
  }
  if (At(TokenKind::kLeftBrace)) {
    if (!Matchers(selector)) return {};
    span = {name ? span.begin : selector.braces->begin, selector.braces->end};
  }
  if (failed()) return {};
  return Make(span, std::move(selector), 0);
}

bool Parser::Matchers(VectorSelector& selector) {
  const Token open = Take();
  if (!At(TokenKind::kRightBrace)) selector.matchers.reserve(4);
  bool after_variable = false;
  while (!At(TokenKind::kRightBrace)) {
    if (!Matcher(selector)) return false;
    after_variable = !selector.matchers.empty() &&
                     selector.matchers.back().form == LabelMatcher::Form::kVariable;
    if (At(TokenKind::kRightBrace)) break;
    if (!MatcherSeparator(after_variable)) return false;
  }
  const Token close = Take();
  selector.braces = QuerySpan{open.span.begin, close.span.end};
  return !failed();
}

// A variable may bring its own comma.
bool Parser::MatcherSeparator(bool after_variable) {
  if (At(TokenKind::kComma)) {
    Take();
    return true;
  }
  if (At(TokenKind::kTemplate) || (after_variable && !At(TokenKind::kEnd))) return true;
  FailUnexpected("label matching", "\",\" or \"}\"");
  return false;
}

bool Parser::Matcher(VectorSelector& selector) {
  switch (Peek().kind) {
    case TokenKind::kString:
      return QuotedMatcher(selector);
    case TokenKind::kTemplate:
      return TemplateMatcher(selector);
    case TokenKind::kIdentifier: {
      const Token name = Take();
      LabelMatcher matcher;
      matcher.name = Name(name);
      Choice(matcher.name);
      if (!MatcherTail(matcher)) return false;
      selector.matchers.push_back(std::move(matcher));
      return true;
    }
    default:
      FailUnexpected("label matching", "a label name or \"}\"");
      return false;
  }
}

// {{ if x }}a{{ else }}b{{ end }}="c": one of several names.
void Parser::Choice(NameToken& name) {
  while (dialect_ == Dialect::kGoTemplate && At(TokenKind::kIdentifier) &&
         text_.substr(name.span.end, Peek().span.begin - name.span.end).find("{{") !=
             std::string_view::npos) {
    name.span.end = Take().span.end;
    name.text = text_.substr(name.span.begin, name.span.size());
    name.templated = true;
  }
}

bool Parser::QuotedMatcher(VectorSelector& selector) {
  const Token token = Take();
  if (IsMatchOperator(Peek().kind) || At(TokenKind::kTemplate)) {
    LabelMatcher matcher;
    matcher.name = Name(token);
    if (!MatcherTail(matcher)) return false;
    selector.matchers.push_back(std::move(matcher));
    return true;
  }
  if (failed()) return false;
  if (!selector.name) {
    selector.name = Name(token);
    return true;
  }
  LabelMatcher again;
  again.span = token.span;
  again.name = {{token.span.begin, token.span.begin}, "__name__", false, false};
  again.op_span = {token.span.begin, token.span.begin};
  again.value = String(token);
  again.form = LabelMatcher::Form::kQuotedName;
  selector.matchers.push_back(std::move(again));
  return true;
}

bool Parser::TemplateMatcher(VectorSelector& selector) {
  const Token token = Take();
  LabelMatcher matcher;
  matcher.name = Name(token);
  if (IsMatchOperator(Peek().kind)) {
    if (!MatcherTail(matcher)) return false;
  } else if (At(TokenKind::kString) && Peek().span.begin == token.span.end) {
    // a{{ .op }}"b": the operator is a part of the word before.
    matcher.op_span = {token.span.end, token.span.end};
    matcher.form = LabelMatcher::Form::kTemplatedOperator;
    matcher.value = String(Take());
    matcher.span = {token.span.begin, matcher.value.span.end};
  } else {
    const QuerySpan empty{token.span.end, token.span.end};
    matcher.span = token.span;
    matcher.op_span = matcher.value.span = empty;
    matcher.form = LabelMatcher::Form::kVariable;
  }
  selector.matchers.push_back(std::move(matcher));
  return !failed();
}

// The operator and the value of a matcher whose name is behind us.
bool Parser::MatcherTail(LabelMatcher& matcher) {
  matcher.op_span = Peek().span;
  if (At(TokenKind::kTemplate)) {
    matcher.form = LabelMatcher::Form::kTemplatedOperator;
    Take();
  } else {
    const std::optional<MatchType> type = MatchOperator();
    if (!type) return false;
    matcher.type = *type;
  }
  if (At(TokenKind::kTemplate)) {
    const Token value = Take();
    matcher.value = {value.span, std::string(Text(value)), true};
    if (matcher.form == LabelMatcher::Form::kPlain) matcher.form = LabelMatcher::Form::kBareValue;
  } else if (At(TokenKind::kString)) {
    matcher.value = String(Take());
  } else {
    FailUnexpected("label matching", "a string");
    return false;
  }
  matcher.span = {matcher.name.span.begin, matcher.value.span.end};
  const bool regex = matcher.type == MatchType::kRegexp || matcher.type == MatchType::kNotRegexp;
  if (!regex || matcher.value.templated) return true;
  const RegexVerdict verdict = CheckRegex(matcher.value.text);
  if (!verdict.valid) Fail(matcher.span, std::string("bad regular expression: ") + verdict.error);
  return verdict.valid;
}

std::optional<MatchType> Parser::MatchOperator() {
  std::optional<MatchType> type;
  switch (Peek().kind) {
    case TokenKind::kAssign:
      type = MatchType::kEqual;
      break;
    case TokenKind::kNotEqual:
      type = MatchType::kNotEqual;
      break;
    case TokenKind::kRegexMatch:
      type = MatchType::kRegexp;
      break;
    case TokenKind::kNotRegexMatch:
      type = MatchType::kNotRegexp;
      break;
    default:
      FailUnexpected("label matching", "one of = != =~ !~");
      return type;
  }
  Take();
  return type;
}

std::unique_ptr<Grouping> Parser::ByOrWithout() {
  const Token keyword = Take();
  std::optional<LabelList> labels = Labels();
  if (!labels) return nullptr;
  auto grouping = std::make_unique<Grouping>();
  grouping->span = {keyword.span.begin, labels->span.end};
  grouping->without = keyword.kind == TokenKind::kWithout;
  grouping->keyword_span = keyword.span;
  grouping->labels = std::move(*labels);
  return grouping;
}

std::optional<LabelList> Parser::Labels() {
  Token open;
  if (!Expect(TokenKind::kLeftParen, &open, "a label list", "\"(\"")) return std::nullopt;
  LabelList list;
  while (!At(TokenKind::kRightParen)) {
    if (!Label(list)) return std::nullopt;
    if (At(TokenKind::kRightParen)) break;
    if (At(TokenKind::kComma)) {
      Take();
      continue;
    }
    const bool variable = list.labels.back().templated || At(TokenKind::kTemplate);
    if (variable && IsLabelName(Peek().kind)) continue;
    FailUnexpected("a label list", "\",\" or \")\"");
    return std::nullopt;
  }
  list.span = {open.span.begin, Take().span.end};
  return list;
}

bool Parser::Label(LabelList& list) {
  const bool string = At(TokenKind::kString);
  if (!string && !IsLabelName(Peek().kind)) {
    FailUnexpected("a label list", "a label name");
    return false;
  }
  list.labels.push_back(Name(Take()));
  const NameToken& label = list.labels.back();
  if (string && !IsLabelText(label.text)) {
    Fail(label.span, "invalid label name " + QuoteForMessage(label.text));
    return false;
  }
  return true;
}

}  // namespace metrishift::promql::internal
