#ifndef METRISHIFT_CORE_MAPPING_ENTRY_H_
#define METRISHIFT_CORE_MAPPING_ENTRY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

// What every entry of a table has, whatever it is about.
struct TableEntry {
  std::string old_name;
  std::string new_name;  // empty where nothing takes the place of the old
  std::vector<std::string>
      new_since;          // first versions with the new name; several where it was backported
  std::string old_until;  // first version without the old name; empty when not known
  std::string note;       // for people; may be empty
  std::string table;      // name of the MappingTable it comes from
  FileSpan span;          // its item in the table's text
  std::string place;      // "file:line:col" of it, where it was read from a file; for people

  friend bool operator==(const TableEntry&, const TableEntry&) = default;
};

// What a table says of one old metric family. The old series are those of `old_name` that have the
// labels `when`; the new series are those of `new_name` that have the labels `new_labels`; and one
// is the other with
//   - each label of `labels` under its new name,
//   - the values of `label_values` mapped,
//   - the labels of `new_labels` in place of those of the same name in `when` (or in place of
//   none),
//   - old = scale * new + offset, where `new` is what `aggregate` makes of the new series.
struct MappingEntry : TableEntry {
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

  Fate fate = Fate::kReplaced;  // there is no new name otherwise
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

// What a flag of a program becomes.
struct FlagTarget {
  std::string name;   // without dashes
  std::string value;  // kOldValue in it stands for the old one
  friend bool operator==(const FlagTarget&, const FlagTarget&) = default;
};
inline constexpr std::string_view kOldValue = "$value";

// What a table says of one flag of a command line. `old_name` and `new_name` are as they are
// written there, "--logger=capnslog" and "--logger=zap --log-outputs=stderr". By rule a flag is an
// environment variable and a key of the configuration file, too: --log-output, ETCD_LOG_OUTPUT,
// log-output.
struct FlagEntry : TableEntry {
  std::string name;                  // without dashes
  std::string key;                   // in the configuration file; the same but for old mistakes
  std::optional<std::string> value;  // the entry is for this value only
  bool is_switch = false;            // stands alone for "true", and takes no value behind a blank
  bool repeats = false;              // the new flag may stand there several times
  std::vector<std::pair<std::string, std::string>> values;  // old ones and what they become
  std::vector<FlagTarget> targets;  // the first in its place, the others behind it; may be none

  // The old value under its new name; nothing where `values` does not have it.
  std::optional<std::string> NewValue(std::string_view old_value) const;

  friend bool operator==(const FlagEntry&, const FlagEntry&) = default;
};

// What a table says of the paths of an HTTP interface: of the path `old_name`, or of those that
// begin with it where it ends with a slash. No new name: nothing takes its place.
struct EndpointEntry : TableEntry {
  std::string method;               // that the entry is for; empty for any
  std::vector<std::string> within;  // the names that may follow a beginning; empty for any

  friend bool operator==(const EndpointEntry&, const EndpointEntry&) = default;
};

// What a table says of a function of PromQL. No new name: nothing takes its place. The arguments
// are the same under both names.
struct FunctionEntry : TableEntry {
  friend bool operator==(const FunctionEntry&, const FunctionEntry&) = default;
};

// The program whose flags and endpoints a table has, and how it is known in a text.
struct Program {
  std::string name;                 // of its binary and of its image
  std::string variables;            // what its environment variables begin with: "ETCD_"
  std::vector<std::string> ports;   // that a URL without its name has
  std::vector<std::string> config;  // keys that tell its configuration file
  std::vector<std::string> lists;   // keys of that file that hold a list

  friend bool operator==(const Program&, const Program&) = default;
};

// One table file: what one upgrade of one component does to its metrics, flags and endpoints,
// and to the functions of its language.
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
  std::optional<Program> program;  // there where there are flags or endpoints
  std::vector<FlagEntry> flags;
  std::vector<EndpointEntry> endpoints;
  std::vector<FunctionEntry> functions;
};

}  // namespace metrishift

#endif  // METRISHIFT_CORE_MAPPING_ENTRY_H_
