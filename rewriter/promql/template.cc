#include "rewriter/promql/template.h"

namespace metrishift::promql {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordChar(char c) {
  return IsDigit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

size_t SkipWord(std::string_view text, size_t pos) {
  while (pos < text.size() && IsWordChar(text[pos])) ++pos;
  return pos;
}

bool AllDigits(std::string_view text) {
  for (const char c : text) {
    if (!IsDigit(c)) return false;
  }
  return true;
}

// Bytes up to and including `closer`, searched from `from`; 0 when it is missing or a byte of
// `forbidden` comes first.
size_t LengthTo(std::string_view text, size_t pos, size_t from, std::string_view closer,
                std::string_view forbidden) {
  for (size_t i = from; i < text.size(); ++i) {
    if (text.substr(i, closer.size()) == closer) return i + closer.size() - pos;
    if (forbidden.find(text[i]) != std::string_view::npos) return 0;
  }
  return 0;
}

size_t DollarLength(std::string_view text, size_t pos, TemplateContext context) {
  if (pos + 1 >= text.size()) return 0;
  const bool braced = text[pos + 1] == '{';
  const size_t name = pos + (braced ? 2 : 1);
  const size_t name_end = SkipWord(text, name);
  if (name_end == name) return 0;
  // In a string these are the groups of a regular expression, as label_replace() takes them.
  if (context == TemplateContext::kString) {
    if (!braced && IsDigit(text[name])) return 0;
    if (braced && AllDigits(text.substr(name, name_end - name))) return 0;
  }
  if (!braced) return name_end - pos;
  return LengthTo(text, pos, name_end, "}", "{\"\n");
}

size_t DoubleBracketLength(std::string_view text, size_t pos) {
  const size_t name_end = SkipWord(text, pos + 2);
  if (name_end == pos + 2) return 0;
  return LengthTo(text, pos, name_end, "]]", "[\"\n");
}

// A Go action may hold quoted strings that contain its own closing braces: {{ "}}" }}, {{`{{
// $labels.job }}`}}. Giving up at the next "{{" keeps a text full of unterminated ones from costing
// quadratic time.
size_t ActionLength(std::string_view text, size_t pos) {
  for (size_t i = pos + 2; i < text.size(); ++i) {
    const char c = text[i];
    if (text.substr(i, 2) == "}}") return i + 2 - pos;
    if (text.substr(i, 2) == "{{") return 0;
    if (c == '\\') ++i;  // "{{ f \"x\" }}": escaped for the string around it
    if (c != '"' && c != '`') continue;
    for (++i; i < text.size() && text[i] != c; ++i) {
      if (c == '"' && text[i] == '\\') ++i;
    }
  }
  return 0;
}

size_t PercentLength(std::string_view text, size_t pos) {
  const size_t name_end = SkipWord(text, pos + 2);
  if (name_end == pos + 2 || name_end + 1 >= text.size() || text[name_end] != ')') return 0;
  const bool conversion =
      std::string_view("sdifgrx").find(text[name_end + 1]) != std::string_view::npos;
  return conversion ? name_end + 2 - pos : 0;
}

}  // namespace

size_t TemplateLength(std::string_view text, size_t pos, Dialect dialect, TemplateContext context) {
  if (dialect == Dialect::kPrometheus || pos + 1 >= text.size()) return 0;
  const char next = text[pos + 1];
  switch (text[pos]) {
    case '$':
      return DollarLength(text, pos, context);
    case '[':
      return next == '[' ? DoubleBracketLength(text, pos) : 0;
    case '{':
      if (dialect != Dialect::kGoTemplate || next != '{') return 0;
      // "{{{ .x }}}" is an action in braces.
      if (context == TemplateContext::kBare && text.substr(pos + 2, 1) == "{") return 0;
      return ActionLength(text, pos);
    case '<':
      if (dialect != Dialect::kGoTemplate || next != '<') return 0;
      return LengthTo(text, pos, pos + 2, ">>", "<\n");
    case '%':
      if (dialect != Dialect::kGoTemplate || next != '(') return 0;
      return PercentLength(text, pos);
    default:
      return 0;
  }
}

std::vector<TemplatePiece> SplitTemplate(std::string_view text, Dialect dialect,
                                         TemplateContext context) {
  std::vector<TemplatePiece> pieces;
  size_t literal = 0;
  size_t pos = 0;
  while (pos < text.size()) {
    const size_t length = TemplateLength(text, pos, dialect, context);
    if (length == 0) {
      ++pos;
      continue;
    }
    if (literal < pos) pieces.push_back({{literal, pos}, false});
    pieces.push_back({{pos, pos + length}, true});
    pos += length;
    literal = pos;
  }
  if (literal < pos) pieces.push_back({{literal, pos}, false});
  return pieces;
}

bool HasTemplate(std::string_view text, Dialect dialect, TemplateContext context) {
  for (size_t pos = 0; pos < text.size(); ++pos) {
    if (TemplateLength(text, pos, dialect, context) != 0) return true;
  }
  return false;
}

}  // namespace metrishift::promql
