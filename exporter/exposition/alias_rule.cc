#include "exporter/exposition/alias_rule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace metrishift::exposition {
namespace {

struct FaultWords {
  std::string_view name;
  std::string_view reason;
};

// In the order of Fault.
constexpr std::array kFaults = {
    FaultWords{"unreadable_line", "a line of the family cannot be read"},
    FaultWords{"second_type", "the family has two types or stands in two places"},
    FaultWords{"second_help", "the family has two HELP lines"},
    FaultWords{"type_after_samples", "the family's type stands behind samples of it"},
    FaultWords{"other_type", "the family has another type than the table says"},
    FaultWords{"name_clash", "another family has the name of one of its series"},
    FaultWords{"not_grouped", "the family comes back after another one"},
    FaultWords{"collision", "two series would become one"},
    FaultWords{"label_clash", "two labels of a series would have one name"},
    FaultWords{"reused_name", "the tables use the name for something else, too"},
    FaultWords{"aggregate", "series would have to be added up"},
    FaultWords{"expression", "only PromQL can say what the value is"},
    FaultWords{"inexact", "the table says that the values are not the same"},
    FaultWords{"type_change", "the types have nothing in common"},
    FaultWords{"same_name", "the family keeps its name, and can stand in a body only once"},
    FaultWords{"lost_values", "the old values of a label cannot be told from the new ones"},
    FaultWords{"unit_of_histogram", "the unit of these buckets or quantiles cannot be changed"},
};

const Label* FindLabel(const std::vector<Label>& labels, std::string_view name) {
  const auto found = std::ranges::find(labels, name, &Label::name);
  return found == labels.end() ? nullptr : &*found;
}

// The labels that tell the old series, or the new ones, of `entry` from others of the same name.
// What `when` says of a label that the new side keeps holds there too.
std::vector<Label> Selection(const MappingEntry& entry, Direction direction) {
  if (direction == Direction::kNew) return entry.when;
  std::vector<Label> selection = entry.new_labels;
  for (const Label& label : entry.when) {
    if (FindLabel(entry.new_labels, label.name) == nullptr) selection.push_back(label);
  }
  return selection;
}

void AddLabels(const std::vector<Label>& from, const std::vector<Label>& to, LabelChange* change) {
  for (const Label& label : from) {
    if (!label.value.empty()) change->drop.push_back(label.name);
  }
  for (const Label& label : to) {
    if (!label.value.empty()) change->add.push_back(label);
  }
}

// The labels of `when` that `new_labels` replace.
std::vector<Label> Replaced(const MappingEntry& entry) {
  std::vector<Label> replaced;
  for (const Label& label : entry.when) {
    if (FindLabel(entry.new_labels, label.name) != nullptr) replaced.push_back(label);
  }
  return replaced;
}

std::optional<Fault> ReadLabelsBack(const MappingEntry& entry, LabelChange* change) {
  AddLabels(entry.new_labels, Replaced(entry), change);
  for (const LabelRename& rename : entry.labels) {
    change->renames.push_back({rename.new_name, rename.old_name});
  }
  for (const LabelValues& values : entry.label_values) {
    std::optional<LabelValues> inverse = values.Inverse();
    if (!inverse) return Fault::kLostValues;
    const auto rename = std::ranges::find(entry.labels, values.label, &LabelRename::old_name);
    if (rename != entry.labels.end()) inverse->label = rename->new_name;
    change->values.push_back(std::move(*inverse));
  }
  for (const Label& label : entry.new_labels) {
    if (label.value.empty() && FindLabel(entry.when, label.name) == nullptr) {
      return Fault::kLostValues;
    }
  }
  return std::nullopt;
}

void ReadLabelsForth(const MappingEntry& entry, LabelChange* change) {
  AddLabels(Replaced(entry), entry.new_labels, change);
  change->renames = entry.labels;
  change->values = entry.label_values;
}

bool HasParts(MetricType type) {
  return type == MetricType::kHistogram || type == MetricType::kSummary ||
         type == MetricType::kGaugeHistogram;
}

std::optional<Fault> WhyImpossible(const MappingEntry& entry) {
  if (entry.aggregate) return Fault::kAggregate;
  if (!entry.expr.empty()) return Fault::kExpression;
  switch (entry.equivalence) {
    case Equivalence::kNone:
    case Equivalence::kApproximate:
      return Fault::kInexact;
    case Equivalence::kAggregated:
      return Fault::kAggregate;
    case Equivalence::kSumCountOnly:
      if (!HasParts(entry.type) || !HasParts(entry.new_type)) return Fault::kTypeChange;
      break;
    case Equivalence::kExact:
      break;
  }
  if (HasParts(entry.type) != HasParts(entry.new_type)) return Fault::kTypeChange;
  if (HasParts(entry.type) && (entry.offset != 0 || entry.scale < 0)) {
    return Fault::kUnitOfHistogram;
  }
  if (entry.SameName()) return Fault::kSameName;
  return std::nullopt;
}

bool LosesBuckets(const MappingEntry& entry) {
  return HasParts(entry.type) &&
         (entry.type != entry.new_type || entry.equivalence == Equivalence::kSumCountOnly ||
          entry.buckets == MappingEntry::Buckets::kIncompatible);
}

UnitChange ChangeOfUnit(const MappingEntry& entry, Direction direction) {
  const double inverse = std::round(1 / entry.scale);
  const bool is_fraction = std::abs(entry.scale) < 1 && 1 / inverse == entry.scale;
  UnitChange unit;
  (is_fraction ? unit.divide : unit.multiply) = is_fraction ? inverse : entry.scale;
  unit.after = entry.offset;
  if (direction == Direction::kNew) {
    std::swap(unit.multiply, unit.divide);
    std::swap(unit.before, unit.after);
  }
  return unit;
}

std::string Remark(const MappingEntry& entry, Direction direction) {
  if (direction == Direction::kNew) return "Made of " + entry.old_name + ", its old name.";
  std::string remark = "Deprecated: use " + entry.new_name;
  std::string_view separator = " with ";
  for (const Label& label : entry.new_labels) {
    if (label.value.empty()) continue;
    remark.append(separator).append(label.name + "=" + label.value);
    separator = ", ";
  }
  remark += " instead";
  if (!entry.old_until.empty()) {
    remark += "; this name is gone from version " + entry.old_until + " on";
  }
  return remark + ".";
}

}  // namespace

std::string_view FaultName(Fault fault) { return kFaults[static_cast<size_t>(fault)].name; }

std::string_view FaultReason(Fault fault) { return kFaults[static_cast<size_t>(fault)].reason; }

bool LabelChange::IsIdentity() const {
  return select.empty() && unless.empty() && drop.empty() && renames.empty() && values.empty() &&
         add.empty();
}

// A label that is dropped must have had the same value in all of them. Bounds of buckets can become
// one when they are rounded.
bool AliasRule::KeepsSeriesApart() const {
  const bool may_have_bounds = HasParts(source_type) || source_type == MetricType::kUntyped;
  return target_parts.empty() && labels.values.empty() && (unit.IsIdentity() || !may_have_bounds) &&
         std::ranges::all_of(labels.drop, [this](const std::string& name) {
           return FindLabel(labels.select, name) != nullptr;
         });
}

AliasRule MakeRule(const MappingEntry& entry, const std::vector<const MappingEntry*>& siblings,
                   Direction direction) {
  const bool back = direction == Direction::kOld;
  AliasRule rule;
  rule.source = back ? entry.new_name : entry.old_name;
  rule.target = back ? entry.old_name : entry.new_name;
  rule.source_type = back ? entry.new_type : entry.type;
  rule.target_type = back ? entry.type : entry.new_type;
  rule.unit = ChangeOfUnit(entry, direction);
  rule.sum_and_count_only = LosesBuckets(entry);
  rule.impossible = WhyImpossible(entry);
  rule.remark = Remark(entry, direction);
  rule.labels.select = Selection(entry, direction);
  if (back) {
    const std::optional<Fault> fault = ReadLabelsBack(entry, &rule.labels);
    if (!rule.impossible) rule.impossible = fault;
  } else {
    ReadLabelsForth(entry, &rule.labels);
  }
  if (!entry.when.empty()) return rule;
  // The one entry without `when` is for what the others do not choose.
  for (const MappingEntry* sibling : siblings) {
    if (sibling == &entry || sibling->when.empty()) continue;
    if (back && sibling->new_name != entry.new_name) continue;
    rule.labels.unless.push_back(Selection(*sibling, direction));
  }
  return rule;
}

}  // namespace metrishift::exposition
