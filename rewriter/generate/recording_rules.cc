#include <algorithm>

#include "rewriter/generate/companion.h"
#include "rewriter/generate/new_side.h"
#include "rewriter/generate/old_series.h"
#include "rewriter/generate/yaml_text.h"

namespace metrishift::generate {
namespace {

std::string Head(const Mapping& mapping, size_t rules) {
  return YamlComment(
             "Recording rules that compute deprecated series from those that have replaced them.") +
         MadeBy(mapping, "recording-rules") + "#\n" +
         YamlComment(
             "Load this file only when NO target exposes the deprecated names any more: until then "
             "a rule and a scrape write the same series, and Prometheus drops samples of either as "
             "duplicates or out of order.") +
         YamlComment(
             "The " + std::to_string(rules) + (rules == 1 ? " rule is" : " rules are") +
             " evaluated once an interval; each stores as many series as its old name had. A "
             "recorded counter has one sample an interval: let ranges of rate() and the like span "
             "four of them. History before the file was loaded is not filled in.");
}

std::string Rule(const OldSeries& series) {
  return "      - record: " + YamlScalar(series.name) +
         "\n        expr: " + YamlScalar(series.expr) + "\n";
}

// The names of the tables that there is something of, in order.
std::vector<std::string> TablesOf(const Mapping& mapping) {
  std::vector<std::string> tables;
  const auto add = [&tables](const MappingEntry& entry) {
    if (std::ranges::find(tables, entry.table) == tables.end()) tables.push_back(entry.table);
  };
  for (const MappingEntry& entry : mapping.entries()) add(entry);
  for (const MappingPattern& pattern : mapping.patterns()) add(pattern.entry);
  return tables;
}

// The rules of one group and the comments between them.
std::string Rules(const Mapping& mapping, const std::vector<OldSeries>& all,
                  const std::string& table, Companion& companion) {
  std::string rules;
  for (const OldSeries& series : all) {
    if (series.table != table) continue;
    for (const std::string& why : series.left) rules += YamlComment("Left: " + why, 6);
    companion.left += series.left.empty() ? 0 : 1;
    if (series.expr.empty()) continue;
    rules += Rule(series);
    ++companion.made;
  }
  for (const MappingPattern& pattern : mapping.patterns()) {
    if (pattern.entry.table != table) continue;
    ++companion.left;
    rules += YamlComment("Left: the deprecated names " + pattern.pattern +
                             " have no list, and each needs a rule of its own; list them in the "
                             "table, or rename at the scrape",
                         6);
  }
  return rules;
}

}  // namespace

Companion RecordingRules(const Mapping& mapping, const Options& options) {
  const std::vector<OldSeries> all = OldSeriesOf(mapping, options);
  Companion companion;
  std::string groups;
  for (const std::string& table : TablesOf(mapping)) {
    const size_t before = companion.made;
    const std::string rules = Rules(mapping, all, table, companion);
    groups += "  - name: " + YamlScalar(table) + "\n";
    if (!options.interval.empty()) groups += "    interval: " + YamlScalar(options.interval) + "\n";
    groups += companion.made == before ? "    rules: []\n" : "    rules:\n";
    groups += rules;
  }
  companion.text =
      Head(mapping, companion.made) + "groups:" + (groups.empty() ? " []\n" : "\n" + groups);
  return companion;
}

}  // namespace metrishift::generate
