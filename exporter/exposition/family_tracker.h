#ifndef METRISHIFT_EXPORTER_EXPOSITION_FAMILY_TRACKER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_FAMILY_TRACKER_H_

#include <string>
#include <string_view>

#include "core/metric_type.h"
#include "exporter/exposition/byte_scan.h"
#include "exporter/exposition/sample_role.h"

namespace metrishift::exposition {

// Remembers which family the body is in, so that the lines of one family cost a comparison each and
// no lookup. Owns its name: lines may vanish. Not thread-safe.
class FamilyTracker {
 public:
  explicit FamilyTracker(Format format) : format_(format) {}

  void Open(std::string_view family, MetricType type) {
    family_ = family;
    SetType(type);
  }

  void SetType(MetricType type) {
    type_ = type;
    has_bare_ = RolesOf(type, format_).front() == SampleRole::kBare;
  }

  const std::string& family() const { return family_; }
  MetricType type() const { return type_; }

  // True iff `line` starts with the name of one of the family's series, right at its first byte.
  bool Continues(std::string_view line) const {
    const size_t size = family_.size();
    if (size == 0 || line.size() <= size) return false;
    if (!EqualBytes(line.data(), family_.data(), size)) return false;
    return line[size] == '_' ? ContinuesWithSuffix(line.substr(size))
                             : has_bare_ && EndsName(line[size]);
  }

 private:
  static bool EndsName(char c) { return c == '{' || c == ' ' || c == '\t'; }

  bool ContinuesWithSuffix(std::string_view rest) const {
    for (const SampleRole role : RolesOf(type_, format_)) {
      const std::string_view suffix = RoleSuffix(role);
      if (!suffix.empty() && rest.size() > suffix.size() && rest.starts_with(suffix) &&
          EndsName(rest[suffix.size()])) {
        return true;
      }
    }
    return false;
  }

  const Format format_;
  std::string family_;
  MetricType type_ = MetricType::kUntyped;
  bool has_bare_ = true;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_FAMILY_TRACKER_H_
