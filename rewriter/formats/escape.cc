#include <array>
#include <cstdint>
#include <utility>

#include "rewriter/formats/extract.h"
#include "rewriter/formats/source_map.h"

namespace metrishift::formats {
namespace {

struct Character {
  uint32_t code = 0;
  std::string_view bytes;
};

// The character at the beginning of `text`, or nothing when that is no UTF-8.
std::optional<Character> FirstCharacter(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return Character{byte(0), text.substr(0, 1)};
  const size_t size = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
  constexpr uint32_t kFirstOfSize[] = {0, 0, 0x80, 0x800, 0x10000};
  if (byte(0) < 0xC0 || byte(0) > 0xF7 || text.size() < size) return std::nullopt;
  uint32_t code = byte(0) & (0xFFU >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    code = (code << 6) | (byte(i) & 0x3F);
  }
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kFirstOfSize[size] || is_surrogate || code > 0x10FFFF) return std::nullopt;
  return Character{code, text.substr(0, size)};
}

// True iff YAML lets the character stand unescaped without giving it a meaning: printable, no line
// break, no byte order mark. https://yaml.org/spec/1.1/#id868524
bool IsOrdinaryInYaml(uint32_t code) {
  if (code < 0x20) return code == '\t';
  if (code < 0xA0) return code < 0x7F;
  const bool is_break = code == 0x2028 || code == 0x2029;
  return !is_break && code != 0xFEFF && code != 0xFFFE && code != 0xFFFF;
}

std::string HexEscape(char letter, size_t digits, uint32_t code) {
  std::string escape = {'\\', letter};
  for (size_t i = digits; i-- > 0;) escape += "0123456789ABCDEF"[(code >> (4 * i)) & 0xF];
  return escape;
}

// Shared by JSON and YAML's double quotes.
constexpr auto kShortEscapes = std::to_array<std::pair<char, std::string_view>>({{'"', "\\\""},
                                                                                 {'\\', "\\\\"},
                                                                                 {'\n', "\\n"},
                                                                                 {'\t', "\\t"},
                                                                                 {'\r', "\\r"},
                                                                                 {'\b', "\\b"},
                                                                                 {'\f', "\\f"}});

std::string EscapeDoubleQuoted(const Character& character, bool json) {
  for (const auto& [raw, escape] : kShortEscapes) {
    if (character.bytes.front() == raw) return std::string(escape);
  }
  const uint32_t code = character.code;
  if (json ? code >= 0x20 : IsOrdinaryInYaml(code)) return std::string(character.bytes);
  if (code > 0xFFFF) return HexEscape('U', 8, code);
  return json || code > 0xFF ? HexEscape('u', 4, code) : HexEscape('x', 2, code);
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsBlankOrEnd(char c) { return IsBlank(c) || c == '\n' || c == '\0'; }

// True iff `text` between its neighbours leaves a plain scalar one plain scalar.
// https://yaml.org/spec/1.1/#id907281
bool IsSafeInPlain(std::string_view text, Neighbours neighbours) {
  const auto at = [&](size_t i) { return i < text.size() ? text[i] : neighbours.after; };
  if (neighbours.before == '\0') {
    constexpr std::string_view kIndicators = ",[]{}#&*!|>'\"%@`";
    if (IsBlankOrEnd(at(0)) || kIndicators.find(at(0)) != kIndicators.npos) return false;
    constexpr std::string_view kIndicatorsBeforeBlank = "-?:";
    if (kIndicatorsBeforeBlank.find(at(0)) != kIndicatorsBeforeBlank.npos && IsBlankOrEnd(at(1))) {
      return false;
    }
  }
  if (neighbours.after == '\0' && !text.empty() && IsBlank(text.back())) return false;
  char before = neighbours.before;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (at(i) == '#' && IsBlankOrEnd(before)) return false;
    if (before == ':' && IsBlankOrEnd(at(i))) return false;
    before = at(i);
  }
  return true;
}

bool IsSafeBetween(std::string_view text, ScalarStyle style, Neighbours neighbours) {
  switch (style) {
    case ScalarStyle::kPlain:
      return IsSafeInPlain(text, neighbours);
    case ScalarStyle::kFlowPlain:
      return text.find_first_of(",[]{}?") == text.npos && IsSafeInPlain(text, neighbours);
    case ScalarStyle::kLiteral:
      return neighbours.before != '\0' || text.empty() || !IsBlank(text.front());
    case ScalarStyle::kFolded: {
      const bool begins_line = neighbours.before == '\0' || neighbours.before == '\n';
      return !begins_line || text.empty() || !IsBlank(text.front());
    }
    case ScalarStyle::kJsonLiteral:
      return false;
    case ScalarStyle::kGoRaw:
      return text.find('`') == text.npos;
    case ScalarStyle::kVerbatim:
    case ScalarStyle::kGoString:
    case ScalarStyle::kJsonString:
    case ScalarStyle::kSingleQuoted:
    case ScalarStyle::kDoubleQuoted:
      break;
  }
  return true;
}

}  // namespace

std::optional<std::string> EscapeForScalar(std::string_view text, ScalarStyle style,
                                           Neighbours neighbours) {
  if (!IsSafeBetween(text, style, neighbours)) return std::nullopt;
  // Go knows all that we write of JSON's escapes.
  const bool json = style == ScalarStyle::kJsonString || style == ScalarStyle::kGoString;
  std::string escaped;
  while (!text.empty()) {
    const std::optional<Character> character = FirstCharacter(text);
    if (!character) return std::nullopt;
    text.remove_prefix(character->bytes.size());
    if (json || style == ScalarStyle::kDoubleQuoted) {
      escaped += EscapeDoubleQuoted(*character, json);
    } else if (!IsOrdinaryInYaml(character->code)) {
      return std::nullopt;
    } else if (style == ScalarStyle::kSingleQuoted && character->code == '\'') {
      escaped += "''";
    } else {
      escaped += character->bytes;
    }
  }
  return escaped;
}

FileSpan BytesOf(const EmbeddedQuery& query, QuerySpan span) {
  FileSpan bytes = query.map.ToFile(span);
  if (span.empty() || span.end == query.text.size()) return bytes;
  const char last = query.text[span.end - 1];
  if (last == '\n' || last == ' ') bytes.end = query.map.ToFile({span.end, span.end}).begin;
  return bytes;
}

std::optional<std::string> EscapeForQuery(const EmbeddedQuery& query, QuerySpan span,
                                          std::string_view text) {
  // Only inside an atom does an empty span stand for bytes.
  const auto is_inside_atom = [&](size_t at) { return !query.map.ToFile({at, at}).empty(); };
  if (is_inside_atom(span.begin) || is_inside_atom(span.end)) return std::nullopt;
  const Neighbours neighbours{span.begin == 0 ? '\0' : query.text[span.begin - 1],
                              span.end == query.text.size() ? '\0' : query.text[span.end]};
  std::optional<std::string> escaped = EscapeForScalar(text, query.style, neighbours);
  for (size_t i = 0; escaped && i < query.outer_styles.size(); ++i) {
    escaped = EscapeForScalar(*escaped, query.outer_styles[i]);
  }
  return escaped;
}

}  // namespace metrishift::formats
