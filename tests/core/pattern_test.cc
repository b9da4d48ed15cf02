#include <gmock/gmock.h>

#include <thread>

#include "tests/core/tables.h"

namespace metrishift {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Mapping Of(const std::vector<std::vector<std::string_view>>& steps) {
  Outcome<Mapping> mapping = Mapping::FromTables(StepTables(steps));
  EXPECT_TRUE(mapping);
  return mapping ? *std::move(mapping.value) : Mapping();
}

TEST(Patterns, PrefixOfWindowsExporter) {
  const Mapping mapping = Of({{"{old_prefix: wmi_, new_prefix: windows_, except: [wmi_left]}",
                               "{old: wmi_own, new: windows_own_total, type: counter}"}});
  EXPECT_THAT(Lines(mapping.FindAllOld("wmi_cpu_time_total")),
              ElementsAre("wmi_cpu_time_total -> windows_cpu_time_total"));
  // The type is not known: each series by its own name.
  const auto bucket = mapping.FindOld("wmi_x_bucket");
  ASSERT_TRUE(bucket);
  EXPECT_EQ(bucket->suffix, "");
  EXPECT_EQ(bucket->NewSeries(), "windows_x_bucket");
  EXPECT_THAT(Lines(mapping.FindAllOld("wmi_own")), ElementsAre("wmi_own -> windows_own_total"));
  for (const std::string_view name : {"wmi_left", "wmi", "xwmi_a", "windows_x", ""})
    EXPECT_FALSE(mapping.FindOld(name)) << name;
  EXPECT_TRUE(mapping.IsNewSeries("windows_anything"));
  EXPECT_FALSE(mapping.IsNewSeries("wmi_anything"));
  EXPECT_EQ(mapping.entries().size(), 1u);
  ASSERT_EQ(mapping.patterns().size(), 1u);
  EXPECT_EQ(mapping.patterns()[0].prefix, "wmi_");
}

TEST(Patterns, WorkQueuesOfKubernetes) {
  const Mapping mapping =
      Of({{"{old_pattern: (.+)_depth, new: workqueue_depth, new_labels: {name: $1}, type: gauge, "
           "except: [workqueue_depth]}",
           "{old_pattern: (.+)_work_duration, new: workqueue_work_duration_seconds, new_labels: "
           "{name: $1}, type: summary, new_type: histogram, scale: 1e6, except: "
           "[workqueue_work_duration]}"}});
  EXPECT_THAT(Lines(mapping.FindAllOld("node_lifecycle_depth")),
              ElementsAre("node_lifecycle_depth -> workqueue_depth{name=\"node_lifecycle\"}"));
  const auto sum = mapping.FindOld("x_work_duration_sum");
  ASSERT_TRUE(sum);
  EXPECT_EQ(sum->suffix, "_sum");
  EXPECT_EQ(sum->NewSeries(), "workqueue_work_duration_seconds_sum");
  EXPECT_EQ(sum->Scale(), 1e6);
  EXPECT_FALSE(mapping.FindOld("x_work_duration")->HasNewSeries());
  EXPECT_FALSE(mapping.FindOld("workqueue_depth"));
  EXPECT_FALSE(mapping.FindOld("_depth_"));
  EXPECT_TRUE(mapping.IsNewSeries("workqueue_depth"));
  EXPECT_TRUE(mapping.IsNewSeries("workqueue_work_duration_seconds_bucket"));
  EXPECT_FALSE(mapping.IsNewSeries("workqueue_depth_x"));
}

TEST(Patterns, LaterStepsApplyToWhatAPatternMakes) {
  const Mapping mapping = Of({
      {"{old_prefix: wmi_, new_prefix: windows_}", "{old: x_a, new: windows_e, type: gauge}"},
      {"{old: windows_a, new: windows_b, type: counter, scale: 8}",
       "{old: windows_h, new: windows_g, type: histogram, scale: 1000}",
       "{old: windows_gone, type: gauge, kind: removed, note: n}",
       "{old: windows_split, new: s, type: gauge, when: {m: x}}"},
      {"{old_prefix: windows_, new_prefix: win_}"},
  });
  const std::pair<std::string_view, std::vector<std::string>> rows[] = {
      {"wmi_x", {"wmi_x -> win_x"}},
      {"wmi_a", {"wmi_a -> win_b (old = 8 * new)"}},
      {"wmi_h_sum", {"wmi_h_sum -> win_g_sum (old = 1000 * new)"}},
      {"wmi_h_count", {"wmi_h_count -> win_g_count"}},
      {"wmi_gone", {"wmi_gone (removed) # n"}},
      {"wmi_split", {"wmi_split{m=\"x\"} -> s", "wmi_split -> win_split"}},
      {"windows_x", {"windows_x -> win_x"}},
      {"windows_a", {"windows_a -> win_b (old = 8 * new)"}},
      {"windows_h_count", {"windows_h -> win_g (old = 1000 * new)"}},
      {"x_a", {"x_a -> win_e"}},
      {"win_x", {}},
  };
  for (const auto& [name, lines] : rows) EXPECT_EQ(Lines(mapping.FindAllOld(name)), lines) << name;
  EXPECT_FALSE(mapping.IsNewSeries("windows_x"));  // the last step takes it on
  EXPECT_TRUE(mapping.IsNewSeries("win_x"));
}

TEST(Patterns, OneThatKeepsNamesIsNotForgottenByALaterEntry) {
  // windows_exporter 0.16, then a later rename of one of the 227.
  const Mapping mapping = Of({
      {"{old_prefix: windows_mssql_, new_prefix: windows_mssql_, labels: [{old: instance, new: "
       "mssql_instance}]}"},
      {"{old: windows_mssql_a, new: windows_mssql_b, type: gauge}",
       "{old: windows_mssql_s, new: windows_mssql_t, type: gauge, when: {mssql_instance: x}}",
       "{old: windows_mssql_s, new: windows_mssql_u, type: gauge}"},
  });
  EXPECT_THAT(Lines(mapping.FindAllOld("windows_mssql_s")),
              ElementsAre("windows_mssql_s{instance=\"x\"} -> "
                          "windows_mssql_t{mssql_instance=\"x\",instance=\"\"}",
                          "windows_mssql_s -> windows_mssql_u (label instance -> mssql_instance)"));
  EXPECT_THAT(Lines(mapping.FindAllOld("windows_mssql_a")),
              ElementsAre("windows_mssql_a -> windows_mssql_b (label instance -> mssql_instance)"));
  EXPECT_THAT(Lines(mapping.FindAllOld("windows_mssql_c")),
              ElementsAre("windows_mssql_c -> windows_mssql_c (label instance -> mssql_instance)"));
}

TEST(Patterns, WhatALaterStepMakesImpossibleIsNotOverlooked) {
  const Mapping mapping = Of({
      {"{old_prefix: a_, new_prefix: b_, aggregate: {op: sum, by: [x]}}"},
      {"{old: b_x, new: c_x, type: gauge, labels: [{old: x, new: y}]}"},
  });
  const auto match = mapping.FindOld("a_x");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->entry->fate, MappingEntry::Fate::kSemantics);
  EXPECT_EQ(match->entry->equivalence, Equivalence::kNone);
  EXPECT_THAT(match->entry->note, testing::HasSubstr("one step cannot follow the other"));
  EXPECT_FALSE(match->HasNewSeries());
}

TEST(Patterns, TheFirstThatMatchesAndWhatChoosesBesideIt) {
  const Mapping mapping =
      Of({{"{old_prefix: a_, new_prefix: b_, when: {m: x}}", "{old_prefix: a_, new_prefix: c_}",
           "{old_prefix: a_d_, new_prefix: d_}"}});
  EXPECT_THAT(Lines(mapping.FindAllOld("a_d_e")),
              ElementsAre("a_d_e{m=\"x\"} -> b_d_e", "a_d_e -> c_d_e"));
}

TEST(Patterns, LongNamesAreNotGrown) {
  const Mapping mapping = Of({{"{old_pattern: a(.+), new: 'b$1$1$1'}"}});
  EXPECT_TRUE(mapping.FindOld("a" + std::string(4000, 'x')));
  EXPECT_FALSE(mapping.FindOld("a" + std::string(4096, 'x')));
}

TEST(Patterns, MatchesStayValidAndAreTheSameForAllThreadsAndCopies) {
  const Mapping mapping = Of({{"{old_prefix: a_, new_prefix: b_}"}});
  const auto first = mapping.FindOld("a_0");
  const Mapping copy = mapping;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&copy, &first] {
      for (int i = 0; i < 500; ++i) {
        const std::string n = std::to_string(i);
        ASSERT_EQ(copy.FindOld("a_" + n)->NewSeries(), "b_" + n);
      }
      ASSERT_EQ(copy.FindOld("a_0")->entry, first->entry);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first->entry->old_name, "a_0");
  EXPECT_THAT(Mapping().patterns(), IsEmpty());
}

}  // namespace
}  // namespace metrishift
