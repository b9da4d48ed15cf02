#include "core/entry_labels.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

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

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string ShowNumber(double number) {
  std::array<char, 40> text;
  const double size = std::abs(number);
  const auto format =
      size >= 1e-6 && size < 1e15 ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number, format).ptr;
  return std::string(text.data(), end);
}

std::string ShowValue(const MappingEntry& entry) {
  std::string out = "old = ";
  if (entry.scale != 1) out += ShowNumber(entry.scale) + " * ";
  out += "new";
  if (entry.offset > 0) out += " + " + ShowNumber(entry.offset);
  if (entry.offset < 0) out += " - " + ShowNumber(-entry.offset);
  return out;
}

std::string ShowValues(const LabelValues& values) {
  std::string out = values.label + ":";
  if (!values.pattern.empty()) return out + " " + values.pattern + " -> " + values.replacement;
  constexpr size_t kShown = 3;
  for (size_t i = 0; i < values.values.size() && i < kShown; ++i)
    out += (i > 0 ? ", " : " ") + values.values[i].first + " -> " + values.values[i].second;
  return values.values.size() > kShown ? out + ", ..." : out;
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

void Normalize(MappingEntry& entry) {
  const auto add = [&entry](const std::string& name, const std::string& value) {
    if (FindLabel(entry.new_labels, name) == nullptr) entry.new_labels.push_back({name, value});
  };
  for (const Label& label : entry.when) {
    const auto rename = std::ranges::find(entry.labels, label.name, &LabelRename::old_name);
    if (rename != entry.labels.end()) {
      const std::string new_name = rename->new_name;
      // Two renames to one label leave no value; whoever checks the entry refuses it.
      const std::string value = ResolvedSourceOf(entry, new_name).fixed.value_or("");
      entry.labels.erase(rename);
      if (!value.empty()) add(new_name, value);
      if (std::ranges::count(entry.labels, label.name, &LabelRename::new_name) == 0)
        add(label.name, "");
    } else if (const std::optional<std::string> value = ResolvedSourceOf(entry, label.name).fixed;
               value && *value != label.value) {
      add(label.name, *value);
    }
    std::erase_if(entry.label_values,
                  [&label](const LabelValues& values) { return values.label == label.name; });
  }
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

std::string ShowNewSide(const MappingEntry& entry) {
  if (entry.fate == MappingEntry::Fate::kReplaced)
    return ShowSelector(entry.new_name, entry.new_labels);
  return "(" + std::string(FateWord(entry.fate)) + ")";
}

std::string ShowEntry(const MappingEntry& entry) {
  const bool replaced = entry.fate == MappingEntry::Fate::kReplaced;
  return ShowSelector(entry.old_name, entry.when) + (replaced ? " -> " : " ") + ShowNewSide(entry);
}

std::string ShowChanges(const MappingEntry& entry) {
  std::vector<std::string> changes;
  for (const LabelRename& rename : entry.labels)
    changes.push_back("label " + rename.old_name + " -> " + rename.new_name);
  for (const LabelValues& values : entry.label_values) changes.push_back(ShowValues(values));
  if (entry.scale != 1 || entry.offset != 0) changes.push_back(ShowValue(entry));
  if (entry.aggregate) {
    changes.push_back(entry.aggregate->op + (entry.aggregate->without ? " without (" : " by (") +
                      Joined(entry.aggregate->labels) + ")");
  }
  if (!entry.expr.empty()) changes.push_back("old = " + entry.expr);
  if (entry.type != entry.new_type) {
    changes.push_back(std::string(MetricTypeName(entry.type)) + " -> " +
                      std::string(MetricTypeName(entry.new_type)));
  }
  if (entry.buckets == MappingEntry::Buckets::kIncompatible) changes.push_back("other buckets");
  if (entry.fate == MappingEntry::Fate::kReplaced && entry.equivalence != Equivalence::kExact)
    changes.emplace_back(EquivalenceName(entry.equivalence));
  return Joined(changes);
}

}  // namespace metrishift
