#ifndef METRISHIFT_CORE_MAPPING_ENTRY_H_
#define METRISHIFT_CORE_MAPPING_ENTRY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.h"
#include "core/label_values.h"
#include "core/metric_type.h"

namespace metrishift {

struct Label {
  std::string name;
  std::string value;  // "" is the same as no such label, as everywhere in Prometheus
  friend bool operator==(const Label&, const Label&) = default;
};

struct LabelRename {
  std::string old_name;
  std::string new_name;
  friend bool operator==(const LabelRename&, const LabelRename&) = default;
};

// How well the old series can be had from the new ones, from worst to best.
enum class Equivalence : uint8_t {
  kNone,          // not at all
  kApproximate,   // near enough for some purposes; the entry's note says for which
  kSumCountOnly,  // _sum and _count are exact, the rest is not there
  kAggregated,    // exact after adding up series that the old side did not tell apart
  kExact,         // up to the rounding of one multiplication
};
std::string_view EquivalenceName(Equivalence equivalence);  // "none", "sum_count_only", ...
std::optional<Equivalence> ParseEquivalence(std::string_view word);

// What a table says of one old metric family. The old series are those of `old_name` that have the
// labels `when`; the new series are those of `new_name` that have the labels `new_labels`; and one
// is the other with
//   - each label of `labels` under its new name,
//   - the values of `label_values` mapped,
//   - the labels of `new_labels` in place of those of the same name in `when` (or in place of
//   none),
//   - old = scale * new + offset, where `new` is what `aggregate` makes of the new series.
struct MappingEntry {
  enum class Fate : uint8_t {
    kReplaced,    // there are new series for it
    kRemoved,     // there are none
    kDefaultOff,  // the target exposes it only when told to
    kSemantics,   // the name is still there and means something else
  };
  // Applies a scale to the bounds of a histogram's buckets, too.
  enum class Buckets : uint8_t {
    kSame,  // the same bounds, in the old unit or the new one: old bound = scale * new bound
    kIncompatible,  // other bounds: _bucket cannot be had
  };
  struct Aggregate {
    std::string op;  // sum, min, max, count, ...
    bool without = true;
    std::vector<std::string>
        labels;  // aggregated away, or with `by` kept; as the new side calls them
    friend bool operator==(const Aggregate&, const Aggregate&) = default;
  };

  Fate fate = Fate::kReplaced;
  std::string old_name;
  std::string new_name;  // empty unless kReplaced
  MetricType type = MetricType::kUntyped;
  MetricType new_type = MetricType::kUntyped;  // the same, but for a change of type
  std::vector<Label> when;
  // Value "": the new side does not have the label. Where `when` does not have it either, all its
  // old values are lost.
  std::vector<Label> new_labels;
  // Labels that `new_labels` takes away and that no series called `new_name` has anyway: it need
  // not be asked for. Only the way back of an entry knows so much.
  std::vector<std::string> never_there;
  std::vector<LabelRename> labels;        // none of them of a label in `when`
  std::vector<LabelValues> label_values;  // likewise
  double scale = 1;
  double offset = 0;
  Buckets buckets = Buckets::kSame;
  std::optional<Aggregate> aggregate;
  std::string expr;  // PromQL over new series that gives the old value
  Equivalence equivalence = Equivalence::kExact;

  std::vector<std::string>
      new_since;          // first versions with the new name; several where it was backported
  std::string old_until;  // first version without the old name; empty when not known
  std::string note;       // for people; may be empty
  std::string table;      // name of the MappingTable it comes from
  FileSpan span;          // its item in the table's text
  std::string place;      // "file:line:col" of it, where it was read from a file; for people

  // True iff nothing but the name changes, and the equivalence is exact.
  bool IsRename() const;
  // True iff the labels, the value or the type change.
  bool ChangesMoreThanTheName() const;
  // True iff old and new series have one name, so that only their labels or values tell them apart.
  bool SameName() const { return old_name == new_name; }

  friend bool operator==(const MappingEntry&, const MappingEntry&) = default;
};

// Entries for every family whose whole name `pattern` (RE2, anchored) matches, but those in
// `except`. A prefix is one: "wmi_(.*)" -> "windows_$1". `entry` is what each of them says, with
// $1, $2 in its `new_name` and in the values of `new_labels`; its `old_name` is `pattern`, for
// people. Where `entry.type` is kUntyped the type is not known, and the names are those of series.
struct MappingPattern {
  std::string pattern;
  std::string prefix;  // what every name that it matches begins with; "" where that is not known
  std::vector<std::string> except;
  MappingEntry entry;

  friend bool operator==(const MappingPattern&, const MappingPattern&) = default;
};

// One table file: what one upgrade of one component does to its metrics.
struct MappingTable {
  std::string name;
  std::string title;
  std::string component;
  std::string from_version;
  std::string to_version;
  std::string source;
  bool shared_names = false;          // programs that keep these old names have them, too
  std::vector<MappingEntry> metrics;  // closed lists of names under a prefix or pattern included
  std::vector<MappingPattern> patterns;
};

}  // namespace metrishift

#endif  // METRISHIFT_CORE_MAPPING_ENTRY_H_
