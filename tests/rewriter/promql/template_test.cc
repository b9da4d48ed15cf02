#include "rewriter/promql/template.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rewriter/promql/dump.h"
#include "rewriter/promql/parser.h"

namespace metrishift::promql {
namespace {

std::string DumpOf(const std::string& query, Dialect dialect) {
  const ParseResult result = ParseExpr(query, {dialect});
  return result ? Dump(*result.expr) : "error: " + result.error->message;
}

std::string Split(const std::string& text, Dialect dialect,
                  TemplateContext context = TemplateContext::kBare) {
  std::string out;
  for (const TemplatePiece& piece : SplitTemplate(text, dialect, context)) {
    out += piece.variable ? '<' : '[';
    out += text.substr(piece.span.begin, piece.span.size());
    out += piece.variable ? '>' : ']';
  }
  return out;
}

struct Row {
  std::string query;
  std::string dump;
};

TEST(TemplateTest, SplitsNames) {
  EXPECT_EQ(Split("etcd_debugging_mvcc_${op}_total", Dialect::kGrafana),
            "[etcd_debugging_mvcc_]<${op}>[_total]");
  EXPECT_EQ(Split("$a$b", Dialect::kGrafana), "<$a><$b>");
  EXPECT_EQ(Split("x", Dialect::kGrafana), "[x]");
  EXPECT_EQ(Split("$x", Dialect::kPrometheus), "[$x]");
  EXPECT_EQ(Split("", Dialect::kGrafana), "");
  EXPECT_EQ(Split("${x", Dialect::kGrafana), "[${x]");
}

TEST(TemplateTest, StringsKeepGroupsAndAnchors) {
  for (const char* plain : {"$1", "${1}", "foo$", "a$|b", "[[:alpha:]]", "$"}) {
    EXPECT_FALSE(HasTemplate(plain, Dialect::kGrafana, TemplateContext::kString)) << plain;
  }
  EXPECT_EQ(Split("a$b-${c}$", Dialect::kGrafana, TemplateContext::kString), "[a]<$b>[-]<${c}>[$]");
}

TEST(TemplateTest, WhereVariablesMayStand) {
  const std::vector<Row> rows = {
      {"$metric", "(var ~\"$metric\")"},
      {"rate(x[$__rate_interval])", "(call rate (range (sel x) (var ~\"$__rate_interval\")))"},
      {"x[${n}m:$s]", "(subquery (sel x) (var ~\"${n}m\") (var ~\"$s\"))"},
      {"x offset $o", "(sel x offset=(var ~\"$o\"))"},
      {"x offset -$o", "(sel x offset=(neg (var ~\"$o\")))"},
      {"x $o", "(sel x offset=(var ~\"$o\"))"},
      {"x @ ${__to:date:seconds}", "(sel x @~)"},
      {"x{job=\"$job\"}", "(sel x job=~\"$job\")"},
      {"x{job=~\"$job\",a=\"$1\"}", "(sel x job=~~\"$job\" a=\"$1\")"},
      {"x{$filter}", "(sel x ~\"$filter\")"},
      {"x{a=\"b\" $filter c=\"d\"}", "(sel x a=\"b\" ~\"$filter\" c=\"d\")"},
      {"x{$label=~\"v\"}", "(sel x ~\"$label\"=~\"v\")"},
      {"x{a=~$v}", "(sel x a=~~\"$v\")"},
      {"x{a $op \"v\"}", "(sel x a~\"v\")"},
      {"x{__$l=\"v\"}", "(sel x ~\"__$l\"=\"v\")"},
      {"x${suffix}", "(sel ~\"x${suffix}\")"},
      {"[[prefix]]_total{a=\"b\"}", "(sel ~\"[[prefix]]_total\" a=\"b\")"},
      {"$metric{a=\"b\"}[5m]", "(range (sel ~\"$metric\" a=\"b\") 300)"},
      {"$metric[5m]", "(range (var ~\"$metric\") 300)"},
      {"$fn(x[5m])", "(call ~\"$fn\" (range (sel x) 300))"},
      {"${fn}_over_time(x[5m])", "(call ~\"${fn}_over_time\" (range (sel x) 300))"},
      {"$agg by (job) (x)", "(agg ~\"$agg\" by=[job] (sel x))"},
      {"$agg(5, x) by (job)", "(agg ~\"$agg\" by=[job] 5 (sel x))"},
      {"sum by (job $g) (x)", "(agg sum by=[job,~\"$g\"] (sel x))"},
      {"sum by ($g job, a) (x)", "(agg sum by=[~\"$g\",job,a] (sel x))"},
      {"topk($n, x) > $t", "(op > (agg topk (var ~\"$n\") (sel x)) (var ~\"$t\"))"},
      {"x $op 5", "(op ~ (sel x) 5)"},
      {"x $op on (a) y", "(op ~ on=[a] (sel x) (sel y))"},
      {"x $o or y", "(op or (sel x offset=(var ~\"$o\")) (sel y))"},
      {"histogram_quantile(0.$q, x)", "(call histogram_quantile (var ~\"0.$q\") (sel x))"},
      {"rate($metric) + 1", "(op + (call rate (var ~\"$metric\")) 1)"},
      {"label_replace(x, \"a\", \"$1\", \"b\", \"(.*)\")",
       "(call label_replace (sel x) \"a\" \"$1\" \"b\" \"(.*)\")"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(DumpOf(row.query, Dialect::kGrafana), row.dump) << row.query;
    EXPECT_EQ(DumpOf(row.query, Dialect::kGoTemplate), row.dump) << row.query;
  }
}

TEST(TemplateTest, ActionsOfOtherTemplates) {
  const std::vector<Row> rows = {
      {"sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)",
       "(agg sum by=[~\"<<.GroupBy>>\"] (sel ~\"<<.Series>>\" ~\"<<.LabelMatchers>>\"))"},
      {"x{%(selector)s, a=\"b\"} > %(limit)d",
       "(op > (sel x ~\"%(selector)s\" a=\"b\") (var ~\"%(limit)d\"))"},
      {"x{job=\"{{ .Values.job | default \"y\" }}\"}[{{ .r }}]",
       "(range (sel x job=~\"{{ .Values.job | default \\\"y\\\" }}\") (var ~\"{{ .r }}\"))"},
      {"x{a=\"b\"{{ if .c }},c=\"d\"{{ end }}}", "(sel x a=\"b\" c=\"d\")"},
      {"x{a=\"b\", {{ if .c }}c{{ else }}d{{ end }}=\"e\"}",
       "(sel x a=\"b\" ~\"c{{ else }}d\"=\"e\")"},
      {"x{a{{ .op }}\"b{{ .c }}\", d=\"e\"}", "(sel x ~\"a{{ .op }}\"~~\"b{{ .c }}\" d=\"e\")"},
      {"{{ .Values.expr }} > 5", "(op > (var ~\"{{ .Values.expr }}\") 5)"},
      {"x % (y)", "(op % (sel x) (paren (sel y)))"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(DumpOf(row.query, Dialect::kGoTemplate), row.dump) << row.query;
}

TEST(TemplateTest, NamesInARowAreNoChoice) {
  for (const char* query : {"x{a b=\"c\"}", "x{a {{/* c */}}, b c=\"d\"}"})
    EXPECT_FALSE(promql::ParseExpr(query, {Dialect::kGoTemplate})) << query;
}

TEST(TemplateTest, PlainQueriesMeanTheSameInEveryDialect) {
  for (const char* query : {"sum by (a) (rate(x{b=\"c\"}[5m])) / 2", "x offset (5m) + 3", "a % (b)",
                            "x{a=\"[[:alpha:]]\"}", "{\"a.b\"}", "a < b", "x[5m:1m] @ start()"}) {
    const std::string dump = DumpOf(query, Dialect::kPrometheus);
    EXPECT_EQ(DumpOf(query, Dialect::kGrafana), dump);
    EXPECT_EQ(DumpOf(query, Dialect::kGoTemplate), dump);
  }
}

TEST(TemplateTest, PlainPrometheusKnowsNoVariables) {
  for (const char* query : {"$x", "x[$r]", "x${y}", "{{ .x }}", "x{$f}", "[[x]]"}) {
    EXPECT_FALSE(ParseExpr(query)) << query;
  }
}

}  // namespace
}  // namespace metrishift::promql
