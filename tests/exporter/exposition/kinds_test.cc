// Every kind of mapping, in both directions: what becomes of a body.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/mapping_loader.h"
#include "tests/exporter/exposition/test_mapping.h"

namespace metrishift::exposition {
namespace {

Mapping Load(const std::string& metrics) {
  const std::string text =
      "name: t\ntitle: T\ncomponent: c\nsource: S\nversions: {from: \"1\", to: \"2\"}\n" + metrics;
  Outcome<MappingTable> table = LoadMappingTable(text);
  for (const Diagnostic& diagnostic : table.diagnostics) {
    if (diagnostic.severity == Severity::kError)
      ADD_FAILURE() << diagnostic.message << "\n" << text;
  }
  if (!table) return Mapping();
  Outcome<Mapping> mapping = Mapping::FromTables({*table});
  EXPECT_TRUE(mapping) << (mapping ? "" : mapping.diagnostics.front().message);
  return mapping ? *mapping : Mapping();
}

// The samples of the alias block, without metadata, and the summary behind them.
std::string Samples(const Mapping& mapping, Direction direction, const std::string& body,
                    Format format = Format::kText) {
  std::vector<AliasReport> reports;
  const RuleSet rules(mapping, direction);
  const std::string out = Translate(rules, body, &reports, format);
  EXPECT_EQ(Translate(rules, out, nullptr, format), out) << "a second pass adds something";
  EXPECT_EQ(Translate(rules, body, nullptr, format), out) << "another body has left something";
  std::string samples;
  size_t at = body.size();
  while (at < out.size()) {
    const size_t end = out.find('\n', at) + 1;
    if (out[at] != '#') samples += out.substr(at, end - at);
    at = end;
  }
  return samples + Summary(reports);
}

struct Row {
  const char* metrics;
  Direction direction;
  const char* body;
  const char* samples;
};

constexpr Direction kOld = Direction::kOld;
constexpr Direction kNew = Direction::kNew;

TEST(Kinds, Text) {
  const std::vector<Row> rows = {
      // Rename.
      {"metrics: [{old: a, new: b, type: gauge}]\n", kNew, "a 1\n", "b 1\n+b:1"},
      {"metrics: [{old: a, new: b, type: gauge}]\n", Direction::kBoth, "a 1\n", "b 1\n+b:1"},
      {"metrics: [{old: a, new: b, type: gauge}]\n", Direction::kBoth, "a 1\nb 1\n", "=b =a"},
      // Split by label: several old families of one new one.
      {"metrics:\n"
       "- {old: cpu, new: req, type: gauge, new_labels: {resource: cpu, unit: core}}\n"
       "- {old: mem, new: req, type: gauge, new_labels: {resource: memory, unit: byte}}\n",
       kOld,
       "req{pod=\"p\",resource=\"cpu\",unit=\"core\"} 1\n"
       "req{pod=\"p\",resource=\"memory\",unit=\"byte\"} 2\n"
       "req{pod=\"p\",resource=\"gpu\",unit=\"integer\"} 3\n",
       "cpu{pod=\"p\"} 1\nmem{pod=\"p\"} 2\n+cpu:1 +mem:1"},
      {"metrics:\n"
       "- {old: cpu, new: req, type: gauge, new_labels: {resource: cpu}}\n"
       "- {old: mem, new: req, type: gauge, new_labels: {resource: memory}}\n",
       kNew, "cpu{pod=\"p\"} 1\nmem 2\n",
       "req{pod=\"p\",resource=\"cpu\"} 1\nreq{resource=\"memory\"} 2\n+req:2"},
      // A fault of one source leaves a hole in the whole alias.
      {"metrics:\n"
       "- {old: cpu, new: req, type: gauge, new_labels: {resource: cpu}}\n"
       "- {old: mem, new: req, type: gauge, new_labels: {resource: memory}}\n",
       kNew, "cpu 1\nmem oops\n", "-req:unreadable_line"},
      // `when` chooses, and the entry without it takes the rest.
      {"metrics:\n"
       "- {old: cpu, new: guest, type: counter, when: {mode: guest}, new_labels: {mode: user}}\n"
       "- {old: cpu, new: rest, type: counter}\n",
       kOld, "guest{cpu=\"0\",mode=\"user\"} 1\nrest{mode=\"idle\"} 2\n",
       "cpu{cpu=\"0\",mode=\"guest\"} 1\ncpu{mode=\"idle\"} 2\n+cpu:2"},
      {"metrics:\n"
       "- {old: cpu, new: guest, type: counter, when: {mode: guest}, new_labels: {mode: user}}\n"
       "- {old: cpu, new: rest, type: counter}\n",
       kNew, "cpu{cpu=\"0\",mode=\"guest\"} 1\ncpu{mode=\"idle\"} 2\n",
       "guest{cpu=\"0\",mode=\"user\"} 1\nrest{mode=\"idle\"} 2\n+guest:1 +rest:1"},
      // Labels.
      {"metrics: [{old: a, new: b, type: gauge, labels: [{old: pod_name, new: pod}]}]\n", kOld,
       "b{pod=\"p\\\"\",x=\"\\n\"} 1 5\n", "a{pod_name=\"p\\\"\",x=\"\\n\"} 1 5\n+a:1"},
      {"metrics: [{old: a, new: b, type: gauge, labels: [{old: pod_name, new: pod}]}]\n", kOld,
       "b{pod=\"p\",pod_name=\"q\"} 1\n", "-a:label_clash"},
      {"metrics: [{old: a, new: b, type: gauge, label_values: {cpu: {pattern: \"cpu(.+)\", new: "
       "\"$1\"}}}]\n",
       kOld, "b{cpu=\"0\"} 1\n", "a{cpu=\"cpu0\"} 1\n+a:1"},
      // A series that has the old label already, before and behind one that gets it.
      {"metrics: [{old: a, new: b, type: gauge, labels: [{old: pod_name, new: pod}]}]\n", kOld,
       "b{pod=\"p\"} 1\nb{pod_name=\"p\"} 2\n", "-a:collision"},
      {"metrics: [{old: a, new: b, type: gauge, labels: [{old: pod_name, new: pod}]}]\n", kOld,
       "b{pod_name=\"p\"} 1\nb{pod=\"q\"} 2\nb{pod=\"p\"} 3\n", "-a:collision"},
      {"metrics: [{old: a, new: b, type: gauge, labels: [{old: pod_name, new: pod}]}]\n", kOld,
       "b{pod=\"p\"} 1\nb{pod_name=\"q\"} 2\nb 3\n",
       "a{pod_name=\"p\"} 1\na{pod_name=\"q\"} 2\na 3\n+a:3"},
      {"metrics: [{old: a, new: b, type: gauge, label_values: {cpu: {pattern: \"cpu(.+)\", new: "
       "\"$1\"}}}]\n",
       kNew, "a{cpu=\"cpu0\"} 1\na{cpu=\"cpu1\"} 2\n", "b{cpu=\"0\"} 1\nb{cpu=\"1\"} 2\n+b:2"},
      // Two series would become one: keep none.
      {"metrics: [{old: a, new: b, type: gauge, label_values: {cpu: {pattern: \"cpu(.+)\", new: "
       "\"$1\"}}}]\n",
       kNew, "a{cpu=\"cpu0\"} 1\na{cpu=\"0\"} 2\n", "-b:collision"},
      // Units.
      {"metrics: [{old: a, new: b, type: gauge, scale: 1000}]\n", kOld,
       "b 0.001\nb{x=\"1\"} NaN 5\nb{x=\"2\"} -Inf\nb{x=\"3\"} 1e10\n",
       "a 1\na{x=\"1\"} NaN 5\na{x=\"2\"} -Inf\na{x=\"3\"} 1e+13\n+a:4"},
      {"metrics: [{old: a, new: b, type: gauge, scale: 0.001}]\n", kOld, "b 3\n", "a 0.003\n+a:1"},
      {"metrics: [{old: a, new: b, type: gauge, scale: 1000}]\n", kNew, "a 3\n", "b 0.003\n+b:1"},
      {"metrics: [{old: a, new: b, type: gauge, scale: 2, offset: 32}]\n", kOld, "b 100\n",
       "a 232\n+a:1"},
      {"metrics: [{old: a, new: b, type: gauge, scale: 2, offset: 32}]\n", kNew, "a 232\n",
       "b 100\n+b:1"},
      {"metrics: [{old: a, new: b, type: histogram, scale: 1000}]\n", kOld,
       "# TYPE b histogram\nb_bucket{le=\"0.25\"} 1\nb_bucket{le=\"+Inf\"} 2\nb_sum 3\nb_count 2\n",
       "a_bucket{le=\"250\"} 1\na_bucket{le=\"+Inf\"} 2\na_sum 3000\na_count 2\n+a:4"},
      {"metrics: [{old: a, new: b, type: histogram, scale: 1000}]\n", kOld,
       "# TYPE b histogram\nb_bucket{le=\"1\"} 1\nb_bucket{le=\"1.0\"} 1\n"
       "b_bucket{le=\"+Inf\"} 2\nb_sum 3\nb_count 2\n",
       "-a:collision"},
      {"metrics: [{old: a, new: b, type: summary, scale: 1000}]\n", kOld,
       "# TYPE b summary\nb{quantile=\"0.5\"} 2\nb_sum 3\nb_count 2\n",
       "a{quantile=\"0.5\"} 2000\na_sum 3000\na_count 2\n+a:3"},
      // Type change: the sum and the count are what both have.
      {"metrics: [{old: a, new: b, type: summary, new_type: histogram}]\n", kOld,
       "# TYPE b histogram\nb_bucket{le=\"+Inf\"} 2\nb_sum 3\nb_count 2\n",
       "a_sum 3\na_count 2\n+a:2"},
      // What cannot be had.
      {"metrics: [{old: a, new: b, type: gauge, aggregate: {op: sum, without: [l]}}]\n", kOld,
       "b{l=\"1\"} 1\n", "-a:aggregate"},
      {"metrics: [{old: a, new: b, type: gauge, expr: \"b + time()\"}]\n", kOld, "b 1\n",
       "-a:expression"},
      {"metrics: [{old: a, new: b, type: gauge, equivalence: approximate}]\n", kOld, "b 1\n",
       "-a:inexact"},
      {"metrics: [{old: a, new: a, type: gauge, labels: [{old: x, new: y}]}]\n", kOld,
       "a{y=\"1\"} 1\n", "=a"},
      // Two families that are one under their common name, the second one when the first has
      // passed.
      {"metrics:\n- {old_prefix: a_, new_prefix: w_}\n- {old_prefix: w_, new_prefix: b_}\n",
       Direction::kBoth, "a_x{l=\"1\"} 1\na_x{l=\"\\\\\"} 2\nb_x{l=\"2\"} 1\na_x 3\n",
       "w_x{l=\"1\"} 1\nw_x{l=\"\\\\\"} 2\nw_x{l=\"2\"} 1\nw_x 3\n+w_x:4"},
      {"metrics:\n- {old_prefix: a_, new_prefix: w_}\n- {old_prefix: w_, new_prefix: b_}\n",
       Direction::kBoth, "a_x{k=\"\",l=\"1\"} 1\na_y 1\nb_x{l=\"1\"} 1\nb_y{l=\"1\"} 1\n",
       "w_y 1\nw_y{l=\"1\"} 1\n-w_x:collision +w_y:2"},
      {"metrics:\n- {old_prefix: a_, new_prefix: w_}\n- {old_prefix: w_, new_prefix: b_}\n",
       Direction::kBoth,
       "# TYPE a_x summary\na_x_sum 1\na_x_count 1\n# TYPE b_x summary\nb_x_sum{l=\"1\"} 1\n"
       "b_x_count 1\n",
       "-w_x:collision"},
      // Prefix and pattern.
      {"metrics: [{old_prefix: wmi_, new_prefix: windows_, except: [wmi_x]}]\n", kOld,
       "windows_a 1\nwindows_x 1\n# TYPE windows_h histogram\nwindows_h_bucket{le=\"+Inf\"} 1\n"
       "windows_h_sum 1\nwindows_h_count 1\nwindows_b 1\nwmi_b 1\n",
       "wmi_a 1\nwmi_h_bucket{le=\"+Inf\"} 1\nwmi_h_sum 1\nwmi_h_count 1\n+wmi_a:1 +wmi_h:3 "
       "=wmi_b"},
      {"metrics: [{old_prefix: wmi_, new_prefix: windows_}]\n", kNew, "wmi_a 1\n",
       "windows_a 1\n+windows_a:1"},
      // One prefix in the other: the longer one says which side a name is on.
      {"metrics: [{old_prefix: a_, new_prefix: a_b_}]\n", kOld, "a_b_x 1\na_y 1\na_b_b_z 1\n",
       "a_x 1\n+a_x:1 -a_b_z:reused_name"},
      {"metrics: [{old_prefix: a_b_, new_prefix: a_}]\n", kOld, "a_x 1\na_b_y 1\n",
       "a_b_x 1\n+a_b_x:1"},
      {"metrics: [{old_pattern: \"(.+)_depth\", new: depth, new_labels: {name: \"$1\"}}]\n", kOld,
       "depth{name=\"x\"} 1\ndepth{name=\"y\",z=\"1\"} 2\ndepth 3\ndepth{name=\"\xc3\xa9\"} 4\n"
       "y_depth 2\n",
       "x_depth 1\n+x_depth:1 =y_depth"},
      {"metrics: [{old_pattern: \"(.+)_depth\", new: depth, new_labels: {name: \"$1\"}}]\n", kNew,
       "x_depth 1\ny_depth{z=\"1\"} 2\n",
       "depth{name=\"x\"} 1\ndepth{z=\"1\",name=\"y\"} 2\n+depth:2"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Samples(Load(row.metrics), row.direction, row.body), row.samples)
        << row.metrics << row.body;
  }
}

// Metadata by the rules of OpenMetrics: families without "_total", TYPE, UNIT and HELP in order,
// and "unknown" where the type does not allow the name.
TEST(Kinds, OpenMetrics) {
  struct Case {
    const char* metrics;
    const char* body;
    const char* block;
  };
  const std::vector<Case> cases = {
      {"metrics: [{old: a_total, new: b_total, type: counter}]\n",
       "# TYPE b counter\nb_total 1 # {x=\"y\"} 1\nb_created 5\n",
       "# TYPE a counter\n# HELP a Deprecated: use b_total instead.\na_total 1 # {x=\"y\"} 1\n"
       "a_created 5\n"},
      {"metrics: [{old: a, new: b_total, type: counter}]\n",
       "# HELP b X.\n# TYPE b counter\nb_total 1\nb_created 5\n",
       "# TYPE a unknown\n# HELP a X. Deprecated: use b_total instead.\na 1\n"},
      {"metrics: [{old: a_s, new: b_s, type: gauge}]\n", "# TYPE b_s gauge\n# UNIT b_s s\nb_s 1\n",
       "# TYPE a_s gauge\n# UNIT a_s s\n# HELP a_s Deprecated: use b_s instead.\na_s 1\n"},
      {"metrics: [{old: a, new: b_s, type: gauge}]\n", "# TYPE b_s gauge\n# UNIT b_s s\nb_s 1\n",
       "# TYPE a gauge\n# HELP a Deprecated: use b_s instead.\na 1\n"},
      {"metrics: [{old: a_total, new: b, type: gauge}]\n", "# TYPE b gauge\nb 1\n",
       "# TYPE a_total unknown\n# HELP a_total Deprecated: use b instead.\na_total 1\n"},
      {"metrics: [{old: a, new: b, type: histogram, scale: 1000}]\n",
       "# TYPE b histogram\nb_bucket{le=\"0.25\"} 1 # {t=\"1\"} 0.2 5.5\nb_bucket{le=\"+Inf\"} 2\n"
       "b_count 2\nb_sum 3\nb_created 5\n",
       "# TYPE a histogram\n# HELP a Deprecated: use b instead.\n"
       "a_bucket{le=\"250.0\"} 1 # {t=\"1\"} 200 5.5\na_bucket{le=\"+Inf\"} 2\na_count 2\n"
       "a_sum 3000\na_created 5\n"},
      {"metrics: [{old: a, new: b, type: stateset}]\n",
       "# TYPE b stateset\nb{b=\"x\"} 1\nb{b=\"y\"} 0\n",
       "# TYPE a stateset\n# HELP a Deprecated: use b instead.\na{a=\"x\"} 1\na{a=\"y\"} 0\n"},
      // Suppressed by the family's name and by a sample of it.
      {"metrics: [{old: a_total, new: b_total, type: counter}]\n",
       "# TYPE b counter\nb_total 1\n# TYPE a counter\n", ""},
      {"metrics: [{old: a_total, new: b_total, type: counter}]\n",
       "# TYPE a gauge\na 1\n# TYPE b counter\nb_total 1\n", ""},
      {"metrics: [{old: a_total, new: b_total, type: counter}]\n",
       "# TYPE b counter\nb_total 1\n# TYPE a_created gauge\na_created 1\n", ""},
      // Families that come back are no OpenMetrics.
      {"metrics: [{old: a, new: b, type: gauge}]\n",
       "# TYPE b gauge\nb{x=\"1\"} 1\n# TYPE c gauge\nc 1\nb{x=\"2\"} 1\n", ""},
  };
  for (const Case& row : cases) {
    const std::string body(row.body);
    const RuleSet rules(Load(row.metrics));
    const std::string out = Translate(rules, body, nullptr, Format::kOpenMetrics);
    EXPECT_EQ(out.substr(body.size()), row.block) << row.metrics << body;
    EXPECT_EQ(Translate(rules, out, nullptr, Format::kOpenMetrics), out) << out;
  }
}

TEST(Kinds, TypeOfSumAndCountIsSummary) {
  const RuleSet rules(
      Load("metrics: [{old: a, new: b, type: histogram, buckets: incompatible}]\n"));
  const std::string body = "# TYPE b histogram\nb_bucket{le=\"+Inf\"} 1\nb_sum 1\nb_count 1\n";
  EXPECT_EQ(Translate(rules, body).substr(body.size()),
            "# HELP a Deprecated: use b instead.\n# TYPE a summary\na_sum 1\na_count 1\n");
}

TEST(Kinds, EscapedNames) {
  MappingEntry entry;
  entry.old_name = "a.b";
  entry.new_name = "c.d";
  MappingTable table;
  table.name = table.component = "t";
  table.metrics = {entry};
  const Mapping mapping = *Mapping::FromTables({table});
  const auto block = [&mapping](Escaping escaping, const std::string& body) {
    const std::string out = Translate(RuleSet(mapping, Direction::kOld, escaping), body);
    const size_t last = out.rfind('\n', out.size() - 2);
    return out.substr(last == out.npos ? 0 : last + 1);
  };
  EXPECT_EQ(block(Escaping::kNone, "{\"c.d\",x=\"1\"} 1\n"), "{\"a.b\",x=\"1\"} 1\n");
  EXPECT_EQ(block(Escaping::kUnderscores, "c_d{x=\"1\"} 1\n"), "a_b{x=\"1\"} 1\n");
  EXPECT_EQ(block(Escaping::kDots, "c_dot_d 1\n"), "a_dot_b 1\n");
  EXPECT_EQ(block(Escaping::kValues, "U__c_2e_d 1\n"), "U__a_2e_b 1\n");
}

}  // namespace
}  // namespace metrishift::exposition
