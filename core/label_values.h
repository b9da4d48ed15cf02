#ifndef METRISHIFT_CORE_LABEL_VALUES_H_
#define METRISHIFT_CORE_LABEL_VALUES_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace metrishift {

// What becomes of the values of one label: either a list of pairs, or one regular expression with a
// replacement ("cpu(.+)" -> "$1"), as RE2 and Prometheus' relabelling understand them, anchored. A
// value that no pair and no pattern covers stays as it is. A plain value; several threads may read
// it.
struct LabelValues {
  std::string label;                                        // as the old side calls it
  std::vector<std::pair<std::string, std::string>> values;  // {old, new}; empty with a pattern
  std::string pattern;
  std::string replacement;  // "$1", "${1}": groups of `pattern`; "$$" is a "$"
  bool injective = true;    // said by the table: no two old values become one new value

  // The new value of old value `value`. A pattern that does not compile matches nothing.
  std::string ToNew(std::string_view value) const;

  // The mapping from new values to old ones, with the label's name unchanged. Nothing where it is
  // not `injective`, where two of the `values` become one, or where a pattern's inverse cannot be
  // read off it (see InvertPattern). It takes for granted that no old value that stays as it is
  // looks like a new one: "cpu(.+)" -> "$1" comes back from "0" as "cpu0", never as "0".
  std::optional<LabelValues> Inverse() const;

  friend bool operator==(const LabelValues&, const LabelValues&) = default;
};

}  // namespace metrishift

#endif  // METRISHIFT_CORE_LABEL_VALUES_H_
