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
    {kRule, "{__name__=~\"N|x|P\"}", "{__name__=~\"N|x\"}", "renamed"},
    {kRule, "{__name__=~\"N|P|x\"}", "{__name__=~\"N|x\"}", "renamed"},
    {kRule, "{__name__=~\"P|N|x\"}", "{__name__=~\"N|x\"}", "renamed"},
    {kRule, "{__name__=~\"P|x|N\"}", "{__name__=~\"x|N\"}", "renamed"},
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
    {kVariable, "metrics(debugging_mvcc)", "metrics(debugging_mvcc)", "!name-regex"},
    {kVariable, "metrics(mvcc)", "metrics(mvcc)", ""},
    {kVariable, "metrics($x_mvcc)", "metrics($x_mvcc)", ""},
    // {__name__=~".*x.*"}.
    {kVariable, "label_names(P)", "label_names(N)", "renamed"},
    {kVariable, "label_names(P|T)", "label_names(P|T)", "!name-regex"},
    {kVariable, "label_names(_debugging_)", "label_names(_debugging_)", "!name-regex"},
    {kVariable, "label_names(put_total)", "label_names(put_total)", "?name-regex"},
    {kVariable, "label_names((P)", "label_names((P)", "!name-regex"},
    {kVariable, "label_names(etcd_debugging_$x)", "label_names(etcd_debugging_$x)",
     "!templated-name"},
    {kVariable, "label_names($metric)", "label_names($metric)", ""},
    {kVariable, "label_names(up)", "label_names(up)", ""},
    {kVariable, "label_names()", "label_names()", ""},
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

// Union and its way back. `after` empty: nothing changes.
struct ModeRow {
  QueryKind kind;
  std::string_view before;
  std::string_view unioned;
  std::string_view codes;
};

const ModeRow kModeRows[] = {
    // Matchers and modifiers belong to each side.
    {kRule, "P", "N or P", "renamed"},
    {kRule, "P{a=\"b\"} offset 5m", "N{a=\"b\"} offset 5m or P{a=\"b\"} offset 5m", "renamed"},
    {kRule, "P@5 offset 1m", "N@5 offset 1m or P@5 offset 1m", "renamed"},
    {kRule, "{__name__=\"P\",a=\"b\"}", "{__name__=\"N\",a=\"b\"} or {__name__=\"P\",a=\"b\"}",
     "renamed"},
    {kRule, "{\"P\"}", "{\"N\"} or {\"P\"}", "renamed"},
    {kRule, "P{ # which\n  a=\"b\"\n}", "N{ a=\"b\" } or P{ # which\n  a=\"b\"\n}", "renamed"},
    // A range cannot be a union, a subquery can.
    {kRule, "rate(P[5m])", "rate(N[5m]) or rate(P[5m])", "renamed"},
    {kRule, "rate((P[5m]))", "rate((N[5m])) or rate((P[5m]))", "renamed"},
    {kRule, "quantile_over_time(0.9, P[5m])",
     "quantile_over_time(0.9, N[5m]) or quantile_over_time(0.9, P[5m])", "renamed"},
    {kRule, "P[5m:1m]", "(N or P)[5m:1m]", "renamed"},
    {kRule, "max_over_time(rate(P[1m])[5m:1m])",
     "max_over_time((rate(N[1m]) or rate(P[1m]))[5m:1m])", "renamed"},
    // Inside aggregations.
    {kRule, "sum by (x) (P)", "sum by (x) (N or P)", "renamed"},
    {kRule, "sum(rate(P[5m])) by (x) / T", "sum(rate(N[5m]) or rate(P[5m])) by (x) / (M or T)",
     "renamed renamed"},
    {kRule, "topk(scalar(P), T)", "topk(scalar(N or P), M or T)", "renamed renamed"},
    // Functions that look at a bare selector.
    {kRule, "absent(P{j=\"e\"})", "absent(N{j=\"e\"}) and absent(P{j=\"e\"})", "renamed"},
    {kRule, "absent_over_time(P[5m]) * 2",
     "(absent_over_time(N[5m]) and absent_over_time(P[5m])) * 2", "renamed"},
    {kRule, "absent(sum(P))", "absent(sum(N or P))", "renamed"},
    {kRule, "timestamp(P)", "timestamp(N) or timestamp(P)", "renamed"},
    {kRule, "timestamp(P + 0)", "timestamp((N or P) + 0)", "renamed"},
    {kRule, "label_replace(P, \"a\", \"$1\", \"b\", \"(.*)\")",
     "label_replace(N or P, \"a\", \"$1\", \"b\", \"(.*)\")", "renamed"},
    // Parentheses where they are needed, and only there.
    {kRule, "P + 1", "(N or P) + 1", "renamed"},
    {kRule, "-P ^ 2", "-(N or P) ^ 2", "renamed"},
    {kRule, "P > bool 0", "(N or P) > bool 0", "renamed"},
    {kRule, "P or y", "N or P or y", "renamed"},
    {kRule, "y or P", "y or (N or P)", "renamed"},
    {kRule, "y or absent(P)", "y or absent(N) and absent(P)", "renamed"},
    {kRule, "P unless T", "(N or P) unless (M or T)", "renamed renamed"},
    {kRule, "sum((P))", "sum((N or P))", "renamed"},
    {kRule, "(P) + 1", "((N or P)) + 1",
     "renamed"},  // finalize must know whose parentheses they are
    {kRule, "P * on (a) group_left (b) T", "(N or P) * on (a) group_left (b) (M or T)",
     "renamed renamed"},
    // One within the other.
    {kRule, "quantile_over_time(scalar(P), T[5m])",
     "quantile_over_time(scalar(N or P), M[5m]) or quantile_over_time(scalar(N or P), T[5m])",
     "renamed renamed"},
    // Names that are kept out.
    {kRule, "{__name__!=\"P\",a=\"b\"}", "{__name__!=\"P\",__name__!=\"N\",a=\"b\"}", "renamed"},
    {kRule, "{__name__!~\"x|P\",a=\"b\"}", "{__name__!~\"x|P|N\",a=\"b\"}", "renamed"},
    // What cannot be joined, and what is already.
    {kRule, "{__name__=~\"P|x\"}", "", "!no-union"},
    {kRule, "N or P", "", "?already-union"},
    {kRule, "P or N", "", "?already-union"},
    {kRule, "(rate(P[5m])) or  # old first\n rate(N[5m])", "", "?already-union"},
    {kRule, "sum(N) or sum(P)", "", "!no-union"},
    {kRule, "absent(N or P)", "", "!no-union"},
    {kRule, "absent(rate(N[5m]) or rate(P[5m]))", "", "?already-union"},
    {kRule, "sum({__name__=~\"P|N\"})", "", "!no-union"},
    {kRule, "y * on (a) group_left P", "y * on (a) group_left( ) (N or P)", "renamed"},
    {kRule, "y + on (a) group_left P * 2", "y + on (a) group_left( ) (N or P) * 2", "renamed"},
    {kRule, "y * on (a) group_left () P", "y * on (a) group_left () (N or P)", "renamed"},
    {kRule, "y * on (a) group_left rate(P[5m])",
     "y * on (a) group_left( ) (rate(N[5m]) or rate(P[5m]))", "renamed"},
    {kRule, "absent(P) and absent(N)", "", "?already-union"},
    {kRule, "N or on (a) P", "N or on (a) (N or P)", "renamed"},
    // Grafana's variables take a selector only, and there nothing is added up.
    {kVariable, "label_values(P{a=\"b\"}, x)", "label_values({__name__=~\"N|P\",a=\"b\"}, x)",
     "renamed"},
    {kVariable, "label_values(P, x)", "label_values({__name__=~\"N|P\"}, x)", "renamed"},
    {kVariable, "label_values({__name__=~\"N|P\"}, x)", "", "?already-union"},
    {kVariable, "query_result(sum(P))", "query_result(sum(N or P))", "renamed"},
    {kVariable, "metrics(P)", "metrics(P|N)", "renamed"},
    {kVariable, "label_names(P)", "label_names((?:N|P))", "renamed"},
    {kVariable, "label_names((?:N|P))", "", "?already-union"},
    {kPanel, "rate(P{a=~\"$a\"}[$__rate_interval])",
     "rate(N{a=~\"$a\"}[$__rate_interval]) or rate(P{a=~\"$a\"}[$__rate_interval])", "renamed"},
    {kRule, "P +", "", "error"},
};

std::string Apply(const std::string& text, QueryKind kind, Mode mode) {
  return PlanQuery(text, kind, Etcd(), mode).edits.Splice(text);
}

TEST(PlanQuery, UnionTable) {
  for (const ModeRow& row : kModeRows) {
    const std::string before = Expand(row.before);
    const QueryPlan plan = PlanQuery(before, row.kind, Etcd(), Mode::kUnion);
    EXPECT_EQ(plan.edits.Splice(before), row.unioned.empty() ? before : Expand(row.unioned));
    EXPECT_EQ(Codes(plan), row.codes) << before;
  }
}

TEST(PlanQuery, FinalizeOfUnionIsReplace) {
  for (const ModeRow& row : kModeRows) {
    const std::string before = Expand(row.before);
    const std::string unioned = Apply(before, row.kind, Mode::kUnion);
    EXPECT_EQ(Apply(unioned, row.kind, Mode::kFinalize), Apply(before, row.kind, Mode::kReplace))
        << unioned;
  }
  for (const Row& row : kRows) {
    const std::string before = Expand(row.before);
    const std::string unioned = Apply(before, row.kind, Mode::kUnion);
    EXPECT_EQ(Apply(unioned, row.kind, Mode::kFinalize), Apply(before, row.kind, Mode::kReplace))
        << unioned;
  }
}

TEST(PlanQuery, UnionTwiceIsOnce) {
  for (const ModeRow& row : kModeRows) {
    const std::string unioned = Apply(Expand(row.before), row.kind, Mode::kUnion);
    EXPECT_EQ(Apply(unioned, row.kind, Mode::kUnion), unioned);
  }
}

TEST(PlanQuery, FinalizeLeavesOtherUnionsAlone) {
  for (const std::string_view text :
       {"a or b", "N or N", "N or on (a) N", "P or x", "N + 2 or P + 3"}) {
    std::string expected = Expand(text);
    if (const size_t at = expected.find(Expand("P")); at != std::string::npos) {
      expected.replace(at, Expand("P").size(), Expand("N"));
    }
    EXPECT_EQ(Apply(Expand(text), kRule, Mode::kFinalize), expected);
  }
}

TEST(PlanQuery, UnionThatWouldGrowWithoutEndIsLeftToAPerson) {
  std::string query = Expand("scalar(P)");
  for (int i = 0; i < 100; ++i)
    query = Expand("scalar(quantile_over_time(") + query + Expand(", P[5m]))");
  const QueryPlan plan = PlanQuery(query, kRule, Etcd(), Mode::kUnion);
  EXPECT_TRUE(plan.edits.empty());
  ASSERT_EQ(plan.findings.size(), 101u);
  EXPECT_EQ(plan.findings[0].code, FindingCode::kNoUnion);
}

TEST(PlanQuery, LongChainsTakeLinearTime) {
  for (const std::string op : {" or ", " + "}) {
    std::string query = Expand("P");
    for (int i = 0; i < 5000; ++i) query += op + Expand("P{a=\"") + std::to_string(i) + "\"}";
    EXPECT_EQ(PlanQuery(query, kRule, Etcd(), Mode::kUnion).findings.size(), 5001u);
  }
}

TEST(PlanQuery, FinalizeKeepsParenthesesThatMean) {
  EXPECT_EQ(Apply(Expand("(N + 2 or P + 2) * 3"), kRule, Mode::kFinalize), Expand("(N + 2) * 3"));
  EXPECT_EQ(Apply(Expand("(-N or -P) ^ 2"), kRule, Mode::kFinalize), Expand("(-N) ^ 2"));
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
      if (edit.text.empty()) {  // an alternative that stands twice
        EXPECT_TRUE(replaced.starts_with('|') || replaced.ends_with('|')) << replaced;
        continue;
      }
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
