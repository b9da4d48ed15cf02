#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/mapping_loader.h"
#include "exporter/exposition/wire.h"
#include "tests/exporter/exposition/test_mapping.h"

namespace metrishift::exposition {
namespace {

using std::string_literals::operator""s;

std::string Bytes(uint32_t number, std::string_view payload) {
  std::string out;
  AppendBytesField(number, payload, &out);
  return out;
}

std::string Double(uint32_t number, double value) {
  std::string out;
  AppendDoubleField(number, value, &out);
  return out;
}

std::string Label(std::string_view name, std::string_view value) {
  return Bytes(1, Bytes(1, name) + Bytes(2, value));
}

std::string Gauge(double value) { return Bytes(metric_field::kGauge, Double(1, value)); }

std::string Message(const std::string& fields) {
  std::string out;
  AppendVarint(fields.size(), &out);
  return out + fields;
}

std::string Family(const std::string& name, char type, const std::vector<std::string>& metrics) {
  std::string fields = Bytes(family_field::kName, name) + Bytes(family_field::kHelp, "H.");
  fields += "\x18"s + type;
  for (const std::string& metric : metrics) fields += Bytes(family_field::kMetric, metric);
  return Message(fields);
}
constexpr char kCounterType = 0;
constexpr char kGaugeType = 1;
constexpr char kSummaryType = 2;
constexpr char kHistogramType = 4;

// The alias of `Family` under Plain rules of test_mapping.h.
std::string Alias(const std::string& name, const std::string& new_name, char type,
                  const std::vector<std::string>& metrics) {
  std::string fields =
      Bytes(family_field::kName, name) +
      Bytes(family_field::kHelp, "H. Deprecated: use " + new_name +
                                     " instead; this name is gone from version 3.5.0 on.");
  fields += "\x18"s + type;
  for (const std::string& metric : metrics) fields += Bytes(family_field::kMetric, metric);
  return Message(fields);
}

std::string Block(const RuleSet& rules, const std::string& body,
                  std::vector<AliasReport>* reports = nullptr) {
  const std::string out = Translate(rules, body, reports, Format::kProtobuf);
  EXPECT_EQ(out.substr(0, body.size()), body);
  EXPECT_EQ(Translate(rules, out, nullptr, Format::kProtobuf), out);
  for (size_t cut = 0; cut <= body.size(); ++cut) {
    EXPECT_EQ(TranslateInPieces(rules, body, {cut}, nullptr, Format::kProtobuf), out) << cut;
  }
  return out.substr(body.size());
}

RuleSet OneEntry(const MappingEntry& entry) {
  MappingTable table;
  table.name = table.component = "t";
  table.metrics = {entry};
  return RuleSet(*Mapping::FromTables({table}));
}

MappingEntry Entry(MetricType type, MetricType new_type) {
  MappingEntry entry;
  entry.old_name = "old";
  entry.new_name = "new";
  entry.type = type;
  entry.new_type = new_type;
  entry.old_until = "3.5.0";
  return entry;
}

TEST(Protobuf, CopiesMetricsWithAllThatIsInThem) {
  const RuleSet rules(TestMapping({{"old", "new", MetricType::kHistogram}}));
  // A native histogram (schema, spans, deltas), an exemplar, a created timestamp, and fields that
  // nobody knows yet, in the histogram and in the metric.
  const std::string histogram =
      "\x08\x05"s + Double(2, 7) + "\x28\x06"s + Bytes(12, "\x08\x02\x10\x01") +
      Bytes(13, "\x02\x04") + Bytes(15, "\x08\x01") +
      Bytes(16, Label("trace_id", "x") + Double(2, 1)) + Bytes(99, "unknown");
  const std::string metric = Label("a", "b") + Bytes(metric_field::kHistogram, histogram) +
                             "\x30\x05"s + Bytes(77, "more");
  EXPECT_EQ(Block(rules, Family("x", kGaugeType, {Gauge(1)}) +
                             Family("new", kHistogramType, {metric, Label("a", "c")})),
            Alias("old", "new", kHistogramType, {metric, Label("a", "c")}));
}

TEST(Protobuf, Decisions) {
  const RuleSet rules(
      TestMapping({{"old", "new", MetricType::kGauge}, {"oldh", "newh", MetricType::kHistogram}}));
  const std::string good = Family("new", kGaugeType, {Gauge(1)});
  const std::vector<std::pair<std::string, std::string>> rows = {
      {good, "+old:1"},
      {good + Family("old", kGaugeType, {}), "=old"},
      {Family("old", kGaugeType, {}) + good, "=old"},
      {good + good, "-old:second_type"},
      {Family("new", kHistogramType, {Gauge(1)}), "-old:other_type"},
      {Family("new", kGaugeType, {Gauge(1), Gauge(2)}), "+old:2"},
      {Family("new", kGaugeType, {Label("a", "1") + Label("a", "2") + Gauge(1)}),
       "-old:unreadable_line"},
      {Family("new", kGaugeType, {"\x0a\x05x"s}), "-old:unreadable_line"},
      {Family("newh", kHistogramType, {Label("a", "1")}) + Family("oldh_sum", kGaugeType, {}),
       "=oldh"},
      // Histogram x has x_count.
      {good + Family("x", kHistogramType, {}), "+old:1"},
      // Two names: nobody knows which.
      {Message(Bytes(1, "new") + Bytes(4, Gauge(1)) + Bytes(1, "x")), "-old:second_type"},
      {Message(Bytes(4, Gauge(1)) + Bytes(1, "new")), "-old:second_type"},
      {"\x00"s + good, "+old:1"},
  };
  for (const auto& [body, summary] : rows) {
    std::vector<AliasReport> reports;
    Block(rules, body, &reports);
    EXPECT_EQ(Summary(reports), summary) << testing::PrintToString(body);
  }
}

// A series that has the old label already may be that of one that gets it; nobody keeps count
// before there is such a one.
TEST(Protobuf, RenamedLabelThatIsThereAlready) {
  MappingEntry entry = Entry(MetricType::kGauge, MetricType::kGauge);
  entry.labels = {{"pod_name", "pod"}};
  const RuleSet rules = OneEntry(entry);
  const std::string p = Label("pod", "p") + Gauge(1);
  const std::string q = Label("pod", "q") + Gauge(2);
  const std::string old_p = Label("pod_name", "p") + Gauge(3);
  const std::vector<std::pair<std::vector<std::string>, std::string>> rows = {
      {{p, q}, "+old:2"},
      {{q, old_p}, "+old:2"},
      {{p, q, old_p}, "-old:collision"},
      {{old_p, q, p}, "-old:collision"},
  };
  for (const auto& [metrics, summary] : rows) {
    std::vector<AliasReport> reports;
    Block(rules, Family("new", kGaugeType, metrics), &reports);
    EXPECT_EQ(Summary(reports), summary) << metrics.size();
  }
}

// What no reader can read passes, and nothing is added.
TEST(Protobuf, BrokenFraming) {
  const RuleSet rules(TestMapping({{"old", "new", MetricType::kGauge}}));
  const std::string good = Family("new", kGaugeType, {Gauge(1)});
  for (const std::string& end : {"\x05"s, "\x80"s, "\xff\xff\xff\xff\xff\xff"s, "\x02\x0a\x05"s,
                                 "\x01\x07"s, "\x01\x00"s, "\x02\x0b\x0c"s}) {
    EXPECT_EQ(Block(rules, good + end), "") << testing::PrintToString(end);
  }
}

TEST(Protobuf, LabelsAndUnits) {
  MappingEntry entry = Entry(MetricType::kHistogram, MetricType::kHistogram);
  entry.scale = 1000;
  entry.labels = {{"old_l", "l"}};
  const auto metric = [](const std::string& label, double unit) {
    return Label(label, "v") +
           Bytes(metric_field::kHistogram,
                 "\x08\x02"s + Double(2, 3 * unit) +
                     Bytes(3, "\x08\x01"s + Double(2, 0.5 * unit) +
                                  Bytes(3, Label("t", "x") + Double(2, 0.25 * unit))));
  };
  EXPECT_EQ(Block(OneEntry(entry), Family("new", kHistogramType, {metric("l", 1)})),
            Alias("old", "new", kHistogramType, {metric("old_l", 1000)}));
  // The bounds of native buckets are powers of two.
  const std::string native =
      Bytes(metric_field::kHistogram, "\x08\x02"s + Double(2, 3) + "\x28\x06"s);
  std::vector<AliasReport> reports;
  Block(OneEntry(entry), Family("new", kHistogramType, {native}), &reports);
  EXPECT_EQ(Summary(reports), "-old:unit_of_histogram");
}

TEST(Protobuf, TypeChanges) {
  EXPECT_EQ(Block(OneEntry(Entry(MetricType::kSummary, MetricType::kHistogram)),
                  Family("new", kHistogramType,
                         {Bytes(metric_field::kHistogram,
                                "\x08\x02"s + Double(2, 3) + Bytes(3, "\x08\x01"))})),
            Alias("old", "new", kSummaryType,
                  {Bytes(metric_field::kSummary, "\x08\x02"s + Double(2, 3))}));
  EXPECT_EQ(Block(OneEntry(Entry(MetricType::kGauge, MetricType::kCounter)),
                  Family("new", kCounterType,
                         {Bytes(metric_field::kCounter, Double(1, 3) + Bytes(2, Double(2, 1)))})),
            Alias("old", "new", kGaugeType, {Gauge(3)}));
}

TEST(Protobuf, FieldCeiling) {
  Translator translator(RuleSet(TestMapping({{"old", "new", MetricType::kGauge}})),
                        Format::kProtobuf, {.max_message_bytes = 100});
  // What nobody asks for may be as long as it likes.
  EXPECT_TRUE(translator.Feed(Family("x", kGaugeType, {Gauge(1), std::string(500, 'x')})));
  EXPECT_FALSE(translator.Feed(Family("new", kGaugeType, {Label("a", std::string(100, 'x'))})));
  EXPECT_EQ(translator.limit_reached(), LimitReached::kMessageBytes);
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The same etcd, scraped twice.
TEST(Protobuf, CapturesGiveTheSameAliasesAsText) {
  const std::string shared = METRISHIFT_SOURCE_DIR "/../shared/captures/";
  const std::string table = ReadAll(METRISHIFT_SOURCE_DIR "/mappings/etcd-3.5.yaml");
  const RuleSet rules(*Mapping::FromTables({*LoadMappingTable(table)}));
  for (const char* name : {"etcd-3.4.23", "etcd-3.5.16"}) {
    const std::string text = ReadAll(shared + name + ".prom");
    const std::string protobuf = ReadAll(shared + name + ".pb");
    if (text.empty() || protobuf.empty()) GTEST_SKIP() << name << " is not here";
    std::vector<AliasReport> of_text;
    std::vector<AliasReport> of_protobuf;
    Translate(rules, text, &of_text);
    Translate(rules, protobuf, &of_protobuf, Format::kProtobuf);
    EXPECT_EQ(Summary(of_text), Summary(of_protobuf)) << name;
    EXPECT_FALSE(of_text.empty());
  }
}

}  // namespace
}  // namespace metrishift::exposition
