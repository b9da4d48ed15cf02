#include "core/version.h"

#include <algorithm>

#include "core/diagnostic.h"

namespace metrishift {

bool IsVersion(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  const std::string_view numbers = text.substr(0, text.find('-'));
  if (Printable(text) != text) return false;
  if (numbers.empty() || numbers.size() > 18 || numbers.front() == '.' || numbers.back() == '.')
    return false;
  if (numbers.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(numbers, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

std::vector<unsigned long> VersionNumbers(std::string_view version) {
  std::vector<unsigned long> numbers(1, 0);
  for (const char c : version.substr(0, version.find('-'))) {
    if (c == '.') {
      numbers.push_back(0);
    } else if (c >= '0' && c <= '9') {
      numbers.back() = numbers.back() * 10 + static_cast<unsigned long>(c - '0');
    }
  }
  return numbers;
}

bool IsWithinOrBefore(std::string_view version, std::string_view release) {
  std::vector<unsigned long> numbers = VersionNumbers(version);
  const std::vector<unsigned long> limit = VersionNumbers(release);
  numbers.resize(std::min(numbers.size(), limit.size()));
  return numbers <= limit;
}

}  // namespace metrishift
