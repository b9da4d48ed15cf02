#include <gmock/gmock.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tests/core/tables.h"

namespace metrishift {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

using StepItems = std::vector<std::vector<std::string_view>>;

struct Row {
  StepItems steps;
  std::vector<std::string> back;
};

// What has a way back, with all of it.
const std::vector<Row>& Invertible() {
  static const std::vector<Row> rows = {
      {{{"{old: a, new: b, type: gauge, note: n}"}}, {"b -> a # n"}},
      // Splits: what the new side says in labels is in the old name.
      {{{"{old: a_cpu, new: b, type: gauge, new_labels: {r: cpu, unit: core}}",
         "{old: a_mem, new: b, type: gauge, new_labels: {r: mem, unit: byte}}"}},
       {"b{r=\"cpu\",unit=\"core\"} -> a_cpu{r=\"\",unit=\"\"}",
        "b{r=\"mem\",unit=\"byte\"} -> a_mem{r=\"\",unit=\"\"}"}},
      {{{"{old: net, new: connections, type: counter, when: {protocol: tcp}, new_labels: "
         "{protocol: ''}}"}},
       {"connections -> net{protocol=\"tcp\"}"}},
      // node_exporter 0.16
      {{{"{old: node_cpu, new: guest_seconds, type: counter, when: {mode: guest}, new_labels: "
         "{mode: user}, label_values: {cpu: {pattern: cpu(.+), new: $1}}}",
         "{old: node_cpu, new: guest_seconds, type: counter, when: {mode: guest_nice}, "
         "new_labels: {mode: nice}, label_values: {cpu: {pattern: cpu(.+), new: $1}}}",
         "{old: node_cpu, new: cpu_seconds, type: counter, label_values: {cpu: {pattern: "
         "cpu(.+), new: $1}}}"}},
       {"guest_seconds{mode=\"user\"} -> node_cpu{mode=\"guest\"} (cpu: (.+) -> cpu$1)",
        "guest_seconds{mode=\"nice\"} -> node_cpu{mode=\"guest_nice\"} (cpu: (.+) -> cpu$1)",
        "cpu_seconds -> node_cpu (cpu: (.+) -> cpu$1)"}},
      {{{"{old: a, new: b, type: gauge, when: {m: x}}",
         "{old: a, new: b, type: gauge, when: {m: y}, "
         "scale: 2}"}},
       {"b{m=\"x\"} -> a", "b{m=\"y\"} -> a (old = 0.5 * new)"}},
      // The label of the condition gets another name.
      {{{"{old: a, new: b, type: gauge, when: {CPU: cpu0}, labels: [{old: CPU, new: cpu}]}"}},
       {"b{cpu=\"cpu0\"} -> a{CPU=\"cpu0\",cpu=\"\"}"}},
      {{{"{old: a, new: b, type: gauge, labels: [{old: x, new: y}], label_values: {x: {values: {p: "
         "q, q: p}}}}"}},
       {"b -> a (label y -> x, y: q -> p, p -> q)"}},
      {{{"{old: a, new: b, type: gauge, labels: [{old: x, new: y}, {old: y, new: x}]}"}},
       {"b -> a (label y -> x, label x -> y)"}},
      {{{"{old: a, new: b, type: gauge, labels: [{old: x, new: y}], new_labels: {x: z}}"}},
       {"b{x=\"z\"} -> a (label y -> x)"}},
      {{{"{old: a, new: a, type: gauge, labels: [{old: pod_name, new: pod}]}"}},
       {"a -> a (label pod -> pod_name)"}},
      // Units
      {{{"{old: a_ms, new: a_seconds, type: histogram, scale: 1000}"}},
       {"a_seconds -> a_ms (old = 0.001 * new)"}},
      {{{"{old: f, new: c, type: gauge, scale: 1.8, offset: 32}"}},
       {"c -> f (old = 0.5555555555555556 * new - 17.77777777777778)"}},
      // Types
      {{{"{old: s, new: h, type: summary, new_type: histogram}"}},
       {"h -> s (histogram -> summary, sum_count_only)"}},
      {{{"{old: h, new: g, type: histogram, buckets: incompatible}"}},
       {"g -> h (other buckets, sum_count_only)"}},
      // Steps: from the last new name to the first old one.
      {{{"{old: a, new: b, type: gauge, scale: 2}"}, {"{old: b, new: c, type: gauge, scale: 4}"}},
       {"c -> a (old = 0.125 * new)", "b -> a (old = 0.5 * new)"}},
      {{{"{old: a, new: a, type: gauge, labels: [{old: x, new: y}]}"},
        {"{old: a, new: a, type: gauge, labels: [{old: p, new: q}]}"}},
       {"a -> a (label q -> p, label y -> x)"}},
      {{{"{old: active, new: disks, type: gauge, new_labels: {state: active}}",
         "{old: disks, new: required, type: gauge}"}},
       {"disks{state=\"active\"} -> active{state=\"\"}", "required -> disks"}},
  };
  return rows;
}

TEST(Reversed, TheWayBack) {
  for (const Row& row : Invertible()) {
    const Mapping mapping = *Mapping::FromTables(StepTables(row.steps));
    const Outcome<Mapping> back = mapping.Reversed();
    ASSERT_TRUE(back);
    EXPECT_THAT(back.diagnostics, IsEmpty());
    EXPECT_EQ(Lines(*back), row.back) << row.steps[0][0];
  }
}

double Rounded(double number) {
  char text[40];
  std::snprintf(text, sizeof text, "%.12g", number);
  return std::strtod(text, nullptr);
}

// Scales come back up to rounding; nothing promises an order to labels; a way back knows which
// labels are never there.
MappingEntry Canonical(MappingEntry entry) {
  const auto by_name = [](const Label& a, const Label& b) { return a.name < b.name; };
  std::ranges::sort(entry.when, by_name);
  std::ranges::sort(entry.new_labels, by_name);
  entry.scale = Rounded(entry.scale);
  entry.offset = Rounded(entry.offset);
  entry.never_there.clear();
  return entry;
}

TEST(Reversed, TwiceIsTheSameAgain) {
  for (const Row& row : Invertible()) {
    const Mapping mapping = *Mapping::FromTables(StepTables(row.steps));
    const Mapping again = *mapping.Reversed()->Reversed();
    ASSERT_EQ(again.entries().size(), mapping.entries().size());
    for (size_t i = 0; i < again.entries().size(); ++i) {
      EXPECT_EQ(Canonical(again.entries()[i]), Canonical(mapping.entries()[i]))
          << Line(again.entries()[i]) << " or " << Line(mapping.entries()[i]);
    }
    for (size_t i = 0; i < again.tables().size(); ++i) {
      EXPECT_EQ(again.tables()[i].name, mapping.tables()[i].name);
      EXPECT_EQ(again.tables()[i].from_version, mapping.tables()[i].from_version);
    }
  }
}

TEST(Reversed, ItsTablesMakeItAgain) {
  for (const Row& row : Invertible()) {
    const Mapping back = *Mapping::FromTables(StepTables(row.steps))->Reversed();
    const std::vector<MappingTable> tables(back.tables().begin(), back.tables().end());
    EXPECT_EQ(Lines(*Mapping::FromTables(tables)), Lines(back));
  }
}

TEST(Reversed, WhatHasNoWayBackIsLeftOutAndSaid) {
  struct Loss {
    StepItems steps;
    std::vector<std::string> back;
    std::string_view warning;
  };
  const Loss rows[] = {
      {{{"{old: a, type: gauge, kind: removed, note: n}", "{old: b, new: c, type: gauge}"}},
       {"c -> b"},
       "no way back for t1 (a (removed), gauge): nothing takes its place"},
      {{{"{old: a, new: b, type: gauge, aggregate: {op: sum, by: [x]}}"}},
       {},
       "no way back for t1 (a -> b, gauge): an aggregate cannot be taken apart"},
      {{{"{old: a, new: b, type: gauge, expr: b + 1}"}},
       {},
       "no way back for t1 (a -> b, gauge): an expression cannot be turned round"},
      {{{"{old: a, new: b, type: gauge, new_labels: {x: ''}}"}},
       {},
       "no way back for t1 (a -> b{x=\"\"}, gauge): the new side does not have label x"},
      {{{"{old: a, new: b, type: gauge, label_values: {x: {values: {p: r}, injective: false}}}"}},
       {},
       "no way back for t1 (a -> b, gauge): the values of label x have no way back"},
      {{{"{old: a, new: b, type: gauge, scale: 1e-310}"}},
       {},
       "no way back for t1 (a -> b, gauge): its scale has no inverse"},
      // Two steps that end at one name, and a third on the way to it that stays.
      {{{"{old: a, new: x, type: gauge}"}, {"{old: b, new: x, type: gauge}"}},
       {},
       "tables contradict each other: t2 (x -> b, gauge) and t1 (x -> a, gauge)"},
      {{{"{old: a, new: x_sum, type: counter}"}, {"{old: b, new: x, type: histogram}"}},
       {},
       "tables contradict each other: t2 (x -> b, histogram) and t1 (x_sum -> a, counter)"},
  };
  for (const Loss& row : rows) {
    const Outcome<Mapping> back = Mapping::FromTables(StepTables(row.steps))->Reversed();
    ASSERT_TRUE(back) << row.warning;
    EXPECT_EQ(Lines(*back), row.back) << row.warning;
    ASSERT_EQ(back.diagnostics.size(), 1u) << row.warning;
    EXPECT_EQ(back.diagnostics[0].severity, Severity::kWarning);
    EXPECT_EQ(back.diagnostics[0].message, row.warning);
  }
}

// A table made by hand may hold what the loader refuses.
TEST(Reversed, TwoEntriesThatMakeOneSeriesAreBothLeftOut) {
  MappingTable table =
      StepTable(1, {"{old: a, new: b, type: gauge}", "{old: c, new: d, type: gauge}"});
  table.metrics.push_back(table.metrics[0]);
  table.metrics[2].old_name = "e";
  const Outcome<Mapping> back = Mapping::FromTables({table})->Reversed();
  ASSERT_TRUE(back);
  EXPECT_EQ(Lines(*back), std::vector<std::string>{"d -> c"});
  ASSERT_EQ(back.diagnostics.size(), 2u);
  EXPECT_EQ(back.diagnostics[0].message,
            "no way back for t1 (a -> b, gauge): e -> b makes the same series");
}

TEST(Reversed, Patterns) {
  const Outcome<Mapping> back =
      Mapping::FromTables(
          StepTables({{"{old_prefix: wmi_, new_prefix: windows_, except: [wmi_x]}",
                       "{old_pattern: m_(.+)_ms, new: 'm_${1}_seconds', scale: 1000, new_labels: "
                       "{a: $$b}}",
                       "{old_pattern: (.+)_depth, new: wq_depth, new_labels: {name: $1}}",
                       "{old_pattern: n_(.+)_(.+), new: 'n_${2}_$1'}"}}))
          ->Reversed();
  ASSERT_TRUE(back);
  ASSERT_EQ(back.diagnostics.size(), 2u);
  EXPECT_THAT(back.diagnostics[0].message, HasSubstr("a part of its name became a label"));
  EXPECT_THAT(back.diagnostics[1].message,
              HasSubstr("the old name cannot be read off the new one"));
  const std::pair<std::string_view, std::vector<std::string>> rows[] = {
      {"windows_y", {"windows_y -> wmi_y"}},
      {"windows_x", {}},
      {"m_a_seconds", {"m_a_seconds{a=\"$b\"} -> m_a_ms{a=\"\"} (old = 0.001 * new)"}},
      {"wq_depth", {}},
  };
  for (const auto& [name, lines] : rows) EXPECT_EQ(Lines(back->FindAllOld(name)), lines) << name;
  const Mapping again = *back->Reversed();
  EXPECT_EQ(Lines(again.FindAllOld("wmi_y")), std::vector<std::string>{"wmi_y -> windows_y"});
  EXPECT_EQ(Lines(again.FindAllOld("wmi_x")), std::vector<std::string>{});
  EXPECT_EQ(Lines(again.FindAllOld("m_a_ms")),
            std::vector<std::string>{"m_a_ms -> m_a_seconds{a=\"$b\"} (old = 1000 * new)"});
}

// A label that one side has and the other has not is said by the side that has it.
TEST(Reversed, ALabelThatIsNotThereNeedsNoCondition) {
  const Mapping mapping = *Mapping::FromTables(
      StepTables({{"{old: a, new: b, type: gauge, when: {m: ''}, new_labels: {m: x}}",
                   "{old: c, new: d, type: gauge, when: {m: ''}}"}}));
  const Mapping back = *mapping.Reversed();
  EXPECT_EQ(Lines(back), (std::vector<std::string>{"b{m=\"x\"} -> a{m=\"\"}", "d{m=\"\"} -> c"}));
  EXPECT_EQ(Lines(*back.Reversed()),
            (std::vector<std::string>{"a -> b{m=\"x\"}", "c{m=\"\"} -> d"}));
}

TEST(Reversed, OfNothing) {
  ASSERT_TRUE(Mapping().Reversed());
  EXPECT_THAT(Mapping().Reversed()->entries(), IsEmpty());
}

}  // namespace
}  // namespace metrishift
