#include "exporter/exposition/alias_buffer.h"

#include <algorithm>
#include <array>
#include <functional>

#include "exporter/exposition/family_tracker.h"

namespace metrishift::exposition {
namespace {

constexpr std::array<std::string_view, 8> kFaultNames = {
    "unreadable_line", "second_type",     "second_help", "type_after_samples",
    "other_type",      "repeated_series", "name_clash",  "reused_name"};

constexpr std::string_view kBlanks = " \t\r";

bool EndsSentence(std::string_view text) {
  return text.ends_with('.') || text.ends_with('!') || text.ends_with('?');
}

// The HELP of the alias. Mapped names are plain, so nothing that is added needs escaping.
std::string DeprecationHelp(std::string_view original, const MappingEntry& entry) {
  while (!original.empty() && kBlanks.find(original.back()) != kBlanks.npos) {
    original.remove_suffix(1);
  }
  std::string help(original);
  if (!help.empty()) help += EndsSentence(help) ? " " : ". ";
  help += "Deprecated: use " + entry.new_name + " instead";
  if (!entry.old_until.empty())
    help += "; this name is gone from version " + entry.old_until + " on";
  return help + ".";
}

bool HasRepeats(std::vector<uint64_t>& series) {
  std::ranges::sort(series);
  return std::ranges::adjacent_find(series) != series.end();
}

}  // namespace

std::string_view FaultName(Fault fault) { return kFaultNames[static_cast<size_t>(fault)]; }

MetricType AliasGroup::SeriesType() const {
  const MetricType in_table = aliases_.front().entry->type;
  return type_.value_or(MetricType::kUntyped) == MetricType::kUntyped ? in_table : *type_;
}

AliasGroup* AliasBuffer::GroupFor(std::span<const MappingEntry* const> entries) {
  AliasGroup*& group = by_first_entry_[entries.front()];
  if (group == nullptr) {
    group = groups_.emplace_back(NewGroup(entries)).get();
    Settle(group);
  }
  return group;
}

std::unique_ptr<AliasGroup> AliasBuffer::NewGroup(
    std::span<const MappingEntry* const> entries) const {
  auto group = std::make_unique<AliasGroup>();
  for (const MappingEntry* entry : entries) {
    AliasGroup::Alias alias;
    alias.entry = entry;
    alias.exposed_upstream = exposed_.contains(entry);
    for (const std::string_view suffix : TextSuffixes(entry->type)) {
      alias.reused = alias.reused || mapping_.IsNewSeries(entry->old_name + std::string(suffix));
    }
    group->aliases_.push_back(std::move(alias));
  }
  return group;
}

AliasGroup* AliasBuffer::FindGroup(const MappingEntry* first_entry) {
  const auto found = by_first_entry_.find(first_entry);
  return found == by_first_entry_.end() ? nullptr : found->second;
}

void AliasBuffer::MarkExposed(const MappingEntry* entry) {
  if (!exposed_.insert(entry).second) return;
  for (const auto& group : groups_) {
    for (AliasGroup::Alias& alias : group->aliases_) {
      if (alias.entry == entry) alias.exposed_upstream = true;
    }
    Settle(group.get());
  }
}

void AliasBuffer::Spoil(AliasGroup* group, Fault fault) {
  if (!group->fault_) group->fault_ = fault;
  Settle(group);
}

// Lines that can no longer be wanted free their memory at once; they do not count towards the
// ceiling either.
void AliasBuffer::Settle(AliasGroup* group) {
  group->settled_ = true;
  for (AliasGroup::Alias& alias : group->aliases_) {
    if (!group->fault_ && alias.IsWanted()) {
      group->settled_ = false;
      continue;
    }
    held_bytes_ -= alias.lines.size();
    alias.lines = std::string();
  }
  if (group->settled_) group->series_ = std::vector<uint64_t>();
}

void AliasBuffer::SetType(AliasGroup* group, std::optional<MetricType> type) {
  if (!type) return Spoil(group, Fault::kUnreadableLine);
  if (group->type_) return Spoil(group, Fault::kSecondType);
  if (!group->series_.empty()) return Spoil(group, Fault::kTypeAfterSamples);
  group->type_ = type;
  for (const AliasGroup::Alias& alias : group->aliases_) {
    const bool same = TextSuffixes(alias.entry->type).data() == TextSuffixes(*type).data();
    if (!same && *type != MetricType::kUntyped) return Spoil(group, Fault::kOtherType);
  }
}

void AliasBuffer::SetHelp(AliasGroup* group, std::string_view text) {
  if (group->help_) return Spoil(group, Fault::kSecondHelp);
  if (!IsHelpText(text)) return Spoil(group, Fault::kUnreadableLine);
  group->help_ = text;
}

void AliasBuffer::AddSample(AliasGroup* group, std::string_view line, const Sample& sample) {
  const auto suffix = SuffixIn(group->family(), group->SeriesType(), sample.name);
  if (!suffix) return Spoil(group, Fault::kOtherType);
  group->series_.push_back(sample.labels + std::hash<std::string_view>{}(*suffix));
  const auto name_at = static_cast<size_t>(sample.name.data() - line.data());
  for (AliasGroup::Alias& alias : group->aliases_) {
    if (!alias.IsWanted()) continue;
    const size_t before = alias.lines.size();
    alias.lines.append(line, 0, name_at);
    alias.lines += alias.entry->old_name;
    alias.lines.append(line, name_at + group->family().size());
    alias.lines += '\n';
    held_bytes_ += alias.lines.size() - before;
  }
  overflowed_ = overflowed_ || held_bytes_ > max_bytes_;
}

std::string AliasBuffer::Flush(std::vector<AliasReport>* reports) {
  std::string block;
  for (const auto& group : groups_) {
    const size_t samples = group->series_.size();
    if (HasRepeats(group->series_)) Spoil(group.get(), Fault::kRepeatedSeries);
    for (AliasGroup::Alias& alias : group->aliases_) {
      AliasReport report{alias.entry};
      if (alias.exposed_upstream) {
        report.outcome = AliasOutcome::kSuppressed;
      } else if (alias.reused || group->fault_) {
        report.outcome = AliasOutcome::kImpossible;
        report.fault = alias.reused ? Fault::kReusedName : *group->fault_;
      } else if (samples == 0) {
        continue;  // metadata alone: there is nothing to be had under the old name
      } else {
        const size_t before = block.size();
        const std::string& old_name = alias.entry->old_name;
        block += "# HELP " + old_name + " ";
        block += DeprecationHelp(group->help_.value_or(""), *alias.entry) + "\n";
        if (group->type_) {
          block.append("# TYPE ").append(old_name).append(" ");
          block.append(MetricTypeName(*group->type_)).append("\n");
        }
        block += alias.lines;
        alias.lines = std::string();
        report.samples = samples;
        report.bytes = block.size() - before;
      }
      reports->push_back(report);
    }
  }
  groups_.clear();
  by_first_entry_.clear();
  return block;
}

}  // namespace metrishift::exposition
