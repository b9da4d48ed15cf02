// The places of the table as real files have them, each beside what must not be touched.

#include "rewriter/formats/places.h"

#include <gtest/gtest.h>

#include "tests/rewriter/formats/dump.h"

namespace metrishift::formats {
namespace {

struct Row {
  const char* name;
  std::string_view text;
  std::string_view dump;
};

TEST(Places, Yaml) {
  const Row rows[] = {
      {"namespaces of Mimir's tool, several documents",
       "namespace: n\ngroups:\n- {name: g, source_tenants: [t], rules: [{record: r, expr: a}]}\n"
       "---\nns: [{name: g, rules: [{alert: A, expr: b}]}]\n",
       "groups[0].rules[0].expr = a\nns[0].rules[0].expr = b\n"},
      {"Loki's rules have the shape of Prometheus'",
       "groups:\n- rules:\n  - {alert: A, expr: 'sum(rate({app=\"x\"} |= \"up\" [5m])) > 1'}\n"
       "  - {alert: B, expr: 'sum(rate({app=\"x\"} | json [5m])) > 1'}\n"
       "  - {alert: C, expr: 'x{a=\"| json\"}'}\n",
       "groups[0].rules[2].expr = x{a=\"| json\"}\n"},
      {"rules of roles are no rules",
       "kind: ClusterRole\nrules:\n- {apiGroups: [''], resources: [pods], verbs: [get]}\n", ""},
      {"VMRule, whose groups have types",
       "kind: VMRule\nspec:\n  groups:\n  - {type: vlogs, rules: [{alert: A, expr: no}]}\n"
       "  - {type: prometheus, rules: [{alert: A, expr: yes}]}\n",
       "spec.groups[1].rules[0].expr = yes\n"},
      {"tests of rules", R"y(rule_files: [rules.yml]
tests:
- interval: 1m
  input_series:
  - {series: 'up{job="a"}', values: '0+1x10'}
  promql_expr_test:
  - expr: sum(up)
    exp_samples: [{labels: 'sum_up{}', value: 1}]
  alert_rule_test:
  - {alertname: A, exp_alerts: [{exp_labels: {severity: up}}]}
)y",
       "tests[0].input_series[0].series =series up{job=\"a\"}\n"
       "tests[0].promql_expr_test[0].expr = sum(up)\n"
       "tests[0].promql_expr_test[0].exp_samples[0].labels =sample sum_up{}\n"},
      {"alerts that ask",
       "rules:\n- alert: A\n  expr: up\n  annotations:\n    a: '{{ query \"x\" | first }} query "
       "\"no\"'\n"
       "    b: '{{ $labels.query }} {{ label \"no\" }} {{ printf \"%s\" \"no\" }}'\n"
       "    c: \"{{ with query `y{a='b'}` }}{{ . | first | value }}{{ end }}\"\n",
       "rules[0].expr = up\nrules[0].annotations.a = x\nrules[0].annotations.c = y{a='b'}\n"},
      {"alerts that ask once Helm has written them out", R"y(rules:
- alert: A
  expr: up
  annotations:
    a: '{{`{{`}} with query "a" {{`}}`}}{{`{{`}} . | first {{`}}`}}'
    b: '{{ "{{" }} query "b" {{ "}}" }} query "no" {{- "{{-" -}} printf "c" | query {{- "-}}" -}}'
    c: '{{`{{ with query "d" }}`}}{{ `x {{ query "e" }}` }} {{ "no" }} {{`}}`}} query "no" {{`{{`}}'
    d: "{{ \"{{\" }} query \"f\" {{ \"}}\" }}"
)y",
       "rules[0].expr = up\nrules[0].annotations.a = a\nrules[0].annotations.b = b\n"
       "rules[0].annotations.b = c\nrules[0].annotations.c = d\nrules[0].annotations.c = e\n"
       "rules[0].annotations.d = f\n"},
      {"relabelling", R"y(scrape_configs:
- metric_relabel_configs:
  - {source_labels: [__name__], regex: 'a|b', action: keep}
  - {source_labels: [__name__, le], regex: 'a;1', action: drop}
  - {source_labels: [job], regex: 'a|b', action: keep}
  - {source_labels: [__name__], regex: a, target_label: __name__, replacement: b}
  relabel_configs:
  - {source_labels: [__address__], regex: a, target_label: x}
remote_write:
- write_relabel_configs: [{source_labels: [__name__], regex: c, action: drop}]
---
kind: ServiceMonitor
spec: {endpoints: [{metricRelabelings: [{sourceLabels: [__name__], regex: d, action: drop}]}]}
)y",
       "scrape_configs[0].metric_relabel_configs[0].regex =regex a|b\n"
       "scrape_configs[0].metric_relabel_configs[1].regex =first a;1\n"
       "remote_write[0].write_relabel_configs[0].regex =regex c\n"
       "spec.endpoints[0].metricRelabelings[0].regex =regex d\n"},
      {"relabelling by several labels", R"y(metric_relabel_configs:
- {source_labels: [a, __name__], regex: '1;b', action: drop}
- {source_labels: [a, __name__, c], regex: '1;d;2', action: drop}
- {source_labels: [__name__, a], separator: '@', regex: 'no@1', action: drop}
- {source_labels: [a, b], regex: '1;no', action: drop}
)y",
       "metric_relabel_configs[0].regex =last 1;b\n"
       "metric_relabel_configs[1].regex =mid 1;d;2\n"},
      {"vmagent",
       "- {if: 'up{a=\"b\"}', action: drop}\n- {if: [x, y], action: keep}\n- {if: no}\n"
       "- {match: z, interval: 1m, outputs: [total]}\n- match: no\n",
       "[0].if =sel up{a=\"b\"}\n[1].if[0] =sel x\n[1].if[1] =sel y\n[3].match =sel z\n"},
      {"federation",
       "scrape_configs:\n- params:\n    'match[]': ['{__name__=~\"job:.*\"}', up]\n"
       "    module: [no]\n",
       "scrape_configs[0].params.match[][0] =sel {__name__=~\"job:.*\"}\n"
       "scrape_configs[0].params.match[][1] =sel up\n"},
      {"an allow-list", "names: [a, b]\nmatches: ['c{d=\"e\"}']\nother: [no]\n---\nnames: [no]\n",
       "names[0] =name a\nnames[1] =name b\nmatches[0] =sel c{d=\"e\"}\n"},
      {"allow-lists with other parts", R"y(names: [a]
matches: ['__name__="b"']
renames: {no: no2}
collect_rules:
- group: c
  names: [d]
  rules:
  - {collect: e, expr: f > 1, dynamic_metrics: {names: [g]}}
  - {collect: h, expr: i, dynamic_metrics: {matches: ['__name__="j"']}}
  - {collect: k, expr: l, dynamic_metrics: {names: [m], matches: [n]}}
---
people: {names: [no]}
)y",
       "names[0] =name a\nmatches[0] =sel __name__=\"b\"\ncollect_rules[0].names[0] =name d\n"
       "collect_rules[0].rules[0].expr = f > 1\n"
       "collect_rules[0].rules[0].dynamic_metrics.names[0] =name g\n"
       "collect_rules[0].rules[1].expr = i\n"
       "collect_rules[0].rules[1].dynamic_metrics.matches[0] =sel __name__=\"j\"\n"
       "collect_rules[0].rules[2].expr = l\n"
       "collect_rules[0].rules[2].dynamic_metrics.names[0] =name m\n"
       "collect_rules[0].rules[2].dynamic_metrics.matches[0] =sel n\n"},
      {"prometheus-adapter", R"y(rules:
- seriesQuery: 'a{namespace!=""}'
  seriesFilters: [{isNot: b_seconds_total}]
  name: {matches: c, as: d}
  metricsQuery: 'sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)'
resourceRules:
  cpu: {containerQuery: sum(e), nodeQuery: f, resources: {no: g}}
)y",
       "rules[0].seriesQuery =sel a{namespace!=\"\"}\n"
       "rules[0].seriesFilters[0].isNot =regex b_seconds_total\nrules[0].name.matches =regex c\n"
       "rules[0].metricsQuery = sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)\n"
       "resourceRules.cpu.containerQuery = sum(e)\nresourceRules.cpu.nodeQuery = f\n"},
      {"KEDA",
       "kind: ScaledObject\nspec:\n  triggers:\n  - {type: prometheus, metadata: {query: a}}\n"
       "  - {type: postgresql, metadata: {query: SELECT 1}}\n",
       "spec.triggers[0].metadata.query = a\n"},
      {"Argo Rollouts",
       "kind: AnalysisTemplate\nspec:\n  metrics:\n  - provider: {prometheus: {query: "
       "'a{x=\"{{args.y}}\"}'}}\n"
       "  - provider: {datadog: {query: no}}\n",
       "spec.metrics[0].provider.prometheus.query = a{x=\"{{args.y}}\"}\n"},
      {"Flagger",
       "kind: MetricTemplate\nspec: {provider: {type: prometheus}, query: 'a{n=\"{{ namespace "
       "}}\"}'}\n"
       "---\nkind: MetricTemplate\nspec: {provider: {type: datadog}, query: no}\n---\nkind: "
       "Canary\n"
       "spec: {analysis: {metrics: [{name: x, query: b}]}}\n",
       "spec.query = a{n=\"{{ namespace }}\"}\nspec.analysis.metrics[0].query = b\n"},
      {"Sloth, file and resource", R"y(version: prometheus/v1
slos:
- sli: {events: {error_query: 'a[{{.window}}]', total_query: b}}
- sli: {raw: {error_ratio_query: c}}
---
kind: PrometheusServiceLevel
spec: {slos: [{sli: {events: {errorQuery: d, totalQuery: e}}}]}
)y",
       "slos[0].sli.events.error_query = a[{{.window}}]\nslos[0].sli.events.total_query = b\n"
       "slos[1].sli.raw.error_ratio_query = c\nspec.slos[0].sli.events.errorQuery = d\n"
       "spec.slos[0].sli.events.totalQuery = e\n"},
      {"Pyrra", R"y(kind: ServiceLevelObjective
spec:
  indicator: {ratio: {errors: {metric: 'a{code=~"5.."}'}, total: {metric: b}, grouping: [no]}}
---
spec: {indicator: {bool_gauge: {metric: c}}}
)y",
       "spec.indicator.ratio.errors.metric =sel a{code=~\"5..\"}\n"
       "spec.indicator.ratio.total.metric =sel b\nspec.indicator.bool_gauge.metric =sel c\n"},
      {"OpenSLO", R"y(apiVersion: openslo/v1
spec:
  indicator:
    spec:
      ratioMetric:
        good: {metricSource: {type: Prometheus, spec: {query: a}}}
        total: {metricSource: {type: Datadog, spec: {query: no}}}
---
apiVersion: openslo/v1alpha
spec: {objectives: [{ratioMetrics: {good: {source: prometheus, queryType: promql, query: b}}}]}
)y",
       "spec.indicator.spec.ratioMetric.good.metricSource.spec.query = a\n"
       "spec.objectives[0].ratioMetrics.good.query = b\n"},
      {"Grafana's alerts", R"y(apiVersion: 1
groups:
- rules:
  - data:
    - {refId: A, datasourceUid: abc, model: {expr: a, datasource: {type: prometheus}}}
    - {refId: B, datasourceUid: __expr__, model: {type: math, expression: $A, expr: no}}
    - {refId: C, datasourceUid: '-100', model: {expr: no}}
    - {refId: D, datasourceUid: loki, model: {expr: no}}
)y",
       "groups[0].rules[0].data[0].model.expr =$ a\n"},
      {"dashboards in resources", R"y(kind: ConfigMap
data:
  x.json: |-
    {"panels": [{"targets": [{"expr": "a{b=\"c\"}"}]}]}
  rules.yml: |
    groups:
    - rules:
      - {alert: A, expr: b}
  notes: 'expr: no'
---
kind: GrafanaDashboard
spec:
  json: >
    {"templating": {"list": [{"type": "query",
    "query": "label_values(c, d)"}]}}
---
kind: Deployment
data: {x.json: '{"targets": [{"expr": "no"}]}'}
)y",
       "data.x.json > panels[0].targets[0].expr =$ a{b=\"c\"}\n"
       "data.rules.yml > groups[0].rules[0].expr = b\n"
       "spec.json > templating.list[0].query =var label_values(c, d)\n"},
  };
  for (const Row& row : rows) EXPECT_EQ(Dump(FileFormat::kYaml, row.text), row.dump) << row.name;
}

TEST(Places, Json) {
  const Row rows[] = {
      {"what else targets have", R"j({"panels": [{"targets": [
          {"expr": "a", "metric": "a", "legendFormat": "no", "refId": "A"},
          {"query": "b"}, {"datasource": "influx", "query": "no"},
          {"datasource": {"type": "influxdb"}, "query": "SELECT no"}]}]})j",
       "panels[0].targets[0].expr =$ a\n"
       "panels[0].targets[1].query =$ b\npanels[0].targets[2].query =$ no\n"},
      {"datasources behind names", R"j({
          "__inputs": [{"name": "DS_X", "type": "datasource", "pluginId": "loki"},
                       {"name": "DS_P", "type": "datasource", "pluginId": "prometheus"}],
          "templating": {"list": [{"type": "datasource", "name": "logs", "query": "elasticsearch"},
                                  {"type": "datasource", "name": "ds", "query": "prometheus"}]},
          "panels": [{"datasource": "${DS_X}", "targets": [{"expr": "no"}]},
                     {"datasource": "${DS_P}", "targets": [{"expr": "a"}]},
                     {"datasource": "$logs", "targets": [{"expr": "no"}]},
                     {"datasource": {"uid": "${ds:raw}"}, "targets": [{"expr": "b"}]},
                     {"datasource": {"uid": "[[logs]]"}, "targets": [{"expr": "no"}]},
                     {"datasource": "$nowhere", "targets": [{"expr": "c"}]}]})j",
       "panels[1].targets[0].expr =$ a\npanels[3].targets[0].expr =$ b\n"
       "panels[5].targets[0].expr =$ c\n"},
      {"the object of a variable", R"j({"templating": {"list": [
          {"type": "query", "definition": "label_values(a, b)", "query": {"qryType": 1,
           "query": "label_values(a, b)", "metric": "a", "label": "b",
           "labelFilters": [{"label": "__name__", "op": "=", "value": "c"},
                            {"label": "x", "op": "=", "value": "no"}]}},
          {"type": "query", "query": {"qryType": 2, "query": "metrics(d|e)", "metric": "d|e"}},
          {"type": "query", "query": {"qryType": 0, "query": "label_names(f)", "match": "f"}},
          {"type": "query", "query": {"qryType": 3, "varQuery": "sum(g)"}},
          {"type": "query", "query": {"qryType": 4, "seriesQuery": "h{i=\"j\"}"}},
          {"type": "query", "query": {"qryType": 5, "classicQuery": "query_result(k)"}}]}})j",
       "templating.list[0].definition =var label_values(a, b)\n"
       "templating.list[0].query.query =var label_values(a, b)\n"
       "templating.list[0].query.metric =sel a\n"
       "templating.list[0].query.labelFilters[0].value =name c\n"
       "templating.list[1].query.query =var metrics(d|e)\n"
       "templating.list[1].query.metric =regex d|e\n"
       "templating.list[2].query.query =var label_names(f)\n"
       "templating.list[2].query.match =part f\n"
       "templating.list[3].query.varQuery =$ sum(g)\n"
       "templating.list[4].query.seriesQuery =sel h{i=\"j\"}\n"
       "templating.list[5].query.classicQuery =var query_result(k)\n"},
      {"variables that hold a name", R"j({"templating": {"list": [
          {"type": "constant", "query": "a", "current": {"text": "a", "value": "a"},
           "options": [{"text": "a", "value": "a", "selected": true}]},
          {"type": "custom", "query": "no,no2", "options": [{"value": "no"}]},
          {"type": "adhoc", "filters": [{"key": "__name__", "operator": "=", "value": "b"},
                                        {"key": "job", "operator": "=", "value": "no"}]}]}})j",
       "templating.list[0].query =name a\ntemplating.list[2].filters[0].value =name b\n"},
      {"filters of every kind", R"j({"templating": {"list": [{"type": "adhoc", "filters": [
          {"key": "__name__", "operator": "=|", "value": "a", "values": ["a", "b"]},
          {"key": "__name__", "operator": "!=|", "value": "c", "values": ["c"]},
          {"key": "__name__", "operator": "!=", "value": "d"},
          {"key": "__name__", "operator": "!~", "value": "e"},
          {"key": "job", "operator": "=|", "value": "no", "values": ["no"]}]},
        {"type": "query", "query": {"labelFilters": [{"label": "__name__", "op": "!=", "value": "f"},
          {"label": "__name__", "op": "!~", "value": "g"}]}}]}})j",
       "templating.list[0].filters[0].value =name a\n"
       "templating.list[0].filters[0].values[0] =name a\n"
       "templating.list[0].filters[0].values[1] =name b\n"
       "templating.list[0].filters[1].value =name c\n"
       "templating.list[0].filters[1].values[0] =name c\n"
       "templating.list[0].filters[2].value =name d\n"
       "templating.list[0].filters[3].value =regex e\n"
       "templating.list[1].query.labelFilters[0].value =name f\n"
       "templating.list[1].query.labelFilters[1].value =regex g\n"},
      {"what filters the results of a variable, and what stands for all of them",
       R"j({"templating": {"list": [
          {"type": "query", "query": "metrics(a)", "regex": "/a_(.*)/", "allValue": "a|b"},
          {"type": "custom", "query": "no", "regex": "no", "allValue": "c"},
          {"type": "datasource", "query": "prometheus", "regex": "/no/"},
          {"type": "query", "datasource": "loki", "query": "no", "regex": "no"}]}})j",
       "templating.list[0].query =var metrics(a)\ntemplating.list[0].regex =pattern /a_(.*)/\n"
       "templating.list[0].allValue =pattern a|b\ntemplating.list[1].allValue =pattern c\n"},
      {"a library panel and its copies", R"j({"kind": 1, "name": "x", "model": {"targets":
          [{"expr": "a"}]}, "__elements": {"u": {"model": {"targets": [{"expr": "b"}]}}}})j",
       "model.targets[0].expr =$ a\n__elements.u.model.targets[0].expr =$ b\n"},
      {"alerts over the API", R"j([{"data": [{"datasourceUid": "p", "model": {"expr": "a"}},
          {"datasourceUid": "__expr__", "model": {"expression": "no"}}]}])j",
       "[0].data[0].model.expr =$ a\n"},
      {"schema v1beta1", R"j({"apiVersion": "dashboard.grafana.app/v1beta1", "spec":
          {"panels": [{"targets": [{"expr": "a"}]}]}})j",
       "spec.panels[0].targets[0].expr =$ a\n"},
      {"schema v2", R"j({"apiVersion": "dashboard.grafana.app/v2beta1", "spec": {
          "elements": {"panel-1": {"kind": "Panel", "spec": {"data": {"spec": {"queries": [
            {"kind": "PanelQuery", "spec": {"query": {"kind": "DataQuery", "group": "prometheus",
              "datasource": {"name": "x"}, "spec": {"expr": "a"}}}},
            {"kind": "PanelQuery", "spec": {"query": {"kind": "DataQuery", "group": "loki",
              "spec": {"expr": "no"}}}},
            {"kind": "PanelQuery", "spec": {"query": {"kind": "prometheus",
              "spec": {"expr": "b"}}}}]}}}}},
          "annotations": [{"kind": "AnnotationQuery", "spec": {"query": {"group": "prometheus",
            "spec": {"expr": "c"}}, "legacyOptions": {"expr": "d"}}}],
          "variables": [{"kind": "QueryVariable", "spec": {"definition": "metrics(e)", "query":
            {"group": "prometheus", "spec": {"query": "metrics(e)"}}}},
            {"kind": "QueryVariable", "spec": {"definition": "no", "query":
            {"group": "loki", "spec": {"query": "no"}}}}],
          "layout": {"kind": "RowsLayout", "spec": {"rows": [{"spec": {"variables": [
            {"kind": "QueryVariable", "spec": {"query": {"kind": "prometheus",
              "spec": {"query": "f"}}}}]}}]}}}})j",
       "spec.elements.panel-1.spec.data.spec.queries[0].spec.query.spec.expr =$ a\n"
       "spec.elements.panel-1.spec.data.spec.queries[2].spec.query.spec.expr =$ b\n"
       "spec.annotations[0].spec.query.spec.expr =$ c\n"
       "spec.annotations[0].spec.legacyOptions.expr =$ d\n"
       "spec.variables[0].spec.definition =var metrics(e)\n"
       "spec.variables[0].spec.query.spec.query =var metrics(e)\n"
       "spec.layout.spec.rows[0].spec.variables[0].spec.query.spec.query =var f\n"},
      {"Perses", R"j({"kind": "Dashboard", "spec": {
          "panels": {"p": {"spec": {"queries": [{"spec": {"plugin":
            {"kind": "PrometheusTimeSeriesQuery", "spec": {"query": "a"}}}},
            {"spec": {"plugin": {"kind": "LokiLogQuery", "spec": {"query": "no"}}}}]}}},
          "variables": [{"spec": {"plugin": {"kind": "PrometheusPromQLVariable",
            "spec": {"expr": "b"}}}}, {"spec": {"plugin":
            {"kind": "PrometheusLabelValuesVariable", "spec": {"matchers": ["c{d=\"$e\"}"]}}}}]}})j",
       "spec.panels.p.spec.queries[0].spec.plugin.spec.query =$ a\n"
       "spec.variables[0].spec.plugin.spec.expr =$ b\n"
       "spec.variables[1].spec.plugin.spec.matchers[0] =sel c{d=\"$e\"}\n"},
      {"a dashboard as text in a ConfigMap as JSON", R"j({"kind": "ConfigMap", "data":
          {"x.json": "{\"panels\": [{\"targets\": [{\"expr\": \"a{b=\\\"c\\\"}\"}]}]}"}})j",
       "data.x.json > panels[0].targets[0].expr =$ a{b=\"c\"}\n"},
  };
  for (const Row& row : rows) EXPECT_EQ(Dump(FileFormat::kJson, row.text), row.dump) << row.name;
}

// What is no query, and may name metrics nevertheless.
TEST(Places, Passages) {
  const Row rows[] = {
      {"beside queries", R"j({"panels": [{"targets": [
          {"expr": "a", "metric": "b", "legendFormat": "{{c}}", "refId": "A", "step": 1}]}]})j",
       "copy \"b\"\nshown \"{{c}}\"\n"},
      {"for other datasources, in other languages", R"j({"panels": [
          {"datasource": {"type": "loki"}, "targets": [{"expr": "a"}, {"query": "b"}]},
          {"targets": [{"expr": "{x=\"y\"} |= \"c\""}, {"expr": "d"}]}]})j",
       "foreign \"a\"\nforeign \"b\"\nforeign \"{x=\\\"y\\\"} |= \\\"c\\\"\"\n"},
      {"variables", R"j({"templating": {"list": [
          {"type": "custom", "query": "a,b : c", "current": {"value": ["a"]}, "options":
           [{"text": "a"}], "label": "x", "name": "no", "hide": 0},
          {"type": "query", "query": "no", "current": {"text": "All"}},
          {"type": "constant", "query": "no", "staticOptions": ["d"]}]}})j",
       "choice \"a,b : c\"\ncopy {\"value\": [\"a\"]}\ncopy [{\"text\": \"a\"}]\n"
       "shown \"x\"\ncopy {\"text\": \"All\"}\nchoice [\"d\"]\n"},
      {"variables of schema v2", R"j({"variables": [
          {"kind": "CustomVariable", "spec": {"query": "a", "current": {"value": "b"}}},
          {"kind": "SwitchVariable", "spec": {"enabledValue": "c", "disabledValue": "d"}},
          {"kind": "Other", "spec": {"query": "no", "current": "no"}}], "x": {"items":
          [{"kind": "ConditionalRenderingVariable", "spec": {"variable": "v", "value": "e"}}]}})j",
       "choice \"a\"\ncopy {\"value\": \"b\"}\nchoice \"c\"\nchoice \"d\"\nchoice \"e\"\n"},
      {"overrides and columns", R"j({"panels": [{"title": "a", "description": "b", "fieldConfig":
          {"overrides": [{"matcher": {"id": "byName", "options": "c"}}]},
          "transformations": [{"options": {"renameByName": {"d": "e"}}}],
          "seriesOverrides": [{"alias": "f"}], "aliasColors": {"g": "red"},
          "options": {"content": "h", "no": 1}, "links": [{"url": "i"}]}]})j",
       "shown \"a\"\nshown \"b\"\nshown {\"overrides\": [{\"matcher\": {\"id\": \"byName\", "
       "\"options\": \"c\"}}]}\nshown [{\"options\": {\"renameByName\": {\"d\": \"e\"}}}]\n"
       "shown [{\"alias\": \"f\"}]\nshown {\"g\": \"red\"}\nshown \"h\"\n"
       "shown [{\"url\": \"i\"}]\n"},
      {"a dashboard in a text", R"j({"kind": "ConfigMap", "data":
          {"x.json": "{\"title\": \"a\", \"targets\": [{\"expr\": \"b\"}]}"}})j",
       "shown \\\"a\\\"\n"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(DumpPassages(FileFormat::kJson, row.text), row.dump) << row.name;
  EXPECT_EQ(
      DumpPassages(FileFormat::kYaml,
                   "rules:\n- {alert: A, expr: b, annotations: {c: d}, labels: {e: f}}\n---\n"
                   "tests:\n- alert_rule_test:\n  - exp_alerts:\n    - exp_annotations: {c: d}\n"
                   "---\nkind: PrometheusRule\nmetadata: {labels: {loki_rule: 'x'}}\n"
                   "spec: {groups: [{rules: [{alert: A, expr: g}]}]}\n---\n"
                   "apiVersion: loki.grafana.com/v1\nspec: {rules: [{record: h, expr: i}]}\n"),
      "shown d\nshown {c: d}\nforeign kind: PrometheusRule\nforeign apiVersion: "
      "loki.grafana.com/v1\n");
}

TEST(Places, WhatNobodySaysIsAssumed) {
  const std::string_view text = R"j({"panels": [
      {"targets": [{"expr": "a"}]}, {"datasource": "prometheus", "targets": [{"expr": "b"}]}]})j";
  const Outcome<Extraction> extraction = Extract(FileFormat::kJson, text);
  ASSERT_TRUE(extraction && extraction->queries.size() == 2);
  EXPECT_TRUE(extraction->queries[0].assumed);
  EXPECT_FALSE(extraction->queries[1].assumed);
}

TEST(Templates, AreReadAsWhatTheyRender) {
  const Row rows[] = {
      {"Helm", R"y({{- if .Values.create }}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {{ include "x.fullname" . }}-rules
  labels: {{- include "x.labels" . | nindent 4 }}
{{ toYaml .Values.labels | indent 4 }}
spec:
  groups:
  - name: {{ .Values.name | quote }}
    rules:
    {{- range $n := .Values.list }}
    - alert: A
      expr: up{job="{{ $.Values.job }}"} == 0
      annotations:
        a: 'x {{`{{`}} $labels.job {{`}}`}}'
        b: "{{ \"{{\" }} query \"c\" {{ \"}}\" }} {{ \"-}}\" }}"
    - record: r
      expr: |-
        sum by (job) (
          {{- if .Values.x }}
          a{job="{{ .Values.job }}"}
          {{- else }}
          b
          {{- end }}
        )
    {{- end }}
{{- end }}
)y",
       "as template:\nspec.groups[0].rules[0].expr = up{job=\"{{ $.Values.job }}\"} == 0\n"
       "spec.groups[0].rules[0].annotations.b = c\n"
       "spec.groups[0].rules[1].expr = sum by (job) (\n"
       "                     \n  a{job=\"{{ .Values.job }}\"}\n             \n  b\n"
       "            \n)\n      \n  \n"},
      {"Jinja",
       "{% if x %}\ngroups:\n- rules:\n{% for r in rs %}\n  - expr: up{j=\"{{ r }}\"}\n"
       "{% endfor %}\n{% endif %}\n",
       "as template:\ngroups[0].rules[0].expr = up{j=\"{{ r }}\"}\n"},
      {"a dashboard in a raw string", R"y(kind: ConfigMap
metadata: {name: {{ .x }}}
data:
  d.json: |-
    {{`{"a": "`}}{{ .Values.a }}{{`", "panels": [{"targets": [{"expr": "x{y=\"z\"}"}]}]}`}}
)y",
       "as template:\ndata.d.json > panels[0].targets[0].expr =$ x{y=\"z\"}\n"},
      {"no YAML either way",
       "{{ a }}\n- b: [\n  expr: up{j=\"{{ x }}\"} > 0 # c\n"
       "  expr: |\n    {{- if x }}\n    a +\n    b\n  c: d\n",
       "line by line:\nexpr = up{j=\"{{ x }}\"} > 0\nexpr =            \na +\nb\n\n"},
  };
  for (const Row& row : rows) EXPECT_EQ(Dump(FileFormat::kYaml, row.text), row.dump) << row.name;
}

TEST(Places, RecordsInEveryWayOfReading) {
  const std::string_view rows[] = {
      "rules:\n- {record: 'r', expr: up}\n",
      "{{ if x }}\nrules:\n- {record: 'r', expr: up}\n{{ end }}\n",
      "{{ a }}\n- b: [\n- record: 'r'\n  expr: up\n",
      "kind: ConfigMap\ndata:\n  r.yml: |\n    rules:\n    - {record: 'r', expr: up}\n",
  };
  for (const std::string_view row : rows) {
    const Outcome<Extraction> extraction = Extract(FileFormat::kYaml, row);
    ASSERT_TRUE(extraction && extraction->queries.size() == 1) << row;
    ASSERT_EQ(extraction->records.size(), 1u) << row;
    const EmbeddedQuery& record = extraction->records[0];
    EXPECT_EQ(record.text, "r");
    EXPECT_EQ(row.substr(record.span.begin, record.span.size()), "'r'");
    EXPECT_EQ(PieceProblem(row, record.span, record.text, record.map), "");
    EXPECT_EQ(extraction->queries[0].record, "r");
    EXPECT_EQ(extraction->queries[0].record_span, record.span);
  }
}

TEST(Templates, Json) {
  EXPECT_EQ(Dump(FileFormat::kJson,
                 "{\"refresh\": {{ .r }}, {% if x %}\n\"panels\": [{\"targets\": [{\"expr\": "
                 "\"x{y=\\\"{{ .z }}\\\"}\"}]}{{ if y }},{}{{ end }}]\n{% endif %}}"),
            "as template:\npanels[0].targets[0].expr =$ x{y=\"{{ .z }}\"}\n");
}

TEST(TextFields, InOtherLanguages) {
  const Row rows[] = {
      {"Terraform", R"y(resource "x" "y" {
  expr  = "up{job=\"${var.job}\"}"
  query = <<-EOT
    sum(
      up
    )
  EOT
  expr == "no"
  model = jsonencode({ expr = "a" })
  json = "{\"expr\": \"no\"}"
}
)y",
       "line by line:\nexpr = up{job=\"${var.job}\"}\nquery = sum(\n  up\n)\n\nexpr = a\n"},
      {"YAML in a heredoc",
       "rules = <<EOT\ngroups:\n- rules:\n  - record: r\n    expr: 'a'\n"
       "  - alert: B\n    expr: b +\n      c # d\n    for: 1m\n  - expr:\n      d\n  - expr:\n"
       "      no: no\nEOT\n",
       "line by line:\nexpr = a\nexpr = b + c\nexpr = d\n"},
      {"JSON in a line", R"y(x = "{{`{"a":{"expr":"sum(\"b\")","b":1,"expr":""}}`}}")y",
       "line by line:\nexpr = sum(\"b\")\n"},
      {"CRLF", "a = 1\r\nexpr = \"up\"\r\nquery: |\r\n  a\r\n  b\r\nc\r\n",
       "line by line:\nexpr = up\nquery = a\nb\n\n"},
      {"variables", "query: label_values(up, x)\ndefinition: 'metrics(y)'\n",
       "line by line:\nquery =var label_values(up, x)\ndefinition =var metrics(y)\n"},
      {"nothing to end with", "expr: \"up", "line by line:\n"},
      {"at the end", "expr:", "line by line:\n"},
      {"a block at the end", "expr: |", "line by line:\n"},
      {"no fields", "my_expr: a\nexpression: b\nexpr(c)\nexpr =~ d\n'expr: e\n", "line by line:\n"},
  };
  for (const Row& row : rows) EXPECT_EQ(Dump(FileFormat::kText, row.text), row.dump) << row.name;
}

TEST(TextFields, CodeOnRequest) {
  const Row rows[] = {
      {"jsonnet", R"y({
  expr: 'rate(%(x)s[5m])' % $._config,
  expr: "a" + no,
  expr:: |||
    sum(
      b{%(selector)s}
    )
  ||| % $._config,
  query: foo.bar,
  expr: 'no \' quote',
}
)y",
       "line by line:\nexpr = rate(%(x)s[5m])\nexpr = a\n"
       "expr = sum(\n  b{%(selector)s}\n)\n\n"},
      {"Markdown",
       "# expr\n```promql\nsum(a)\n/ b\n```\ntext\n```yaml\n- expr: 'c'\n```\n"
       "```promql\nunclosed\n",
       "line by line:\npromql = sum(a)\n/ b\nexpr = c\n"},
      {"Go", "x := Rule{Expr: `no`, expr: `a{b=\"c\"}`}\n", "line by line:\nexpr = a{b=\"c\"}\n"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Dump(FileFormat::kCode, row.text), row.dump) << row.name;
  }
}

TEST(TextFields, ARecordThatHasTheQueryInItIsNone) {
  const Outcome<Extraction> extraction = Extract(
      FileFormat::kText, "- record: a \"expr\": \"up\"\n  expr: b\n- record: c\n  expr: d\n");
  ASSERT_TRUE(extraction && extraction->queries.size() == 3);
  ASSERT_EQ(extraction->records.size(), 1u);
  EXPECT_EQ(extraction->records[0].text, "c");
}

// Renaming in what the lines gave.
TEST(TextFields, EditsRoundTrip) {
  const std::string_view rows[] = {
      "expr = \"old\"\n",
      "expr: |\n  old +\n  old\nx: y\n",
      "expr: old # c\n",
      "expr: 'old'\n",
      "query = <<EOT\n  old\nEOT\n",
      "\"expr\": \"old{a=\\\"{{ .x }}\\\"}\"\n",
      "expr: |||\n  old\n|||\n",
      "```promql\nold\n```\n",
      "expr: `old`\n",
  };
  for (const std::string_view row : rows) {
    const bool code = row.find("# c") == row.npos;
    const FileFormat format = code ? FileFormat::kCode : FileFormat::kText;
    const Outcome<Extraction> extraction = Extract(format, row);
    ASSERT_TRUE(extraction && extraction->queries.size() == 1) << row;
    const EmbeddedQuery& query = extraction->queries[0];
    const size_t at = query.text.find("old");
    const auto escaped = EscapeForQuery(query, {at, at + 3}, "(\"n\" or old)");
    if (!escaped) continue;  // a plain scalar cannot begin with a quote
    std::string file(row);
    const FileSpan bytes = query.map.ToFile({at, at + 3});
    file.replace(bytes.begin, bytes.size(), *escaped);
    std::string text = query.text;
    text.replace(at, 3, "(\"n\" or old)");
    const Outcome<Extraction> again = Extract(format, file);
    ASSERT_TRUE(again && again->queries.size() == 1) << file;
    EXPECT_EQ(again->queries[0].text, text) << file;
  }
}

}  // namespace
}  // namespace metrishift::formats
