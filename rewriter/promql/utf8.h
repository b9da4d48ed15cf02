#ifndef METRISHIFT_REWRITER_PROMQL_UTF8_H_
#define METRISHIFT_REWRITER_PROMQL_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace metrishift::promql {

inline constexpr uint32_t kReplacementRune = 0xFFFD;

struct Utf8Rune {
  uint32_t value = kReplacementRune;
  size_t size = 1;  // bytes
};

// The code point that begins at text[pos]; {kReplacementRune, 1} when the bytes there are no
// well-formed UTF-8 (overlong forms and surrogates included). REQUIRES: pos < text.size().
inline Utf8Rune DecodeUtf8(std::string_view text, size_t pos) {
  const auto byte = [&](size_t i) -> uint32_t {
    return pos + i < text.size() ? static_cast<unsigned char>(text[pos + i]) : 0;
  };
  const uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  static constexpr uint32_t kFirstMask[] = {0, 0, 0x1F, 0x0F, 0x07};
  static constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (first < 0xC0 || first >= 0xF8) return {};
  uint32_t value = first & kFirstMask[size];
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3F);
  }
  if (value < kSmallest[size] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return {};
  return {value, size};
}

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_UTF8_H_
