#include "rewriter/rewrite/pattern_plan.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "mappings/catalog.h"
#include "tests/rewriter/rewrite/kinds.h"

namespace metrishift::rewrite {
namespace {

// O and N stand for the old and the new name.
std::string Expand(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == 'O')
      out += "etcd_debugging_mvcc_put_total";
    else if (c == 'N')
      out += "etcd_mvcc_put_total";
    else
      out += c;
  }
  return out;
}

struct Row {
  std::string_view before;
  std::string_view replaced;
  std::string_view united;
  std::string_view codes;  // of the union
};

TEST(PlanPattern, Table) {
  const Mapping etcd = LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  const Row rows[] = {
      {"/O{.*a=\"([^\"]*)\".*/", "/N{.*a=\"([^\"]*)\".*/", "/(?:N|O){.*a=\"([^\"]*)\".*/",
       "renamed"},
      {"/\\bO\\b/", "/\\bN\\b/", "/\\b(?:N|O)\\b/", "renamed"},
      {"O|up", "N|up", "(?:N|O)|up", "renamed"},
      {"O", "N", "O", "!no-union"},
      {"/^O$/", "/^N$/", "/^(?:N|O)$/", "renamed"},
      {"(?:N|O)|up", "N|up", "(?:N|O)|up", "?already-union"},
      // What it repeats is a part of the name.
      {"/O?/", "/O?/", "/O?/", "!name-regex"},
      {"/O{2}/", "/O{2}/", "/O{2}/", "!name-regex"},
      {"/[O]/", "/[O]/", "/[O]/", "!name-regex"},
      // No name as a whole.
      {"/etcd_debugging_(.*)/", "/etcd_debugging_(.*)/", "/etcd_debugging_(.*)/", "!name-regex"},
      {"etcd_debugging_.*", "etcd_debugging_.*", "etcd_debugging_.*", "!name-regex"},
      {"debugging", "debugging", "debugging", ""},  // anchored: no name is that
      {"/debugging/", "/debugging/", "/debugging/", "!name-regex"},
      {"/etcd_(.*)/", "/etcd_(.*)/", "/etcd_(.*)/", ""},
      {".*", ".*", ".*", ""},
      {"/instance=\"(.*)\"/", "/instance=\"(.*)\"/", "/instance=\"(.*)\"/", ""},
      {"/[a-z_]{29}/", "/[a-z_]{29}/", "/[a-z_]{29}/", ""},
      {"/(?!etcd)debugging(/", "/(?!etcd)debugging(/", "/(?!etcd)debugging(/", ""},
      {"/", "/", "/", ""},
      {"xO", "xO", "xO", ""},
  };
  for (const Row& row : rows) {
    const std::string before = Expand(row.before);
    const QueryPlan replaced = PlanPattern(before, etcd, Mode::kReplace);
    EXPECT_EQ(replaced.edits.Splice(before), Expand(row.replaced)) << row.before;
    const QueryPlan united = PlanPattern(before, etcd, Mode::kUnion);
    const std::string after = united.edits.Splice(before);
    EXPECT_EQ(after, Expand(row.united)) << row.before;
    std::string codes;
    for (const QueryFinding& finding : united.findings) {
      constexpr const char* kNames[] = {"", "!", "?"};
      codes += kNames[static_cast<int>(finding.disposition)];
      codes += FindingCodeName(finding.code);
    }
    EXPECT_EQ(codes, row.codes) << row.before;
    EXPECT_TRUE(PlanPattern(after, etcd, Mode::kUnion).edits.empty()) << after;
    EXPECT_EQ(PlanPattern(after, etcd, Mode::kFinalize).edits.Splice(after), Expand(row.replaced))
        << row.before;
  }
}

TEST(PlanPattern, WhatChangesMoreThanItsNameIsLeft) {
  const QueryPlan plan = PlanPattern("/io_ms.*/", Kinds(), Mode::kReplace);
  EXPECT_TRUE(plan.edits.empty());
  ASSERT_EQ(plan.findings.size(), 1u);
  EXPECT_EQ(plan.findings[0].code, FindingCode::kNotConvertible);
}

}  // namespace
}  // namespace metrishift::rewrite
