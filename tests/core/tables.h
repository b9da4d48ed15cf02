#ifndef METRISHIFT_TESTS_CORE_TABLES_H_
#define METRISHIFT_TESTS_CORE_TABLES_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/entry_labels.h"
#include "core/mapping.h"
#include "core/mapping_loader.h"

namespace metrishift {

// The table of one step of component "c", `number` its place among the others, with the items of
// `metrics`, each "{old: a, new: b, type: gauge}".
inline MappingTable StepTable(int number, const std::vector<std::string_view>& metrics) {
  const std::string n = std::to_string(number);
  std::string text = "name: t" + n + "\ntitle: T\ncomponent: c\nversions: {from: '" + n +
                     "', to: '" + std::to_string(number + 1) + "'}\nsource: s\nmetrics:\n";
  for (const std::string_view item : metrics) text.append("- ").append(item).append("\n");
  Outcome<MappingTable> table = LoadMappingTable(text);
  if (!table) {
    ADD_FAILURE() << text << table.diagnostics.front().message;
    return {};
  }
  return *std::move(table.value);
}

inline std::vector<MappingTable> StepTables(
    const std::vector<std::vector<std::string_view>>& steps) {
  std::vector<MappingTable> tables;
  for (const auto& metrics : steps)
    tables.push_back(StepTable(static_cast<int>(tables.size()) + 1, metrics));
  return tables;
}

// An entry in one line: "a -> b", "a -> b (old = 2 * new)".
inline std::string Line(const MappingEntry& entry) {
  const std::string changes = ShowChanges(entry);
  std::string line = ShowEntry(entry) + (changes.empty() ? "" : " (" + changes + ")");
  if (!entry.note.empty()) line += " # " + entry.note;
  return line;
}

inline std::vector<std::string> Lines(const Mapping& mapping) {
  std::vector<std::string> lines;
  for (const MappingEntry& entry : mapping.entries()) lines.push_back(Line(entry));
  return lines;
}

inline std::vector<std::string> Lines(std::span<const Mapping::Match> matches) {
  std::vector<std::string> lines;
  for (const Mapping::Match& match : matches) lines.push_back(Line(*match.entry));
  return lines;
}

}  // namespace metrishift

#endif  // METRISHIFT_TESTS_CORE_TABLES_H_
