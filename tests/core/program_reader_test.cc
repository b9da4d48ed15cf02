#include "core/program_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/mapping.h"
#include "core/mapping_loader.h"

namespace metrishift {
namespace {

constexpr std::string_view kProgram = "program: {name: etcd, variables: ETCD_}\n";

std::string Table(std::string_view rest) {
  return "name: t\ntitle: T\ncomponent: c\nversions: {from: '3.4', to: '3.5'}\nsource: s\n"
         "metrics: [{old: a, new: b, type: gauge}]\n" +
         std::string(rest);
}

std::string Problems(std::string_view rest) {
  const Outcome<MappingTable> table = LoadMappingTable(Table(rest));
  std::string out;
  for (const Diagnostic& diagnostic : table.diagnostics)
    out += (out.empty() ? "" : "; ") + diagnostic.message;
  EXPECT_EQ(table.value.has_value(), out.empty());
  return out;
}

TEST(ReadProgram, ReadsEveryField) {
  const auto table = LoadMappingTable(Table(
      "program: {name: etcd, variables: ETCD_, ports: ['2379'], config: [name, data-dir], lists: "
      "[log-outputs]}\n"
      "flags:\n- {old: --logger=capnslog, new: [--logger=zap, --log-outputs=stderr], new_since: "
      "['3.4.0'], old_until: '3.5.0', note: n, evidence: [{source: s}]}\n"
      "- {old: --debug, switch: true, new: --log-level, values: {'true': debug}}\n"
      "- {old: --x, key: y, repeats: true, new: '--gates=X=$value'}\n"
      "endpoints:\n- {old: /v3beta/, within: [kv], new: /v3/, method: POST}\n"));
  ASSERT_TRUE(table);
  EXPECT_THAT(table->program->ports, testing::ElementsAre("2379"));
  ASSERT_EQ(table->flags.size(), 3u);
  EXPECT_EQ(table->flags[0].name, "logger");
  EXPECT_EQ(table->flags[0].value, "capnslog");
  EXPECT_EQ(table->flags[0].new_name, "--logger=zap --log-outputs=stderr");
  EXPECT_THAT(table->flags[0].targets, testing::ElementsAre(FlagTarget{"logger", "zap"},
                                                            FlagTarget{"log-outputs", "stderr"}));
  EXPECT_EQ(table->flags[0].table, "t");
  EXPECT_EQ(table->flags[1].NewValue("true"), "debug");
  EXPECT_EQ(table->flags[1].NewValue("false"), std::nullopt);
  EXPECT_EQ(table->flags[2].key, "y");
  EXPECT_THAT(table->flags[2].targets, testing::ElementsAre(FlagTarget{"gates", "X=$value"}));
  EXPECT_EQ(table->endpoints[0].method, "POST");
}

TEST(ReadFunctions, ReadsEveryField) {
  const auto table = LoadMappingTable(
      "name: t\ntitle: T\ncomponent: c\nversions: {from: '2', to: '3'}\nsource: s\n"
      "functions:\n- {old: f, new: g_1, new_since: ['3.0'], old_until: '3.0', note: n}\n"
      "- {old: h, kind: removed, note: do without}\n");
  ASSERT_TRUE(table);  // metrics are not asked for
  ASSERT_EQ(table->functions.size(), 2u);
  EXPECT_EQ(table->functions[0].old_name, "f");
  EXPECT_EQ(table->functions[0].new_name, "g_1");
  EXPECT_EQ(table->functions[0].table, "t");
  EXPECT_EQ(table->functions[0].note, "n");
  EXPECT_EQ(table->functions[1].new_name, "");
}

TEST(ReadProgram, SaysWhatIsWrong) {
  struct Row {
    std::string_view text;
    std::string_view problem;
  };
  const Row rows[] = {
      {"flags: [{old: debug, new: --b}]", "\"debug\" is no flag"},
      {"flags: [{old: --Debug, new: --b}]", "\"--Debug\" is no flag"},
      {"flags: [{old: '--a=x y', new: --b}]", "a value has letters, digits and . _ : / , = - here"},
      {"flags: [{old: --a, new: '--b=\"'}]", "a value has letters, digits and . _ : / , = - here"},
      {"flags: [{old: --a}]", "an entry of flags needs either `new` or `kind: removed`"},
      {"flags: [{old: --a, new: --b, kind: removed, note: n}]",
       "an entry of flags needs either `new` or `kind: removed`"},
      {"flags: [{old: --a, kind: removed}]", "an entry of flags that is removed needs a note"},
      {"flags: [{old: --a, kind: gone, note: n}]",
       "only \"removed\" is expected here; an entry of flags needs either `new` or `kind: "
       "removed`"},
      {"flags: [{old: --a, new: --a}]", "the old flag equals its new one"},
      {"flags: [{old: --a, new: [--b, --c]}]",
       "only the first of the new flags may have the old value"},
      {"flags: [{old: --a, new: --b, values: {}}]", "values maps nothing"},
      {"flags: [{old: --a=x, switch: true, new: --b=y}]", "a switch is for any value"},
      {"flags: [{old: --a, new: --b}, {old: --a, new: --c}]", "there is an entry for --a already"},
      {"flags: [{old: --a, new: --b, type: gauge}]", "unknown key \"type\" in an entry of flags"},
      {"flags: [{old: --a, new: --b, old_until: soon}]", "\"soon\" is no version"},
      {"endpoints: [{old: v3, new: /v4}]", "a path is expected here"},
      {"endpoints: [{old: /a/, new: /b}]", "either both paths end with a slash or none does"},
      {"endpoints: [{old: /a, new: /b, within: [x]}]", "within is for paths that end with a slash"},
      {"endpoints: [{old: /a/, new: /b/, within: [x/y]}]",
       "the name of one part of a path is expected here"},
      {"endpoints: [{old: /a, new: /b, method: ASK}]", "a method of HTTP is expected here"},
      {"endpoints: [{old: /a, new: /a}]", "the old path equals its new one"},
      {"functions: [{old: f(), new: g}]", "the name of a function is expected here"},
      {"functions: [{old: f, new: 1g}]", "the name of a function is expected here"},
      {"functions: [{old: f, new: f}]", "the old function equals its new one"},
      {"functions: [{old: f}]", "an entry of functions needs either `new` or `kind: removed`"},
      {"functions: [{old: f, new: g}, {old: f, new: h}]", "there is an entry for f already"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(Problems(std::string(kProgram) + std::string(row.text) + "\n"), row.problem)
        << row.text;
  EXPECT_EQ(Problems("flags: [{old: --a, new: --b}]\n"),
            "a table with flags or endpoints lacks the key \"program\"");
  EXPECT_EQ(Problems("program: {name: etcd, variables: etcd}\n"),
            "variables begin with capital letters and a '_'");
  EXPECT_EQ(Problems("program: {name: etcd, variables: E_, ports: [http]}\n"),
            "\"http\" cannot be an item of ports");
}

TEST(Reversed, WhatTheOldVersionKnowsNeedsNoWayBack) {
  const auto table = LoadMappingTable(
      Table(std::string(kProgram) + "flags:\n- {old: --a, new: --b, new_since: ['3.4.2']}\n"
                                    "- {old: --c, new: --d, new_since: ['3.5.0']}\n"
                                    "- {old: --e, new: --f=x, new_since: ['3.5.0']}\n"
                                    "endpoints:\n- {old: /a/, new: /b/, new_since: ['3.5']}\n"));
  ASSERT_TRUE(table);
  const Outcome<Mapping> back = Mapping::FromTables({*table.value})->Reversed();
  ASSERT_TRUE(back);
  ASSERT_EQ(back->tables()[0].flags.size(), 1u);
  EXPECT_EQ(back->tables()[0].flags[0].old_name, "--d");
  EXPECT_EQ(back->tables()[0].flags[0].new_name, "--c");
  EXPECT_EQ(back->tables()[0].endpoints[0].new_name, "/a/");
  ASSERT_EQ(back.diagnostics.size(), 1u);
  EXPECT_THAT(back.diagnostics[0].message, testing::HasSubstr("(--e)"));
}

}  // namespace
}  // namespace metrishift
