#include "rewriter/rewrite/grafana_variable.h"

#include <gtest/gtest.h>

namespace metrishift::rewrite {
namespace {

using Kind = VariableQuery::Kind;

TEST(ParseVariableQuery, TakesTheTextApartAsGrafanaDoes) {
  struct Row {
    std::string_view text;
    Kind kind;
    std::string_view part;
  };
  const Row rows[] = {
      {"label_names()", Kind::kNone, ""},
      {"label_names(etcd)", Kind::kNamePart, "etcd"},
      {"label_names((?:a|b)) ", Kind::kNamePart, "(?:a|b)"},
      {"label_values(job)", Kind::kNone, ""},
      {"label_values(up, job)", Kind::kSelector, "up"},
      {"label_values(up{a=\"b,c\", d=\"e\"}, instance)", Kind::kSelector, "up{a=\"b,c\", d=\"e\"}"},
      {"label_values(up{a=~\"$x\"},instance) ", Kind::kSelector, "up{a=~\"$x\"}"},
      {"label_values(up, $label)", Kind::kSelector, "up"},
      {"label_values(up, \"my label\")", Kind::kSelector, "up"},
      {"metrics(etcd_.*)", Kind::kRegex, "etcd_.*"},
      {"query_result(topk(5, sum by (a) (x)))", Kind::kPromQL, "topk(5, sum by (a) (x))"},
      {"query_result(\n  x\n)", Kind::kPromQL, "\n  x\n"},
      {"up{job=\"x\"}", Kind::kSelector, "up{job=\"x\"}"},
      {"", Kind::kNone, ""},
  };
  for (const Row& row : rows) {
    const VariableQuery query = ParseVariableQuery(row.text);
    EXPECT_EQ(query.kind, row.kind) << row.text;
    EXPECT_EQ(row.text.substr(query.span.begin, query.span.size()), row.part) << row.text;
  }
}

}  // namespace
}  // namespace metrishift::rewrite
