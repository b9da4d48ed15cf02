#include "exporter/exposition/plain_renames.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace metrishift::exposition {
namespace {

bool HasOldSeriesIn(const MappingEntry& entry, const std::set<std::string>& series) {
  return std::ranges::any_of(SeriesSuffixes(entry.type), [&](std::string_view suffix) {
    return series.contains(entry.old_name + std::string(suffix));
  });
}

// Leaves out of `table` what is not plain; returns how much that is. `reused` are the series that
// entries of other kinds make in this step or a later one.
size_t Filter(MappingTable& table, std::set<std::string>& reused) {
  std::map<std::string, size_t> entries_of;
  for (const MappingEntry& entry : table.metrics) {
    ++entries_of[entry.old_name];
    if (entry.IsRename() || entry.SameName()) continue;
    for (const std::string_view suffix : SeriesSuffixes(entry.new_type))
      reused.insert(entry.new_name + std::string(suffix));
  }
  const size_t all = table.metrics.size() + table.patterns.size();
  std::erase_if(table.metrics, [&](const MappingEntry& entry) {
    return !entry.IsRename() || entries_of[entry.old_name] > 1 || HasOldSeriesIn(entry, reused);
  });
  table.patterns.clear();
  return all - table.metrics.size();
}

}  // namespace

PlainRenames KeepPlainRenames(const Mapping& mapping) {
  PlainRenames plain;
  std::vector<MappingTable> tables(mapping.tables().begin(), mapping.tables().end());
  std::set<std::string> reused;
  for (auto table = tables.rbegin(); table != tables.rend(); ++table)
    plain.left_out += Filter(*table, reused);
  // Less of what does not contradict itself does not either.
  Outcome<Mapping> filtered = Mapping::FromTables(std::move(tables));
  if (filtered) plain.mapping = *std::move(filtered.value);
  return plain;
}

}  // namespace metrishift::exposition
