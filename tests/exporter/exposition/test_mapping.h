#ifndef METRISHIFT_TESTS_EXPORTER_EXPOSITION_TEST_MAPPING_H_
#define METRISHIFT_TESTS_EXPORTER_EXPOSITION_TEST_MAPPING_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/mapping.h"
#include "exporter/exposition/translator.h"

namespace metrishift::exposition {

struct Rename {
  std::string old_name;
  std::string new_name;
  MetricType type = MetricType::kCounter;
};

inline MappingTable TestTable(const std::string& name, std::string from,
                              std::vector<Rename> renames) {
  MappingTable table;
  table.name = name;
  table.component = "test";
  table.from_version = std::move(from);
  for (Rename& rename : renames) {
    MappingEntry entry;
    entry.old_name = std::move(rename.old_name);
    entry.new_name = std::move(rename.new_name);
    entry.type = entry.new_type = rename.type;
    entry.old_until = "3.5.0";
    entry.table = name;
    table.metrics.push_back(std::move(entry));
  }
  return table;
}

// One table with these renames.
inline Mapping TestMapping(std::vector<Rename> renames) {
  return *Mapping::FromTables({TestTable("t", "1", std::move(renames))});
}

// `body` and its alias block, read in pieces that end at `cuts` (ascending).
inline std::string TranslateInPieces(const RuleSet& rules, std::string_view body,
                                     const std::vector<size_t>& cuts,
                                     std::vector<AliasReport>* reports = nullptr,
                                     Format format = Format::kText) {
  Translator translator(rules, format);
  size_t at = 0;
  for (size_t i = 0; i <= cuts.size(); ++i) {
    const size_t end = i < cuts.size() ? cuts[i] : body.size();
    if (!translator.Feed(body.substr(at, end - at))) return "ceiling reached";
    at = end;
  }
  Translation translation;
  if (!translator.Finish(&translation)) return "ceiling reached";
  if (reports != nullptr) *reports = std::move(translation.reports);
  return std::string(body) + translation.alias_block.ToString();
}

inline std::string TranslateInPieces(const Mapping& mapping, std::string_view body,
                                     const std::vector<size_t>& cuts,
                                     std::vector<AliasReport>* reports = nullptr) {
  return TranslateInPieces(RuleSet(mapping), body, cuts, reports);
}

inline std::string Translate(const RuleSet& rules, std::string_view body,
                             std::vector<AliasReport>* reports = nullptr,
                             Format format = Format::kText) {
  return TranslateInPieces(rules, body, {}, reports, format);
}

inline std::string Translate(const Mapping& mapping, std::string_view body,
                             std::vector<AliasReport>* reports = nullptr) {
  return TranslateInPieces(RuleSet(mapping), body, {}, reports);
}

// What was decided, one word per entry: "+old" (with the number of samples), "=old", "-old:reason".
inline std::string Summary(const std::vector<AliasReport>& reports) {
  std::string out;
  for (const AliasReport& report : reports) {
    if (!out.empty()) out += ' ';
    switch (report.outcome) {
      case AliasOutcome::kAdded:
        out += "+" + report.name + ":" + std::to_string(report.samples);
        break;
      case AliasOutcome::kSuppressed:
        out += "=" + report.name;
        break;
      case AliasOutcome::kImpossible:
        out += "-" + report.name + ":" + std::string(FaultName(report.fault));
        break;
    }
  }
  return out;
}

}  // namespace metrishift::exposition

#endif  // METRISHIFT_TESTS_EXPORTER_EXPOSITION_TEST_MAPPING_H_
