#ifndef METRISHIFT_EXPORTER_EXPOSITION_TEXT_CURSOR_H_
#define METRISHIFT_EXPORTER_EXPOSITION_TEXT_CURSOR_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "core/metric_type.h"
#include "exporter/exposition/byte_scan.h"
#include "exporter/exposition/sample_role.h"

// Taking one line of text 0.0.4 or OpenMetrics apart. For text_line.cc and sample_parser.cc.
namespace metrishift::exposition {

inline bool IsBlank(char c) { return c == ' ' || c == '\t'; }

inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// IsMetricNameChar as a table: it is asked for each byte of each name.
inline constexpr std::array<bool, 256> kNameChars = [] {
  std::array<bool, 256> table{};
  for (size_t i = 0; i < table.size(); ++i) table[i] = IsMetricNameChar(static_cast<char>(i));
  return table;
}();

inline bool IsNameChar(char c) { return kNameChars[static_cast<unsigned char>(c)]; }

// 12, 12.5, 1.25e-05: what every program writes. Too short to be too large or too small.
inline bool IsPlainNumber(std::string_view word) {
  constexpr size_t kLongest = 100;
  if (word.empty() || word.size() > kLongest) return false;
  const char* at = word.data();
  const char* const end = at + word.size();
  const auto skip_digits = [&at, end] {
    const char* const begin = at;
    while (at != end && IsDigit(*at)) ++at;
    return at - begin;
  };
  if (skip_digits() == 0) return false;
  if (at != end && *at == '.' && (++at, skip_digits() == 0)) return false;
  if (at == end) return true;
  if (end - at != 4 || *at != 'e' || (at[1] != '-' && at[1] != '+')) return false;
  return IsDigit(at[2]) && IsDigit(at[3]);
}

// Walks over one line. Every Take returns what it took and leaves the cursor behind it.
class Cursor {
 public:
  Cursor(std::string_view line, Format format)
      : rest_(line), any_escape_(format == Format::kOpenMetrics) {}

  bool AtEnd() const { return rest_.empty(); }
  bool At(char c) const { return !rest_.empty() && rest_.front() == c; }
  std::string_view rest() const { return rest_; }

  void SkipBlanks() {
    while (!rest_.empty() && IsBlank(rest_.front())) rest_.remove_prefix(1);
  }

  bool Skip(char c) {
    if (!At(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view Take(size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  const char* data() const { return rest_.data(); }

  // [a-zA-Z_:][a-zA-Z0-9_:]*, or nothing.
  std::string_view TakeName() {
    const char* const begin = rest_.data();
    const char* const end = begin + rest_.size();
    const char* at = begin;
    if (at != end && !IsDigit(*at)) {
      while (at != end && IsNameChar(*at)) ++at;
    }
    return Take(static_cast<size_t>(at - begin));
  }

  // Bytes up to the next blank.
  std::string_view TakeWord() {
    return Take(static_cast<size_t>(std::ranges::find_if(rest_, IsBlank) - rest_.begin()));
  }

  // What stands between two double quotes, as escaped in the line. \\ \" \n are escapes;
  // OpenMetrics also takes a backslash before any other character, for itself.
  std::optional<std::string_view> TakeQuoted() {
    if (!At('"')) return std::nullopt;
    const char* const begin = rest_.data() + 1;
    const char* const end = rest_.data() + rest_.size();
    const char* at = FindEither(begin, end, '"', '\\');
    for (; at != end && *at == '\\'; at = FindEither(at + 2, end, '"', '\\')) {
      if (end - at < 2 || !(any_escape_ || IsEscaped(at[1]))) return std::nullopt;
    }
    if (at == end) return std::nullopt;
    rest_.remove_prefix(static_cast<size_t>(at + 1 - rest_.data()));
    return std::string_view(begin, static_cast<size_t>(at - begin));
  }

 private:
  static bool IsEscaped(char c) { return c == '\\' || c == '"' || c == 'n'; }

  std::string_view rest_;
  bool any_escape_;
};

// One part of what stands between braces: a label, or the quoted name of the metric (then
// `is_name`).
struct BracePart {
  bool is_name = false;
  std::string_view name;
  std::string_view value;
  std::string_view whole;
};

inline std::optional<BracePart> TakeBracePart(Cursor& cursor) {
  BracePart part;
  const char* const begin = cursor.data();
  const bool quoted = cursor.At('"');
  if (quoted) {
    const std::optional<std::string_view> name = cursor.TakeQuoted();
    if (!name || name->empty()) return std::nullopt;
    part.name = *name;
  } else {
    part.name = cursor.TakeName();
    if (part.name.empty() || part.name.find(':') != part.name.npos) return std::nullopt;
  }
  cursor.SkipBlanks();
  if (!cursor.Skip('=')) {
    part.is_name = true;
    return quoted ? std::optional(part) : std::nullopt;
  }
  cursor.SkipBlanks();
  const std::optional<std::string_view> value = cursor.TakeQuoted();
  if (!value) return std::nullopt;
  part.value = *value;
  part.whole = {begin, static_cast<size_t>(cursor.data() - begin)};
  return part;
}

// Reads "{...}" with the cursor on the brace and gives each part to `on_part`, which may end the
// walk with false.
template <class OnPart>
bool TakeBraces(Cursor& cursor, OnPart&& on_part) {
  if (!cursor.Skip('{')) return false;
  cursor.SkipBlanks();
  while (!cursor.Skip('}')) {
    const std::optional<BracePart> part = TakeBracePart(cursor);
    if (!part || !on_part(*part)) return false;
    cursor.SkipBlanks();
    if (!cursor.Skip(',') && !cursor.At('}')) return false;
    cursor.SkipBlanks();
  }
  return true;
}

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_TEXT_CURSOR_H_
