#ifndef METRISHIFT_CORE_ENTRY_LABELS_H_
#define METRISHIFT_CORE_ENTRY_LABELS_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping_entry.h"

namespace metrishift {

// Where a label of the new side comes from.
struct LabelSource {
  std::optional<std::string> fixed;     // it has this value always; "": it is never there
  std::string old_label;                // else it has the value of this label of the old side,
  const LabelValues* values = nullptr;  // mapped by this, if it is not null; lives in the entry
};

// The source of `new_label`, as `labels`, `new_labels` and `label_values` say it; a label that they
// do not mention comes from the old label of its name. `when` is not looked at.
LabelSource SourceOf(const MappingEntry& entry, std::string_view new_label);

// The same, but a label whose old value `when` says is fixed.
LabelSource ResolvedSourceOf(const MappingEntry& entry, std::string_view new_label);

// Every label that the entry mentions, as the new side calls them, once each, in the order of
// `when`, `new_labels`, `labels` and `label_values`.
std::vector<std::string> MentionedLabels(const MappingEntry& entry);

// Says in `new_labels` what `labels` and `label_values` say of the labels of `when`, whose values
// are known: then nothing is said of a label in two places.
void Normalize(MappingEntry& entry);

// The labels that every new series of the entry has, with their values; "" is for a label that none
// of them has.
std::vector<Label> FixedNewLabels(const MappingEntry& entry);

// The old labels that no new label has anything of, nor `when` a value: what they said is lost.
std::vector<std::string> DroppedLabels(const MappingEntry& entry);

// The value of the label called `name`, or nullptr.
const std::string* FindLabel(std::span<const Label> labels, std::string_view name);

// True iff one series can have the labels of both.
bool CanBothHold(std::span<const Label> a, std::span<const Label> b);

// A series selector for people: x{a="b"}; x where there are no labels.
std::string ShowSelector(const std::string& name, std::span<const Label> labels);

// "y{mode="user"}", "(removed)": what an entry says takes the place of the old series.
std::string ShowNewSide(const MappingEntry& entry);

// "x{mode="guest"} -> y{mode="user"}", "x (removed)": an entry for people.
std::string ShowEntry(const MappingEntry& entry);

// The rest of what it says, clauses with commas between them; "" for a rename. "label pod_name ->
// pod, cpu: cpu(.+) -> $1, old = 1000 * new, sum without (type), summary -> histogram, approximate"
std::string ShowChanges(const MappingEntry& entry);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_ENTRY_LABELS_H_
