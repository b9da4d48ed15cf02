#include "rewriter/rewrite/name_regex.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "mappings/catalog.h"
#include "rewriter/rewrite/plan.h"
#include "tests/rewriter/rewrite/kinds.h"

namespace metrishift::rewrite {
namespace {

constexpr NamePart kAll = NamePart::kAll;
constexpr NamePart kFirst = NamePart::kFirst;
constexpr NamePart kLast = NamePart::kLast;
constexpr NamePart kMiddle = NamePart::kMiddle;

TEST(SplitNameRegex, Table) {
  struct Row {
    NamePart part;
    std::string_view regex;
    std::string_view alternatives;  // with spaces between, names in brackets; "!": none can be told
  };
  const Row rows[] = {
      {kAll, "a", "[a]"},
      {kAll, "a|b", "[a] [b]"},
      {kAll, "(a|b)", "[a] [b]"},
      {kAll, "(?:a|b.*)", "[a] b.*"},
      {kAll, "^(a|b)$", "[a] [b]"},
      {kAll, "^a$|^b$", "[a] [b]"},
      {kAll, "(a|b)c|d", "(a|b)c [d]"},
      {kAll, "(a)(b)", "(a)(b)"},
      {kAll, "(a|b)?", "(a|b)?"},
      {kAll, "(?i)a|b", "(?i)a [b]"},
      {kAll, "(?i:a|b)", "(?i:a|b)"},
      {kAll, "(?P<n>a|b)", "(?P<n>a|b)"},
      {kAll, "a[|]b|c", "a[|]b [c]"},
      {kAll, "[]|]|c", "[]|] [c]"},
      {kAll, "[[:alpha:]|]|c", "[[:alpha:]|] [c]"},
      {kAll, "a\\|b", "a\\|b"},
      {kAll, "a\\$", "a\\$"},
      {kAll, "\\Qa|b\\E", "\\Qa|b\\E"},
      {kAll, "(a|b", "(a|b"},
      {kAll, "(a\\)", "(a\\)"},
      {kAll, "a|", "[a] "},
      {kFirst, "a;b", "[a]"},
      {kFirst, "(a|b);c;d", "[a] [b]"},
      {kFirst, "^(a|b);c$", "[a] [b]"},
      {kFirst, "(a|b.*);c|d;e", "[a] b.* [d]"},
      {kFirst, "(a;b|c;d)", "[a] [c]"},
      {kFirst, "a[;]b;c", "a[;]b"},
      {kFirst, "a.*", "!"},
      {kFirst, "(a;b)(c;d)", "!"},
      {kFirst, "\\Qa\\E;b", "!"},
      {kLast, "a;b", "[b]"},
      {kLast, "a;b;(c|d)$", "[c] [d]"},
      {kLast, "(.*)", "!"},
      {kMiddle, "a;b;c", "[b]"},
      {kMiddle, "a;(b|c.*);d;e|f;g;h", "[b] c.* [d] [g]"},
      {kMiddle, "a;b", "!"},
      {kMiddle, "a;b;c|d", "!"},
  };
  for (const Row& row : rows) {
    const auto split = SplitNameRegex(row.regex, row.part);
    std::string out = split ? "" : "! ";
    for (size_t i = 0; split && i < split->size(); ++i) {
      const NameAlternative& each = (*split)[i];
      const std::string text(row.regex.substr(each.begin, each.end - each.begin));
      out += (each.is_name ? "[" + text + "]" : text) + " ";
    }
    EXPECT_EQ(out, std::string(row.alternatives) + " ") << row.regex;
  }
}

// P and T stand for deprecated names, N and M for the new ones.
std::string Expand(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == 'P')
      out += "etcd_debugging_mvcc_put_total";
    else if (c == 'T')
      out += "etcd_debugging_mvcc_txn_total";
    else if (c == 'N')
      out += "etcd_mvcc_put_total";
    else if (c == 'M')
      out += "etcd_mvcc_txn_total";
    else
      out += c;
  }
  return out;
}

std::string Codes(const QueryPlan& plan) {
  std::string codes;
  for (const QueryFinding& finding : plan.findings) {
    constexpr const char* kNames[] = {"", "!", "?"};
    codes += (codes.empty() ? "" : " ") +
             std::string(kNames[static_cast<int>(finding.disposition)]) +
             std::string(FindingCodeName(finding.code));
  }
  return codes;
}

TEST(PlanNameRegex, Table) {
  const Mapping etcd = LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  struct Row {
    NamePart part;
    std::string_view before;
    std::string_view replaced;
    std::string_view united;
    std::string_view codes;  // of the union
  };
  const Row rows[] = {
      {kAll, "P|up", "N|up", "P|N|up", "renamed"},
      {kAll, "(P|up)", "(N|up)", "(P|N|up)", "renamed"},
      {kAll, "^P$", "^N$", "^P|N$", "renamed"},
      {kAll, "(P|go_.*)", "(N|go_.*)", "(P|N|go_.*)", "renamed"},
      // The other alternative reaches the old name, too, but the new one is there already.
      {kAll, "P|etcd_debugging_mvcc_p.*", "N|etcd_debugging_mvcc_p.*",
       "P|N|etcd_debugging_mvcc_p.*", "renamed ?name-regex"},
      {kAll, "P|etcd_debugging_mvcc_t.*", "N|etcd_debugging_mvcc_t.*",
       "P|N|etcd_debugging_mvcc_t.*", "renamed !name-regex"},
      {kAll, "(P)?", "(P)?", "(P)?", "!name-regex"},
      {kFirst, "(P|T);(.*)", "(N|M);(.*)", "(P|N|T|M);(.*)", "renamed renamed"},
      {kFirst, "P;1", "N;1", "P;1", "!no-union"},
      {kFirst, "(P);1|(T);2", "(N);1|(M);2", "(P|N);1|(T|M);2", "renamed renamed"},
      {kFirst, "etcd_debugging_mvcc_p.*;1", "etcd_debugging_mvcc_p.*;1",
       "etcd_debugging_mvcc_p.*;1", "!name-regex"},
      {kFirst, "(.*);(.*)", "(.*);(.*)", "(.*);(.*)", ""},
      {kFirst, "(P;1)?", "(P;1)?", "(P;1)?", "!name-regex"},
      {kLast, "1;(P|up)", "1;(N|up)", "1;(P|N|up)", "renamed"},
      {kLast, "P;up", "P;up", "P;up", ""},  // a value of the other label
  };
  for (const Row& row : rows) {
    const std::string before = Expand(row.before);
    const auto plan = [&](const std::string& text, Mode mode) {
      return PlanNameRegex(text, row.part, etcd, mode);
    };
    EXPECT_EQ(plan(before, Mode::kReplace).edits.Splice(before), Expand(row.replaced))
        << row.before;
    const QueryPlan united = plan(before, Mode::kUnion);
    const std::string after = united.edits.Splice(before);
    EXPECT_EQ(after, Expand(row.united)) << row.before;
    EXPECT_EQ(Codes(united), row.codes) << row.before;
    EXPECT_TRUE(plan(after, Mode::kUnion).edits.empty()) << after;
    EXPECT_EQ(plan(after, Mode::kFinalize).edits.Splice(after), Expand(row.replaced)) << after;
  }
}

// A pattern without a list of names (thanos_ruler_query_apis_*): which expressions may reach some.
TEST(Reach, OpenPatterns) {
  const Mapping thanos = LoadMappings(std::array{std::string("thanos-0.17")}).mapping;
  struct Row {
    std::string_view regex;
    bool reaches;
  };
  const Row rows[] = {
      {"thanos_ruler_.+_total", true},
      {"(apiserver|thanos)_ruler_.+_total", true},
      {"t(?:x|hanos_(?:z|ruler_query_apis_dns_)).+_total", true},
      {"^thanos_(ruler|z)_query_apis_x+", true},
      {"(thanos_)?ruler_query_apis_x", true},  // not told
      {"thanos_(?:ruler_query_apis_x", false},
      {"(apiserver_.*|workqueue_.*)", false},
      {"(csi_operations|zz_duration)_seconds_bucket", false},
      {"(?:apiserver_(x|y).*)|(?:workqueue_.*)", false},
      {"thanos_(rule|s)_.*", false},
      {"thanos_ruler", false},
      {"thanos_.*", false},  // the new names, too
      {".*", false},
  };
  for (const Row& row : rows) {
    const std::optional<Reached> reached = Reach(std::string(row.regex), thanos);
    EXPECT_EQ(reached && reached->open != nullptr, row.reaches) << row.regex;
  }
}

TEST(PlanNameRegex, WhatKeepsItsNameIsNotWorthAWord) {
  for (const char* regex : {"(up|same)", "sam.|up"}) {
    const QueryPlan plan = PlanNameRegex(regex, kAll, Kinds(), Mode::kReplace);
    EXPECT_TRUE(plan.edits.empty()) << regex;
    EXPECT_EQ(Codes(plan), "") << regex;
  }
  // ... but where one of its old labels is asked for.
  const PlanOptions options;
  EXPECT_EQ(Codes(PlanQuery("sum by (pod_name) ({__name__=~\"up|same\"})",
                            formats::QueryKind::kPromQL, Kinds(), options)),
            "!not-convertible");
}

TEST(PlanNameRegex, WhatChangesMoreThanItsNameIsLeft) {
  const QueryPlan plan = PlanNameRegex("(plain|io_ms)", kAll, Kinds(), Mode::kReplace);
  EXPECT_EQ(plan.edits.Splice("(plain|io_ms)"), "(renamed|io_ms)");
  EXPECT_EQ(Codes(plan), "renamed !not-convertible");
}

}  // namespace
}  // namespace metrishift::rewrite
