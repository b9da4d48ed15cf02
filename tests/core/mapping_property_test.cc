// Random tables, applied to single series: going through the steps one after the other must give
// what the composed mapping gives at once, and the way back must lead back. What an entry does to a
// series is said here a second time, by itself and in the plainest way.

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <random>

#include "tests/core/tables.h"

namespace metrishift {
namespace {

struct Series {
  std::string name;
  std::map<std::string, std::string> labels;  // none is ""
  double value = 0;
};

std::string Show(const std::optional<Series>& series) {
  if (!series) return "gone";
  std::string out = series->name + "{";
  for (const auto& [name, value] : series->labels) out += name + "=" + value + ",";
  return out + "}";
}

bool Holds(const std::vector<Label>& labels, const Series& series) {
  return std::ranges::all_of(labels, [&series](const Label& label) {
    const auto found = series.labels.find(label.name);
    return label.value == (found == series.labels.end() ? "" : found->second);
  });
}

// The entry that is meant: one whose `when` holds, or else the one without.
const MappingEntry* Choose(const std::vector<const MappingEntry*>& entries, const Series& series) {
  const MappingEntry* otherwise = nullptr;
  for (const MappingEntry* entry : entries) {
    if (entry->when.empty()) {
      otherwise = entry;
    } else if (Holds(entry->when, series)) {
      return entry;
    }
  }
  return otherwise;
}

std::optional<Series> Apply(const MappingEntry& entry, const Series& old_series) {
  if (entry.fate != MappingEntry::Fate::kReplaced) return std::nullopt;
  Series result;
  result.name = entry.new_name;
  result.value = (old_series.value - entry.offset) / entry.scale;
  for (const auto& [old_name, old_value] : old_series.labels) {
    std::string name = old_name;
    std::string value = old_value;
    for (const LabelValues& values : entry.label_values) {
      if (values.label == name) value = values.ToNew(value);
    }
    bool fixed = false;
    for (const Label& label : entry.new_labels) fixed = fixed || label.name == name;
    for (const LabelRename& rename : entry.labels) {
      if (rename.old_name != name) continue;
      name = rename.new_name;
      fixed = false;
      break;
    }
    if (!fixed) result.labels[name] = value;
  }
  for (const Label& label : entry.new_labels) result.labels[label.name] = label.value;
  std::erase_if(result.labels, [](const auto& label) { return label.second.empty(); });
  return result;
}

std::optional<Series> Step(const MappingTable& table, const Series& series) {
  std::vector<const MappingEntry*> entries;
  for (const MappingEntry& entry : table.metrics) {
    if (entry.old_name == series.name) entries.push_back(&entry);
  }
  const MappingEntry* entry = Choose(entries, series);
  return entry == nullptr ? series : Apply(*entry, series);
}

std::optional<Series> AtOnce(const Mapping& mapping, const Series& series) {
  std::vector<const MappingEntry*> entries;
  for (const Mapping::Match& match : mapping.FindAllOld(series.name))
    entries.push_back(match.entry);
  const MappingEntry* entry = Choose(entries, series);
  return entry == nullptr ? series : Apply(*entry, series);
}

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  size_t Below(size_t n) { return engine_() % n; }
  bool OneIn(size_t n) { return Below(n) == 0; }
  std::string Of(const std::vector<std::string>& words) { return words[Below(words.size())]; }

  // Labels x, y and z are those of the oldest version, with small letters for values. Each step
  // brings labels and values of its own, as programs do: what a series has already does not come
  // again from elsewhere.
  std::string Item(int step) {
    const std::string n = std::to_string(step);
    std::vector<std::string> known = {"x", "y", "z"};
    for (int earlier = 1; earlier < step; ++earlier) {
      known.push_back("f" + std::to_string(earlier));
      known.push_back("r" + std::to_string(earlier));
    }
    std::string item = "{old: " + Of({"a", "b", "c", "d"}) + ", type: gauge";
    if (OneIn(12)) return item + ", kind: removed, note: n}";
    item += ", new: " + Of({"a", "b", "c", "d", "e", "f"});
    std::string when;
    if (OneIn(3)) {
      when = Of(known);
      const std::string value = Of({"p", "q", "P1", "Q2", "F1", "''"});
      item += ", when: {" + when + ": " + value + "}";
    }
    std::vector<std::string> fixed;
    if (!when.empty() && OneIn(2)) fixed.push_back(when + ": " + Of({"W" + n, "''"}));
    if (OneIn(3)) fixed.push_back("f" + n + ": " + Of({"F" + n, "G" + n}));
    for (size_t i = 0; i < fixed.size(); ++i)
      item += (i == 0 ? ", new_labels: {" : ", ") + fixed[i];
    if (!fixed.empty()) item += "}";
    if (OneIn(3)) item += ", labels: [{old: " + Of(known) + ", new: r" + n + "}]";
    if (OneIn(4)) {
      item += ", label_values: {" + Of(known) + ": " +
              Of({"{values: {p: P" + n + ", q: Q" + n + "}}",
                  "{pattern: '(.)', new: 'V" + n + "$1'}"}) +
              "}";
    }
    if (OneIn(4)) item += ", scale: " + Of({"2", "0.5", "-4"}) + ", offset: " + Of({"0", "8"});
    return item + "}";
  }

  Series OldSeries() {
    Series series;
    series.name = Of({"a", "b", "c", "d"});
    for (const char* label : {"x", "y", "z"}) {
      if (!OneIn(3)) series.labels[label] = Of({"p", "q", "r"});
    }
    series.value = static_cast<double>(Below(100));
    return series;
  }

 private:
  std::mt19937 engine_;
};

std::optional<MappingTable> RandomTable(Random& random, int step) {
  const std::string n = std::to_string(step);
  std::string text = "name: t" + n + "\ntitle: T\ncomponent: c\nversions: {from: '" + n +
                     "', to: '" + std::to_string(step + 1) + "'}\nsource: s\nmetrics:\n";
  const size_t items = 1 + random.Below(5);
  for (size_t i = 0; i < items; ++i) text += "- " + random.Item(step) + "\n";
  return LoadMappingTable(text).value;
}

std::string Describe(const std::vector<MappingTable>& tables, const Series& series) {
  std::string out = Show(series) + " through\n";
  for (const MappingTable& table : tables) {
    out += table.name + "\n";
    for (const MappingEntry& entry : table.metrics) out += "  " + Line(entry) + "\n";
  }
  return out;
}

TEST(MappingProperty, StepsAtOnceAreStepsOneByOne) {
  Random random(20240607);
  size_t composed = 0;
  size_t moved_twice = 0;
  for (int round = 0; round < 8000; ++round) {
    std::vector<MappingTable> tables;
    for (int step = 1; step <= 3; ++step) {
      if (auto table = RandomTable(random, step)) tables.push_back(*std::move(table));
    }
    const Outcome<Mapping> mapping = Mapping::FromTables(tables);
    if (!mapping || tables.size() < 2) continue;
    ++composed;
    for (int i = 0; i < 5; ++i) {
      const Series series = random.OldSeries();
      std::optional<Series> expected = series;
      size_t moves = 0;
      for (const MappingTable& table : tables) {
        const std::string before = Show(expected);
        if (expected) expected = Step(table, *expected);
        if (Show(expected) != before) ++moves;
      }
      moved_twice += moves > 1 ? 1 : 0;
      const std::optional<Series> result = AtOnce(*mapping, series);
      ASSERT_EQ(Show(result), Show(expected)) << Describe(tables, series) << "at once:\n"
                                              << testing::PrintToString(Lines(*mapping));
      if (!result) continue;
      ASSERT_NEAR(result->value, expected->value, 1e-6) << Describe(tables, series);
    }
  }
  // The test is about something.
  EXPECT_GT(composed, 1000u);
  EXPECT_GT(moved_twice, 200u);
}

// What another metric became is not told apart from what always had its name, or came to it in
// another step.
bool Merges(const std::vector<MappingTable>& tables, const std::string& old_name,
            const std::string& new_name) {
  size_t steps = 0;
  for (const MappingTable& table : tables) {
    bool makes = false;
    for (const MappingEntry& entry : table.metrics) {
      if (entry.new_name == old_name || (entry.SameName() && entry.new_name == new_name))
        return true;
      makes = makes || entry.new_name == new_name;
    }
    steps += makes ? 1 : 0;
  }
  return steps > 1;
}

TEST(MappingProperty, TheWayBackLeadsBack) {
  Random random(42);
  size_t led_back = 0;
  for (int round = 0; round < 8000; ++round) {
    std::vector<MappingTable> tables;
    for (int step = 1; step <= 2; ++step) {
      if (auto table = RandomTable(random, step)) tables.push_back(*std::move(table));
    }
    const Outcome<Mapping> mapping = Mapping::FromTables(tables);
    if (!mapping) continue;
    const Outcome<Mapping> back = mapping->Reversed();
    ASSERT_TRUE(back);
    if (!back.diagnostics.empty()) continue;
    for (int i = 0; i < 5; ++i) {
      const Series series = random.OldSeries();
      if (mapping->FindAllOld(series.name).empty()) continue;
      const std::optional<Series> there = AtOnce(*mapping, series);
      if (!there || there->name == series.name || Merges(tables, series.name, there->name))
        continue;
      const std::optional<Series> again = AtOnce(*back, *there);
      ASSERT_EQ(Show(again), Show(series)) << Describe(tables, series) << "to " << Show(there);
      ASSERT_NEAR(again->value, series.value, 1e-6);
      ++led_back;
    }
  }
  EXPECT_GT(led_back, 500u);
}

}  // namespace
}  // namespace metrishift
