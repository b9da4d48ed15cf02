#include "exporter/exposition/sample_role.h"

#include <algorithm>
#include <array>

#include "exporter/exposition/byte_scan.h"

namespace metrishift::exposition {
namespace {

using enum SampleRole;

constexpr std::array kPlain = {kBare};
constexpr std::array kTextHistogram = {kBucket, kSum, kCount};
constexpr std::array kTextSummary = {kBare, kSum, kCount};
constexpr std::array kHistogram = {kBucket, kSum, kCount, kCreated};
constexpr std::array kSummary = {kBare, kSum, kCount, kCreated};
constexpr std::array kGaugeHistogram = {kBucket, kGSum, kGCount};
constexpr std::array kCounter = {kTotal, kCreated};
constexpr std::array kInfoOnly = {kInfo};

// The suffix that a table's name has and an OpenMetrics family name has not.
std::string_view SeriesSuffix(MetricType type, Format format) {
  if (format != Format::kOpenMetrics) return "";
  if (type == MetricType::kCounter) return RoleSuffix(kTotal);
  return type == MetricType::kInfo ? RoleSuffix(kInfo) : "";
}

}  // namespace

std::span<const SampleRole> RolesOf(MetricType type, Format format) {
  const bool open_metrics = format == Format::kOpenMetrics;
  switch (type) {
    case MetricType::kHistogram:
      if (open_metrics) return kHistogram;
      return kTextHistogram;
    case MetricType::kSummary:
      if (open_metrics) return kSummary;
      return kTextSummary;
    case MetricType::kGaugeHistogram:
      if (open_metrics) return kGaugeHistogram;
      return kTextHistogram;
    case MetricType::kCounter:
      if (open_metrics) return kCounter;
      return kPlain;
    case MetricType::kInfo:
      if (open_metrics) return kInfoOnly;
      return kPlain;
    case MetricType::kUntyped:
    case MetricType::kGauge:
    case MetricType::kStateSet:
      return kPlain;
  }
  return kPlain;
}

std::optional<SampleRole> RoleIn(std::string_view family, MetricType type, Format format,
                                 std::string_view name) {
  const size_t size = family.size();
  if (name.size() < size || !EqualBytes(name.data(), family.data(), size)) return std::nullopt;
  const std::string_view rest = name.substr(size);
  for (const SampleRole role : RolesOf(type, format)) {
    const std::string_view suffix = RoleSuffix(role);
    if (rest.size() != suffix.size()) continue;
    if (EqualBytes(rest.data(), suffix.data(), suffix.size())) return role;
  }
  return std::nullopt;
}

std::string_view WithoutSuffix(std::string_view name) {
  constexpr size_t kShortest = 4;
  constexpr size_t kLongest = 8;
  if (name.size() <= kShortest) return {};
  size_t at = name.size() - kShortest;  // no suffix has a second "_"
  const size_t least = name.size() - std::min(name.size() - 1, kLongest);
  while (at > least && name[at] != '_') --at;
  if (name[at] != '_') return {};
  for (const std::string_view suffix : kRoleSuffixes) {
    if (name.substr(at) == suffix) return name.substr(0, at);
  }
  return {};
}

std::string TableName(std::string_view family, MetricType type, Format format) {
  return std::string(family).append(SeriesSuffix(type, format));
}

std::optional<std::string_view> FamilyOfTableName(std::string_view name, MetricType type,
                                                  Format format) {
  const std::string_view suffix = SeriesSuffix(type, format);
  if (suffix.empty()) return name;
  if (name.size() <= suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  return name.substr(0, name.size() - suffix.size());
}

}  // namespace metrishift::exposition
