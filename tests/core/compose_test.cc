#include <gmock/gmock.h>

#include "tests/core/tables.h"

namespace metrishift {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct Row {
  std::string_view why;
  std::vector<std::vector<std::string_view>> steps;
  std::vector<std::string> lines;
};

TEST(Compose, Steps) {
  const Row rows[] = {
      {"etcd 2 to 3.0 to 3.4",
       {{"{old: etcd_storage_put_total, new: etcd_debugging_mvcc_put_total, type: counter}"},
        {"{old: etcd_debugging_mvcc_put_total, new: etcd_mvcc_put_total, type: counter}"}},
       {"etcd_storage_put_total -> etcd_mvcc_put_total",
        "etcd_debugging_mvcc_put_total -> etcd_mvcc_put_total"}},
      {"Kubernetes' scheduler: a unit, then a split",
       {{"{old: s_latency_microseconds, new: s_duration_seconds, type: summary, new_type: "
         "histogram, scale: 1e6}"},
        {"{old: s_duration_seconds, new: s_attempt_seconds, type: histogram, new_labels: {result: "
         "scheduled}}"}},
       {"s_latency_microseconds -> s_attempt_seconds{result=\"scheduled\"} (old = 1000000 * new, "
        "summary -> histogram, sum_count_only)",
        "s_duration_seconds -> s_attempt_seconds{result=\"scheduled\"}"}},
      {"CoreDNS: a counter becomes a histogram's _count",
       {{"{old: f_request_count_total, new: f_requests_total, type: counter}"},
        {"{old: f_requests_total, new: proxy_seconds_count, type: counter, new_labels: "
         "{proxy_name: forward}, aggregate: {op: sum, by: [to]}}"}},
       {"f_request_count_total -> proxy_seconds_count{proxy_name=\"forward\"} (sum by (to), "
        "approximate)",
        "f_requests_total -> proxy_seconds_count{proxy_name=\"forward\"} (sum by (to), "
        "approximate)"}},
      {"a _count follows its family, whose unit is none of its business",
       {{"{old: a_total, new: h_count, type: counter}",
         "{old: b_total, new: h_sum, type: counter}"},
        {"{old: h, new: g, type: histogram, scale: 1000, labels: [{old: x, new: y}]}"}},
       {"a_total -> g_count (label x -> y)", "b_total -> g_sum (label x -> y, old = 1000 * new)",
        "h -> g (label x -> y, old = 1000 * new)"}},
      {"a quantile has no place in a histogram; its sum has",
       {{"{old: a, new: s_sum, type: counter}",
         "{old: p99, new: s, type: gauge, new_type: summary, new_labels: {quantile: '0.99'}}"},
        {"{old: s, new: h, type: summary, new_type: histogram}"}},
       {"a -> h_sum", "p99 (removed) # h has nothing for s",
        "s -> h (summary -> histogram, sum_count_only)"}},
      {"buckets with other bounds are none",
       {{"{old: a, new: s_bucket, type: counter}"},
        {"{old: s, new: h, type: histogram, buckets: incompatible, note: n}"}},
       {"a (removed) # h has nothing for s_bucket; n",
        "s -> h (other buckets, sum_count_only) # n"}},
      {"units and offsets: old = 10 * (2 * new + 3) + 4",
       {{"{old: a, new: b, type: gauge, scale: 10, offset: 4}"},
        {"{old: b, new: c, type: gauge, scale: 2, offset: 3}"}},
       {"a -> c (old = 20 * new + 34)", "b -> c (old = 2 * new + 3)"}},
      {"back to the unit of before",
       {{"{old: a, new: a, type: gauge, scale: 1000}"},
        {"{old: a, new: a, type: gauge, scale: 0.001}"}},
       {}},
      {"three steps of one name",
       {{"{old: hrts, new: hertz, type: gauge, scale: 2}"},
        {"{old: hertz, new: hertz, type: gauge, scale: 3}"},
        {"{old: hertz, new: hz, type: gauge, scale: 5}"}},
       {"hrts -> hz (old = 30 * new)", "hertz -> hz (old = 15 * new)"}},
      {"labels follow each other",
       {{"{old: a, new: b, type: gauge, labels: [{old: x, new: y}, {old: p, new: q}]}"},
        {"{old: b, new: c, type: gauge, labels: [{old: y, new: z}, {old: q, new: p}]}"}},
       {"a -> c (label x -> z)", "b -> c (label y -> z, label q -> p)"}},
      {"a label that the first step brings is renamed, and its value mapped, by the second",
       {{"{old: a, new: b, type: gauge, new_labels: {r: cpu}}"},
        {"{old: b, new: c, type: gauge, labels: [{old: r, new: res}], label_values: {r: {values: "
         "{cpu: CPU}}}}"}},
       {"a -> c{res=\"CPU\"}", "b -> c (label r -> res, r: cpu -> CPU)"}},
      {"a label that the first step brings is taken away by the second",
       {{"{old: a, new: b, type: gauge, new_labels: {r: cpu}}"},
        {"{old: b, new: c, type: gauge, when: {r: cpu}, new_labels: {r: ''}}"}},
       {"a -> c", "b{r=\"cpu\"} -> c{r=\"\"}"}},
      {"a renamed label is fixed by the second step, so that the first one's is what is lost",
       {{"{old: a, new: b, type: gauge, labels: [{old: x, new: y}]}"},
        {"{old: b, new: c, type: gauge, when: {y: '1'}, new_labels: {y: ''}}"}},
       {"a{x=\"1\"} -> c{x=\"\"}", "a -> b (label x -> y)", "b{y=\"1\"} -> c{y=\"\"}"}},
      {"a label that is dropped makes the whole approximate",
       {{"{old: a, new: b, type: gauge, labels: [{old: x, new: y}]}"},
        {"{old: b, new: c, type: gauge, new_labels: {y: ''}}"}},
       {"a -> c{x=\"\"} (approximate)", "b -> c{y=\"\"} (approximate)"}},
      {"values keep the name of the oldest label",
       {{"{old: a, new: b, type: gauge, labels: [{old: cpu, new: core}], label_values: {cpu: "
         "{pattern: cpu(.+), new: $1}}}"},
        {"{old: b, new: c, type: gauge, labels: [{old: core, new: nr}]}"}},
       {"a -> c (label cpu -> nr, cpu: cpu(.+) -> $1)", "b -> c (label core -> nr)"}},
      {"values of the second step, by the first one's name of the label",
       {{"{old: a, new: b, type: gauge, labels: [{old: cpu, new: core}]}"},
        {"{old: b, new: c, type: gauge, label_values: {core: {pattern: cpu(.+), new: $1}}}"}},
       {"a -> c (label cpu -> core, cpu: cpu(.+) -> $1)", "b -> c (core: cpu(.+) -> $1)"}},
      {"`when` of the second step is asked of the old label and value",
       {{"{old: a, new: b, type: gauge, labels: [{old: cpu, new: core}], label_values: {cpu: "
         "{pattern: cpu(.+), new: $1}}}"},
        {"{old: b, new: zero, type: gauge, when: {core: '0'}, new_labels: {core: ''}}",
         "{old: b, new: c, type: gauge}"}},
       {"a{cpu=\"cpu0\"} -> zero{cpu=\"\"}", "a -> c (label cpu -> core, cpu: cpu(.+) -> $1)",
        "b{core=\"0\"} -> zero{core=\"\"}", "b -> c"}},
      {"`when` chooses by what the first step has fixed",
       {{"{old: a, new: b, type: gauge, new_labels: {m: guest}}",
         "{old: d, new: b, type: gauge, new_labels: {m: idle}}"},
        {"{old: b, new: g, type: gauge, when: {m: guest}, new_labels: {m: user}}",
         "{old: b, new: c, type: gauge}"}},
       {"a -> g{m=\"user\"}", "d -> c{m=\"idle\"}", "b{m=\"guest\"} -> g{m=\"user\"}", "b -> c"}},
      {"the rest of a name is none of what is chosen, wherever it stands",
       {{"{old: a, new: b, type: gauge, new_labels: {m: guest}}"},
        {"{old: b, new: c, type: gauge}",
         "{old: b, new: g, type: gauge, when: {m: guest}, new_labels: {m: user}}"}},
       {"a -> g{m=\"user\"}", "b -> c", "b{m=\"guest\"} -> g{m=\"user\"}"}},
      {"what the second step says nothing of stays as it was",
       {{"{old: a, new: b, type: gauge}"}, {"{old: b, new: g, type: gauge, when: {m: guest}}"}},
       {"a{m=\"guest\"} -> g", "a -> b", "b{m=\"guest\"} -> g"}},
      {"one old name in the first step, one in the second",
       {{"{old: a, new: b, type: gauge, when: {m: x}}", "{old: a, new: c, type: gauge}"},
        {"{old: b, new: d, type: gauge}", "{old: c, new: e, type: gauge}"}},
       {"a{m=\"x\"} -> d", "a -> e", "b -> d", "c -> e"}},
      {"node_exporter 1.0.0: two names swap in one step",
       {{"{old: x, new: node_md_disks_active, type: gauge}"},
        {"{old: node_md_disks_active, new: node_md_disks, type: gauge, new_labels: {state: "
         "active}}",
         "{old: node_md_disks, new: node_md_disks_required, type: gauge}"}},
       {"x -> node_md_disks{state=\"active\"}",
        "node_md_disks_active -> node_md_disks{state=\"active\"}",
        "node_md_disks -> node_md_disks_required"}},
      {"removed in the end",
       {{"{old: a, new: b, type: histogram, scale: 2, note: first}"},
        {"{old: b, type: histogram, kind: removed, note: use c}"}},
       {"a (removed) # use c", "b (removed) # use c"}},
      {"off in the end, for some series",
       {{"{old: a, new: b, type: gauge, labels: [{old: x, new: y}]}"},
        {"{old: b, type: gauge, when: {y: '1'}, kind: default_off, note: set --b}"}},
       {"a{x=\"1\"} (off by default) # it is called b now; set --b", "a -> b (label x -> y)",
        "b{y=\"1\"} (off by default) # set --b"}},
      {"off, and renamed later",
       {{"{old: a, type: gauge, kind: default_off, note: set --a}"},
        {"{old: a, new: b, type: gauge, note: n}"}},
       {"a -> b # set --a; n"}},
      {"another meaning, and renamed later: for a person",
       {{"{old: a, type: gauge, kind: semantics, note: counts more}"},
        {"{old: a, new: b, type: gauge}"}},
       {"a (another meaning) # counts more"}},
      {"another meaning, and gone later",
       {{"{old: a, type: gauge, kind: semantics, note: counts more}"},
        {"{old: a, type: gauge, kind: removed, note: n}"}},
       {"a (removed) # n"}},
      {"labels under one name, then another name: those of the version between are understood, too",
       {{"{old: a, new: a, type: gauge, labels: [{old: pod_name, new: pod}]}"},
        {"{old: a, new: b, type: gauge}"}},
       {"a -> b (label pod_name -> pod)"}},
      {"an aggregate keeps the new names of its metric only",
       {{"{old: a, new: b, type: counter, aggregate: {op: sum, without: [t]}}"},
        {"{old: b, new: c, type: counter}"}},
       {"a -> c (sum without (t), aggregated)", "b -> c"}},
      {"what comes before an aggregate is done after it",
       {{"{old: a, new: b, type: counter, scale: 2, labels: [{old: x, new: y}]}"},
        {"{old: b, new: c, type: counter, aggregate: {op: sum, without: [t]}}"}},
       {"a -> c (label x -> y, old = 2 * new, sum without (t), aggregated)",
        "b -> c (sum without (t), aggregated)"}},
      {"an expression for another name",
       {{"{old: a, new: b, type: gauge}"}, {"{old: b, new: c, type: gauge, expr: c - d}"}},
       {"a -> c (old = c - d, approximate)", "b -> c (old = c - d, approximate)"}},
      {"counter and gauge",
       {{"{old: a, new: b, type: gauge, new_type: counter}"}, {"{old: b, new: c, type: counter}"}},
       {"a -> c (gauge -> counter)", "b -> c"}},
  };
  for (const Row& row : rows) {
    const Outcome<Mapping> mapping = Mapping::FromTables(StepTables(row.steps));
    ASSERT_TRUE(mapping) << row.why << mapping.diagnostics[0].message;
    EXPECT_EQ(Lines(*mapping), row.lines) << row.why;
  }
}

TEST(Compose, WhatCannotFollowOrContradictsIsRefused) {
  struct Refusal {
    std::vector<std::vector<std::string_view>> steps;
    std::string_view message;
  };
  const Refusal rows[] = {
      {{{"{old: a, new: b, type: gauge}"}, {"{old: a, new: c, type: gauge}"}},
       "tables contradict each other: t1 (a -> b, gauge) and t2 (a -> c, gauge)"},
      {{{"{old: a, type: gauge, kind: removed, note: n}"}, {"{old: a, new: c, type: gauge}"}},
       "tables contradict each other: t1 (a (removed), gauge) and t2 (a -> c, gauge)"},
      {{{"{old: a, new: b, type: gauge}"}, {"{old: b, new: a, type: gauge}"}},
       "tables contradict each other: t1 (a -> b, gauge) and t2 (b -> a, gauge)"},
      {{{"{old: a, new: b, type: gauge}"}, {"{old: b, new: c, type: counter}"}},
       "tables contradict each other: t1 (a -> b, gauge) and t2 (b -> c, counter)"},
      {{{"{old: a, new: b, type: histogram}"}, {"{old: b_sum, new: c, type: counter}"}},
       "tables contradict each other: t1 (a -> b, histogram) and t2 (b_sum -> c, counter)"},
      {{{"{old: a, new: b, type: summary}"}, {"{old: b, new: c, type: histogram}"}},
       "tables contradict each other: t1 (a -> b, summary) and t2 (b -> c, histogram)"},
      {{{"{old: a, new: b, type: gauge, when: {m: x}}"},
        {"{old: a, new: c, type: gauge, when: {n: x}}"}},
       "tables contradict each other: t1 (a{m=\"x\"} -> b, gauge) and t2 (a{n=\"x\"} -> c, gauge)"},
      {{{"{old: a, new: b, type: gauge, aggregate: {op: sum, by: [x]}}"},
        {"{old: b, new: c, type: gauge, labels: [{old: x, new: y}]}"}},
       "one step cannot follow the other: t1 (a -> b, gauge) and t2 (b -> c, gauge): the first is "
       "an aggregate"},
      {{{"{old: a, new: b, type: gauge, aggregate: {op: sum, by: [x]}}"},
        {"{old: b, type: gauge, when: {x: y}, kind: removed, note: n}"}},
       "one step cannot follow the other: t1 (a -> b, gauge) and t2 (b{x=\"y\"} (removed), gauge): "
       "the first is an aggregate"},
      {{{"{old: a, new: b, type: gauge, expr: b - d}"}, {"{old: d, new: e, type: gauge}"}},
       "one step cannot follow the other: t1 (a -> b, gauge) and t2 (d -> e, gauge): the first is "
       "an expression over d"},
      {{{"{old: a, new: b, type: gauge, scale: 2}"},
        {"{old: b, new: c, type: gauge, expr: c - d}"}},
       "one step cannot follow the other: t1 (a -> b, gauge) and t2 (b -> c, gauge): the second is "
       "an expression"},
      {{{"{old: a, new: b, type: gauge, label_values: {x: {values: {p: q}}}}"},
        {"{old: b, new: c, type: gauge, label_values: {x: {values: {q: r}}}}"}},
       "one step cannot follow the other: t1 (a -> b, gauge) and t2 (b -> c, gauge): both map the "
       "values of x"},
      {{{"{old: a, new: b, type: gauge, label_values: {x: {values: {p: r, q: r}, injective: "
         "false}}}"},
        {"{old: b, new: c, type: gauge, when: {x: r}}"}},
       "one step cannot follow the other: t1 (a -> b, gauge) and t2 (b{x=\"r\"} -> c, gauge): the "
       "values of x have no way back"},
      {{{"{old: a, new: b, type: gauge, when: {m: x}}"},
        {"{old: b, new: c, type: gauge, when: {n: y}}"}},
       "one step cannot follow the other: t1 (a{m=\"x\"} -> b, gauge) and t2 (b{n=\"y\"} -> c, "
       "gauge): both choose among the series of one name"},
      {{{"{old: a, new: b, type: gauge, scale: 1e200}"},
        {"{old: b, new: c, type: gauge, scale: 1e200}"}},
       "one step cannot follow the other: t1 (a -> b, gauge) and t2 (b -> c, gauge): the product "
       "of "
       "their scales is no number"},
  };
  for (const Refusal& row : rows) {
    const Outcome<Mapping> mapping = Mapping::FromTables(StepTables(row.steps));
    ASSERT_FALSE(mapping) << row.message;
    ASSERT_EQ(mapping.diagnostics.size(), 1u);
    EXPECT_EQ(mapping.diagnostics[0].message, row.message);
    EXPECT_THAT(mapping.diagnostics[0].hint, StartsWith("use one of the two tables in a run"));
  }
}

TEST(Compose, AValueThatTheFirstStepNeverMakesIsNotAskedFor) {
  // "cpu0" becomes "0", and nothing becomes "cpu1".
  const Mapping mapping = *Mapping::FromTables(StepTables(
      {{"{old: a, new: b, type: gauge, label_values: {cpu: {values: {cpu1: '1', x: y}}}}"},
       {"{old: b, new: c, type: gauge, when: {cpu: cpu1}}"}}));
  EXPECT_EQ(Lines(mapping.FindAllOld("a")),
            std::vector<std::string>{"a -> b (cpu: cpu1 -> 1, x -> y)"});
}

TEST(Compose, OtherComponentsAreNotFollowedButShareNoOldName) {
  std::vector<MappingTable> tables =
      StepTables({{"{old: a, new: b, type: gauge}"}, {"{old: b, new: c, type: gauge}"}});
  tables[1].component = "d";
  EXPECT_THAT(Lines(*Mapping::FromTables(tables)), ElementsAre("a -> b", "b -> c"));
  tables = StepTables({{"{old: a, new: b, type: gauge, when: {m: x}}"},
                       {"{old: a, new: c, type: gauge, when: {m: y}}"}});
  EXPECT_TRUE(Mapping::FromTables(tables));
  tables[1].component = "d";
  const Outcome<Mapping> mapping = Mapping::FromTables(tables);
  ASSERT_FALSE(mapping);
  EXPECT_THAT(mapping.diagnostics[0].message, HasSubstr("contradict"));
}

TEST(Compose, ManyChoicesDoNotExplode) {
  std::vector<MappingTable> tables;
  for (int step = 1; step <= 4; ++step) {
    std::vector<std::string> items;
    const std::string from = "a" + std::to_string(step);
    const std::string to = "a" + std::to_string(step + 1);
    for (int i = 0; i < 400; ++i) {
      items.push_back("{old: " + from + ", new: " + to + ", type: gauge, when: {l" +
                      std::to_string(step) + ": '" + std::to_string(i) + "'}}");
    }
    tables.push_back(StepTable(step, {items.begin(), items.end()}));
  }
  const Outcome<Mapping> mapping = Mapping::FromTables(tables);
  ASSERT_FALSE(mapping);
  EXPECT_THAT(mapping.diagnostics[0].message, HasSubstr("choose among the series"));
}

}  // namespace
}  // namespace metrishift
