#include "exporter/exposition/label_changer.h"

#include <re2/re2.h>

#include <algorithm>

#include "core/metric_type.h"
#include "exporter/exposition/byte_scan.h"

namespace metrishift::exposition {
namespace {

std::string_view ValueOf(std::span<const LabelItem> items, std::string_view name) {
  const auto found = std::ranges::find(items, name, &LabelItem::name);
  return found == items.end() ? std::string_view() : found->value;
}

bool HasAll(std::span<const LabelItem> items, const std::vector<Label>& labels) {
  return std::ranges::all_of(
      labels, [items](const Label& label) { return ValueOf(items, label.name) == label.value; });
}

uint64_t HashOf(const LabelItem& item) {
  return item.value.empty() ? 0 : LabelHash(HashBytes(item.name), item.value);
}

bool HasRepeatedName(const std::vector<LabelItem>& labels) {
  std::vector<std::string_view> names;
  names.reserve(labels.size());
  for (const LabelItem& label : labels) names.push_back(label.name);
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

}  // namespace

void LabelChanger::Carry(const LabelChange& change, const LabelItem& item) {
  if (std::ranges::count(change.drop, item.name) > 0) return;
  LabelItem carried = item;
  for (const LabelValues& values : change.values) {
    if (values.label != item.name) continue;
    std::string value = values.ToNew(item.value);
    if (value == item.value) continue;
    carried.value = values_.emplace_back(std::move(value));
    carried.whole = {};
  }
  const auto rename = std::ranges::find(change.renames, item.name, &LabelRename::old_name);
  if (rename == change.renames.end()) {
    may_merge_ |= std::ranges::count(change.renames, item.name, &LabelRename::new_name) > 0;
  } else {
    carried.name = rename->new_name;
    carried.whole = {};
  }
  labels_.push_back(carried);
}

void LabelChanger::MakeTarget(const AliasRule& rule, std::span<const LabelItem> items) {
  target_.clear();
  for (const NamePart& part : rule.target_parts) {
    target_ += part.is_label ? ValueOf(items, part.text) : std::string_view(part.text);
  }
  const bool fits = IsMetricName(target_) && std::ranges::count(rule.except, target_) == 0 &&
                    RE2::FullMatch(target_, rule.target_pattern);
  if (!fits) target_.clear();
}

LabelChanger::Result LabelChanger::Apply(const AliasRule& rule, std::span<const LabelItem> items) {
  labels_.clear();
  values_.clear();
  may_merge_ = false;
  if (!HasAll(items, rule.labels.select)) return Result::kNotSelected;
  for (const std::vector<Label>& other : rule.labels.unless) {
    if (HasAll(items, other)) return Result::kNotSelected;
  }
  if (!rule.target_parts.empty()) {
    MakeTarget(rule, items);
    if (target_.empty()) return Result::kNotSelected;
  }
  for (const LabelItem& item : items) Carry(rule.labels, item);
  for (const Label& label : rule.labels.add) labels_.push_back({label.name, label.value, {}});
  hash_ = 0;
  for (const LabelItem& label : labels_) hash_ += HashOf(label);
  return HasRepeatedName(labels_) ? Result::kClash : Result::kChanged;
}

void LabelChanger::SetValue(std::string_view name, std::string value) {
  const auto label = std::ranges::find(labels_, name, &LabelItem::name);
  if (label == labels_.end() || label->value == value) return;
  hash_ -= HashOf(*label);
  *label = {label->name, values_.emplace_back(std::move(value)), {}};
  hash_ += HashOf(*label);
}

}  // namespace metrishift::exposition
