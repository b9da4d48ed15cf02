#include "core/mapping.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <unordered_set>

#include "core/reverse.h"
#include "core/steps.h"
#include "core/version.h"

namespace metrishift {
namespace {

bool LeadsBack(const MappingTable& table) {
  return !table.to_version.empty() &&
         VersionNumbers(table.to_version) < VersionNumbers(table.from_version);
}

// Tables of one component in order of their versions, those of a way back from the last one down;
// components in the order in which they were named.
void SortIntoSteps(std::vector<MappingTable>& tables) {
  std::map<std::string, size_t> rank;
  for (const MappingTable& table : tables) rank.try_emplace(table.component, rank.size());
  std::ranges::stable_sort(tables, [&rank](const MappingTable& a, const MappingTable& b) {
    if (a.component != b.component) return rank[a.component] < rank[b.component];
    if (LeadsBack(a) != LeadsBack(b)) return LeadsBack(b);
    const MappingTable& lower = LeadsBack(a) ? b : a;
    const MappingTable& upper = LeadsBack(a) ? a : b;
    return VersionNumbers(lower.from_version) < VersionNumbers(upper.from_version);
  });
}

// Counts and times are in no unit that a mapping changes.
bool IsMeasured(std::string_view suffix) {
  return suffix != "_bucket" && suffix != "_count" && suffix != "_gcount" && suffix != "_created";
}

size_t FirstByte(std::string_view name) {
  return name.empty() ? 0 : static_cast<unsigned char>(name.front());
}

uint64_t LengthBit(std::string_view name) {
  return uint64_t{1} << std::min<size_t>(name.size(), 63);
}

}  // namespace

bool Mapping::Match::HasNewSeries() const {
  return entry->fate == MappingEntry::Fate::kReplaced &&
         std::ranges::count(SeriesSuffixes(entry->new_type), suffix) > 0;
}

double Mapping::Match::Scale() const { return IsMeasured(suffix) ? entry->scale : 1; }

double Mapping::Match::Offset() const { return IsMeasured(suffix) ? entry->offset : 0; }

struct Mapping::Index {
  Steps steps;
  Conflicts conflicts;
  StringMap<std::vector<Match>> by_old_series;
  // By the first byte of a name: which lengths there are in by_old_series, the last bit for all
  // that are longer. Nearly every word of a file is told from every name by this alone.
  std::array<uint64_t, 256> lengths{};
  StringMap<std::vector<const MappingEntry*>> by_new_family;
  std::unordered_set<std::string, StringHash, std::equal_to<>> new_series;
  std::vector<MappingPattern> patterns;
  bool underscores = true;  // in each name that there are entries for

  // What patterns gave, for as long as matches may point to it.
  struct Instances {
    std::vector<MappingEntry> entries;
    std::vector<Match> matches;
  };
  mutable std::mutex mutex;
  mutable StringMap<std::unique_ptr<const Instances>> by_pattern;  // guarded by `mutex`

  Index(Steps composed, Conflicts how);
  bool MayBeOld(std::string_view name) const;
  std::span<const Match> FindByPattern(std::string_view name) const;
};

Mapping::Index::Index(Steps composed, Conflicts how) : steps(std::move(composed)), conflicts(how) {
  for (const MappingTable& table : steps.tables)
    patterns.insert(patterns.end(), table.patterns.begin(), table.patterns.end());
  const auto has_underscore = [](std::string_view name) { return name.find('_') != name.npos; };
  underscores = std::ranges::all_of(patterns, has_underscore, &MappingPattern::prefix);
  for (const MappingEntry& entry : steps.entries) {
    for (const std::string_view suffix : SeriesSuffixes(entry.type)) {
      const Match match{&entry, suffix};
      const std::string old_series = match.OldSeries();
      by_old_series[old_series].push_back(match);
      lengths[FirstByte(old_series)] |= LengthBit(old_series);
      underscores = underscores && has_underscore(old_series);
      if (match.HasNewSeries()) new_series.insert(match.NewSeries());
    }
    if (entry.fate == MappingEntry::Fate::kReplaced)
      by_new_family[entry.new_name].push_back(&entry);
  }
}

bool Mapping::Index::MayBeOld(std::string_view name) const {
  return (lengths[FirstByte(name)] & LengthBit(name)) != 0;
}

std::span<const Mapping::Match> Mapping::Index::FindByPattern(std::string_view name) const {
  const auto begins = [name](const MappingPattern& each) { return name.starts_with(each.prefix); };
  if (std::ranges::none_of(patterns, begins)) return {};
  {
    const std::scoped_lock lock(mutex);
    if (const auto found = by_pattern.find(name); found != by_pattern.end())
      return found->second->matches;
  }
  std::vector<Step::Part> parts = FollowPatterns(steps.steps, name);
  if (parts.empty()) return {};
  auto instances = std::make_unique<Instances>();
  for (Step::Part& part : parts) instances->entries.push_back(std::move(part.entry));
  for (size_t i = 0; i < parts.size(); ++i)
    instances->matches.push_back({&instances->entries[i], parts[i].suffix});
  // Another thread may have been faster; then its matches are the ones that are handed out.
  const std::scoped_lock lock(mutex);
  return by_pattern.try_emplace(std::string(name), std::move(instances)).first->second->matches;
}

Outcome<Mapping> Mapping::Compose(std::vector<MappingTable> tables, Conflicts conflicts) {
  Outcome<Steps> steps = ComposeSteps(std::move(tables), conflicts);
  if (!steps) return {std::nullopt, std::move(steps.diagnostics)};
  Mapping mapping;
  mapping.index_ = std::make_shared<const Index>(*std::move(steps.value), conflicts);
  return {std::move(mapping), std::move(steps.diagnostics)};
}

Outcome<Mapping> Mapping::FromTables(std::vector<MappingTable> tables) {
  SortIntoSteps(tables);
  return Compose(std::move(tables), Conflicts::kRefuse);
}

Outcome<Mapping> Mapping::OfManyComponents(std::vector<MappingTable> tables) {
  SortIntoSteps(tables);
  return Compose(std::move(tables), Conflicts::kAskWhose);
}

Outcome<Mapping> Mapping::Reversed() const {
  std::vector<Diagnostic> warnings;
  std::vector<MappingTable> back;
  for (const MappingTable& table : tables()) back.push_back(ReverseTable(table, warnings));
  // The last step comes first.
  std::ranges::reverse(back);
  Outcome<Mapping> mapping = Compose(std::move(back), Conflicts::kLeaveOut);
  mapping.diagnostics.insert(mapping.diagnostics.begin(), warnings.begin(), warnings.end());
  return mapping;
}

Outcome<Mapping> Mapping::With(MappingTable table) const {
  std::vector<MappingTable> all(tables().begin(), tables().end());
  all.push_back(std::move(table));
  return Compose(std::move(all), index_ == nullptr ? Conflicts::kRefuse : index_->conflicts);
}

std::span<const Mapping::Match> Mapping::FindAllOld(std::string_view name) const {
  if (index_ == nullptr) return {};
  if (index_->MayBeOld(name)) {
    const auto found = index_->by_old_series.find(name);
    if (found != index_->by_old_series.end()) return found->second;
  }
  return index_->FindByPattern(name);
}

bool Mapping::NamesHaveUnderscores() const { return index_ == nullptr || index_->underscores; }

std::optional<Mapping::Match> Mapping::FindOld(std::string_view name) const {
  const std::span<const Match> matches = FindAllOld(name);
  if (matches.empty()) return std::nullopt;
  return matches.front();
}

std::span<const MappingEntry* const> Mapping::FindNewFamily(std::string_view family) const {
  if (index_ == nullptr) return {};
  const auto found = index_->by_new_family.find(family);
  if (found == index_->by_new_family.end()) return {};
  return found->second;
}

bool Mapping::IsNewSeries(std::string_view name) const {
  if (index_ == nullptr) return false;
  if (index_->new_series.contains(name)) return true;
  const std::vector<Step>& steps = index_->steps.steps;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].MayMakeByPattern(name)) continue;
    const bool goes_on = std::any_of(steps.begin() + i + 1, steps.end(), [&](const Step& later) {
      return later.table().component == steps[i].table().component && !later.Find(name).empty();
    });
    if (!goes_on) return true;
  }
  return false;
}

const FunctionEntry* Mapping::FindFunction(std::string_view name) const {
  if (index_ == nullptr) return nullptr;
  const auto found = index_->steps.functions.find(name);
  return found == index_->steps.functions.end() ? nullptr : &found->second;
}

std::vector<std::string_view> Mapping::OldFunctions() const {
  std::vector<std::string_view> names;
  if (index_ == nullptr) return names;
  for (const auto& [name, entry] : index_->steps.functions) names.emplace_back(name);
  return names;
}

std::span<const MappingEntry> Mapping::entries() const {
  if (index_ == nullptr) return {};
  return index_->steps.entries;
}

std::span<const MappingPattern> Mapping::patterns() const {
  if (index_ == nullptr) return {};
  return index_->patterns;
}

std::span<const MappingTable> Mapping::tables() const {
  if (index_ == nullptr) return {};
  return index_->steps.tables;
}

}  // namespace metrishift
