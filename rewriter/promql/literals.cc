#include "rewriter/promql/literals.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "rewriter/promql/template.h"

namespace metrishift::promql {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

// Underscores must stand between digits, or between the prefix and a digit.
bool UnderscoresAreBetweenDigits(std::string_view digits, bool after_prefix) {
  bool previous_is_digit = after_prefix;
  bool open = false;
  for (const char c : digits) {
    if (HexValue(c) >= 0 && (after_prefix || IsDigit(c))) {
      previous_is_digit = true;
      open = false;
    } else if (c == '_') {
      if (!previous_is_digit || open) return false;
      open = true;
    } else {
      if (open) return false;
      previous_is_digit = false;
    }
  }
  return !open;
}

std::optional<double> ParseInteger(std::string_view digits, int base) {
  uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return std::nullopt;
  return static_cast<double>(value);
}

// from_chars says "out of range" for numbers too small and too large alike; the former are zero,
// the latter no numbers.
bool IsTiny(std::string_view digits) {
  const size_t exponent = digits.find_first_of("eE");
  if (exponent != std::string_view::npos) return digits.substr(exponent + 1, 1) == "-";
  return digits.find_first_of("123456789") > digits.find('.');
}

std::optional<double> ParseFloat(std::string_view digits) {
  double value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error == std::errc::result_out_of_range && stop == end && IsTiny(digits)) return 0.0;
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

void AppendUtf8(uint32_t rune, std::string& out) {
  if (rune < 0x80) {
    out += static_cast<char>(rune);
  } else if (rune < 0x800) {
    out += static_cast<char>(0xC0 | rune >> 6);
    out += static_cast<char>(0x80 | (rune & 0x3F));
  } else if (rune < 0x10000) {
    out += static_cast<char>(0xE0 | rune >> 12);
    out += static_cast<char>(0x80 | (rune >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (rune & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | rune >> 18);
    out += static_cast<char>(0x80 | (rune >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (rune >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (rune & 0x3F));
  }
}

// Reads `count` digits of base 1 << bits from body[pos], moving pos.
uint32_t TakeDigits(std::string_view body, size_t& pos, int count, int bits) {
  uint32_t value = 0;
  for (; count > 0 && pos < body.size(); --count) {
    value = value << bits | static_cast<uint32_t>(HexValue(body[pos++]));
  }
  return value;
}

// Appends what the escape at body[pos] (behind the backslash) stands for and moves pos past it.
void TakeEscape(std::string_view body, size_t& pos, std::string& out) {
  const char c = body[pos];
  if (c >= '0' && c <= '7') {
    out += static_cast<char>(TakeDigits(body, pos, 3, 3));
    return;
  }
  ++pos;
  switch (c) {
    case 'a':
      out += '\a';
      break;
    case 'b':
      out += '\b';
      break;
    case 'f':
      out += '\f';
      break;
    case 'n':
      out += '\n';
      break;
    case 'r':
      out += '\r';
      break;
    case 't':
      out += '\t';
      break;
    case 'v':
      out += '\v';
      break;
    case 'x':
      out += static_cast<char>(TakeDigits(body, pos, 2, 4));
      break;
    case 'u':
      AppendUtf8(TakeDigits(body, pos, 4, 4), out);
      break;
    case 'U':
      AppendUtf8(TakeDigits(body, pos, 8, 4), out);
      break;
    default:
      out += c;
  }
}

}  // namespace

std::optional<double> ParseNumber(std::string_view token) {
  if (EqualsIgnoringCase(token, "inf")) return std::numeric_limits<double>::infinity();
  if (EqualsIgnoringCase(token, "nan")) return std::numeric_limits<double>::quiet_NaN();
  const bool hex = token.size() > 1 && token[0] == '0' && (token[1] == 'x' || token[1] == 'X');
  std::string_view digits = hex ? token.substr(2) : token;
  std::string without_underscores;
  if (digits.find('_') != std::string_view::npos) {
    if (!UnderscoresAreBetweenDigits(digits, hex)) return std::nullopt;
    for (const char c : digits) {
      if (c != '_') without_underscores += c;
    }
    digits = without_underscores;
  }
  if (hex) return ParseInteger(digits, 16);
  if (digits.size() > 1 && digits[0] == '0') {
    if (const std::optional<double> octal = ParseInteger(digits.substr(1), 8)) return octal;
  }
  return ParseFloat(digits);
}

std::optional<double> ParseDurationLiteral(std::string_view token) {
  struct Unit {
    std::string_view name;
    uint64_t milliseconds;
  };
  static constexpr Unit kUnits[] = {{"y", 31536000000}, {"w", 604800000}, {"d", 86400000},
                                    {"h", 3600000},     {"m", 60000},     {"s", 1000},
                                    {"ms", 1}};
  constexpr uint64_t kMaxMilliseconds = uint64_t{9223372036854};  // 2^63 ns
  size_t unit = 0;
  size_t pos = 0;
  uint64_t total = 0;
  while (pos < token.size()) {
    uint64_t count = 0;
    const char* end = token.data() + token.size();
    const auto [stop, error] = std::from_chars(token.data() + pos, end, count);
    if (error != std::errc()) return std::nullopt;
    pos = static_cast<size_t>(stop - token.data());
    size_t letters = pos;
    while (letters < token.size() && !IsDigit(token[letters])) ++letters;
    const std::string_view name = token.substr(pos, letters - pos);
    pos = letters;
    while (unit < std::size(kUnits) && kUnits[unit].name != name) ++unit;
    if (unit == std::size(kUnits)) return std::nullopt;
    if (count > kMaxMilliseconds / kUnits[unit].milliseconds) return std::nullopt;
    total += count * kUnits[unit].milliseconds;
    if (total > kMaxMilliseconds) return std::nullopt;
    ++unit;
  }
  return static_cast<double>(total) / 1000;
}

std::string Unquote(std::string_view token, Dialect dialect) {
  const std::string_view body = token.substr(1, token.size() - 2);
  if (token[0] == '`' || body.find('\\') == std::string_view::npos) return std::string(body);
  std::string out;
  out.reserve(body.size());
  size_t pos = 0;
  while (pos < body.size()) {
    if (const size_t n = TemplateLength(body, pos, dialect, TemplateContext::kString); n != 0) {
      out += body.substr(pos, n);
      pos += n;
    } else if (body[pos] != '\\' || pos + 1 == body.size()) {
      out += body[pos++];
    } else {
      TakeEscape(body, ++pos, out);
    }
  }
  return out;
}

}  // namespace metrishift::promql
