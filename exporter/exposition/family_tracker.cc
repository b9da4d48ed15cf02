#include "exporter/exposition/family_tracker.h"

#include <array>

namespace metrishift::exposition {
namespace {

constexpr std::array<std::string_view, 1> kPlain = {""};
constexpr std::array<std::string_view, 3> kHistogram = {"_bucket", "_sum", "_count"};
constexpr std::array<std::string_view, 3> kSummary = {"", "_sum", "_count"};

}  // namespace

std::span<const std::string_view> TextSuffixes(MetricType type) {
  if (type == MetricType::kHistogram) return kHistogram;
  if (type == MetricType::kSummary) return kSummary;
  return kPlain;
}

std::optional<std::string_view> SuffixIn(std::string_view family, MetricType type,
                                         std::string_view name) {
  if (!name.starts_with(family)) return std::nullopt;
  const std::string_view rest = name.substr(family.size());
  for (const std::string_view suffix : TextSuffixes(type)) {
    if (rest == suffix) return suffix;
  }
  return std::nullopt;
}

std::string_view WithoutSuffix(std::string_view name) {
  for (const std::string_view suffix : kHistogram) {
    if (name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size());
  }
  return {};
}

bool FamilyTracker::ContinuesWithSuffix(std::string_view rest) const {
  for (const std::string_view suffix : TextSuffixes(type_)) {
    if (!suffix.empty() && rest.size() > suffix.size() && rest.starts_with(suffix) &&
        EndsName(rest[suffix.size()])) {
      return true;
    }
  }
  return false;
}

}  // namespace metrishift::exposition
