#include "core/reverse.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/claims.h"
#include "core/entry_labels.h"
#include "core/name_pattern.h"
#include "core/replacement.h"
#include "core/version.h"

namespace metrishift {
namespace {

using Fate = MappingEntry::Fate;

// Why the new series do not tell what the old ones were; empty where they do.
std::string Loss(const MappingEntry& entry) {
  if (entry.fate != Fate::kReplaced) return "nothing takes its place";
  if (entry.aggregate) return "an aggregate cannot be taken apart";
  if (!entry.expr.empty()) return "an expression cannot be turned round";
  const std::vector<std::string> dropped = DroppedLabels(entry);
  if (!dropped.empty()) return "the new side does not have label " + dropped.front();
  for (const LabelValues& values : entry.label_values) {
    if (!values.Inverse()) return "the values of label " + values.label + " have no way back";
  }
  const double scale = 1 / entry.scale;
  if (scale == 0 || !std::isfinite(scale) || !std::isfinite(entry.offset / entry.scale))
    return "its scale has no inverse";
  return "";
}

// A label that one side has and the other has not is said by the side that has it.
void ReverseLabels(const MappingEntry& entry, MappingEntry& back) {
  back.when.clear();
  back.new_labels.clear();
  back.never_there.clear();
  for (const Label& label : FixedNewLabels(entry)) {
    const std::string* old_value = FindLabel(entry.when, label.name);
    const bool renamed_away =
        std::ranges::count(entry.labels, label.name, &LabelRename::old_name) > 0;
    const bool only_old =
        label.value.empty() && ((old_value != nullptr && !old_value->empty()) || renamed_away);
    if (!only_old) back.when.push_back(label);
  }
  for (const Label& label : entry.when) {
    const LabelSource source = ResolvedSourceOf(entry, label.name);
    if (!source.fixed || *source.fixed != label.value) back.new_labels.push_back(label);
  }
  for (const Label& label : entry.new_labels) {
    const bool has_old_value =
        FindLabel(entry.when, label.name) != nullptr ||
        std::ranges::count(entry.labels, label.name, &LabelRename::old_name) > 0;
    if (has_old_value) continue;
    back.new_labels.push_back({label.name, ""});
    back.never_there.push_back(label.name);
  }
  for (LabelRename& rename : back.labels) std::swap(rename.old_name, rename.new_name);
  for (LabelValues& values : back.label_values) {
    const auto rename = std::ranges::find(entry.labels, values.label, &LabelRename::old_name);
    values = *values.Inverse();
    if (rename != entry.labels.end()) values.label = rename->new_name;
  }
}

// The way back of `entry`, but its names. REQUIRES: nothing is lost.
MappingEntry Reverse(const MappingEntry& entry) {
  MappingEntry back = entry;
  std::swap(back.type, back.new_type);
  ReverseLabels(entry, back);
  back.scale = 1 / entry.scale;
  back.offset = entry.offset == 0 ? 0 : -entry.offset / entry.scale;
  return back;
}

// Nothing, and why, where the old name does not follow from the new one.
std::optional<MappingPattern> ReversePattern(const MappingPattern& pattern, std::string* why) {
  *why = Loss(pattern.entry);
  if (!why->empty()) return std::nullopt;
  for (const Label& label : pattern.entry.new_labels) {
    if (ParseReplacement(label.value).HighestGroup() == 0) continue;
    *why = "a part of its name became a label";
    return std::nullopt;
  }
  const auto back_pattern = InvertPattern({pattern.pattern, pattern.entry.new_name});
  if (!back_pattern) {
    *why = "the old name cannot be read off the new one";
    return std::nullopt;
  }
  MappingPattern back;
  back.pattern = back_pattern->pattern;
  back.prefix = LiteralPrefix(back.pattern);
  // What is a replacement on one side is a plain value on the other.
  MappingEntry forward_entry = pattern.entry;
  for (Label& label : forward_entry.new_labels)
    label.value = ParseReplacement(label.value).Expand({});
  back.entry = Reverse(forward_entry);
  for (Label& label : back.entry.new_labels) label.value = EscapeForReplacement(label.value);
  back.entry.old_name = back.pattern;
  back.entry.new_name = back_pattern->replacement;
  MappingPattern names = pattern;
  names.except.clear();
  const NamePattern forward(std::move(names));
  for (const std::string& name : pattern.except) {
    if (const std::optional<MappingEntry> entry = forward.EntryFor(name))
      back.except.push_back(entry->new_name);
  }
  return back;
}

// Leaves out what would give one series two old ones. `forward`: what each entry is the way back
// of.
void LeaveOutClashes(std::vector<MappingEntry>& entries,
                     const std::vector<const MappingEntry*>& forward,
                     std::vector<Diagnostic>& warnings) {
  const auto index = [&entries](const MappingEntry* entry) {
    return static_cast<size_t>(entry - entries.data());
  };
  std::vector<bool> clashing(entries.size());
  for (const Clash& clash : FindOldClashes(entries)) {
    const std::pair<size_t, size_t> two = {index(clash.earlier), index(clash.later)};
    for (const auto& [one, other] : {two, std::pair(two.second, two.first)}) {
      if (clashing[one]) continue;
      clashing[one] = true;
      warnings.push_back(
          NoWayBack(*forward[one], ShowEntry(*forward[other]) + " makes the same series"));
    }
  }
  std::vector<MappingEntry> kept;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (!clashing[i]) kept.push_back(std::move(entries[i]));
  }
  entries = std::move(kept);
}

// What the old version knows under its new name needs no way back.
bool NeedsWayBack(const TableEntry& entry, const MappingTable& table) {
  return std::ranges::none_of(entry.new_since, [&table](const std::string& version) {
    return IsWithinOrBefore(version, table.from_version);
  });
}

Diagnostic NoWayBack(const TableEntry& entry, const std::string& why) {
  const std::string where = entry.place.empty() ? entry.table : entry.place;
  return {
      Severity::kWarning, {}, "no way back for " + where + " (" + entry.old_name + "): " + why, ""};
}

// A flag that is only renamed, the other way round; nothing where it needs none or has none.
std::optional<FlagEntry> ReverseFlag(const FlagEntry& entry, const MappingTable& table,
                                     std::vector<Diagnostic>& warnings) {
  if (entry.targets.empty() || !NeedsWayBack(entry, table)) return std::nullopt;
  const bool plain = entry.targets.size() == 1 && !entry.value && entry.values.empty() &&
                     entry.targets.front().value == kOldValue;
  if (!plain) {
    warnings.push_back(NoWayBack(entry, "the flag changes more than its name"));
    return std::nullopt;
  }
  FlagEntry back = entry;
  std::swap(back.old_name, back.new_name);
  back.name = back.key = entry.targets.front().name;
  back.targets = {{entry.name, std::string(kOldValue)}};
  return back;
}

std::optional<EndpointEntry> ReverseEndpoint(const EndpointEntry& entry,
                                             const MappingTable& table) {
  if (entry.new_name.empty() || !NeedsWayBack(entry, table)) return std::nullopt;
  EndpointEntry back = entry;
  std::swap(back.old_name, back.new_name);
  return back;
}

}  // namespace

std::string DescribeEntry(const MappingEntry& entry) {
  const std::string where = entry.place.empty() ? entry.table : entry.place;
  return where + " (" + ShowEntry(entry) + ", " + std::string(MetricTypeName(entry.type)) + ")";
}

// The message names its place itself: it is in a text that whoever reads it may not have.
Diagnostic NoWayBack(const MappingEntry& entry, const std::string& why) {
  return {Severity::kWarning, {}, "no way back for " + DescribeEntry(entry) + ": " + why, ""};
}

MappingTable ReverseTable(const MappingTable& table, std::vector<Diagnostic>& warnings) {
  MappingTable back = table;
  std::swap(back.from_version, back.to_version);
  back.metrics.clear();
  back.patterns.clear();
  back.flags.clear();
  back.endpoints.clear();
  back.functions.clear();
  for (const FlagEntry& entry : table.flags) {
    if (std::optional<FlagEntry> flag = ReverseFlag(entry, table, warnings))
      back.flags.push_back(*std::move(flag));
  }
  for (const EndpointEntry& entry : table.endpoints) {
    if (std::optional<EndpointEntry> endpoint = ReverseEndpoint(entry, table))
      back.endpoints.push_back(*std::move(endpoint));
  }
  for (FunctionEntry entry : table.functions) {
    if (entry.new_name.empty()) continue;
    std::swap(entry.old_name, entry.new_name);
    entry.note.clear();  // it is about what was the new one
    back.functions.push_back(std::move(entry));
  }
  std::vector<const MappingEntry*> forward;  // of each of `back.metrics`
  for (const MappingEntry& entry : table.metrics) {
    if (const std::string why = Loss(entry); !why.empty()) {
      warnings.push_back(NoWayBack(entry, why));
      continue;
    }
    MappingEntry& reversed = back.metrics.emplace_back(Reverse(entry));
    std::swap(reversed.old_name, reversed.new_name);
    forward.push_back(&entry);
  }
  LeaveOutClashes(back.metrics, forward, warnings);
  for (const MappingPattern& pattern : table.patterns) {
    std::string why;
    if (std::optional<MappingPattern> reversed = ReversePattern(pattern, &why)) {
      back.patterns.push_back(*std::move(reversed));
    } else {
      warnings.push_back(NoWayBack(pattern.entry, why));
    }
  }
  return back;
}

}  // namespace metrishift
