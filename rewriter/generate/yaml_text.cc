#include "rewriter/generate/yaml_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "rewriter/promql/utf8.h"

namespace metrishift::generate {
namespace {

constexpr size_t kWidth = 100;

// Plain scalars that YAML 1.1 readers take for something other than a string, in lower case.
constexpr std::array<std::string_view, 9> kReserved = {"null", "true", "false", "yes", "no",
                                                       "on",   "off",  "y",     "n"};

bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool IsPrintableAscii(char c) { return c >= ' ' && c <= '~'; }

bool IsReserved(std::string_view text) {
  return std::ranges::any_of(kReserved, [text](std::string_view word) {
    return std::ranges::equal(text, word, [](char a, char b) { return (a | 0x20) == b; });
  });
}

bool IsSafePlain(std::string_view text) {
  return !text.empty() && (IsAlpha(text.front()) || text.front() == '(') &&
         std::ranges::all_of(text, IsPrintableAscii) && text.find(": ") == text.npos &&
         text.find(" #") == text.npos && text.back() != ':' && text.back() != ' ' &&
         !IsReserved(text);
}

std::string Hex(uint32_t number, size_t digits) {
  std::string out(digits, '0');
  for (size_t i = digits; i > 0; --i, number >>= 4) out[i - 1] = "0123456789abcdef"[number & 15];
  return out;
}

std::string SingleQuoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

// What YAML lets stand as it is, in a comment or between double quotes, and no reader takes for the
// end of a line.
bool IsPrintable(promql::Utf8Rune rune) {
  constexpr std::array<uint32_t, 5> kExcept = {0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF};
  if (rune.size == 1) return rune.value >= ' ' && rune.value <= '~';  // or no UTF-8 at all
  return rune.value >= 0xA0 && std::ranges::find(kExcept, rune.value) == kExcept.end();
}

std::string DoubleQuoted(std::string_view text) {
  std::string out = "\"";
  for (size_t at = 0; at < text.size();) {
    const promql::Utf8Rune rune = promql::DecodeUtf8(text, at);
    const std::string_view bytes = text.substr(at, rune.size);
    if (bytes == "\"" || bytes == "\\") {
      out.append("\\").append(bytes);
    } else if (bytes == "\n") {
      out += "\\n";
    } else if (IsPrintable(rune)) {
      out += bytes;
    } else {
      out += "\\u" + Hex(rune.value, 4);
    }
    at += rune.size;
  }
  return out + "\"";
}

// The words of `text`, with '?' for what is not printable.
std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words(1);
  for (size_t at = 0; at < text.size();) {
    const promql::Utf8Rune rune = promql::DecodeUtf8(text, at);
    const std::string_view bytes = text.substr(at, rune.size);
    if (bytes == " " || bytes == "\n" || bytes == "\t" || bytes == "\r") {
      if (!words.back().empty()) words.emplace_back();
    } else if (IsPrintable(rune)) {
      words.back() += bytes;
    } else {
      words.back() += '?';
    }
    at += rune.size;
  }
  return words;
}

}  // namespace

std::string YamlScalar(std::string_view text) {
  if (IsSafePlain(text)) return std::string(text);
  return std::ranges::all_of(text, IsPrintableAscii) ? SingleQuoted(text) : DoubleQuoted(text);
}

std::string YamlComment(std::string_view text, size_t indent) {
  const std::string begin = std::string(indent, ' ') + "#";
  std::string out;
  std::string line = begin;
  for (const std::string& word : Words(text)) {
    if (line.size() > begin.size() && line.size() + 1 + word.size() > kWidth) {
      out += line + "\n";
      line = begin;
    }
    if (!word.empty()) line += " " + word;
  }
  return out + line + "\n";
}

}  // namespace metrishift::generate
