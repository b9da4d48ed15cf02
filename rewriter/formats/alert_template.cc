#include "rewriter/formats/alert_template.h"

#include <algorithm>
#include <string>

#include "rewriter/formats/template_mask.h"

namespace metrishift::formats {
namespace {

bool IsWordByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '.' || c == '$';
}

// Adds the strings of one action: those that stand behind "query" or, where the action asks
// something, behind "printf".
void AddStrings(std::string_view text, FileSpan action, std::vector<TemplateString>& strings) {
  std::vector<TemplateString> found;
  std::string_view word;  // the last one; parentheses may follow it
  bool asks = false;
  for (size_t i = action.begin + 2; i < action.end;) {
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
  for (size_t at = text.find("{{"); at < text.size(); at = text.find("{{", at)) {
    const size_t length = ActionLength(text, at);
    if (length != 0) AddStrings(text, {at, at + length}, strings);
    at += std::max<size_t>(length, 2);
  }
  return strings;
}

}  // namespace metrishift::formats
