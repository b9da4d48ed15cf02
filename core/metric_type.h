#ifndef METRISHIFT_CORE_METRIC_TYPE_H_
#define METRISHIFT_CORE_METRIC_TYPE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace metrishift {

// The metric types of OpenMetrics 1.0 and of the Prometheus text format (its "untyped" is
// OpenMetrics' "unknown").
enum class MetricType : uint8_t {
  kUntyped,
  kCounter,
  kGauge,
  kHistogram,
  kSummary,
  kInfo,
  kStateSet,
  kGaugeHistogram,
};

// "counter", "gauge", ... as written in a TYPE line or a mapping table; both "untyped" and
// "unknown" give kUntyped.
std::optional<MetricType> ParseMetricType(std::string_view word);
std::string_view MetricTypeName(MetricType type);

// What a family name of this type is followed by in the names of its series, "" included where the
// bare name is a series. Histogram: "_bucket", "_sum", "_count", "_created". Counter: "" (a mapping
// names the series, `_total` included). Sources:
// https://prometheus.io/docs/specs/om/open_metrics_spec/#suffixes and exposition_formats.md, text
// 0.0.4.
std::span<const std::string_view> SeriesSuffixes(MetricType type);

// True iff `name` is a metric name by the classic rule [a-zA-Z_:][a-zA-Z0-9_:]*.
// (https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels)
bool IsMetricName(std::string_view name);

// True iff `name` is a label name by the classic rule [a-zA-Z_][a-zA-Z0-9_]*.
bool IsLabelName(std::string_view name);

// True iff `c` may stand in a classic metric name after its first character.
constexpr bool IsMetricNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == ':';
}

}  // namespace metrishift

#endif  // METRISHIFT_CORE_METRIC_TYPE_H_
