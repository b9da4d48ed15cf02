#include "rewriter/rewrite/function_plan.h"

#include <gtest/gtest.h>

#include "core/mapping_loader.h"
#include "rewriter/rewrite/prefilter.h"

namespace metrishift::rewrite {
namespace {

using formats::QueryKind;

// One function with a note, one without, one that is gone; a metric that keeps some of its series,
// so that its call is written twice.
const Mapping& Functions() {
  static const Mapping mapping = *Mapping::FromTables(
      {*LoadMappingTable(
            "name: t\ntitle: T\ncomponent: c\nversions: {from: '2', to: '3'}\nsource: s\n"
            "metrics:\n"
            "- {old: a, new: b, type: gauge, when: {x: '1'}}\n"
            "functions:\n"
            "- {old: holt_winters, new: smooth, note: ask for it}\n"
            "- {old: ceil, new: up}\n"
            "- {old: count_scalar, kind: removed, note: use scalar(count(x))}\n")
            .value});
  return mapping;
}

struct Row {
  QueryKind kind;
  Mode mode;
  std::string_view before;
  std::string_view after;
  std::string_view messages;
};

constexpr QueryKind kRule = QueryKind::kPromQL;
constexpr QueryKind kPanel = QueryKind::kGrafanaPromQL;
constexpr QueryKind kVariable = QueryKind::kGrafanaVariable;
constexpr std::string_view kCeil = "deprecated function ceil(), use up()\n";
constexpr std::string_view kGone = "! deprecated function count_scalar() is gone\n";

const Row kRows[] = {
    {kRule, Mode::kReplace, "ceil(x) > 2 # ceil(x)", "up(x) > 2 # ceil(x)", kCeil},
    {kRule, Mode::kFinalize, "ceil (ceil(x))", "up (up(x))",
     "deprecated function ceil(), use up()\ndeprecated function ceil(), use up()\n"},
    {kRule, Mode::kUnion, "ceil(x)", "ceil(x)",
     "! deprecated function ceil() has no form that works both before and after the upgrade\n"},
    {kRule, Mode::kReplace, "holt_winters(x[5m], .1, .2) + holt_winters(y[5m], .1, .2)",
     "smooth(x[5m], .1, .2) + smooth(y[5m], .1, .2)",
     "deprecated function holt_winters(), use smooth()\n"
     "? the new function smooth() has a condition\n"
     "deprecated function holt_winters(), use smooth()\n"},
    {kRule, Mode::kReplace, "count_scalar(x)", "count_scalar(x)", kGone},
    {kRule, Mode::kReplace, "count_scalar(ceil(x))", "count_scalar(up(x))",
     "! deprecated function count_scalar() is gone\ndeprecated function ceil(), use up()\n"},
    // The call that is written twice has its new name twice.
    {kRule, Mode::kReplace, "ceil(a)", "up(b{x=\"1\"} or a)",
     "deprecated function ceil(), use up()\ndeprecated a, use b\n"},
    {kRule, Mode::kReplace, "holt_winters(a[5m], .1, .2)",
     "smooth(b{x=\"1\"}[5m], .1, .2) or smooth(a[5m], .1, .2)",
     "deprecated function holt_winters(), use smooth()\n"
     "? the new function smooth() has a condition\ndeprecated a, use b\n"},
    {kPanel, Mode::kReplace, "ceil(x{l=\"$l\"})", "up(x{l=\"$l\"})", kCeil},
    {kVariable, Mode::kReplace, "query_result(ceil(x))", "query_result(up(x))", kCeil},
    // Names of metrics, labels and parts of names are none of functions.
    {kRule, Mode::kReplace, "sum by (ceil) (ceil)", "sum by (ceil) (ceil)", ""},
    {kRule, Mode::kReplace, "CEIL(x)", "CEIL(x)", ""},
    {kPanel, Mode::kReplace, "${f}ceil(x)", "${f}ceil(x)", ""},
    {kVariable, Mode::kReplace, "label_values(ceil, ceil)", "label_values(ceil, ceil)", ""},
};

std::string Messages(const QueryPlan& plan) {
  std::string out;
  for (const QueryFinding& finding : plan.findings) {
    if (finding.disposition == Disposition::kNeedsPerson) out += "! ";
    if (finding.disposition == Disposition::kInfo) out += "? ";
    out += finding.message + "\n";
  }
  return out;
}

TEST(PlanFunctions, Table) {
  for (const Row& row : kRows) {
    const QueryPlan plan = PlanQuery(row.before, row.kind, Functions(), row.mode);
    EXPECT_EQ(plan.edits.Splice(row.before), row.after);
    EXPECT_EQ(Messages(plan), row.messages) << row.before;
  }
}

TEST(PlanFunctions, FindingsPointToTheNameAndItsEntry) {
  const QueryPlan plan =
      PlanQuery("query_result(1 + holt_winters(x[5m], .1, .2))", kVariable, Functions());
  ASSERT_EQ(plan.findings.size(), 2u);
  EXPECT_EQ(plan.findings[0].span, (QuerySpan{17, 29}));
  ASSERT_NE(plan.findings[0].About(), nullptr);
  EXPECT_EQ(plan.findings[0].About()->new_name, "smooth");
  EXPECT_EQ(plan.findings[1].hint, "ask for it");
}

TEST(PlanFunctions, TwiceIsOnce) {
  for (const Row& row : kRows) {
    const QueryPlan plan = PlanQuery(row.after, row.kind, Functions(), row.mode);
    EXPECT_EQ(plan.edits.Splice(row.after), row.after);
  }
}

TEST(PlanFunctions, ThePrefilterKnowsThem) {
  const Prefilter prefilter(Functions());
  EXPECT_TRUE(prefilter.MayConcern("expr: holt_winters(x[5m], .1, .2)"));
  EXPECT_TRUE(prefilter.MayConcern("expr: count_scalar(x)"));
  EXPECT_FALSE(prefilter.MayConcern("expr: smooth(x[5m], .1, .2)"));
}

}  // namespace
}  // namespace metrishift::rewrite
