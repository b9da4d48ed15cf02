#include "rewriter/rewrite/file_rewrite.h"

#include <gtest/gtest.h>

#include <array>

#include "mappings/catalog.h"
#include "tests/rewriter/rewrite/kinds.h"

namespace metrishift::rewrite {
namespace {

using formats::FileFormat;

const Mapping& Etcd() {
  static const Mapping mapping = LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  return mapping;
}

// Each finding as "line:column code".
std::string Findings(std::string_view text, const FileRewrite& rewrite) {
  const SourceText source("f", text);
  std::string out;
  for (const Finding& finding : rewrite.findings) {
    const LineColumn at = source.Locate(finding.span.begin);
    out += (out.empty() ? "" : " ") + std::to_string(at.line) + ":" + std::to_string(at.column) +
           ":" + std::string(FindingCodeName(finding.code));
  }
  return out;
}

struct Row {
  FileFormat format;
  std::string_view before;
  std::string_view after;  // empty: unchanged
  std::string_view findings;
};

const Row kRows[] = {
    // Every scalar style of YAML, with comments, odd spacing, CRLF and no final line end.
    {FileFormat::kYaml, "groups:\n- rules:\n  - expr:   etcd_debugging_mvcc_put_total   # c\n",
     "groups:\n- rules:\n  - expr:   etcd_mvcc_put_total   # c\n", "3:13:renamed"},
    {FileFormat::kYaml, "groups:\r\n- rules:\r\n  - expr: 'etcd_debugging_mvcc_put_total'",
     "groups:\r\n- rules:\r\n  - expr: 'etcd_mvcc_put_total'", "3:12:renamed"},
    {FileFormat::kYaml,
     "groups: [{rules: [{\"expr\": \"{__name__=\\\"etcd_debugging_mvcc_put_total\\\"}\"}]}]\n",
     "groups: [{rules: [{\"expr\": \"{__name__=\\\"etcd_mvcc_put_total\\\"}\"}]}]\n",
     "1:41:renamed"},
    {FileFormat::kYaml, "groups:\n- rules:\n  - expr: \"etcd\\x5fdebugging_mvcc_put_total\"\n",
     "groups:\n- rules:\n  - expr: \"etcd_mvcc_put_total\"\n", "3:12:renamed"},
    {FileFormat::kYaml,
     "groups:\n- rules:\n  - expr: |2-\n       1 +\n\n      etcd_debugging_mvcc_put_total\n\n\n",
     "groups:\n- rules:\n  - expr: |2-\n       1 +\n\n      etcd_mvcc_put_total\n\n\n",
     "6:7:renamed"},
    {FileFormat::kYaml,
     "groups:\n- rules:\n  - expr: >\n      1 +\n      etcd_debugging_mvcc_put_total\n",
     "groups:\n- rules:\n  - expr: >\n      1 +\n      etcd_mvcc_put_total\n", "5:7:renamed"},
    {FileFormat::kYaml, "groups:\n- rules:\n  - expr: 1 +\n      etcd_debugging_mvcc_put_total\n",
     "groups:\n- rules:\n  - expr: 1 +\n      etcd_mvcc_put_total\n", "4:7:renamed"},
    {FileFormat::kYaml,
     "groups:\n- rules:\n  - expr: &x etcd_debugging_mvcc_put_total\n  - expr: *x\n",
     "groups:\n- rules:\n  - expr: &x etcd_mvcc_put_total\n  - expr: *x\n", "3:14:renamed"},
    // With a line goes the indentation of the next one.
    {FileFormat::kYaml,
     "groups:\n- rules:\n  - expr: |\n      etcd_mvcc_put_total\n      or\n"
     "      etcd_debugging_mvcc_put_total\n",
     "groups:\n- rules:\n  - expr: |\n      etcd_mvcc_put_total\n", "6:7:renamed"},
    {FileFormat::kYaml,
     "groups:\n- rules:\n  - expr: >\n      1 + (etcd_mvcc_put_total\n      or\n"
     "      etcd_debugging_mvcc_put_total)\n",
     "groups:\n- rules:\n  - expr: >\n      1 + etcd_mvcc_put_total\n", "6:7:renamed"},
    {FileFormat::kYaml,
     "groups:\n- rules:\n  - alert: a\n    expr: up\n    annotations:\n      b: |\n"
     "        Now {{ with printf `etcd_mvcc_put_total\n        or\n"
     "        etcd_debugging_mvcc_put_total` | query }}{{ . }}{{ end }}.\n",
     "groups:\n- rules:\n  - alert: a\n    expr: up\n    annotations:\n      b: |\n"
     "        Now {{ with printf `etcd_mvcc_put_total` | query }}{{ . }}{{ end }}.\n",
     "9:9:renamed"},
    // An action of a template neither goes nor loses its counterpart.
    {FileFormat::kYaml,
     "- alert: a\n  expr: \"etcd_mvcc_put_total or {% if x %}etcd_debugging_mvcc_put_total"
     "{% endif %}\"\n- alert: b\n  expr: \"etcd_debugging_mvcc_put_total{% if x %} + 1{% endif "
     "%}\"\n",
     "- alert: a\n  expr: \"etcd_mvcc_put_total or {% if x %}etcd_debugging_mvcc_put_total"
     "{% endif %}\"\n- alert: b\n  expr: \"etcd_mvcc_put_total{% if x %} + 1{% endif %}\"\n",
     "2:43:template-action 4:10:renamed"},
    // What is left alone is said.
    {FileFormat::kYaml, "# etcd_debugging_mvcc_put_total\ngroups: []\n", "", "1:3:comment"},
    {FileFormat::kYaml,
     "groups:\n- rules:\n  - record: etcd_debugging_mvcc_put_total\n    expr: x\n", "",
     "3:13:recorded-name"},
    {FileFormat::kYaml, "groups:\n- rules:\n  - expr: |\n      x # etcd_debugging_mvcc_put_total\n",
     "", "4:11:query-comment"},
    {FileFormat::kYaml,
     "a: b  # etcd_debugging_mvcc_put_total\nc: |\n  d # etcd_debugging_mvcc_put_total\n", "",
     "1:9:comment 3:7:unknown-place"},
    {FileFormat::kYaml,
     "a: [b, # etcd_debugging_mvcc_put_total\n  'c#', d]  # etcd_debugging_mvcc_put_total", "",
     "1:10:comment 2:15:comment"},
    {FileFormat::kYaml, "a: |\n  # etcd_debugging_mvcc_put_total\n", "", "2:5:comment"},
    {FileFormat::kYaml,
     "etcd_debugging_mvcc_put_total: "
     "'http://p/g?g0.expr=rate%28etcd_debugging_mvcc_txn_total%29'\n",
     "", "1:1:unknown-place 1:59:unknown-place"},
    {FileFormat::kYaml, "groups:\n- rules:\n  - expr: rate(etcd_debugging_mvcc_put_total)\n", "",
     "3:16:unparsable-query"},
    // A rule must not come to read what it records.
    {FileFormat::kYaml,
     "groups:\n- rules:\n  - record: etcd_mvcc_put_total\n    expr: "
     "etcd_debugging_mvcc_put_total\n",
     "", "4:11:recorded-name"},
    {FileFormat::kYaml,
     "groups:\n- rules:\n  - record: a:sum\n    expr: sum(etcd_debugging_mvcc_put_total)\n",
     "groups:\n- rules:\n  - record: a:sum\n    expr: sum(etcd_mvcc_put_total)\n", "4:15:renamed"},
    // Dashboards.
    {FileFormat::kJson,
     R"~({"panels":[{"targets":[{"expr":"rate(etcd_debugging_mvcc_put_total{a=\"b\"}[5m])"}]}]})~",
     R"~({"panels":[{"targets":[{"expr":"rate(etcd_mvcc_put_total{a=\"b\"}[5m])"}]}]})~",
     "1:32:assumed-datasource 1:38:renamed"},
    {FileFormat::kJson,
     R"~({"panels":[{"targets":[{"expr":"1 +\n\u0065tcd_debugging_mvcc_put_total"}],"x":1.0e3}]})~",
     R"~({"panels":[{"targets":[{"expr":"1 +\netcd_mvcc_put_total"}],"x":1.0e3}]})~",
     "1:32:assumed-datasource 1:38:renamed"},
    {FileFormat::kJson, R"~({"panels":[{"title":"a\netcd_debugging_mvcc_put_total"}]})~", "",
     "1:25:shown"},
};

// A name that is deprecated for some of its series only: whoever asks for the others hears nothing,
// but a comment may mean either.
TEST(RewriteFile, AsksForOtherSeries) {
  const Mapping mapping = LoadMappings(std::array{std::string("node-exporter-1.0")}).mapping;
  const std::array rows = {
      std::pair{"node_md_disks > 1", "1:9:renamed"},
      std::pair{"node_md_disks{state=\"active\"} > 1", ""},
      std::pair{"|\n    # node_md_disks\n    node_md_disks{state=\"active\"} > 1",
                "2:7:query-comment"},
      std::pair{"|\n    node_md_disks{state=\"active\"} # not node_md_disks\n    > 1",
                "2:41:query-comment"},
      std::pair{"count by (node_md_disks) (up)", "1:19:query-comment"},
      std::pair{"|\n    # all\n    node_md_disks{state=\"active\"} > 1", ""},
  };
  for (const auto& [expr, findings] : rows) {
    const std::string text = "- expr: " + std::string(expr) + "\n  alert: a\n";
    const Outcome<FileRewrite> made = RewriteFile(text, FileFormat::kYaml, mapping);
    ASSERT_TRUE(made) << text;
    EXPECT_EQ(Findings(text, *made), findings) << text;
  }
}

// Texts inside of a text that cannot concern us are not read, and make no difference.
TEST(RewriteFile, PassesByTextsInside) {
  const std::string before =
      "kind: ConfigMap\ndata:\n"
      "  a.json: '{\"panels\": [{\"targets\": [{\"expr\": \"up\"}]}]}'\n"
      "  b.json: |-\n    {\"panels\": [{\"targets\": [{\"expr\": "
      "\"etcd_debugging_mvcc_put_total\"}]}]}\n"
      "  c.json: '{\"panels\": [{\"targets\": [{\"expr\": \"up\"}]}]}'\n";
  const Prefilter prefilter(Etcd());
  const auto all = RewriteFile(before, FileFormat::kYaml, Etcd());
  const auto some = RewriteFile(before, FileFormat::kYaml, Etcd(), {}, {}, &prefilter);
  ASSERT_TRUE(all && some);
  EXPECT_EQ(all->queries, 3u);
  EXPECT_EQ(some->queries, 1u);
  EXPECT_FALSE(some->edits.empty());
  EXPECT_EQ(some->edits.edits(), all->edits.edits());
  EXPECT_EQ(Findings(before, *some), Findings(before, *all));
}

TEST(RewriteFile, Table) {
  for (const Row& row : kRows) {
    std::string text(row.before);
    const Outcome<FileRewrite> rewrite = RewriteFile(&text, row.format, Etcd());
    ASSERT_TRUE(rewrite) << row.before;
    EXPECT_EQ(text, row.before);
    EXPECT_EQ(rewrite->edits.Splice(row.before), row.after.empty() ? row.before : row.after);
    EXPECT_EQ(Findings(row.before, *rewrite), row.findings) << row.before;
    EXPECT_TRUE(rewrite.diagnostics.empty()) << row.before;
  }
}

TEST(RewriteFile, TwiceIsOnce) {
  for (const Row& row : kRows) {
    const std::string once = RewriteFile(row.before, row.format, Etcd())->edits.Splice(row.before);
    const Outcome<FileRewrite> twice = RewriteFile(once, row.format, Etcd());
    ASSERT_TRUE(twice);
    EXPECT_TRUE(twice->edits.empty()) << once;
  }
}

// What is no query, with O for the old name and N for the new one.
struct PassageRow {
  Mode mode;
  bool shown;
  std::string_view before;
  std::string_view after;
  std::string_view findings;  // as Disposition:code
};

std::string WithNames(std::string_view text) {
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

std::string Dispositions(const FileRewrite& rewrite) {
  std::string out;
  for (const Finding& finding : rewrite.findings) {
    constexpr const char* kNames[] = {"", "!", "?"};
    out += (out.empty() ? "" : " ") + std::string(kNames[static_cast<int>(finding.disposition)]) +
           std::string(FindingCodeName(finding.code));
  }
  return out;
}

TEST(RewriteFile, Passages) {
  constexpr Mode kReplace = Mode::kReplace, kUnion = Mode::kUnion;
  const std::string_view target =
      R"({"targets":[{"expr":"O","metric":"O","legendFormat":"O {{O}}"}]})";
  const std::string_view custom =
      R"({"templating":{"list":[{"type":"custom","query":"a : O,O\\,b","options":[{"value":"O"}]}]}})";
  const std::string_view panel =
      R"({"title":"xO O","fieldConfig":{"x":["/^O{.*/"]},"links":[{"url":"?q=rate%28O%5B"}]})";
  const PassageRow rows[] = {
      {kReplace, false, target,
       R"({"targets":[{"expr":"N","metric":"N","legendFormat":"O {{O}}"}]})",
       "?assumed-datasource renamed renamed ?shown ?shown"},
      {kReplace, true, target,
       R"({"targets":[{"expr":"N","metric":"N","legendFormat":"N {{O}}"}]})",
       "?assumed-datasource renamed renamed renamed ?shown"},
      {kUnion, true, target,
       R"({"targets":[{"expr":"N or O","metric":"O","legendFormat":"O {{O}}"}]})",
       "?assumed-datasource renamed ?no-union ?shown ?shown"},
      {kReplace, false, custom,
       R"({"templating":{"list":[{"type":"custom","query":"a : N,N\\,b","options":[{"value":"N"}]}]}})",
       "renamed renamed renamed"},
      {kUnion, false, custom, custom, "!no-union !no-union ?no-union"},
      {kReplace, false, panel, panel, "?shown ?shown ?shown"},
      {kReplace, true, panel,
       R"({"title":"xO N","fieldConfig":{"x":["/^N{.*/"]},"links":[{"url":"?q=rate%28N%5B"}]})",
       "renamed renamed renamed"},
      {kReplace, true, R"({"datasource":"loki","targets":[{"expr":"{a=\"O\"}"}]})",
       R"({"datasource":"loki","targets":[{"expr":"{a=\"O\"}"}]})", "?foreign"},
      {kReplace, true, R"({"targets":[{"expr":"{a=\"b\"} |= \"O\""}]})",
       R"({"targets":[{"expr":"{a=\"b\"} |= \"O\""}]})", "?foreign"},
  };
  for (const PassageRow& row : rows) {
    PlanOptions options(row.mode);
    options.shown = row.shown;
    const std::string before = WithNames(row.before);
    const Outcome<FileRewrite> rewrite = RewriteFile(before, FileFormat::kJson, Etcd(), options);
    ASSERT_TRUE(rewrite) << before;
    EXPECT_EQ(rewrite->edits.Splice(before), WithNames(row.after));
    EXPECT_EQ(Dispositions(*rewrite), row.findings) << row.before;
  }
}

TEST(RewriteFile, RelabellingsThatRename) {
  const std::string before = WithNames(
      "metric_relabel_configs:\n"
      "- {source_labels: [__name__], regex: O, target_label: __name__, replacement: N}\n"
      "- {source_labels: [__name__], regex: N, target_label: __name__, replacement: O}\n"
      "- {source_labels: [__name__], regex: O, target_label: __name__, replacement: x}\n");
  const Outcome<FileRewrite> rewrite = RewriteFile(before, FileFormat::kYaml, Etcd());
  ASSERT_TRUE(rewrite);
  EXPECT_TRUE(rewrite->edits.empty());
  EXPECT_EQ(Dispositions(*rewrite), "?relabelling ?relabelling !relabelling");
}

// gzip and base64 of {"panels":[{"targets":[{"expr":"etcd_debugging_mvcc_put_total"}]}]}.
TEST(RewriteFile, PackedDashboards) {
  const std::string packed =
      "H4sIAAAAAAACA6tWKkjMS80pVrKKrlYqSSxKTy2BsFMrCoqUrJRSS5JT4lNSk0rT0zPz0uNz"
      "y5KT4wtKS+JL8ksSc5RqY4EQAKl5ck1DAAAA";
  const auto findings = [](const std::string& text) {
    const Outcome<FileRewrite> rewrite = RewriteFile(text, FileFormat::kYaml, Etcd());
    return rewrite && rewrite->edits.empty() ? Dispositions(*rewrite) : "changed";
  };
  EXPECT_EQ(findings("spec:\n  gzipJson: " + packed + "\n"), "!packed");
  EXPECT_EQ(findings("spec:\n  gzipJson: |-\n    " + packed.substr(0, 40) + "\n    " +
                     packed.substr(40) + "\n"),
            "!packed");
  EXPECT_EQ(findings("spec:\n  gzipJson: " + packed.substr(0, 40) + "\n"), "?packed");
  EXPECT_EQ(findings("spec:\n  gzipJson: H4sIAAAAAAACAwMAAAAAAAAAAAA=\n"), "");
}

TEST(RewriteFile, SaysHowAFileWasRead) {
  const std::string_view rows[] = {
      "rules:\n- {alert: A, expr: 'etcd_debugging_mvcc_put_total'}\n",
      "{{ if x }}\nrules:\n- {alert: A, expr: 'etcd_debugging_mvcc_put_total'}\n{{ end }}\n",
      "{{ a }}\n- b: [\n- expr: 'etcd_debugging_mvcc_put_total'\n"};
  constexpr formats::ReadAs kReadAs[] = {formats::ReadAs::kTree, formats::ReadAs::kTemplate,
                                         formats::ReadAs::kText};
  for (size_t i = 0; i < std::size(rows); ++i) {
    const Outcome<FileRewrite> rewrite = RewriteFile(rows[i], FileFormat::kYaml, Etcd());
    ASSERT_TRUE(rewrite);
    EXPECT_EQ(rewrite->read_as, kReadAs[i]);
    const std::string codes = Dispositions(*rewrite);
    EXPECT_EQ(codes.find("?read-as") != std::string::npos, i > 0) << codes;
  }
}

TEST(RewriteFile, TextsThatReadALabelWithAnotherName) {
  const std::string rule =
      "rules:\n- {alert: A, expr: 'max by (pod_name) (usage)', annotations: {a: '{{ "
      "$labels.pod_name }} {{ .Labels.pod_name }} {{ $labels.job }} pod_name'}}\n"
      "- {alert: B, expr: 'sum(usage)', annotations: {a: '{{ $labels.pod_name }}'}}\n";
  std::string indented = "kind: ConfigMap\ndata:\n  r.yml: |\n    ";
  for (const char c : rule) indented += c == '\n' ? "\n    " : std::string(1, c);
  for (const std::string& text : {rule, indented}) {
    PlanOptions options;
    const auto dispositions = [&] {
      const Outcome<FileRewrite> rewrite = RewriteFile(text, FileFormat::kYaml, Kinds(), options);
      return rewrite ? Dispositions(*rewrite) : "error";
    };
    EXPECT_EQ(dispositions(), "?result-label renamed !result-label !result-label renamed");
    options.keep_labels = true;
    EXPECT_EQ(dispositions(), "renamed renamed");
  }
}

// What would end a plain scalar in brackets costs no more than this one change.
TEST(RewriteFile, PlainScalarsInFlowCollections) {
  const std::string before =
      "rules:\n- {alert: A, expr: cpu_cores}\n- {alert: B, expr: plain, for: 1m}\n"
      "- alert: C\n  expr: cpu_cores\n";
  const Outcome<FileRewrite> rewrite = RewriteFile(before, FileFormat::kYaml, Kinds());
  ASSERT_TRUE(rewrite);
  EXPECT_EQ(Dispositions(*rewrite), "!scalar-style renamed renamed");
  const std::string after = rewrite->edits.Splice(before);
  EXPECT_NE(after.find("{alert: A, expr: cpu_cores}\n- {alert: B, expr: renamed,"),
            std::string::npos)
      << after;
}

// A name for itself cannot say that the new series are some of several.
TEST(RewriteFile, PassagesOfWhatChangesMoreThanItsName) {
  const std::string before = R"({"targets":[{"metric":"cpu_cores","legendFormat":"cpu_cores"}],)"
                             R"("templating":{"list":[{"type":"constant","query":"cpu_cores"},)"
                             R"({"type":"custom","query":"cpu_cores"}]}})";
  PlanOptions options;
  options.shown = true;
  const Outcome<FileRewrite> rewrite = RewriteFile(before, FileFormat::kJson, Kinds(), options);
  ASSERT_TRUE(rewrite);
  EXPECT_TRUE(rewrite->edits.empty());
  EXPECT_EQ(Dispositions(*rewrite), "?no-union ?shown !not-convertible !not-convertible");
}

// Nobody sees who reads a recorded series by its labels; of an alert, people see them.
TEST(RewriteFile, WhatIsRecordedKeepsItsLabels) {
  const std::string before =
      "groups:\n- rules:\n  - record: a\n    expr: max by (pod_name) (usage)\n"
      "  - alert: A\n    expr: max by (pod_name) (usage)\n";
  const Outcome<FileRewrite> rewrite = RewriteFile(before, FileFormat::kYaml, Kinds());
  ASSERT_TRUE(rewrite);
  EXPECT_EQ(rewrite->edits.Splice(before),
            "groups:\n- rules:\n  - record: a\n    expr: max by (pod_name) (sum without (pod) "
            "(label_replace(usage_total, \"pod_name\", \"$1\", \"pod\", \"(.*)\")))\n"
            "  - alert: A\n    expr: max by (pod) (usage_total)\n");
}

TEST(RewriteFile, WhatIsNoYamlIsAnErrorWithItsPlace) {
  const std::string_view text = "groups:\n  - rules: [\n";
  const Outcome<FileRewrite> rewrite = RewriteFile(text, FileFormat::kYaml, Etcd());
  ASSERT_FALSE(rewrite);
  ASSERT_EQ(rewrite.diagnostics.size(), 1u);
  EXPECT_EQ(SourceText("f", text).Locate(rewrite.diagnostics[0].span.begin).line, 2u);
}

TEST(FindMentionsInText, ReportsEveryNameOfATemplate) {
  const auto findings =
      FindMentionsInText("{{ if }}\n- expr: etcd_debugging_mvcc_put_total\n", Etcd());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].disposition, Disposition::kNeedsPerson);
}

}  // namespace
}  // namespace metrishift::rewrite
