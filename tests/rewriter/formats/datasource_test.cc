#include "rewriter/formats/datasource.h"

#include <gtest/gtest.h>

#include "rewriter/formats/json.h"

namespace metrishift::formats {
namespace {

TEST(JudgeDatasource, ByNameTypeAndUid) {
  constexpr auto kUnknown = DatasourceKind::kUnknown;
  constexpr auto kPrometheus = DatasourceKind::kPrometheus;
  constexpr auto kOther = DatasourceKind::kOther;
  struct Row {
    std::string_view json;
    DatasourceKind kind;
  };
  const Row rows[] = {
      {R"("Prometheus")", kPrometheus},
      {R"("prometheus-eu-1")", kPrometheus},
      {R"("default")", kUnknown},
      {R"("$datasource")", kUnknown},
      {R"("${DS_PROMETHEUS}")", kPrometheus},
      {R"("${DS_LOKI}")", kOther},
      {R"("[[loki_datasource]]")", kOther},
      {R"("-- Mixed --")", kUnknown},
      {R"("-- Grafana --")", kOther},
      {R"("-- Dashboard --")", kOther},
      {R"("Loki")", kOther},
      {R"("Prometheus of Loki")", kPrometheus},
      {R"("blokies")", kUnknown},
      {R"("temporal")", kUnknown},
      {"null", kUnknown},
      {"{}", kUnknown},
      {"[]", kUnknown},
      {R"({"type": "prometheus", "uid": "loki"})", kPrometheus},
      {R"({"type": "grafana-amazonprometheus-datasource"})", kPrometheus},
      {R"({"type": "victoriametrics-metrics-datasource"})", kPrometheus},
      {R"({"type": "victoriametrics-logs-datasource"})", kOther},
      {R"({"type": "camptocamp-prometheus-alertmanager-datasource"})", kOther},
      {R"({"type": "loki", "uid": "$ds"})", kOther},
      {R"({"type": "grafana-postgresql-datasource", "uid": "x"})", kOther},
      {R"({"type": "datasource", "uid": "-- Mixed --"})", kUnknown},
      {R"({"type": "datasource", "uid": "grafana"})", kOther},
      {R"({"type": "__expr__", "uid": "__expr__"})", kOther},
      {R"({"uid": "${DS_LOKI}"})", kOther},
      {R"({"uid": "P8E80F9AEF21F6940"})", kUnknown},
      {R"({"type": {"a": 1}, "uid": 5})", kUnknown},
      {R"({"type": "acme-tsdb-datasource", "uid": "$ds"})", kUnknown},
  };
  for (const Row& row : rows) {
    const Outcome<TextTree> tree = ParseJson(row.json);
    ASSERT_TRUE(tree) << row.json;
    EXPECT_EQ(JudgeDatasource(*tree, tree->documents[0]), row.kind) << row.json;
  }
}

TEST(Datasource, LogQlByItsLooks) {
  const std::string_view logql[] = {
      R"({app="x"} |= "up")",
      R"(sum(rate({app="x"} |~ `up` [5m])))",
      R"({app="x"} != "debug")",
      R"({app="x"}!~`debug`)",
      R"({app="x"} | level = "error")",
      R"(sum by (a) (count_over_time({app="x"}
  | status > 499 [1m])))",
      R"(rate({app="x"} | json | a="b" [5m]))",
      R"(quantile_over_time(0.99, {a="b"} | unwrap c [5m]))",
      R"(sum(bytes_rate({a="b"}[5m])))",
      R"(bytes_over_time ({a="b"}[5m]))",
  };
  for (const std::string_view text : logql) EXPECT_TRUE(LooksLikeLogQl(text)) << text;
  const std::string_view promql[] = {
      R"(rate({app="x"}[5m]))",  // both
      R"(x{a="| json"} or y{b='} |= "c"'})",
      R"(x{a="b"} != 1)",
      R"(x{a="b"} != bool y{c="d"})",
      R"({a!="b",c!~"d"})",
      R"(x{a="{{ .x | quote }}"} / {{ .y | default 5 }})",
      R"({{ .selector }} | bytes_rate)",
      R"(bytes_rate / bytes_over_time{a="b"})",
      "",
      "}",
      "|",
  };
  for (const std::string_view text : promql) EXPECT_FALSE(LooksLikeLogQl(text)) << text;
}

}  // namespace
}  // namespace metrishift::formats
