#include "core/mapping_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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
  const auto is_error = [](const Diagnostic& d) { return d.severity == Severity::kError; };
  EXPECT_EQ(table.value.has_value(), std::ranges::none_of(table.diagnostics, is_error));
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
      {std::string(kHead) + "metrics: []\n", "6:10 metrics must be a list with at least one item"},
      {std::string(kHead), "1:1 a mapping table lacks the key \"metrics\""},
      {Table("- [a]\n"), "7:3 an entry of metrics must be a mapping of keys to values"},
      {Table("- {old: [a], new: b, type: gauge}\n"), "7:9 a list is no metric name"},
      {Table("- {old: a, new: b, type: {x: y}}\n"), "7:26 a mapping is no metric type"},
      {Table("- {old: a, new: b, type: gauge, old_until: \"1-\\e[m\"}\n"),
       "7:44 \"1-\x1b[m\" is no version"},
  };
  for (const Row& row : rows) EXPECT_EQ(Problems(row.text), row.problems) << row.text;
}

// One entry with these keys beside `old: a, new: b, type: gauge`.
std::string With(std::string_view keys) {
  return Table("- {old: a, new: b, type: gauge, " + std::string(keys) + "}\n");
}
std::string OfType(std::string_view type, std::string_view keys) {
  return Table("- {old: a, new: b, type: " + std::string(type) + ", " + std::string(keys) + "}\n");
}

TEST(LoadMappingTable, SaysWhatIsWrongWithEachKind) {
  struct Row {
    std::string text;
    std::string_view problems;
  };
  const Row rows[] = {
      // Keys that are missing, or exclude each other.
      {Table("- {new: b, type: gauge}\n"), "7:3 an entry of metrics lacks the key \"old\""},
      {Table("- {old: a, type: gauge}\n"), "7:3 an entry of metrics lacks the key \"new\""},
      {Table("- {old: a, type: gauge, kind: removed}\n"),
       "7:3 an entry of metrics lacks the key \"note\""},
      {With("kind: removed, note: n"), "7:17 new cannot stand beside kind"},
      {Table("- {old: a, type: gauge, kind: gone, note: n}\n"),
       "7:31 one of these words is expected here: removed, default_off, semantics"},
      {With("expr: b, scale: 2, labels: [{old: x, new: y}]"),
       "7:60 labels cannot stand beside expr; 7:49 scale cannot stand beside expr"},
      {With("expr: ' '"), "7:39 an expression is expected here"},
      {OfType("histogram", "expr: b_count"),
       "7:43 an expression gives one series, a histogram has several"},
      {With("names: [a]"), "7:40 names cannot stand beside old"},
      {Table("- {old_prefix: a_, type: gauge}\n"),
       "7:3 an entry of metrics lacks the key \"new_prefix\""},
      {Table("- {old_prefix: a_, new: b}\n"),
       "7:25 new cannot stand beside old_prefix; 7:3 an entry of metrics lacks the key "
       "\"new_prefix\""},
      // Labels.
      {With("when: {a-b: x}"), "7:40 \"a-b\" is no label name"},
      {With("when: {'a:b': x}"), "7:40 \"a:b\" is no label name"},
      {With("when: {__name__: x}"),
       "7:40 __name__ is the metric's name, which `old` and `new` say"},
      {With("when: [x]"), "7:39 when must be a mapping of keys to values"},
      {With("when: {x: [y]}"), "7:43 a text is expected here"},
      {With("when: {x: y, x: z}"), "7:46 key \"x\" stands twice in when"},
      {With("labels: [{old: x, new: x}]"), "7:41 label x is renamed to itself"},
      {With("labels: [{old: x, new: y}, {old: x, new: z}]"), "7:41 label x is renamed twice"},
      {With("labels: [{old: x, new: y}, {old: z, new: y}]"), "7:41 two labels become y"},
      {With("labels: [{old: x, new: y}], new_labels: {y: z}"), "7:41 two labels become y"},
      {With("labels: [{old: x}]"), "7:42 an item of labels lacks the key \"new\""},
      {With("labels: []"), "7:41 labels must be a list with at least one item"},
      {With("new_labels: {x: y}, label_values: {x: {values: {a: b}}}"),
       "7:67 label x has another value on the new side"},
      {OfType("histogram", "labels: [{old: le, new: bound}]"),
       "7:45 label le is part of a histogram"},
      {OfType("summary", "when: {quantile: '0.5'}"), "7:41 label quantile is part of a summary"},
      // Values of labels.
      {With("label_values: {x: {values: {a: c, b: c}}}"), "7:60 two values become \"c\""},
      {With("label_values: {x: {values: {a: b, b: b}}}"), "7:60 two values become \"b\""},
      {With("label_values: {x: {values: {}}}"), "7:60 values maps nothing"},
      {With("label_values: {x: {values: {a: b}, pattern: c}}"),
       "7:51 the values of a label need either `values`, or `pattern` and `new`"},
      {With("label_values: {x: {pattern: c}}"),
       "7:51 the values of a label need either `values`, or `pattern` and `new`"},
      {With("label_values: {x: {pattern: '(', new: c}}"),
       "7:61 no regular expression that RE2 knows: missing ): ("},
      {With("label_values: {x: {pattern: '(.+)', new: $2}}"), "7:74 there is no group 2 in (.+)"},
      {With("label_values: {x: {pattern: '(.+)', new: $1s}}"),
       "7:74 \"$1s\" is no reference to a group"},
      {With("label_values: {x: {pattern: '.+', new: y}}"),
       "7:61 the way back cannot be read off this pattern"},
      {With("label_values: {x: {a: b}}"),
       "7:52 unknown key \"a\" in an item of label_values; 7:51 the values of a label need either "
       "`values`, or `pattern` and `new`"},
      // Numbers.
      {With("scale: 0"), "7:40 a scale of 0 makes every value 0"},
      {With("scale: inf"), "7:40 \"inf\" is no finite number"},
      {With("scale: 1e999"), "7:40 \"1e999\" is no finite number"},
      {With("scale: 1/512"), "7:40 \"1/512\" is no finite number"},
      {With("scale: ''"), "7:40 \"\" is no finite number"},
      {With("offset: .nan"), "7:41 \".nan\" is no finite number"},
      {OfType("histogram", "scale: -1"), "7:44 a negative scale turns a distribution round"},
      {OfType("summary", "offset: 1"), "7:43 an offset does not carry over to a sum"},
      {With("buckets: same"), "7:42 only a histogram has buckets"},
      {OfType("histogram", "buckets: other"),
       "7:46 one of these words is expected here: same, scaled, incompatible"},
      // Aggregates.
      {With("aggregate: {op: topk, by: [x]}"),
       "7:44 \"topk\" is no aggregation without parameters"},
      {With("aggregate: {op: sum}"), "7:44 aggregate needs either `without` or `by`"},
      {With("aggregate: {op: sum, by: [x], without: [y]}"),
       "7:44 aggregate needs either `without` or `by`"},
      {With("aggregate: {op: sum, without: []}"),
       "7:63 without must be a list with at least one item"},
      {OfType("histogram", "aggregate: {op: max, by: [x]}"),
       "7:48 histograms can only be added up"},
      // Types and equivalence.
      {With("new_type: histogram"), "7:43 a gauge and a histogram have no series in common"},
      {Table("- {old: a, new: b_sum, type: summary, new_type: histogram}\n"),
       "7:3 type histogram contradicts the name b_sum, which ends in _sum"},
      {With("equivalence: good"),
       "7:46 one of these words is expected here: exact, aggregated, sum_count_only, approximate, "
       "none"},
      {With("aggregate: {op: sum, by: [x]}, equivalence: exact"),
       "7:77 an entry of this kind is aggregated at best"},
      {OfType("histogram", "buckets: incompatible, equivalence: exact"),
       "7:73 an entry of this kind is sum_count_only at best"},
      // Nothing changes.
      {Table("- {old: a, new: a, type: gauge, when: {x: y}}\n"), "7:3 a is renamed to itself"},
      {Table("- {old_prefix: a_, new_prefix: a_}\n"), "7:3 a_ is renamed to itself"},
      // Beside metrics.
      {Table("- {old: a, new: b, type: gauge}\nflags: {a: b}\n"), "8:8 flags must be a list"},
      {Table("- {old: a, new: b, type: gauge}\nendpoints: x\n"), "8:12 endpoints must be a list"},
  };
  for (const Row& row : rows) EXPECT_EQ(Problems(row.text), row.problems) << row.text;
}

TEST(LoadMappingTable, EntriesMustNotClaimTheSameSeries) {
  struct Row {
    std::string_view metrics;
    std::string_view problems;
  };
  const Row rows[] = {
      // One old name, several entries.
      {"- {old: a, new: b, type: gauge, when: {m: x}}\n"
       "- {old: a, new: c, type: gauge, when: {m: y}}\n"
       "- {old: a, new: d, type: gauge}\n",
       ""},
      {"- {old: a, new: b, type: gauge, when: {m: x}}\n"
       "- {old: a, new: c, type: gauge, when: {m: x, n: y}}\n",
       "8:3 this entry renames a, and so does the entry a{m=\"x\"} -> b"},
      {"- {old: a, new: b, type: gauge, when: {m: x}}\n"
       "- {old: a, new: c, type: gauge, when: {n: x}}\n",
       "8:3 this entry renames a, and so does the entry a{m=\"x\"} -> b"},
      {"- {old: a, new: b, type: gauge, when: {m: x}}\n"
       "- {old: a, type: gauge, when: {m: x}, kind: removed, note: n}\n",
       "8:3 this entry is about a, and so does the entry a{m=\"x\"} -> b"},
      {"- {old: a, new: b, type: gauge, when: {m: ''}}\n"
       "- {old: a, new: c, type: gauge, when: {m: x}}\n",
       ""},
      {"- {old: a, new: b, type: gauge, when: {m: x}}\n"
       "- {old: a, new: c, type: counter, when: {m: y}}\n",
       "8:3 this entry renames a, and so does the entry a{m=\"x\"} -> b"},
      // One new name, several entries.
      {"- {old: a_cpu, new: b, type: gauge, new_labels: {r: cpu, unit: core}}\n"
       "- {old: a_mem, new: b, type: gauge, new_labels: {r: mem, unit: byte}}\n",
       ""},
      {"- {old: a_cpu, new: b, type: gauge, new_labels: {r: cpu}}\n"
       "- {old: a_mem, new: b, type: gauge, new_labels: {unit: byte}}\n",
       "8:3 this entry makes b, and so does the entry a_cpu -> b{r=\"cpu\"}"},
      {"- {old: a_cpu, new: b, type: gauge, new_labels: {r: cpu}}\n"
       "- {old: a_all, new: b, type: gauge}\n",
       "8:3 this entry makes b, and so does the entry a_cpu -> b{r=\"cpu\"}"},
      {"- {old: a, new: b, type: gauge, when: {m: x}, new_labels: {m: z}}\n"
       "- {old: a, new: b, type: gauge, when: {m: y}, new_labels: {m: z}}\n",
       "8:3 this entry makes b, and so does the entry a{m=\"x\"} -> b{m=\"z\"}"},
      {"- {old: a, new: b, type: gauge, when: {m: x}}\n"
       "- {old: c, new: b, type: gauge, new_labels: {m: y}}\n",
       ""},
      {"- {old: a, new: b, type: gauge, when: {m: x}, label_values: {m: {values: {x: y}}}}\n"
       "- {old: c, new: b, type: gauge, new_labels: {m: y}}\n",
       "8:3 this entry makes b, and so does the entry a{m=\"x\"} -> b{m=\"y\"}"},
      {"- {old: a, new: b, type: gauge, when: {m: x}, labels: [{old: m, new: n}]}\n"
       "- {old: c, new: b, type: gauge, new_labels: {n: y}}\n",
       ""},
      // CoreDNS 1.7: two old counters are two sums of one new counter.
      {"- {old: a, new: c, type: counter, aggregate: {op: sum, without: [type]}}\n"
       "- {old: b, new: c, type: counter, aggregate: {op: sum, without: [proto, family]}}\n"
       "- {old: d, new: c, type: counter}\n",
       ""},
      // kube-state-metrics 1.4: both names of one thing.
      {"- {old: b, new: b, type: gauge, labels: [{old: n, new: node}]}\n"
       "- {old: a_cpu, new: b, type: gauge, new_labels: {r: cpu}}\n",
       ""},
      // The series of families.
      {"- {old: h, new: g, type: histogram}\n- {old: x, new: g_count, type: counter}\n",
       "8:3 this entry makes g_count, and so does the entry h -> g"},
  };
  for (const Row& row : rows) EXPECT_EQ(Problems(Table(row.metrics)), row.problems) << row.metrics;
}

TEST(LoadMappingTable, TooManyEntriesOfOneName) {
  std::string metrics;
  for (int i = 0; i <= 500; ++i) {
    const std::string n = std::to_string(i);
    metrics += "- {old: a, new: b" + n + ", type: gauge, when: {m: '" + n + "'}}\n";
  }
  EXPECT_EQ(Problems(Table(metrics)), "507:3 more than 500 entries are about a");
}

TEST(LoadMappingTable, AFewLinesMustNotStandForMore) {
  std::string text = Table("- old_prefix: a_\n  new_prefix: b_\n  names: &n [a_x");
  for (int i = 0; i < 3000; ++i) text += ", a_" + std::to_string(i);
  text += "]\n";
  for (int i = 0; i < 3000; ++i) text += "- {old_prefix: a_, new_prefix: c_, names: *n}\n";
  EXPECT_THAT(Problems(text), testing::HasSubstr("the table stands for more than 64 MB"));
}

TEST(LoadMappingTable, PrefixesAndPatterns) {
  struct Row {
    std::string_view metrics;
    std::string_view problems;
  };
  const Row rows[] = {
      {"- {old_prefix: wmi_, new_prefix: windows_}\n", ""},
      {"- {old_pattern: (.+)_depth, new: wq_depth, new_labels: {name: $1}, type: gauge}\n", ""},
      {"- {old_pattern: (.+)_depth, new: wq_depth, new_labels: {name: $2}}\n",
       "7:56 there is no group 2 in (.+)_depth"},
      {"- {old_pattern: (.+)_depth, new: wq_$1_depth}\n",
       "7:34 \"$1_depth\" is no reference to a group"},
      {"- {old_pattern: (.+)_depth, new: wq-$1}\n", "7:34 \"wq-$1\" makes no metric names"},
      {"- {old_pattern: '(', new: a}\n", "7:17 no regular expression that RE2 knows: missing ): ("},
      {"- {old_prefix: a_, new_prefix: b_, names: [a_x, b_x]}\n",
       "7:49 b_x is none of the names of this prefix"},
      {"- {old_prefix: a_, new_prefix: b_, except: [ax]}\n",
       "7:45 ax is none of the names of this prefix"},
      {"- {old_prefix: a_, new_prefix: b_, names: [a_x, a-y]}\n",
       "7:49 \"a-y\" is no metric name; 7:49 a-y is none of the names of this prefix"},
      {"- {old_prefix: a_, new_prefix: b_, names: [a_x], except: [a_y]}\n",
       "7:58 except cannot stand beside names"},
      {"- {old_prefix: a_, new_prefix: b_, names: [a_x, a_x]}\n",
       "7:49 this entry renames a_x, and so does the entry a_x -> b_x"},
      {"- {old_pattern: 'x([0-9]*)', new: $1, names: [x1]}\n", "7:47 no new name comes out for x1"},
      {"- {old_pattern: 'x(.*)', new: $1, names: [x1]}\n", "7:43 no new name comes out for x1"},
      // An entry of its own goes before what a prefix says; that is said, and no error.
      {"- {old: a_x, new: c, type: gauge}\n- {old_prefix: a_, new_prefix: b_}\n",
       "7:3 this entry goes before the pattern a_(.*), which matches a_x"},
      {"- {old: a_x, new: c, type: gauge}\n- {old_prefix: a_, new_prefix: b_, except: [a_x]}\n",
       ""},
      {"- {old_prefix: a_, new_prefix: b_, names: [a_x, a_y]}\n- {old: a_x, new: c, type: gauge}\n",
       "7:44 a_x has an entry of its own, which goes before this one"},
      // Two of one pattern.
      {"- {old_prefix: a_, new_prefix: b_}\n- {old_prefix: a_, new_prefix: c_}\n",
       "8:3 this entry has the names of a_(.*) -> b_$1"},
      {"- {old_prefix: a_, new_prefix: b_, when: {m: x}}\n- {old_prefix: a_, new_prefix: c_}\n",
       ""},
      {"- {old_prefix: a_, kind: removed, note: n}\n", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(Problems(Table(row.metrics)), row.problems) << row.metrics;
}

TEST(LoadMappingTable, AClosedListBecomesEntries) {
  const Outcome<MappingTable> table = LoadMappingTable(
      Table("- {old_prefix: wmi_, new_prefix: windows_, type: counter, names: [wmi_a, wmi_b]}\n"
            "- {old_pattern: (.+)_depth, new: wq_depth, new_labels: {name: $1}, type: gauge, "
            "names: [x_depth]}\n"),
      "t.yaml");
  ASSERT_TRUE(table);
  ASSERT_EQ(table->metrics.size(), 3u);
  EXPECT_TRUE(table->patterns.empty());
  EXPECT_EQ(table->metrics[1].old_name, "wmi_b");
  EXPECT_EQ(table->metrics[1].new_name, "windows_b");
  EXPECT_EQ(table->metrics[1].type, MetricType::kCounter);
  EXPECT_EQ(table->metrics[1].place, "t.yaml:7:74");
  EXPECT_EQ(table->metrics[1].table, "t");
  EXPECT_EQ(table->metrics[2].new_labels, (std::vector<Label>{{"name", "x"}}));
}

TEST(LoadMappingTable, AnOpenOneIsAPattern) {
  const Outcome<MappingTable> table = LoadMappingTable(
      Table("- {old_prefix: wmi_, new_prefix: windows_, except: [wmi_x], note: n}\n"));
  ASSERT_TRUE(table);
  EXPECT_TRUE(table->metrics.empty());
  ASSERT_EQ(table->patterns.size(), 1u);
  const MappingPattern& pattern = table->patterns[0];
  EXPECT_EQ(pattern.pattern, "wmi_(.*)");
  EXPECT_EQ(pattern.prefix, "wmi_");
  EXPECT_THAT(pattern.except, testing::ElementsAre("wmi_x"));
  EXPECT_EQ(pattern.entry.old_name, "wmi_(.*)");
  EXPECT_EQ(pattern.entry.new_name, "windows_$1");
  EXPECT_EQ(pattern.entry.type, MetricType::kUntyped);
  EXPECT_EQ(pattern.entry.table, "t");
}

MappingEntry One(const std::string& text) {
  Outcome<MappingTable> table = LoadMappingTable(text);
  EXPECT_TRUE(table) << text;
  return table ? table->metrics.at(0) : MappingEntry();
}

TEST(LoadMappingTable, ReadsEveryKind) {
  // node_exporter 0.16
  MappingEntry entry =
      One(Table("- {old: node_cpu, new: node_cpu_guest_seconds_total, type: counter, when: {mode: "
                "guest_nice},"
                " new_labels: {mode: nice}, label_values: {cpu: {pattern: cpu(.+), new: $1}}}\n"));
  EXPECT_EQ(entry.when, (std::vector<Label>{{"mode", "guest_nice"}}));
  EXPECT_EQ(entry.new_labels, (std::vector<Label>{{"mode", "nice"}}));
  ASSERT_EQ(entry.label_values.size(), 1u);
  EXPECT_EQ(entry.label_values[0].ToNew("cpu7"), "7");
  EXPECT_EQ(entry.equivalence, Equivalence::kExact);

  entry = One(With("scale: 65536000000, offset: -65536000000"));
  EXPECT_EQ(entry.scale, 65536000000);
  EXPECT_EQ(entry.offset, -65536000000);

  entry =
      One(With("labels: [{old: pod_name, new: pod}], label_values: {x: {values: {a: c, b: c}, "
               "injective: false}}"));
  EXPECT_EQ(entry.labels, (std::vector<LabelRename>{{"pod_name", "pod"}}));
  EXPECT_FALSE(entry.label_values[0].injective);
  EXPECT_EQ(entry.equivalence, Equivalence::kApproximate);

  entry = One(With("aggregate: {op: sum, without: [type]}"));
  EXPECT_EQ(entry.aggregate, (MappingEntry::Aggregate{"sum", true, {"type"}}));
  EXPECT_EQ(entry.equivalence, Equivalence::kAggregated);
  entry = One(With("aggregate: {op: count, by: []}"));
  EXPECT_EQ(entry.aggregate, (MappingEntry::Aggregate{"count", false, {}}));

  entry = One(With("expr: b + time()"));
  EXPECT_EQ(entry.expr, "b + time()");
  EXPECT_EQ(entry.equivalence, Equivalence::kApproximate);
  EXPECT_EQ(One(With("expr: b + time(), equivalence: exact")).equivalence, Equivalence::kExact);

  entry = One(OfType("summary", "new_type: histogram, scale: 1e6"));
  EXPECT_EQ(entry.type, MetricType::kSummary);
  EXPECT_EQ(entry.new_type, MetricType::kHistogram);
  EXPECT_EQ(entry.equivalence, Equivalence::kSumCountOnly);
  EXPECT_EQ(One(With("new_type: counter")).equivalence, Equivalence::kExact);
  EXPECT_EQ(One(With("equivalence: approximate")).equivalence, Equivalence::kApproximate);

  entry = One(OfType("histogram", "buckets: scaled, scale: 1000"));
  EXPECT_EQ(entry.buckets, MappingEntry::Buckets::kSame);
  entry = One(OfType("histogram", "buckets: incompatible"));
  EXPECT_EQ(entry.buckets, MappingEntry::Buckets::kIncompatible);
  EXPECT_FALSE(entry.IsRename());

  entry = One(Table("- {old: a, type: counter, kind: default_off, note: 'set --x'}\n"));
  EXPECT_EQ(entry.fate, MappingEntry::Fate::kDefaultOff);
  EXPECT_EQ(entry.new_name, "");
  EXPECT_EQ(entry.note, "set --x");
  EXPECT_EQ(entry.equivalence, Equivalence::kNone);

  // A label that only the old side has; one that neither side has.
  EXPECT_EQ(One(With("new_labels: {member_id: ''}")).equivalence, Equivalence::kApproximate);
  EXPECT_EQ(One(With("when: {x: ''}, new_labels: {x: ''}")).equivalence, Equivalence::kExact);
  // A split that picks one of a summary's quantiles.
  EXPECT_EQ(One(With("new_type: summary, new_labels: {quantile: '0.99'}")).equivalence,
            Equivalence::kExact);
}

TEST(LoadMappingTable, OnlyANameThatStaysTheSameMayChangeNothingElseByIt) {
  EXPECT_EQ(Problems(Table("- {old: a, new: a, type: gauge, labels: [{old: x, new: y}]}\n")), "");
  EXPECT_EQ(Problems(Table("- {old: a, new: a, type: gauge, new_type: counter}\n")), "");
  EXPECT_EQ(Problems(Table("- {old: a, new: a, type: gauge, scale: 1000}\n")), "");
  EXPECT_EQ(Problems(Table("- {old: a, new: a, type: histogram, buckets: incompatible}\n")), "");
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
