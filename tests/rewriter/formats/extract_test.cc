#include "rewriter/formats/extract.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/rewriter/formats/dump.h"

namespace metrishift::formats {
namespace {

struct Row {
  const char* name;
  std::string_view text;
  std::string_view dump;
};

TEST(Extract, Yaml) {
  const Row rows[] = {
      {"rule file", R"j(groups:
  - name: g
    rules:
      - alert: A
        expr: up == 0  # c
        annotations: {expr: not_here}
      - record: a:b
        expr: |
          sum(
            x
          )
  - rules:
      - {expr: "y"}
)j",
       "groups[0].rules[0].expr = up == 0\n"
       "groups[0].rules[1].expr = sum(\n  x\n)\n\n"
       "groups[1].rules[0].expr = y\n"},
      {"resource", R"j(apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
spec:
  groups:
  - rules:
    - expr: 'up'
)j",
       "spec.groups[0].rules[0].expr = up\n"},
      {"list of resources", R"j(kind: List
items:
- kind: PrometheusRule
  spec: {groups: [{rules: [{expr: a}]}]}
- kind: ConfigMap
- kind: PrometheusRuleList
  items:
  - spec: {groups: [{rules: [{expr: b}]}]}
)j",
       "items[0].spec.groups[0].rules[0].expr = a\n"
       "items[2].items[0].spec.groups[0].rules[0].expr = b\n"},
      {"rules wherever they are wrapped", "kind: Menu\nitems:\n- groups: [{rules: [{expr: a}]}]\n",
       "items[0].groups[0].rules[0].expr = a\n"},
      {"several documents",
       "groups: [{rules: [{expr: a}]}]\n---\n# nothing\n---\nnamespace: n\ngroups:\n- rules:\n"
       "  - expr: b\n",
       "groups[0].rules[0].expr = a\ngroups[0].rules[0].expr = b\n"},
      {"Loki's operator",
       "apiVersion: loki.grafana.com/v1\nkind: AlertingRule\n"
       "spec: {groups: [{rules: [{expr: a}]}]}\n",
       ""},
      {"groups of vmalert",
       "groups:\n- {type: graphite, rules: [{expr: a}]}\n- {type: prometheus, rules: [{expr: "
       "b}]}\n",
       "groups[1].rules[0].expr = b\n"},
      {"alias: edited once",
       "groups:\n- rules:\n  - &r {expr: a}\n  - *r\n  - {expr: &e b}\n  - {expr: *e}\n",
       "groups[0].rules[0].expr = a\ngroups[0].rules[2].expr = b\n"},
      {"anchor elsewhere, after which comes another place",
       "x: &e late\ngroups:\n- rules:\n  - expr: b\n  - expr: *e\n",
       "groups[0].rules[1].expr = late\ngroups[0].rules[0].expr = b\n"},
      {"merge keys",
       "b1: &b1 {expr: one, for: 1m}\nb2: &b2 {expr: two}\ngroups:\n- rules:\n"
       "  - <<: *b1\n  - <<: [*b1, *b2]\n  - {<<: *b1, expr: own}\n  - {'<<': {expr: no}}\n",
       "groups[0].rules[0].expr = one\ngroups[0].rules[2].expr = own\n"},
      {"merge keys: what stands there wins, then what comes first",
       "b1: &b1 {expr: one}\nb2: &b2 {<<: *b1, for: 1m}\nb3: &b3 {expr: three}\ngroups:\n"
       "- rules:\n  - <<: *b2\n  - <<: [*b3, *b2]\n",
       "groups[0].rules[0].expr = one\ngroups[0].rules[1].expr = three\n"},
      {"duplicate keys", "groups: [{rules: [{expr: a, expr: b}]}]",
       "groups[0].rules[0].expr = a\ngroups[0].rules[0].expr = b\n"},
      {"shapes that do not fit",
       "groups:\n- rules: {expr: a}\n- [rules]\n- rules:\n  - expr: [a]\n  - expr\n  - expr:\n"
       "  - expr: ''\n- {[rules]: [{expr: b}]}\n",
       ""},
      {"a number is an expression", "groups: [{rules: [{expr: 1}]}]",
       "groups[0].rules[0].expr = 1\n"},
      {"CRLF and no final newline",
       "groups:\r\n- rules:\r\n  - expr: a\r\n  - expr: |\r\n      b\r\n      c",
       "groups[0].rules[0].expr = a\ngroups[0].rules[1].expr = b\nc\n"},
      {"byte order mark", "\xEF\xBB\xBFgroups: [{rules: [{expr: a}]}]\n",
       "groups[0].rules[0].expr = a\n"},
      {"a dashboard in YAML", "panels:\n- targets:\n  - expr: a\n",
       "panels[0].targets[0].expr =$ a\n"},
      {"empty", "", ""},
      {"a scalar", "up", ""},
      {"no YAML", "groups:\n- rules: [\n",
       "f:2:12: error: not valid YAML: did not find expected node content while parsing a flow "
       "node\n"},
  };
  for (const Row& row : rows) EXPECT_EQ(Dump(FileFormat::kYaml, row.text), row.dump) << row.name;
}

TEST(Extract, Dashboards) {
  const Row rows[] = {
      {"panels, rows and nesting", R"j({
  "rows": [{"panels": [{"targets": [{"expr": "a"}, {"expr": ""}, {"refId": "C"}]}]}],
  "panels": [
    {"type": "row", "panels": [{"targets": [{"expr": "b"}]}]},
    {"targets": [{"expr": "rate(c{x=\"y\"}[$__rate_interval])"}, {"expr": null}, {"expr": 5}]}
  ]
})j",
       "rows[0].panels[0].targets[0].expr =$ a\n"
       "panels[0].panels[0].targets[0].expr =$ b\n"
       "panels[1].targets[0].expr =$ rate(c{x=\"y\"}[$__rate_interval])\n"},
      {"wrapped", R"j({"meta": {}, "dashboard": {"panels": [{"targets": [{"expr": "a"}]}]}})j",
       "dashboard.panels[0].targets[0].expr =$ a\n"},
      {"a resource",
       R"j({"kind": "Dashboard", "spec": {"panels": [{"targets": [{"expr": "a"}]}]}})j",
       "spec.panels[0].targets[0].expr =$ a\n"},
      {"several", R"j([{"panels": [{"targets": [{"expr": "a"}]}]},
                      {"dashboard": {"panels": [{"targets": [{"expr": "b"}]}]}}])j",
       "[0].panels[0].targets[0].expr =$ a\n[1].dashboard.panels[0].targets[0].expr =$ b\n"},
      {"annotations", R"j({"annotations": {"list": [
          {"datasource": "-- Grafana --", "expr": "no"},
          {"expr": "a", "target": {"expr": "b"}},
          {"datasource": {"type": "loki"}, "target": {"expr": "no"}}]}})j",
       "annotations.list[1].expr =$ a\nannotations.list[1].target.expr =$ b\n"},
      {"variables", R"j({"templating": {"list": [
          {"type": "query", "query": "label_values(x, y)", "definition": "label_values(x, y)"},
          {"type": "query", "query": {"query": "metrics(z)", "refId": "v"}},
          {"query": "old"},
          {"type": "datasource", "query": "prometheus"},
          {"type": "custom", "query": "a,b"},
          {"type": "query", "datasource": {"type": "mysql"}, "query": "SELECT 1"}]
}
})j",
       "templating.list[0].query =var label_values(x, y)\n"
       "templating.list[0].definition =var label_values(x, y)\n"
       "templating.list[1].query.query =var metrics(z)\n"
       "templating.list[2].query =var old\n"},
      {"datasources", R"j({"panels": [
          {"datasource": "Loki", "targets": [{"expr": "no"}, {"datasource": {"type": "prometheus"}, "expr": "a"}]},
          {"datasource": "-- Mixed --", "targets": [{"datasource": "loki", "expr": "no"}, {"datasource": "$ds", "expr": "b"}]},
          {"datasource": {"type": "prometheus"}, "targets": [{"datasource": {"type": "__expr__"}, "expr": "no"}, {"datasource": null, "expr": "c"}]},
          {"datasource": "Loki", "type": "row", "panels": [{"targets": [{"expr": "d"}]}]}]})j",
       "panels[0].targets[1].expr =$ a\npanels[1].targets[1].expr =$ b\n"
       "panels[2].targets[1].expr =$ c\npanels[3].panels[0].targets[0].expr =$ d\n"},
      {"rules in JSON", R"j({"groups": [{"rules": [{"expr": "up \u003e 1"}]}]})j",
       "groups[0].rules[0].expr = up > 1\n"},
      {"no JSON", "{\n  \"panels\": [}",
       "f:2:14: error: not valid JSON: unexpected '}'; expected '[', '{', or a literal\n"},
  };
  for (const Row& row : rows) EXPECT_EQ(Dump(FileFormat::kJson, row.text), row.dump) << row.name;
}

TEST(Extract, SpanStyleAndMapOfAQuery) {
  const std::string_view text = "groups:\n- rules:\n  - expr: &q \"a\\\\\\\"b\"\n";
  const Outcome<Extraction> extraction = Extract(FileFormat::kYaml, text);
  ASSERT_TRUE(extraction);
  ASSERT_EQ(extraction->queries.size(), 1u);
  const EmbeddedQuery& query = extraction->queries[0];
  EXPECT_EQ(extraction->format, FileFormat::kYaml);
  EXPECT_EQ(query.style, ScalarStyle::kDoubleQuoted);
  EXPECT_EQ(text.substr(query.span.begin, query.span.size()), "&q \"a\\\\\\\"b\"");
  const FileSpan b = query.map.ToFile({3, 4});
  EXPECT_EQ(text.substr(b.begin - 2, 4), "\\\"b\"");
}

// Those of aliases and merges, too; each once.
TEST(Extract, Records) {
  const std::string_view text = R"j(
x: &x {record: m}
groups:
- rules:
  - {record: "a:\x62", expr: &e up}
  - {record: &r c, expr: *e}
  - {record: *r, expr: down}
  - {<<: *x, expr: 1}
  - {alert: c, expr: x, labels: {record: no}}
  - {record: [no], expr: 2}
  - {record: '', expr: 3}
)j";
  const Outcome<Extraction> extraction = Extract(FileFormat::kYaml, text);
  ASSERT_TRUE(extraction);
  std::string records;
  for (const EmbeddedQuery& record : extraction->records) {
    records += record.text + " ";
    EXPECT_EQ(PieceProblem(text, record.span, record.text, record.map), "") << record.text;
  }
  EXPECT_EQ(records, "m a:b c ");
  std::string of_queries;
  for (const EmbeddedQuery& query : extraction->queries)
    of_queries += query.text + "=" + query.record + " ";
  EXPECT_EQ(of_queries, "up=a:b down=c 1= x= 2= 3= ");
}

TEST(Extract, RecordsOfTemplates) {
  const std::string_view templates[] = {
      // Actions in values, on lines of their own, and where only the lines are known.
      "groups:\n- rules:\n  - record: a:{{ .x }}_b\n    expr: up\n",
      "groups:\n- rules:\n{{- if .x }}\n  - record: 'a:{{ .x }}_b'\n    expr: up\n{{- end }}\n",
      "{{ x }}: [\n    - expr: up\n      record: \"a:{{ .x }}_b\"\n",
  };
  for (const std::string_view text : templates) {
    const Outcome<Extraction> extraction = Extract(FileFormat::kYaml, text);
    ASSERT_TRUE(extraction) << text;
    ASSERT_EQ(extraction->queries.size(), 1u) << text;
    EXPECT_EQ(extraction->queries[0].record, "a:{{ .x }}_b") << text;
    ASSERT_EQ(extraction->records.size(), 1u) << text;
    EXPECT_EQ(extraction->records[0].text, "a:{{ .x }}_b") << text;
    EXPECT_EQ(extraction->records[0].span, extraction->queries[0].record_span) << text;
  }
}

TEST(Extract, ARecordIsNotRepeatedWithoutEnd) {
  const std::string name(kMaxRecordBytes + 1, 'a');
  const std::string text =
      "groups:\n- rules:\n  - {record: &r " + name + ", expr: x}\n  - {record: *r, expr: y}\n";
  const Outcome<Extraction> extraction = Extract(FileFormat::kYaml, text);
  ASSERT_TRUE(extraction);
  ASSERT_EQ(extraction->records.size(), 1u);
  EXPECT_EQ(extraction->records[0].text, name);
  for (const EmbeddedQuery& query : extraction->queries) {
    EXPECT_EQ(query.record, "");
    EXPECT_EQ(query.record_span, extraction->records[0].span);
  }
}

TEST(EscapeForQuery, KnowsWhatStandsBesideTheSpan) {
  struct EditRow {
    std::string_view scalar;
    std::string_view old_text;
    std::string_view new_text;
    std::string_view after;
  };
  const EditRow rows[] = {
      {"x + y", "y", "(a or b)", "x + (a or b)"},
      {"x + y", "x", "{\"a\"}", "REFUSED"},
      {"x + y", "y", "{\"a\"}", "x + {\"a\"}"},
      {"x{a=\"b\"}", "\"b\"", "\"c\"", "x{a=\"c\"}"},
      {"x + y", "y", "y # z", "REFUSED"},
      {"'x + y'", "x", "it's", "'it''s + y'"},
      {"\"x{a=\\\"b\\\"}\"", "\"b\"", "\"\\\"", "\"x{a=\\\"\\\\\\\"}\""},
      {"\"x \\u00e9 y\"", "x \u00e9", "z", "\"z y\""},
      {"\"x \\u00e9 y\"", "x \xC3", "z", "REFUSED"},
      {"|\n      x +\n      y\n", "x", "(a or x)", "|\n      (a or x) +\n      y\n"},
      {"|\n      x +\n      y\n", "y", "(a or y)", "|\n      x +\n      (a or y)\n"},
      {">-\n      x\n      y", "x y", "x or y", ">-\n      x or y"},
      {"|\n      x", "x", " x", "REFUSED"},
  };
  for (const EditRow& row : rows) {
    const std::string before = "groups:\n- rules:\n  - expr: ";
    const std::string file = before + std::string(row.scalar);
    const Outcome<Extraction> extraction = Extract(FileFormat::kYaml, file);
    ASSERT_TRUE(extraction && extraction->queries.size() == 1) << file;
    const EmbeddedQuery& query = extraction->queries[0];
    const size_t at = query.text.find(row.old_text);
    ASSERT_NE(at, std::string::npos) << file;
    const QuerySpan span{at, at + row.old_text.size()};
    std::string after = file;
    if (const auto escaped = EscapeForQuery(query, span, row.new_text)) {
      const FileSpan bytes = query.map.ToFile(span);
      after.replace(bytes.begin, bytes.size(), *escaped);
    } else {
      after = before + "REFUSED";
    }
    EXPECT_EQ(after, before + std::string(row.after));
  }
}

// Each level names the one before it ten times; each is looked at once.
TEST(Extract, AliasBombsCostNoMoreThanTheirText) {
  std::string text = "a0: &a0 {targets: [{expr: x}]}\n";
  for (int i = 1; i < 9; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {panels: [";
    for (int j = 0; j < 10; ++j) text += (j == 0 ? "*a" : ", *a") + std::to_string(i - 1);
    text += "]}\n";
  }
  text += "panels: [*a8]\n";
  EXPECT_EQ(Dump(FileFormat::kYaml, text), "a0.targets[0].expr =$ x\n");
}

TEST(Extract, AliasesThatNestWithoutEnd) {
  std::string text = "a0: &a0 {targets: [{expr: x}]}\n";
  for (int i = 1; i < 5000; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {panels: [*a" +
            std::to_string(i - 1) + "]}\n";
  }
  text += "panels: [*a4999]\n";
  EXPECT_EQ(Dump(FileFormat::kYaml, text), "a0.targets[0].expr =$ x\n");
}

// A mapping with many keys, named many times: small in nodes, quadratic in keys looked at.
TEST(Extract, ManyAliasesOfABigMapping) {
  std::string text = "big: &big\n";
  for (int i = 0; i < 20000; ++i) text += "  k" + std::to_string(i) + ": 1\n";
  std::string merged = text + "targets:\n";
  for (int i = 0; i < 20000; ++i) merged += "- <<: *big\n";
  text += "targets:\n";
  for (int i = 0; i < 20000; ++i) text += "- *big\n";
  EXPECT_EQ(Dump(FileFormat::kYaml, text), "");
  EXPECT_NE(Dump(FileFormat::kYaml, merged).find("too often to look at them all"),
            std::string::npos);
}

TEST(Extract, ManyAliasesOfOneRuleAreFine) {
  std::string text = "groups:\n- rules:\n  - &r {expr: up}\n";
  for (int i = 0; i < 20000; ++i) text += "  - *r\n";
  EXPECT_EQ(Dump(FileFormat::kYaml, text), "groups[0].rules[0].expr = up\n");
}

// More than are given on at once; with an alias among them they are all sorted first.
TEST(Extract, ManyQueriesKeepTheirOrderAndPlaces) {
  for (const bool repeats : {false, true}) {
    std::string text = "groups:\n";
    std::string expected;
    for (int group = 0; group < 2; ++group) {
      text += "- rules:\n";
      for (int rule = 0; rule < 1000; ++rule) {
        const std::string name = "m" + std::to_string(rule);
        const bool is_block = rule % 3 == 0;
        text += "  - expr: " + (is_block ? "|\n      " + name : name) + "\n";
        expected += "groups[" + std::to_string(group) + "].rules[" + std::to_string(rule) +
                    "].expr = " + name + (is_block ? "\n" : "") + "\n";
      }
    }
    if (repeats) text += "x: &x 1\ny: *x\n";
    EXPECT_EQ(Dump(FileFormat::kYaml, text), expected) << repeats;
  }
}

// Each of them may stand beside a "record:" in another line, which is looked for.
TEST(Extract, ManyFieldsInOneLine) {
  std::string text;
  for (int i = 0; i < 300000; ++i) text += "expr: \"up\" ";
  const std::string dump = Dump(FileFormat::kText, text);
  EXPECT_EQ(std::ranges::count(dump, '\n'), 300001);  // and how it was read
}

TEST(FormatOf, ByNameAndBeginning) {
  struct FormatRow {
    std::string_view path;
    std::string_view text;
    std::optional<FileFormat> format;
  };
  const FormatRow rows[] = {
      {"a.json", "", FileFormat::kJson},
      {"a/b.JSON", "groups:", FileFormat::kJson},
      {"a.yaml", "groups:\n", FileFormat::kYaml},
      {"a.YML", "", FileFormat::kYaml},
      {"a.rules", "", FileFormat::kYaml},
      {"a.rules.yml", "\xEF\xBB\xBF \r\n { \n\"groups\": []}", FileFormat::kJson},
      {"a.yaml", "[ {\"panels\": []}]", FileFormat::kJson},
      {"a.yaml", "{groups: []}", FileFormat::kYaml},
      {"a.yaml", "[a, b]", FileFormat::kYaml},
      {"a.yaml", "{{- if .Values.x }}\ngroups:", FileFormat::kYaml},
      {"a.yaml", "{", FileFormat::kYaml},
      {"a.yaml", "  ", FileFormat::kYaml},
      {"main.tf", "", FileFormat::kText},
      {"rules.yml.j2", "groups:", FileFormat::kYaml},
      {"d.json.tmpl", "", FileFormat::kJson},
      {"_helpers.tpl", "", FileFormat::kText},
      {"mixin.libsonnet", "", std::nullopt},
      {"README.md", "", std::nullopt},
      {"a.txt", "{\"a\": 1}", std::nullopt},
      {"json", "{}", std::nullopt},
      {"a.d/yaml", "", std::nullopt},
      {"", "", std::nullopt},
  };
  for (const FormatRow& row : rows) EXPECT_EQ(FormatOf(row.path, row.text), row.format) << row.path;
  EXPECT_EQ(FormatOf("a/mixin.libsonnet", ""), std::nullopt);
  EXPECT_EQ(FormatOf("a/mixin.LibSonnet", "", true), FileFormat::kCode);
}

}  // namespace
}  // namespace metrishift::formats
