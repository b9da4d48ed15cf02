#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "core/file.h"
#include "core/mapping_loader.h"
#include "rewriter/generate/companion.h"
#include "tests/rewriter/generate/ottl.h"

namespace metrishift::generate {
namespace {

using Series = std::map<std::string, std::vector<ottl::DataPoint>>;  // by name

std::string Text(const std::string& path) {
  std::string why;
  return ReadFile(METRISHIFT_SOURCE_DIR "/tests/" + path, &why).value_or("error: " + why);
}

Mapping Table(const std::string& name) {
  Outcome<MappingTable> table =
      LoadMappingTable(Text("cases/generate-" + name + "/in/" + name + ".yaml"));
  EXPECT_TRUE(table) << name;
  return *Mapping::FromTables({*std::move(table)});
}

// The lines `name{label="value",...} 1.5` of a body.
ottl::Metrics Body(const std::string& name) {
  static const RE2 kLine(R"re(([a-z0-9_]+)(?:\{(.*)\})? (\S+)\n)re");
  static const RE2 kLabel(R"re(([a-z_]+)="([^"]*)",?)re");
  std::string body = Text("e2e/companions/" + name);
  RE2::GlobalReplace(&body, "(?m)^#.*\n", "");
  ottl::Metrics metrics;
  re2::StringPiece rest(body);
  std::string metric;
  std::string labels;
  double value = 0;
  while (RE2::Consume(&rest, kLine, &metric, &labels, &value)) {
    ottl::DataPoint point{{}, value};
    re2::StringPiece list(labels);
    std::string label;
    std::string text;
    while (RE2::Consume(&list, kLabel, &label, &text)) point.attributes[label] = text;
    if (metrics.empty() || metrics.back().name != metric) metrics.push_back({metric, {}});
    metrics.back().points.push_back(point);
  }
  EXPECT_TRUE(rest.empty()) << rest;
  return metrics;
}

Series ByName(const ottl::Metrics& metrics) {
  Series series;
  for (const ottl::Metric& metric : metrics) {
    auto& points = series[metric.name];
    points.insert(points.end(), metric.points.begin(), metric.points.end());
  }
  for (auto& [name, points] : series) std::ranges::sort(points);
  return series;
}

// Series of families are no metrics of their own to a collector; what keeps its name changes in
// place.
void ExpectOld(const std::string& table, const std::set<std::string>& back,
               const std::set<std::string>& in_place) {
  ottl::Metrics metrics = Body("new.prom");
  const Series before = ByName(metrics);
  EXPECT_EQ(ottl::Run(OtelTransform(Table(table), {}).text, metrics), "") << table;
  const Series after = ByName(metrics);
  const Series old = ByName(Body("old.prom"));
  for (const std::string& name : back) EXPECT_EQ(after.at(name), old.at(name)) << name;
  for (const auto& [name, points] : before) {
    if (in_place.contains(name)) continue;
    EXPECT_EQ(after.at(name), points) << name;
  }
  for (const auto& [name, points] : after)
    EXPECT_TRUE(before.contains(name) || back.contains(name)) << name;
}

TEST(OtelTransform, CopiesAreTheOldMetrics) {
  ExpectOld("kinds",
            {"plain_total", "quantiles_seconds", "requests_cpu_cores", "requests_memory_bytes",
             "usage", "crossed", "kept", "frequency", "calls_total", "turned", "io_time_ms",
             "sectors_total", "temperature_fahrenheit", "jobs", "cpu", "memory"},
            {"kept"});
  ExpectOld("swap", {"disks_active"}, {});
  ExpectOld("patterns", {"wmi_cpu_time", "wmi_special", "wmi_ticks"}, {});
}

TEST(OtelTransform, CopiesAreNotCopied) {
  // Prefixes one of which begins with the other: whatever is copied could be meant again.
  for (const char* entry :
       {"{old_prefix: a_b_, new_prefix: a_}", "{old_prefix: a_, new_prefix: a_b_}",
        "{old_pattern: (.*)_x, new: $1_y}"}) {
    const Outcome<MappingTable> table = LoadMappingTable(
        "name: t\ntitle: t\ncomponent: t\nversions: {from: '1', to: '2'}\n"
        "source: https://example.org/\nmetrics:\n- " +
        std::string(entry) + "\n");
    if (!table) continue;  // refused already
    ottl::Metrics metrics = {{"a_b_x", {{}}}, {"a_x", {{}}}, {"c_y", {{}}}};
    const Companion companion = OtelTransform(*Mapping::FromTables({*table}), {});
    EXPECT_EQ(companion.made, 0u) << entry;
    EXPECT_EQ(companion.left, 1u) << entry;
  }
}

TEST(OtelTransform, LessThanExactOnlyWhenTold) {
  Options options;
  EXPECT_THAT(OtelTransform(Table("kinds"), options).text,
              testing::Not(testing::HasSubstr("copy_metric(name=\"near\")")));
  options.least = Equivalence::kApproximate;
  EXPECT_THAT(OtelTransform(Table("kinds"), options).text,
              testing::HasSubstr("copy_metric(name=\"near\")"));
}

}  // namespace
}  // namespace metrishift::generate
