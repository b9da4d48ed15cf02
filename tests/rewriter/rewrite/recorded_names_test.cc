#include "rewriter/rewrite/recorded_names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "core/mapping_loader.h"

namespace metrishift::rewrite {
namespace {

MappingTable Table(std::string_view component, std::string_view metrics) {
  const std::string name(component);
  const Outcome<MappingTable> table = LoadMappingTable(
      "name: " + name + "\ntitle: t\ncomponent: " + name +
      "\nversions: {from: \"1\", to: \"2\"}\nsource: s\nmetrics:\n" + std::string(metrics));
  EXPECT_TRUE(table) << (table.diagnostics.empty() ? "" : table.diagnostics[0].message);
  return table ? *table : MappingTable();
}

const Mapping& Names() {
  static const Mapping mapping =
      *Mapping::FromTables(
           {Table(
                "etcd",
                "- {old: etcd_debugging_mvcc_put_total, new: etcd_mvcc_put_total, type: counter}\n"
                "- {old: etcd_debugging_mvcc_db_total_size_in_bytes, "
                "new: etcd_mvcc_db_total_size_in_bytes, type: gauge}\n"
                "- {old: q_old_seconds, new: q_new_seconds, type: histogram}\n"
                "- {old: node_cpu, new: host_cpu, type: gauge}\n"
                "- {old: grow, new: grow_seconds, type: gauge}\n"
                "- {old: m_a_x, new: n_y, type: gauge}\n"
                "- {old: m_a_z, new: n_z, type: gauge}\n"
                "- {old: c_one_total, new: d_one_total, type: counter}\n"
                "- {old: c_two_total, new: e_two_total, type: counter}\n"),
            Table("other", "- {old: other_total, new: d_one_total, type: counter}\n")})
           .value;
  return mapping;
}

// "a: b c" as a rule that records a and reads b and c; its place is its number.
std::vector<RecordingRule> Rules(const std::vector<std::string>& texts) {
  std::vector<RecordingRule> rules;
  for (const std::string& text : texts) {
    RecordingRule rule;
    rule.place = std::to_string(rules.size() + 1);
    const size_t colon = text.find(": ");
    rule.name = text.substr(0, colon);
    for (size_t at = colon + 2; at < text.size();) {
      const size_t end = std::min(text.find(' ', at), text.size());
      rule.reads.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    std::ranges::sort(rule.reads);
    rules.push_back(std::move(rule));
  }
  return rules;
}

// Each name as "old -> new", "old held: why" or "old kept: why", in order of the names.
std::vector<std::string> Shown(const RecordedNames& recorded) {
  std::vector<std::string> out;
  for (const auto& [old_name, name] : recorded.names) {
    switch (name.fate) {
      case RecordedName::Fate::kMoves:
        out.push_back(old_name + " -> " + name.new_name);
        break;
      case RecordedName::Fate::kHeld:
        out.push_back(old_name + " held: " + name.why);
        break;
      case RecordedName::Fate::kKept:
        out.push_back(old_name + " kept: " + name.why);
        break;
    }
  }
  return out;
}

struct Row {
  const char* what;
  std::vector<std::string> rules;
  std::vector<std::string> names;
};

void Expect(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(Shown(DeriveRecordedNames(Rules(row.rules), Names())), row.names) << row.what;
  }
}

TEST(RecordedNames, ArePutTogetherFromTheirParts) {
  Expect({
      {"a part is a deprecated name, whatever the rule reads",
       {"job:etcd_debugging_mvcc_put_total:rate5m: x"},
       {"job:etcd_debugging_mvcc_put_total:rate5m -> job:etcd_mvcc_put_total:rate5m"}},
      {"first, last, several",
       {"etcd_debugging_mvcc_put_total:node_cpu: x", "::node_cpu:: x"},
       {"::node_cpu: -> ::host_cpu:",
        "etcd_debugging_mvcc_put_total:node_cpu -> "
        "etcd_mvcc_put_total:host_cpu"}},
      {"a name without a deprecated one",
       {"job:etcd_mvcc_put_total:rate5m: etcd_mvcc_put_total", "job:up:sum: up",
        "job:etcd_debugging_mvcc_keys_total:rate5m: etcd_debugging_mvcc_keys_total"},
       {}},
      {"words are whole", {"job:xetcd_debugging_mvcc_put_total:sum: x", "job:node_cpus: x"}, {}},
      {"without its suffix, as the rule reads it",
       {"etcd:etcd_debugging_mvcc_db_total_size:sum: sum "
        "etcd_debugging_mvcc_db_total_size_in_bytes",
        "job:etcd_debugging_mvcc_put:rate5m: etcd_debugging_mvcc_put_total",
        "job:q_old:p99: q_old_seconds_bucket", "q_old_seconds:p99: q_old_seconds_bucket"},
       {"etcd:etcd_debugging_mvcc_db_total_size:sum -> etcd:etcd_mvcc_db_total_size:sum",
        "job:etcd_debugging_mvcc_put:rate5m -> job:etcd_mvcc_put:rate5m",
        "job:q_old:p99 -> job:q_new:p99", "q_old_seconds:p99 -> q_new_seconds:p99"}},
      {"the same where the rule has been rewritten already",
       {"job:etcd_debugging_mvcc_put:rate5m: etcd_mvcc_put_total"},
       {"job:etcd_debugging_mvcc_put:rate5m -> job:etcd_mvcc_put:rate5m"}},
      {"not where the rule reads something else", {"job:etcd_debugging_mvcc_put:rate5m: x"}, {}},
      {"one word is a level", {"node:cpu:sum: node_cpu"}, {}},
      // As in node_exporter's docs/example-16-compatibility-rules.yml.
      {"without a colon it is a metric's name of old",
       {"etcd_debugging_mvcc_put: etcd_debugging_mvcc_put_total", "q_old: j:q_old:p99",
        "j:q_old:p99: q_old_seconds_bucket"},
       {"j:q_old:p99 -> j:q_new:p99"}},
      {"with words around it, as the rule reads it",
       {"all_etcd_debugging_mvcc_put_total_rate: etcd_debugging_mvcc_put_total",
        "all_node_cpu_rate: x"},
       {"all_etcd_debugging_mvcc_put_total_rate -> all_etcd_mvcc_put_total_rate"}},
      {"not the beginning of something that keeps its name",
       {"etcd_debugging_mvcc:sum: etcd_debugging_mvcc_put_total etcd_debugging_mvcc_keys_total",
        "job:node_cpu_x:sum: node_cpu node_cpu_x", "job:node_cpu_x:sum: node_cpu node_cpu_x_total"},
       {}},
      {"nor of something that is renamed otherwise", {"m_a:sum: m_a_x m_a_z"}, {}},
      {"what has moved does not move again",
       {"job:grow:sum: grow", "job:grow_seconds:max: grow_seconds",
        "job:etcd_mvcc_put: grow "
        "etcd_mvcc_put_total"},
       {"job:grow:sum -> job:grow_seconds:sum"}},
  });
}

TEST(RecordedNames, MoveInTheNamesOfWhatReadsThem) {
  Expect({
      {"a chain, in any order",
       {"c:etcd_debugging_mvcc_put:max: b:etcd_debugging_mvcc_put:sum",
        "b:etcd_debugging_mvcc_put:sum: a:etcd_debugging_mvcc_put:rate5m",
        "a:etcd_debugging_mvcc_put:rate5m: etcd_debugging_mvcc_put_total"},
       {"a:etcd_debugging_mvcc_put:rate5m -> a:etcd_mvcc_put:rate5m",
        "b:etcd_debugging_mvcc_put:sum -> b:etcd_mvcc_put:sum",
        "c:etcd_debugging_mvcc_put:max -> c:etcd_mvcc_put:max"}},
      {"rules that read each other",
       {"a:q_old:x: b:q_old:x", "b:q_old:x: a:q_old:x q_old_seconds_sum"},
       {"a:q_old:x -> a:q_new:x", "b:q_old:x -> b:q_new:x"}},
      {"a rule that reads itself",
       {"a:node_cpu:x: a:node_cpu:x"},
       {"a:node_cpu:x -> a:host_cpu:x"}},
      {"not where the part is another",
       {"a:node_cpu: x", "b:cpu: a:node_cpu"},
       {"a:node_cpu -> a:host_cpu"}},
      {"the same record by several rules, one of which says what it stands for",
       {"j:q_old:x: y", "j:q_old:x: q_old_seconds_sum"},
       {"j:q_old:x -> j:q_new:x"}},
  });
  EXPECT_EQ(DeriveRecordedNames(Rules({"a:node_cpu: x", "a:node_cpu: y"}), Names())
                .names.at("a:node_cpu")
                .rules,
            2u);
}

TEST(RecordedNames, StayWhereTheyWouldCollide) {
  Expect({
      {"recorded already, by whatever rule",
       {"a:host_cpu:sum: up", "a:node_cpu:sum: node_cpu"},
       {"a:node_cpu:sum held: a:host_cpu:sum is recorded already at 1"}},
      {"recorded already from the old name: a compatibility rule, one level up",
       {"a:node_cpu:sum: a:host_cpu:sum", "a:host_cpu:sum: node_cpu"},
       {"a:node_cpu:sum held: a:host_cpu:sum is recorded already at 2"}},
      {"recorded already, under a name that would move itself: the next run must find the same",
       {"a:node_cpu:q_old: x", "a:host_cpu:q_old: q_old_seconds_sum", "b:q_old: q_new_seconds_sum"},
       {"a:host_cpu:q_old held: a:node_cpu:q_old at 1 would take its place",
        "a:node_cpu:q_old held: a:host_cpu:q_old is recorded already at 2", "b:q_old -> b:q_new"}},
      {"two that become one",
       {"a:c_one_total:x: c_one_total", "a:other_total:x: other_total", "b:other_total: y"},
       {"a:c_one_total:x held: a:other_total:x at 2 would become a:d_one_total:x, too",
        "a:other_total:x held: a:c_one_total:x at 1 would become a:d_one_total:x, too",
        "b:other_total -> b:d_one_total"}},
  });
}

TEST(RecordedNames, WhatCannotBeEditedStays) {
  std::vector<RecordingRule> rules = Rules({"a:node_cpu: x", "a:node_cpu: y", "b:node_cpu: x"});
  rules[1].editable = false;
  EXPECT_EQ(Shown(DeriveRecordedNames(rules, Names())),
            (std::vector<std::string>{"a:node_cpu held: its scalar at 2 cannot be rewritten",
                                      "b:node_cpu -> b:host_cpu"}));
}

TEST(RecordedNames, UndecidedOnesStay) {
  const Mapping mapping =
      *Mapping::FromTables({Table("a",
                                  "- {old: m_n_a_total, new: o_a_total, type: counter}\n"
                                  "- {old: m_n_b_total, new: p_b_total, type: counter}\n"
                                  "- {old: grow_x, new: m_grow_x_total, type: gauge}\n"
                                  "- {old: ring, new: rong, type: gauge}\n"
                                  "- {old: rong, new: rung, type: gauge}\n")})
           .value;
  EXPECT_EQ(Shown(DeriveRecordedNames(Rules({"j:m_n:x: m_n_a_total m_n_b_total", "j:ring:x: ring"}),
                                      mapping)),
            (std::vector<std::string>{// The next run would turn it into rung.
                                      "j:m_n:x held: it could become j:o:x or j:p:x",
                                      "j:ring:x held: it could become j:rong:x or j:rung:x"}));
}

TEST(RecordedNames, AMetricStandsForAllThatItHasBeenCalled) {
  MappingTable first = Table("a", "- {old: a_x_total, new: b_x_total, type: counter}\n");
  MappingTable second = Table("a", "- {old: b_x_total, new: c_x_total, type: counter}\n");
  second.name = "second";
  second.from_version = "2";
  const Mapping mapping = *Mapping::FromTables({first, second}).value;
  EXPECT_EQ(Shown(DeriveRecordedNames(Rules({"j:a_x:1: a_x_total", "j:b_x:2: a_x_total",
                                             "j:a_x:3: c_x_total", "j:b_x:4: b_x_total"}),
                                      mapping)),
            (std::vector<std::string>{"j:a_x:1 -> j:c_x:1", "j:a_x:3 -> j:c_x:3",
                                      "j:b_x:2 -> j:c_x:2", "j:b_x:4 -> j:c_x:4"}));
}

TEST(RecordedNames, ComeFromPatternsAndGoBackToo) {
  const Mapping mapping =
      *Mapping::FromTables({Table("w",
                                  "- {old_prefix: wmi_, new_prefix: windows_}\n"
                                  "- {old: node_cpu, new: host_cpu_ratio, type: gauge}\n")})
           .value;
  EXPECT_EQ(
      Shown(DeriveRecordedNames(Rules({"j:wmi_cpu:sum: x", "wmi_cpu:sum: x", "j:wmi:sum: x",
                                       "wmi_x: windows_x", "j:all_wmi_cpu_total: wmi_cpu_total"}),
                                mapping)),
      (std::vector<std::string>{"j:all_wmi_cpu_total -> j:all_windows_cpu_total",
                                "j:wmi_cpu:sum -> j:windows_cpu:sum",
                                "wmi_cpu:sum -> windows_cpu:sum"}));
  const Mapping back = *mapping.Reversed().value;
  const RecordedNames recorded =
      DeriveRecordedNames(Rules({"j:windows_cpu:sum: x", "j:host_cpu_ratio: x"}), back);
  EXPECT_EQ(Shown(recorded), (std::vector<std::string>{"j:host_cpu_ratio -> j:node_cpu",
                                                       "j:windows_cpu:sum -> j:wmi_cpu:sum"}));
  const Outcome<Mapping> with = WithRecordedNames(back, recorded);
  ASSERT_TRUE(with);
  EXPECT_EQ(with->FindOld("j:host_cpu_ratio")->NewSeries(), "j:node_cpu");
  EXPECT_EQ(with->FindOld("windows_cpu")->NewSeries(), "wmi_cpu");
}

TEST(RecordedNames, NamesOfMetricsNeverMove) {
  Expect({
      {"a compatibility rule, and one that goes ahead",
       {"node_cpu: host_cpu", "host_cpu: node_cpu", "q_old_seconds_bucket: q_new_seconds_bucket"},
       {}},
  });
  const Mapping mapping =
      *Mapping::FromTables({Table("a",
                                  "- {old: a_b_total, new: c_d_total, type: counter}\n"
                                  "- {old: x_total, new: all_c_d_total, type: counter}\n")})
           .value;
  EXPECT_EQ(Shown(DeriveRecordedNames(Rules({"all_a_b_total: a_b_total"}), mapping)),
            std::vector<std::string>{
                "all_a_b_total held: all_c_d_total is the name of a metric in a table"});
}

TEST(RecordedNames, TemplatesAndEndlessNamesAreKept) {
  const std::string why = " kept: it is no metric name (a template, perhaps)";
  const std::string longest = std::string(500 - 9, 'a') + ":node_cpu";
  Expect({
      {"templates and other names",
       {"{{ x }}:node_cpu:sum: y", "a.b:node_cpu: y", "{{ x }}:up: y", "$a:xnode_cpu: y"},
       {"a.b:node_cpu" + why, "{{ x }}:node_cpu:sum" + why}},
      {"long names",
       {"b" + longest + ": y", longest + ": y"},
       {longest + " -> " + std::string(500 - 9, 'a') + ":host_cpu",
        "b" + longest + " kept: it is very long"}},
  });
}

TEST(RecordedNames, LoopsOfTheMappingAreFound) {
  struct LoopRow {
    const char* what;
    std::vector<std::string> rules;
    RecordedNames::Loops loops;
  };
  const LoopRow rows[] = {
      {"through another rule", {"host_cpu: a:sum", "a:sum: node_cpu"}, {{"a:sum", "node_cpu"}}},
      {"through several, and several ways",
       {"host_cpu: c:sum up", "c:sum: b:sum", "b:sum: a:sum x", "a:sum: node_cpu",
        "b:sum: node_cpu", "d:sum: host_cpu node_cpu"},
       {{"a:sum", "node_cpu"}, {"b:sum", "node_cpu"}}},
      {"a rule that reads the new name of what it records says so itself",
       {"host_cpu: node_cpu"},
       {}},
      {"no loop: both names are kept alive",
       {"host_cpu: up", "node_cpu: host_cpu", "a:sum: node_cpu"},
       {}},
      {"loops that are there already", {"a: a b", "b: a node_cpu", "host_cpu: up"}, {}},
  };
  for (const LoopRow& row : rows)
    EXPECT_EQ(DeriveRecordedNames(Rules(row.rules), Names()).loops, row.loops) << row.what;
}

TEST(WithRecordedNames, AddsWhatMovesAndNothingElse) {
  const RecordedNames recorded = DeriveRecordedNames(
      Rules({"a:host_cpu: up", "a:node_cpu: up", "b:node_cpu: up", "{{x}}:node_cpu: up"}), Names());
  const Outcome<Mapping> mapping = WithRecordedNames(Names(), recorded);
  ASSERT_TRUE(mapping);
  EXPECT_EQ(mapping->entries().size(), Names().entries().size() + 1);
  const auto move = mapping->FindOld("b:node_cpu");
  ASSERT_TRUE(move);
  EXPECT_EQ(move->NewSeries(), "b:host_cpu");
  EXPECT_EQ(move->entry->place, "3");
  EXPECT_TRUE(IsMove(move->entry));
  EXPECT_FALSE(IsMove(mapping->FindOld("node_cpu")->entry));
  EXPECT_FALSE(IsMove(nullptr));
}

}  // namespace
}  // namespace metrishift::rewrite
