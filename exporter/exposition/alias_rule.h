#ifndef METRISHIFT_EXPORTER_EXPOSITION_ALIAS_RULE_H_
#define METRISHIFT_EXPORTER_EXPOSITION_ALIAS_RULE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping_entry.h"
#include "core/metric_type.h"

namespace metrishift::exposition {

// Which aliases are made: old names out of new ones, new names out of old ones (for rules that were
// rewritten before the upgrade), or either.
enum class Direction : uint8_t { kOld, kNew, kBoth };

// Why there is no alias although the body has what it would be made of.
enum class Fault : uint8_t {
  // The body breaks the format's rules there, and an alias would repeat the offence:
  kUnreadableLine,
  kSecondType,
  kSecondHelp,
  kTypeAfterSamples,
  kOtherType,   // the table says histogram, the body says counter
  kNameClash,   // another family has the name of one of its series
  kNotGrouped,  // OpenMetrics: the family comes back after another one
  // The table asks for what this body does not allow:
  kCollision,   // two series would become one
  kLabelClash,  // two labels of a series would have one name
  // The table asks for what no body allows:
  kReusedName,       // the name is, in the same tables, that of something else
  kAggregate,        // series would have to be added up
  kExpression,       // only PromQL can say what the value is
  kInexact,          // the table itself says that it is near enough only
  kTypeChange,       // no part of one type is a part of the other
  kSameName,         // only labels or values differ: a second group of one name
  kLostValues,       // old label values cannot be told from the new ones
  kUnitOfHistogram,  // an offset, or a negative factor, of something with buckets or quantiles
};

// True iff no body could have the alias: the last group above.
inline bool IsOfTheTable(Fault fault) { return fault >= Fault::kReusedName; }

// A word for metric labels and logs: "unreadable_line", "second_type", ...
std::string_view FaultName(Fault fault);

// The same for people, as part of a sentence: "a line of the family cannot be read".
std::string_view FaultReason(Fault fault);

// What becomes of a series' labels. Names and values are as the source has them, but for `to` of a
// rename and what is added.
struct LabelChange {
  std::vector<Label> select;  // the series must have these; value "": must not have the label
  std::vector<std::vector<Label>> unless;  // and must not have all labels of one of these
  std::vector<std::string> drop;
  std::vector<LabelRename> renames;  // old_name: in the source; new_name: in the alias
  std::vector<LabelValues> values;   // old: in the source
  std::vector<Label> add;

  bool IsIdentity() const;
};

// A part of a name that is made for each series: literal text, or the value of a label.
struct NamePart {
  std::string text;
  bool is_label = false;
};

// A change of unit: (value - before) * multiply / divide + after. Dividing by a thousand is nearer
// to the truth than multiplying by 0.001, which no double is.
struct UnitChange {
  double before = 0;
  double multiply = 1;
  double divide = 1;
  double after = 0;

  double Apply(double value) const { return (value - before) * multiply / divide + after; }
  bool IsIdentity() const { return before == 0 && multiply == 1 && divide == 1 && after == 0; }
};

// How one family of the body gives another one. Names are as tables write them: with "_total".
struct AliasRule {
  std::string source;
  std::string target;  // empty where `target_parts` make it
  std::vector<NamePart> target_parts;
  std::string target_pattern;       // what a name made of parts must match
  std::vector<std::string> except;  // and none of these
  MetricType source_type = MetricType::kUntyped;
  MetricType target_type = MetricType::kUntyped;
  LabelChange labels;
  UnitChange unit;
  bool sum_and_count_only = false;
  std::optional<Fault> impossible;
  std::string remark;  // for HELP: what to use instead; not escaped

  // True iff a line of the alias is the source's but for the name.
  bool IsRename() const {
    return target_parts.empty() && unit.IsIdentity() && !sum_and_count_only && labels.IsIdentity();
  }

  // True iff two series of the source are two in the alias, provided that none has a label that
  // another one's is renamed to (LabelChanger::may_merge).
  bool KeepsSeriesApart() const;
};

// What `entry` says, read in one direction; not kBoth. REQUIRES: entry.fate is kReplaced.
// `siblings` are the entries that a series may belong to instead: those of the same old name.
AliasRule MakeRule(const MappingEntry& entry, const std::vector<const MappingEntry*>& siblings,
                   Direction direction);

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_ALIAS_RULE_H_
