#include "exporter/exposition/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace metrishift::exposition {

std::string FormatNumber(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  std::array<char, 64> buffer{};
  char* const begin = buffer.data();
  char* const limit = begin + buffer.size();
  char* end = std::to_chars(begin, limit, value, std::chars_format::scientific).ptr;
  const std::string_view text(begin, static_cast<size_t>(end - begin));
  const size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(begin + e + (text[e + 1] == '+' ? 2 : 1), end, exponent);
  constexpr int kLeast = -4;
  constexpr int kMost = 6;
  if (exponent >= kLeast && exponent < kMost) {
    end = std::to_chars(begin, limit, value, std::chars_format::fixed).ptr;
  }
  return {begin, end};
}

std::string FormatBound(double value) {
  std::string text = FormatNumber(value);
  if (std::isfinite(value) && text.find_first_of(".e") == text.npos) text += ".0";
  return text;
}

}  // namespace metrishift::exposition
