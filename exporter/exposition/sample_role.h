#ifndef METRISHIFT_EXPORTER_EXPOSITION_SAMPLE_ROLE_H_
#define METRISHIFT_EXPORTER_EXPOSITION_SAMPLE_ROLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/metric_type.h"

namespace metrishift::exposition {

// What a body is written in. Text 0.0.4 and 1.0.0 are one for us; protobuf is the delimited
// io.prometheus.client.MetricFamily.
enum class Format : uint8_t { kText, kOpenMetrics, kProtobuf };

// What one sample of a family is to it, told by how its name goes on after the family's.
enum class SampleRole : uint8_t {
  kBare,
  kTotal,
  kInfo,
  kCreated,
  kBucket,
  kSum,
  kCount,
  kGSum,
  kGCount,
};

// By role: "", "_total", "_info", ...
inline constexpr std::array<std::string_view, 9> kRoleSuffixes = {
    "", "_total", "_info", "_created", "_bucket", "_sum", "_count", "_gsum", "_gcount"};

constexpr std::string_view RoleSuffix(SampleRole role) {
  return kRoleSuffixes[static_cast<size_t>(role)];
}

// The roles of a family's samples in `format`. Text 0.0.4: a histogram has _bucket, _sum and
// _count, a summary its bare name, _sum and _count, every other type the bare name (x_created is a
// family of its own there). OpenMetrics 1.0, "Suffixes": a counter has _total and _created, an info
// _info, and so on. Protobuf knows families only; what readers make of them is as in text.
std::span<const SampleRole> RolesOf(MetricType type, Format format);

// The role by which `name` is a sample of `family`; nullopt where it is none.
std::optional<SampleRole> RoleIn(std::string_view family, MetricType type, Format format,
                                 std::string_view name);

// `name` without the suffix of a role that ends it; empty where none does, or nothing else is left.
std::string_view WithoutSuffix(std::string_view name);

// A mapping table names a counter by its series, "_total" included; OpenMetrics' family names lack
// it, and an info's its "_info". In the other formats both are the same.
std::string TableName(std::string_view family, MetricType type, Format format);

// The way back: the family that a table's name is in a body. Nothing where the format does not
// allow the name to the type (a counter without "_total").
std::optional<std::string_view> FamilyOfTableName(std::string_view name, MetricType type,
                                                  Format format);

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_SAMPLE_ROLE_H_
