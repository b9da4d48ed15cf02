// Every table works backwards: of a body with its new series the translator makes its old ones.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/mapping.h"
#include "exporter/exposition/body_pipe.h"
#include "exporter/exposition/sample_parser.h"
#include "exporter/exposition/text_line.h"
#include "mappings/catalog.h"

namespace metrishift {
namespace {

using exposition::Format;
using Labels = std::map<std::string, std::string>;

constexpr double kValue = 3;

// A value of an old label that the entry changes.
std::string OldValue(const LabelValues& values) {
  if (!values.values.empty()) return values.values.front().first;
  for (const char* probe : {"cpu0", "3.4.5"}) {
    if (values.ToNew(probe) != probe) return probe;
  }
  ADD_FAILURE() << "no value is known that " << values.pattern << " matches";
  return "";
}

// One series of the old side, and what becomes of its labels.
struct Series {
  Labels old_labels;
  Labels new_labels;
};

Series SeriesOf(const MappingEntry& entry) {
  Series series{{{"kept", "k"}}, {{"kept", "k"}}};
  for (const Label& label : entry.when) {
    series.old_labels[label.name] = label.value;
    series.new_labels[label.name] = label.value;
  }
  for (const LabelRename& rename : entry.labels) {
    series.old_labels[rename.old_name] = "v";
    series.new_labels[rename.new_name] = "v";
  }
  for (const LabelValues& values : entry.label_values) {
    const std::string old_value = OldValue(values);
    std::string new_name = values.label;
    for (const LabelRename& rename : entry.labels) {
      if (rename.old_name == values.label) new_name = rename.new_name;
    }
    series.old_labels[values.label] = old_value;
    series.new_labels[new_name] = values.ToNew(old_value);
  }
  for (const Label& label : entry.new_labels) {
    series.new_labels[label.name] = label.value;
    if (label.value.empty()) series.new_labels.erase(label.name);
  }
  return series;
}

std::string Line(const std::string& name, Labels labels, const Labels& more, double value) {
  labels.insert(more.begin(), more.end());
  std::string line = name;
  for (const auto& [label, text] : labels)
    line += (line == name ? "{" : ",") + label + "=\"" + text + "\"";
  return line + "} " + std::to_string(value) + "\n";
}

// The samples of one series of a family, in which every sum, count and value is kValue.
std::string Samples(const std::string& family, MetricType type, const Labels& labels) {
  std::string lines;
  for (const std::string_view suffix : SeriesSuffixes(type)) {
    const std::string name = family + std::string(suffix);
    if (suffix == "_bucket") lines += Line(name, labels, {{"le", "1"}}, 1);
    const Labels more = suffix == "_bucket" ? Labels{{"le", "+Inf"}} : Labels{};
    const Labels quantile =
        type == MetricType::kSummary && suffix.empty() ? Labels{{"quantile", "0.5"}} : more;
    if (suffix != "_created") lines += Line(name, labels, quantile, kValue);
  }
  return lines;
}

// Text 0.0.4 has five types.
std::string TypeWord(MetricType type) {
  const bool known = type == MetricType::kCounter || type == MetricType::kGauge ||
                     type == MetricType::kHistogram || type == MetricType::kSummary;
  return known ? std::string(MetricTypeName(type)) : "untyped";
}

// Entries that the exporter gives back: what is exact, or of which sums and counts are. Not what
// has to be added up, what keeps its name, and what the body has already, since it is a new name,
// too.
std::vector<const MappingEntry*> GivenBack(const Mapping& mapping) {
  std::set<std::string> new_names;
  for (const MappingEntry& entry : mapping.entries()) new_names.insert(entry.new_name);
  std::vector<const MappingEntry*> entries;
  for (const MappingEntry& entry : mapping.entries()) {
    if (entry.fate == MappingEntry::Fate::kReplaced && entry.expr.empty() && !entry.aggregate &&
        entry.equivalence >= Equivalence::kSumCountOnly && !new_names.contains(entry.old_name))
      entries.push_back(&entry);
  }
  return entries;
}

std::string NewBody(const std::vector<const MappingEntry*>& entries) {
  std::map<std::string, std::pair<MetricType, std::set<std::string>>> families;
  for (const MappingEntry* entry : entries) {
    auto& [type, samples] = families[entry->new_name];
    type = entry->new_type;
    samples.insert(Samples(entry->new_name, type, SeriesOf(*entry).new_labels));
  }
  std::string body;
  for (const auto& [name, family] : families) {
    body += "# TYPE " + name + " " + TypeWord(family.first) + "\n";
    for (const std::string& samples : family.second) body += samples;
  }
  return body;
}

std::string Translate(const Mapping& mapping, const std::string& body) {
  std::string out;
  exposition::BodyPipe pipe(exposition::RuleSet(mapping), Format::kText, false,
                            exposition::Limits{}, [&out](std::string_view bytes) {
                              out += bytes;
                              return true;
                            });
  std::vector<exposition::AliasReport> reports;
  EXPECT_TRUE(pipe.Feed(body) && pipe.Finish(&reports));
  EXPECT_TRUE(out.starts_with(body));
  return out.substr(body.size());
}

// Samples of a body by name and labels.
std::map<std::pair<std::string, Labels>, double> Read(const std::string& body) {
  std::map<std::pair<std::string, Labels>, double> samples;
  exposition::SampleParser parser;
  for (size_t at = 0; at < body.size();) {
    const size_t end = body.find('\n', at);
    const std::string line = body.substr(at, end - at);
    at = end + 1;
    if (line.starts_with('#')) continue;
    const auto sample = parser.Parse(line);
    EXPECT_TRUE(sample) << line;
    if (!sample) continue;
    Labels labels;
    for (const exposition::TextLabel& label : parser.labels())
      labels.emplace(label.name, exposition::Unescape(label.value));
    double value = 0;
    exposition::ParseValue(sample->value, &value);
    samples[{std::string(sample->name), labels}] = value;
  }
  return samples;
}

// What a series of the old side has to be.
double Expected(const MappingEntry& entry, std::string_view suffix) {
  const Mapping::Match match{&entry, suffix};
  return match.Scale() * kValue + match.Offset();
}

TEST(Tables, GiveTheirOldSeriesBack) {
  size_t checked = 0;
  for (MappingTable& table : LoadBuiltinTables()) {
    const std::string name = table.name;
    const Outcome<Mapping> mapping = Mapping::FromTables({std::move(table)});
    ASSERT_TRUE(mapping) << name;
    const std::vector<const MappingEntry*> entries = GivenBack(*mapping);
    const auto samples = Read(Translate(*mapping, NewBody(entries)));
    for (const MappingEntry* entry : entries) {
      const Labels labels = SeriesOf(*entry).old_labels;
      for (const std::string_view suffix : SeriesSuffixes(entry->type)) {
        const bool quantile = entry->type == MetricType::kSummary && suffix.empty();
        if (suffix == "_created" || suffix == "_bucket" || quantile) continue;
        const auto found = samples.find({entry->old_name + std::string(suffix), labels});
        EXPECT_TRUE(found != samples.end()) << name << ": " << entry->old_name << suffix;
        if (found == samples.end()) continue;
        const double expected = Expected(*entry, suffix);
        EXPECT_NEAR(found->second, expected, 1e-9 * std::abs(expected)) << entry->old_name;
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 1300u);
}

// Open patterns name no metrics; these are ones that they are for.
TEST(Tables, GiveOldNamesOfPatternsBack) {
  const std::array<std::array<const char*, 3>, 2> cases = {
      {{"thanos-0.17", "thanos_query_store_apis_dns_lookups_total",
        "thanos_querier_store_apis_dns_lookups_total"},
       {"tempo-2.1", "tempo_ring_members", "cortex_ring_members"}}};
  for (const auto& [table, new_name, old_name] : cases) {
    const CatalogResult loaded = LoadMappings(std::array{std::string(table)});
    const auto samples = Read(Translate(loaded.mapping, std::string(new_name) + " 3\n"));
    EXPECT_TRUE(samples.contains({old_name, {}})) << old_name;
  }
}

}  // namespace
}  // namespace metrishift
