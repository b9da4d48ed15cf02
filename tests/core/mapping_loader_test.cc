#include "core/mapping_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace metrishift {
namespace {

constexpr std::string_view kHead =
    "name: t\ntitle: T\ncomponent: c\nversions: {from: '1.0', to: '2.0'}\nsource: http://x\n";

std::string Table(std::string_view metrics) {
  return std::string(kHead) + "metrics:\n" + std::string(metrics);
}

// Every diagnostic as "line:column message", joined by "; ".
std::string Problems(const std::string& text) {
  const Outcome<MappingTable> table = LoadMappingTable(text);
  EXPECT_EQ(table.value.has_value(), table.diagnostics.empty());
  const SourceText source("t.yaml", text);
  std::string out;
  for (const Diagnostic& diagnostic : table.diagnostics) {
    const LineColumn at = source.Locate(diagnostic.span.begin);
    out += (out.empty() ? "" : "; ") + std::to_string(at.line) + ":" + std::to_string(at.column) +
           " " + diagnostic.message;
  }
  return out;
}

TEST(LoadMappingTable, ReadsEveryField) {
  const Outcome<MappingTable> table =
      LoadMappingTable(Table("- old: a_total\n  new: b_total\n  type: counter\n  new_since: "
                             "['1.1', '1.2']\n  old_until: '2.0'\n  note: n\n"
                             "  evidence: [{source: s, verified: true, discrepancy: d}]\n"
                             "- {old: h, new: g, type: histogram}\n"));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->name, "t");
  EXPECT_EQ(table->to_version, "2.0");
  ASSERT_EQ(table->metrics.size(), 2u);
  EXPECT_EQ(table->metrics[0].new_name, "b_total");
  EXPECT_THAT(table->metrics[0].new_since, testing::ElementsAre("1.1", "1.2"));
  EXPECT_EQ(table->metrics[0].old_until, "2.0");
  EXPECT_EQ(table->metrics[0].table, "t");
  EXPECT_EQ(table->metrics[1].type, MetricType::kHistogram);
}

TEST(LoadMappingTable, JsonIsYaml) {
  const Outcome<MappingTable> table = LoadMappingTable(
      R"({"name":"t","title":"T","component":"c","versions":{"from":"1","to":"2"},"source":"s",)"
      R"("metrics":[{"old":"a","new":"b","type":"gauge"}]})");
  EXPECT_TRUE(table);
}

TEST(LoadMappingTable, SaysWhatIsWrongAndWhere) {
  struct Row {
    std::string text;
    std::string_view problems;
  };
  const Row rows[] = {
      {"", "1:1 a mapping table is exactly one YAML document"},
      {Table("- {old: a, new: b, type: gauge}\n---\nx: y\n"),
       "9:1 a mapping table is exactly one YAML document"},
      {"- a\n", "1:1 a mapping table must be a mapping of keys to values"},
      {Table("- {old: a, new: b, typ: gauge}\n"),
       "7:20 unknown key \"typ\" in an entry of metrics; 7:3 an entry of metrics lacks the key "
       "\"type\""},
      {Table("- {old: a, new: b, type: gauge, old: c}\n"),
       "7:33 key \"old\" stands twice in an entry of metrics"},
      {Table("- {old: a, new: b, type: gage}\n"), "7:26 \"gage\" is no metric type"},
      {Table("- {old: 1a, new: b-c, type: gauge}\n"),
       "7:9 \"1a\" is no metric name; 7:18 \"b-c\" is no metric name"},
      {Table("- {old: a, new: a, type: gauge}\n"), "7:3 a is renamed to itself"},
      {Table("- {old: a, new: b, type: gauge}\n- {old: a, new: c, type: gauge}\n"),
       "8:3 this entry renames a, and so does the entry a -> b"},
      {Table("- {old: a, new: b, type: gauge}\n- {old: c, new: b, type: gauge}\n"),
       "8:3 this entry makes b, and so does the entry a -> b"},
      {Table("- {old: h, new: g, type: histogram}\n- {old: h_sum, new: z, type: counter}\n"),
       "8:3 this entry renames h_sum, and so does the entry h -> g"},
      {Table("- {old: h_bucket, new: g, type: histogram}\n"),
       "7:3 type histogram contradicts the name h_bucket, which ends in _bucket"},
      {Table("- {old: a, new: b, type: gauge, old_until: soon}\n"), "7:44 \"soon\" is no version"},
      {Table("- {old: a, new: b, type: gauge, new_since: '1'}\n"),
       "7:44 a list of versions is expected here"},
      {Table("- {old: a, new: b, type: gauge, new_since: ['1', '1..2']}\n"),
       "7:50 \"1..2\" is no version"},
      {std::string(kHead) + "metrics: []\n", "6:10 metrics must be a list with at least one entry"},
      {std::string(kHead), "1:1 a mapping table lacks the key \"metrics\""},
      {Table("- [a]\n"), "7:3 an entry of metrics must be a mapping of keys to values"},
      {Table("- {old: [a], new: b, type: gauge}\n"), "7:9 a list is no metric name"},
      {Table("- {old: a, new: b, type: {x: y}}\n"), "7:26 a mapping is no metric type"},
      {Table("- {old: a, new: b, type: gauge, old_until: \"1-\\e[m\"}\n"),
       "7:44 \"1-\x1b[m\" is no version"},
  };
  for (const Row& row : rows) EXPECT_EQ(Problems(row.text), row.problems) << row.text;
}

TEST(LoadMappingTable, GaugesMayEndInTotal) {
  // etcd 3.5 has 15 of them.
  EXPECT_EQ(Problems(Table("- {old: a_total, new: b_total, type: gauge}\n")), "");
}

TEST(LoadMappingTable, NotYamlIsOneError) {
  EXPECT_THAT(Problems("name: [\n"), testing::StartsWith("1:9 not valid YAML"));
}

}  // namespace
}  // namespace metrishift
