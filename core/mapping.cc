#include "core/mapping.h"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>

namespace metrishift {
namespace {

// Versions compare number by number: 3.10 comes after 3.9. The loader has let through digits and
// dots only.
std::vector<unsigned long> VersionNumbers(std::string_view version) {
  std::vector<unsigned long> numbers(1, 0);
  for (const char c : version.substr(0, version.find('-'))) {
    if (c == '.') {
      numbers.push_back(0);
    } else if (c >= '0' && c <= '9') {
      numbers.back() = numbers.back() * 10 + static_cast<unsigned long>(c - '0');
    }
  }
  return numbers;
}

// Tables of one component in order of their versions; components in the order in which they were
// named.
void SortIntoSteps(std::vector<MappingTable>& tables) {
  std::map<std::string, size_t> rank;
  for (const MappingTable& table : tables) rank.try_emplace(table.component, rank.size());
  std::ranges::stable_sort(tables, [&rank](const MappingTable& a, const MappingTable& b) {
    if (a.component != b.component) return rank[a.component] < rank[b.component];
    return VersionNumbers(a.from_version) < VersionNumbers(b.from_version);
  });
}

std::string Describe(const MappingEntry& entry) {
  const std::string where = entry.place.empty() ? entry.table : entry.place;
  return where + " (" + entry.old_name + " -> " + entry.new_name + ", " +
         std::string(MetricTypeName(entry.type)) + ")";
}

// The message names its places itself: they are in two texts, which a span could not say.
Diagnostic Conflict(const MappingEntry& earlier, const MappingEntry& later) {
  return {Severity::kError,
          {},
          "tables contradict each other: " + Describe(earlier) + " and " + Describe(later),
          "use one of the two tables in a run"};
}

// Looks up a string_view without making a string of it: every word of a file and every family of a
// scrape is asked for.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class Value>
using StringMap = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

}  // namespace

bool Mapping::Match::HasNewSeries() const {
  return entry->fate == MappingEntry::Fate::kReplaced &&
         std::ranges::count(SeriesSuffixes(entry->new_type), suffix) > 0;
}

double Mapping::Match::Scale() const {
  return suffix == "_bucket" || suffix == "_count" || suffix == "_created" ? 1 : entry->scale;
}

double Mapping::Match::Offset() const {
  return suffix == "_bucket" || suffix == "_count" || suffix == "_created" ? 0 : entry->offset;
}

struct Mapping::Index {
  std::vector<MappingTable> tables;
  std::vector<MappingEntry> entries;
  StringMap<std::string> components;  // of each table by its name
  StringMap<std::vector<Match>> by_old_series;
  StringMap<std::vector<const MappingEntry*>> by_new_family;
  StringMap<const MappingEntry*> by_new_series;

  // Adds what `table` does as one step after all that is there. Returns the contradiction, if there
  // is one.
  std::optional<Diagnostic> AddStep(const MappingTable& table);
  std::optional<Diagnostic> BuildLookups();
};

std::optional<Diagnostic> Mapping::Index::AddStep(const MappingTable& table) {
  std::unordered_map<std::string_view, const MappingEntry*> step;
  for (const MappingEntry& entry : table.metrics) step.emplace(entry.old_name, &entry);
  // Each earlier entry moves at most once: a table may turn b into c and c into d, and neither sees
  // the other.
  for (MappingEntry& earlier : entries) {
    if (const auto again = step.find(earlier.old_name); again != step.end()) {
      return Conflict(earlier, *again->second);
    }
    // Steps follow each other within one component. What another calls by the same name is another
    // metric.
    const auto next = step.find(earlier.new_name);
    if (next == step.end() || components.at(earlier.table) != table.component) continue;
    if (next->second->new_name == earlier.old_name || next->second->type != earlier.type) {
      return Conflict(earlier, *next->second);
    }
    earlier.new_name = next->second->new_name;
  }
  components[table.name] = table.component;
  entries.insert(entries.end(), table.metrics.begin(), table.metrics.end());
  return std::nullopt;
}

std::optional<Diagnostic> Mapping::Index::BuildLookups() {
  for (const MappingEntry& entry : entries) {
    by_new_family[entry.new_name].push_back(&entry);
    for (const std::string_view suffix : SeriesSuffixes(entry.type)) {
      std::vector<Match>& matches = by_old_series[entry.old_name + std::string(suffix)];
      if (!matches.empty()) return Conflict(*matches.front().entry, entry);
      matches.push_back({&entry, suffix});
      by_new_series.try_emplace(entry.new_name + std::string(suffix), &entry);
    }
  }
  return std::nullopt;
}

Outcome<Mapping> Mapping::FromTables(std::vector<MappingTable> tables) {
  SortIntoSteps(tables);
  auto index = std::make_shared<Index>();
  for (const MappingTable& table : tables) {
    if (std::optional<Diagnostic> error = index->AddStep(table)) return {std::nullopt, {*error}};
  }
  index->tables = std::move(tables);
  if (std::optional<Diagnostic> error = index->BuildLookups()) return {std::nullopt, {*error}};
  Mapping mapping;
  mapping.index_ = std::move(index);
  return {std::move(mapping), {}};
}

std::span<const Mapping::Match> Mapping::FindAllOld(std::string_view name) const {
  if (index_ == nullptr) return {};
  const auto found = index_->by_old_series.find(name);
  if (found == index_->by_old_series.end()) return {};
  return found->second;
}

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
  return index_ != nullptr && index_->by_new_series.contains(name);
}

std::span<const MappingEntry> Mapping::entries() const {
  if (index_ == nullptr) return {};
  return index_->entries;
}

std::span<const MappingPattern> Mapping::patterns() const { return {}; }

std::span<const MappingTable> Mapping::tables() const {
  if (index_ == nullptr) return {};
  return index_->tables;
}

}  // namespace metrishift
