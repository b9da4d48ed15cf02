#include "rewriter/rewrite/plan.h"

#include <gtest/gtest.h>

#include <array>

#include "mappings/catalog.h"

namespace metrishift::rewrite {
namespace {

using formats::QueryKind;

const Mapping& Etcd() {
  static const Mapping mapping = LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  return mapping;
}

// P and T stand for the deprecated names of two counters, N and M for their promoted ones.
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

// "renamed renamed; info name-regex", in the order of the text.
std::string Codes(const QueryPlan& plan) {
  std::string out;
  for (const QueryFinding& finding : plan.findings) {
    if (!out.empty()) out += ' ';
    if (finding.disposition == Disposition::kNeedsPerson) out += '!';
    if (finding.disposition == Disposition::kInfo) out += '?';
    out += FindingCodeName(finding.code);
  }
  return plan.error ? "error" : out;
}

struct Row {
  QueryKind kind;
  std::string_view before;
  std::string_view after;
  std::string_view codes;
};

constexpr QueryKind kRule = QueryKind::kPromQL;
constexpr QueryKind kPanel = QueryKind::kGrafanaPromQL;
constexpr QueryKind kVariable = QueryKind::kGrafanaVariable;

const Row kRows[] = {
    // Names in every spelling.
    {kRule, "P", "N", "renamed"},
    {kRule, "  P # c\n", "  N # c\n", "renamed"},
    {kRule, "P{a=\"b\"} / on (a) T", "N{a=\"b\"} / on (a) M", "renamed renamed"},
    {kRule, "sum by (a) (rate(P{a='b', }[5m] offset 1h))",
     "sum by (a) (rate(N{a='b', }[5m] offset 1h))", "renamed"},
    {kRule, "max_over_time(P[1h:5m])", "max_over_time(N[1h:5m])", "renamed"},
    {kRule, "{__name__=\"P\"}", "{__name__=\"N\"}", "renamed"},
    {kRule, "{__name__='P',a!=`x`}", "{__name__='N',a!=`x`}", "renamed"},
    {kRule, "{__name__=`P`}", "{__name__=`N`}", "renamed"},
    {kRule, "{\"P\", a=\"b\"}", "{\"N\", a=\"b\"}", "renamed"},
    {kRule, "{a=\"b\", 'P'}", "{a=\"b\", 'N'}", "renamed"},
    {kRule, "{a=\"b\", __name__!=\"P\"}", "{a=\"b\", __name__!=\"N\"}", "renamed"},
    {kRule, "{__name__=\"\\x65tcd_debugging_mvcc_put_total\"}", "{__name__=\"N\"}", "renamed"},
    {kRule, "topk(scalar(P), T)", "topk(scalar(N), M)", "renamed renamed"},
    // Regular expressions: alternations of names are rewritten, others decided.
    {kRule, "{__name__=~\"P|T\"}", "{__name__=~\"N|M\"}", "renamed renamed"},
    {kRule, "{__name__=~\"P\"}", "{__name__=~\"N\"}", "renamed"},
    {kRule, "{__name__!~\"x|P\",a=\"b\"}", "{__name__!~\"x|N\",a=\"b\"}", "renamed"},
    {kRule, "{__name__=~\"etcd_debugging_mvcc_(put|txn)_total\"}",
     "{__name__=~\"etcd_debugging_mvcc_(put|txn)_total\"}", "!name-regex"},
    {kRule, "{__name__=~\"etcd_.*mvcc_put_total\"}", "{__name__=~\"etcd_.*mvcc_put_total\"}",
     "?name-regex"},
    {kRule, "{__name__=~\"etcd_debugging_mvcc_keys.*\"}",
     "{__name__=~\"etcd_debugging_mvcc_keys.*\"}", ""},
    {kRule, "{__name__=~\".*put\"}", "{__name__=~\".*put\"}", ""},  // anchored: no name ends there
    // Nothing to do.
    {kRule, "N + M", "N + M", ""},
    {kRule, "etcd_debugging_mvcc_keys_total", "etcd_debugging_mvcc_keys_total", ""},
    {kRule, "sum by (P) (x)", "sum by (P) (x)", ""},  // a label of that name is no metric
    // Strings are not names.
    {kRule, "label_replace(P, \"metric\", \"T\", \"\", \"\")",
     "label_replace(N, \"metric\", \"T\", \"\", \"\")", "renamed !string-literal"},
    {kRule, "x{metric=\"P\"}", "x{metric=\"P\"}", "!string-literal"},
    // Grafana.
    {kPanel, "rate(P{a=~\"$a\"}[$__rate_interval])", "rate(N{a=~\"$a\"}[$__rate_interval])",
     "renamed"},
    {kPanel, "rate(P[[[interval]]])", "rate(N[[[interval]]])", "renamed"},
    {kPanel, "rate(etcd_debugging_mvcc_${op}_total[5m])",
     "rate(etcd_debugging_mvcc_${op}_total[5m])", "!templated-name"},
    {kPanel, "{__name__=\"etcd_debugging_mvcc_${op}_total\"}",
     "{__name__=\"etcd_debugging_mvcc_${op}_total\"}", "!templated-name"},
    {kPanel, "node_${op}_total", "node_${op}_total", ""},
    {kPanel, "{__name__=~\"$metric\"}", "{__name__=~\"$metric\"}", ""},  // any name
    {kPanel, "{__name__=~\"etcd_debugging_mvcc_($op)_total\"}",
     "{__name__=~\"etcd_debugging_mvcc_($op)_total\"}", "!templated-name"},
    {kPanel, "{__name__=~\"etcd_debugging_($op\"}", "{__name__=~\"etcd_debugging_($op\"}",
     "!templated-name"},  // the variable may close the parenthesis
    {kVariable, "metrics(etcd_debugging_mvcc_(p.*)", "metrics(etcd_debugging_mvcc_(p.*)",
     "!name-regex"},
    {kVariable, "metrics(P:|:T)", "metrics(P:|:T)", ""},
    {kPanel, "$metric + P", "$metric + N", "renamed"},
    {kVariable, "label_values(P{a=\"b\"}, instance)", "label_values(N{a=\"b\"}, instance)",
     "renamed"},
    {kVariable, "query_result(sum(P) by (a))", "query_result(sum(N) by (a))", "renamed"},
    {kVariable, "metrics(P)", "metrics(N)", "renamed"},
    {kVariable, "metrics(etcd_debugging_mvcc_p.*)", "metrics(etcd_debugging_mvcc_p.*)",
     "!name-regex"},
    {kVariable, "label_values(P)", "label_values(P)", ""},  // the values of a label of that name
    {kVariable, "P{a=\"b\"}", "N{a=\"b\"}", "renamed"},
    // Not PromQL.
    {kRule, "P +", "P +", "error"},
    {kRule, "rate(P)", "rate(P)", "error"},
};

TEST(PlanQuery, Table) {
  for (const Row& row : kRows) {
    const std::string before = Expand(row.before);
    const QueryPlan plan = PlanQuery(before, row.kind, Etcd());
    EXPECT_EQ(plan.edits.Splice(before), Expand(row.after)) << before;
    EXPECT_EQ(Codes(plan), row.codes) << before;
  }
}

// What every row must obey besides: twice is once, and the identity changes nothing.
TEST(PlanQuery, IsIdempotent) {
  for (const Row& row : kRows) {
    const std::string after = Expand(row.after);
    EXPECT_EQ(PlanQuery(after, row.kind, Etcd()).edits.Splice(after), after);
  }
}

TEST(PlanQuery, EmptyMappingPlansNothing) {
  for (const Row& row : kRows) {
    const QueryPlan plan = PlanQuery(Expand(row.before), row.kind, Mapping());
    EXPECT_TRUE(plan.edits.empty());
    EXPECT_TRUE(plan.findings.empty());
  }
}

// Every edit covers exactly a name of the table, however it is spelled, and nothing around it.
TEST(PlanQuery, EditsReplaceNamesOnly) {
  for (const Row& row : kRows) {
    const std::string before = Expand(row.before);
    const QueryPlan plan = PlanQuery(before, row.kind, Etcd());
    for (const QueryEdit& edit : plan.edits.edits()) {
      const std::string_view replaced =
          std::string_view(before).substr(edit.span.begin, edit.span.size());
      EXPECT_TRUE(Etcd().FindOld(replaced) || replaced.starts_with("\\x65")) << replaced;
      EXPECT_TRUE(Etcd().IsNewSeries(edit.text)) << edit.text;
    }
  }
}

TEST(PlanQuery, SaysWhichNewNameARegexMisses) {
  const std::string query = R"({__name__=~"etcd_debugging_mvcc_(put|txn)_total"})";
  const QueryPlan plan = PlanQuery(query, kRule, Etcd());
  ASSERT_EQ(plan.findings.size(), 1u);
  EXPECT_EQ(plan.findings[0].message,
            "this regular expression reaches deprecated etcd_debugging_mvcc_put_total and "
            "etcd_debugging_mvcc_txn_total, but not the new names");
  EXPECT_EQ(query.substr(plan.findings[0].span.begin, plan.findings[0].span.size()),
            "etcd_debugging_mvcc_(put|txn)_total");
}

}  // namespace
}  // namespace metrishift::rewrite
