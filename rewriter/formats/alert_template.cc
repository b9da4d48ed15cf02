#include "rewriter/formats/alert_template.h"

#include <algorithm>
#include <optional>
#include <string>

#include "rewriter/formats/template_mask.h"

namespace metrishift::formats {
namespace {

bool IsWordByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '.' || c == '$';
}

// What an action writes out that is nothing but a string, without its quotes: {{`x`}}, {{ "x" }}.
// The quotes may be escaped, as the text around the action has it.
std::optional<FileSpan> Literal(std::string_view text, FileSpan action) {
  constexpr std::string_view kAround = " \t\r\n-\\";
  FileSpan span{action.begin + 2, action.end - 2};
  while (!span.empty() && kAround.find(text[span.begin]) != kAround.npos) ++span.begin;
  while (!span.empty() && kAround.find(text[span.end - 1]) != kAround.npos) --span.end;
  const char quote = span.size() < 2 ? '\0' : text[span.begin];
  const bool is_string = quote == '`' || quote == '"' || quote == '\'';
  if (!is_string || text[span.end - 1] != quote) return std::nullopt;
  const std::string_view inner = text.substr(span.begin + 1, span.size() - 2);
  if (inner.find(quote) != inner.npos) return std::nullopt;
  return FileSpan{span.begin + 1, span.end - (inner.ends_with('\\') ? 2 : 1)};
}

// Adds the strings of one action: those that stand behind "query" or, where the action asks
// something, behind "printf".
void AddStrings(std::string_view text, FileSpan action, std::vector<TemplateString>& strings) {
  std::vector<TemplateString> found;
  std::string_view word;  // the last one; parentheses may follow it
  bool asks = false;
  for (size_t i = action.begin; i < action.end;) {
    const char c = text[i];
    if (c == '"' || c == '`') {
      const size_t begin = i;
      for (++i; i < action.end && text[i] != c; ++i) {
        if (c == '"' && text[i] == '\\') ++i;
      }
      i = std::min(i + 1, action.end);
      if (word == "query" || word == "printf") {
        found.push_back({{begin, i}, c == '`' ? ScalarStyle::kGoRaw : ScalarStyle::kGoString});
      }
      word = {};
    } else if (IsWordByte(c)) {
      const size_t begin = i;
      while (i < action.end && IsWordByte(text[i])) ++i;
      word = text.substr(begin, i - begin);
      asks = asks || word == "query";
    } else {
      if (c == '|') word = {};
      ++i;
    }
  }
  if (asks) strings.insert(strings.end(), found.begin(), found.end());
}

}  // namespace

std::vector<TemplateLabel> FindTemplateLabels(std::string_view text) {
  std::vector<TemplateLabel> labels;
  for (size_t at = text.find("{{"); at < text.size(); at = text.find("{{", at)) {
    const size_t length = std::max<size_t>(ActionLength(text, at), 2);
    const std::string_view action = text.substr(at, length);
    for (const std::string_view map : {"$labels.", ".Labels."}) {
      for (size_t i = action.find(map); i < action.size(); i = action.find(map, i)) {
        i += map.size();
        size_t end = i;
        while (end < action.size() && IsWordByte(action[end]) && action[end] != '.') ++end;
        if (end > i) labels.push_back({action.substr(i, end - i), {at + i, at + end}});
      }
    }
    at += length;
  }
  return labels;
}

std::vector<TemplateString> FindTemplateQueries(std::string_view text) {
  std::vector<TemplateString> strings;
  if (text.find("query") == text.npos) return strings;
  size_t open = text.npos;  // behind braces that are written out
  for (size_t at = text.find("{{"); at < text.size();) {
    const FileSpan action{at, at + std::max<size_t>(ActionLength(text, at), 2)};
    const std::optional<FileSpan> literal = Literal(text, action);
    at = action.end;
    if (literal) {
      const std::string_view written = text.substr(literal->begin, literal->size());
      const bool is_brace = written.size() <= 3;
      const bool closes = is_brace && written.ends_with("}}");
      if (closes && open != text.npos) AddStrings(text, {open, action.begin}, strings);
      if (closes) open = text.npos;
      if (is_brace && written.starts_with("{{")) open = action.end;
      // A whole action that is written out: look into it.
      if (!is_brace && written.find("{{") != written.npos) at = literal->begin;
    } else if (open == text.npos) {
      AddStrings(text, {action.begin + 2, action.end}, strings);
    }
    at = text.find("{{", at);
  }
  return strings;
}

}  // namespace metrishift::formats
