#include "core/entry_labels.h"

#include <algorithm>

namespace metrishift {
namespace {

const LabelValues* ValuesOf(const MappingEntry& entry, std::string_view old_label) {
  const auto found = std::ranges::find(entry.label_values, old_label, &LabelValues::label);
  return found == entry.label_values.end() ? nullptr : &*found;
}

std::string Quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string_view FateWord(MappingEntry::Fate fate) {
  switch (fate) {
    case MappingEntry::Fate::kReplaced:
      return "replaced";
    case MappingEntry::Fate::kRemoved:
      return "removed";
    case MappingEntry::Fate::kDefaultOff:
      return "off by default";
    case MappingEntry::Fate::kSemantics:
      return "another meaning";
  }
  return "";
}

}  // namespace

LabelSource SourceOf(const MappingEntry& entry, std::string_view new_label) {
  const auto renamed = std::ranges::find(entry.labels, new_label, &LabelRename::new_name);
  if (renamed != entry.labels.end())
    return {std::nullopt, renamed->old_name, ValuesOf(entry, renamed->old_name)};
  if (const std::string* value = FindLabel(entry.new_labels, new_label))
    return {*value, "", nullptr};
  if (std::ranges::count(entry.labels, new_label, &LabelRename::old_name) > 0)
    return {"", "", nullptr};
  return {std::nullopt, std::string(new_label), ValuesOf(entry, new_label)};
}

LabelSource ResolvedSourceOf(const MappingEntry& entry, std::string_view new_label) {
  LabelSource source = SourceOf(entry, new_label);
  if (source.fixed) return source;
  const std::string* value = FindLabel(entry.when, source.old_label);
  if (value != nullptr) source.fixed = source.values ? source.values->ToNew(*value) : *value;
  return source;
}

std::vector<std::string> MentionedLabels(const MappingEntry& entry) {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const Label& label : entry.when) add(label.name);
  for (const Label& label : entry.new_labels) add(label.name);
  for (const LabelRename& rename : entry.labels) {
    add(rename.new_name);
    add(rename.old_name);
  }
  for (const LabelValues& values : entry.label_values) add(values.label);
  return names;
}

std::vector<Label> FixedNewLabels(const MappingEntry& entry) {
  std::vector<Label> fixed;
  for (const std::string& name : MentionedLabels(entry)) {
    const LabelSource source = ResolvedSourceOf(entry, name);
    if (source.fixed) fixed.push_back({name, *source.fixed});
  }
  return fixed;
}

std::vector<std::string> DroppedLabels(const MappingEntry& entry) {
  std::vector<std::string> dropped;
  for (const Label& label : entry.new_labels) {
    if (label.value.empty() && FindLabel(entry.when, label.name) == nullptr &&
        std::ranges::count(entry.labels, label.name, &LabelRename::old_name) == 0)
      dropped.push_back(label.name);
  }
  return dropped;
}

const std::string* FindLabel(std::span<const Label> labels, std::string_view name) {
  const auto found = std::ranges::find(labels, name, &Label::name);
  return found == labels.end() ? nullptr : &found->value;
}

bool CanBothHold(std::span<const Label> a, std::span<const Label> b) {
  return std::ranges::all_of(a, [b](const Label& label) {
    const std::string* other = FindLabel(b, label.name);
    return other == nullptr || *other == label.value;
  });
}

std::string ShowSelector(const std::string& name, std::span<const Label> labels) {
  std::string inside;
  for (const Label& label : labels)
    inside += (inside.empty() ? "" : ",") + label.name + "=" + Quoted(label.value);
  return inside.empty() ? name : name + "{" + inside + "}";
}

std::string ShowEntry(const MappingEntry& entry) {
  const std::string old_side = ShowSelector(entry.old_name, entry.when);
  if (entry.fate != MappingEntry::Fate::kReplaced)
    return old_side + " (" + std::string(FateWord(entry.fate)) + ")";
  return old_side + " -> " + ShowSelector(entry.new_name, entry.new_labels);
}

}  // namespace metrishift
