#include "core/metric_type.h"

#include <array>

namespace metrishift {
namespace {

struct TypeWord {
  std::string_view word;
  MetricType type;
};

// The first word of a type is the one that MetricTypeName gives.
constexpr std::array kTypeWords = {
    TypeWord{"untyped", MetricType::kUntyped},
    TypeWord{"unknown", MetricType::kUntyped},
    TypeWord{"counter", MetricType::kCounter},
    TypeWord{"gauge", MetricType::kGauge},
    TypeWord{"histogram", MetricType::kHistogram},
    TypeWord{"summary", MetricType::kSummary},
    TypeWord{"info", MetricType::kInfo},
    TypeWord{"stateset", MetricType::kStateSet},
    TypeWord{"gaugehistogram", MetricType::kGaugeHistogram},
};

constexpr std::array<std::string_view, 1> kBare = {""};
constexpr std::array<std::string_view, 4> kHistogram = {"_bucket", "_sum", "_count", "_created"};
constexpr std::array<std::string_view, 4> kSummary = {"", "_sum", "_count", "_created"};
constexpr std::array<std::string_view, 3> kGaugeHistogram = {"_bucket", "_gsum", "_gcount"};

}  // namespace

std::optional<MetricType> ParseMetricType(std::string_view word) {
  for (const TypeWord& row : kTypeWords) {
    if (row.word == word) return row.type;
  }
  return std::nullopt;
}

std::string_view MetricTypeName(MetricType type) {
  for (const TypeWord& row : kTypeWords) {
    if (row.type == type) return row.word;
  }
  return "untyped";
}

std::span<const std::string_view> SeriesSuffixes(MetricType type) {
  switch (type) {
    case MetricType::kHistogram:
      return kHistogram;
    case MetricType::kSummary:
      return kSummary;
    case MetricType::kGaugeHistogram:
      return kGaugeHistogram;
    case MetricType::kUntyped:
    case MetricType::kCounter:
    case MetricType::kGauge:
    case MetricType::kInfo:
    case MetricType::kStateSet:
      return kBare;
  }
  return kBare;
}

bool IsMetricName(std::string_view name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  for (const char c : name) {
    if (!IsMetricNameChar(c)) return false;
  }
  return true;
}

bool IsLabelName(std::string_view name) {
  return IsMetricName(name) && name.find(':') == std::string_view::npos;
}

}  // namespace metrishift
