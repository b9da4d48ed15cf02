#ifndef METRISHIFT_EXPORTER_EXPOSITION_FAMILY_TRACKER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_FAMILY_TRACKER_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/metric_type.h"

namespace metrishift::exposition {

// What follows the family name in the names of a family's samples in text format 0.0.4. Histogram:
// "_bucket", "_sum",
// "_count". Summary: "", "_sum", "_count". Every other type: "". ("_created" is OpenMetrics; here
// x_created is a family of its own.) Two types with the same suffixes give the same span.
std::span<const std::string_view> TextSuffixes(MetricType type);

// The suffix of TextSuffixes(type) that makes `name` out of `family`; nullopt when none does.
std::optional<std::string_view> SuffixIn(std::string_view family, MetricType type,
                                         std::string_view name);

// A series name cut at the first of "_bucket", "_sum", "_count" that ends it; empty when none does.
std::string_view WithoutSuffix(std::string_view name);

// Remembers which family the body is in, so that the lines of one family cost a comparison each and
// no lookup. Owns its name: lines may vanish. Not thread-safe.
class FamilyTracker {
 public:
  void Open(std::string_view family, MetricType type) {
    family_ = family;
    type_ = type;
  }

  void SetType(MetricType type) { type_ = type; }

  const std::string& family() const { return family_; }
  MetricType type() const { return type_; }

  // True iff `line` starts with the name of one of the family's series, right at its first byte.
  bool Continues(std::string_view line) const {
    const size_t size = family_.size();
    if (size == 0 || line.size() <= size || line.compare(0, size, family_) != 0) return false;
    return line[size] == '_' ? ContinuesWithSuffix(line.substr(size))
                             : EndsName(line[size]) && HasBare();
  }

 private:
  static bool EndsName(char c) { return c == '{' || c == ' ' || c == '\t'; }
  bool HasBare() const { return type_ != MetricType::kHistogram; }
  bool ContinuesWithSuffix(std::string_view rest) const;

  std::string family_;
  MetricType type_ = MetricType::kUntyped;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_FAMILY_TRACKER_H_
