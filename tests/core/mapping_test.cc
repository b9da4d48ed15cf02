#include "core/mapping.h"

#include <gtest/gtest.h>

namespace metrishift {
namespace {

MappingTable Table(std::string name, std::string from,
                   std::vector<std::pair<std::string, std::string>> renames,
                   MetricType type = MetricType::kCounter) {
  MappingTable table;
  table.name = name;
  table.component = "c";
  table.from_version = from;
  for (auto& [old_name, new_name] : renames) {
    MappingEntry entry;
    entry.old_name = old_name;
    entry.new_name = new_name;
    entry.type = entry.new_type = type;
    entry.table = name;
    table.metrics.push_back(entry);
  }
  return table;
}

std::string NewNameOf(const Mapping& mapping, std::string_view name) {
  const auto match = mapping.FindOld(name);
  return match ? match->NewSeries() : "-";
}

TEST(Mapping, EmptyIsTheIdentity) {
  EXPECT_FALSE(Mapping().FindOld("a"));
  EXPECT_TRUE(Mapping().FindNewFamily("a").empty());
  EXPECT_TRUE(Mapping().entries().empty());
  EXPECT_TRUE(Mapping::FromTables({}));
}

TEST(Mapping, FindsSeriesOfAFamily) {
  const Mapping mapping =
      *Mapping::FromTables({Table("t", "1", {{"h", "n"}}, MetricType::kHistogram)});
  EXPECT_EQ(NewNameOf(mapping, "h_bucket"), "n_bucket");
  EXPECT_EQ(NewNameOf(mapping, "h_sum"), "n_sum");
  EXPECT_EQ(NewNameOf(mapping, "h"), "-");  // a classic histogram has no series of that name
  EXPECT_EQ(NewNameOf(mapping, "h_total"), "-");
  EXPECT_EQ(NewNameOf(mapping, "n_bucket"), "-");
  EXPECT_TRUE(mapping.IsNewSeries("n_count"));
  EXPECT_FALSE(mapping.IsNewSeries("h_count"));
}

TEST(Mapping, StepsComposeByVersionNotByOrderOfNaming) {
  const Mapping mapping = *Mapping::FromTables(
      {Table("later", "3.10", {{"b", "c"}}), Table("early", "3.9", {{"a", "b"}})});
  EXPECT_EQ(NewNameOf(mapping, "a"), "c");
  EXPECT_EQ(NewNameOf(mapping, "b"), "c");
  ASSERT_EQ(mapping.FindNewFamily("c").size(), 2u);
  EXPECT_EQ(mapping.FindNewFamily("c")[0]->old_name, "a");
  EXPECT_TRUE(mapping.FindNewFamily("b").empty());
}

MappingTable FunctionTable(std::string name, std::string from,
                           std::vector<std::pair<std::string, std::string>> functions) {
  MappingTable table;
  table.name = std::move(name);
  table.component = "prometheus";
  table.from_version = std::move(from);
  for (auto& [old_name, new_name] : functions) {
    FunctionEntry& entry = table.functions.emplace_back();
    entry.old_name = std::move(old_name);
    entry.new_name = std::move(new_name);
    entry.place = table.name;
  }
  return table;
}

std::string NewFunction(const Mapping& mapping, std::string_view name) {
  const FunctionEntry* entry = mapping.FindFunction(name);
  return entry == nullptr ? "-" : entry->new_name;
}

TEST(Mapping, FunctionsFollowSteps) {
  EXPECT_EQ(Mapping().FindFunction("f"), nullptr);
  const Mapping mapping = *Mapping::FromTables(
      {FunctionTable("later", "3", {{"g", "h"}, {"p", "q"}, {"y", "x"}}),
       FunctionTable("early", "2", {{"f", "g"}, {"p", "q"}, {"x", "y"}, {"gone", ""}})});
  EXPECT_EQ(NewFunction(mapping, "f"), "h");
  EXPECT_EQ(NewFunction(mapping, "g"), "h");
  EXPECT_EQ(NewFunction(mapping, "p"), "q");  // both say the same
  EXPECT_EQ(NewFunction(mapping, "x"), "-");  // there and back
  EXPECT_EQ(NewFunction(mapping, "gone"), "");
  const Mapping back = *mapping.Reversed();
  EXPECT_EQ(NewFunction(back, "h"), "f");
  EXPECT_EQ(NewFunction(back, "q"), "p");
  EXPECT_EQ(NewFunction(back, ""), "-");
}

TEST(Mapping, SwappedFunctionsDoNotSeeEachOther) {
  const Mapping mapping = *Mapping::FromTables({FunctionTable("t", "2", {{"f", "g"}, {"g", "f"}})});
  EXPECT_EQ(NewFunction(mapping, "f"), "g");
  EXPECT_EQ(NewFunction(mapping, "g"), "f");
}

TEST(Mapping, FunctionsThatContradictAreRefused) {
  const Outcome<Mapping> mapping = Mapping::FromTables(
      {FunctionTable("one", "2", {{"f", "g"}}), FunctionTable("other", "3", {{"f", "h"}})});
  ASSERT_FALSE(mapping);
  EXPECT_EQ(mapping.diagnostics.front().message,
            "tables contradict each other: one and other are both about the function f");
}

TEST(Mapping, StepsOfOtherComponentsAreNotFollowed) {
  MappingTable other = Table("other", "1", {{"b", "c"}});
  other.component = "d";
  const Mapping mapping = *Mapping::FromTables({Table("t", "1", {{"a", "b"}}), other});
  EXPECT_EQ(NewNameOf(mapping, "a"), "b");
  EXPECT_EQ(NewNameOf(mapping, "b"), "c");
}

TEST(Mapping, EntriesOfOneStepDoNotSeeEachOther) {
  // node_exporter 1.0.0 moved node_md_disks_active onto a name that another family left in the same
  // release.
  const Mapping mapping =
      *Mapping::FromTables({Table("t", "0.18", {{"md_active", "md"}, {"md", "md_required"}})});
  EXPECT_EQ(NewNameOf(mapping, "md_active"), "md");
  EXPECT_EQ(NewNameOf(mapping, "md"), "md_required");
  const Mapping chained =
      *Mapping::FromTables({Table("s", "0.17", {{"x", "md_active"}}),
                            Table("t", "0.18", {{"md_active", "md"}, {"md", "r"}})});
  EXPECT_EQ(NewNameOf(chained, "x"), "md");
}

// What is scaled is what is measured: not how often, and not when.
TEST(Match, UnitsAreThoseOfSumsAndQuantiles) {
  MappingTable table;
  table.name = "t";
  for (const MetricType type : {MetricType::kGauge, MetricType::kSummary, MetricType::kHistogram,
                                MetricType::kGaugeHistogram}) {
    MappingEntry entry;
    entry.old_name = MetricTypeName(type);
    entry.new_name = "new_" + entry.old_name;
    entry.type = entry.new_type = type;
    entry.scale = 1000;
    entry.offset = 5;
    entry.table = "t";
    table.metrics.push_back(entry);
  }
  table.metrics[1].new_type = MetricType::kHistogram;
  const Mapping mapping = *Mapping::FromTables({table});
  struct Row {
    std::string_view series;
    bool scaled;
    bool has_new;
  };
  const Row rows[] = {
      {"gauge", true, true},
      {"summary", true, false},  // a quantile; the new side is a histogram
      {"summary_sum", true, true},
      {"summary_count", false, true},
      {"summary_created", false, true},
      {"histogram_bucket", false, true},
      {"histogram_sum", true, true},
      {"histogram_count", false, true},
      {"histogram_created", false, true},
      {"gaugehistogram_bucket", false, true},
      {"gaugehistogram_gsum", true, true},
      {"gaugehistogram_gcount", false, true},
  };
  for (const Row& row : rows) {
    const auto match = mapping.FindOld(row.series);
    ASSERT_TRUE(match) << row.series;
    EXPECT_EQ(match->Scale(), row.scaled ? 1000 : 1) << row.series;
    EXPECT_EQ(match->Offset(), row.scaled ? 5 : 0) << row.series;
    EXPECT_EQ(match->HasNewSeries(), row.has_new) << row.series;
    EXPECT_EQ(mapping.IsNewSeries("new_" + std::string(row.series)), row.has_new) << row.series;
  }
  EXPECT_FALSE(mapping.IsNewSeries("new_summary_bucket"));
}

TEST(Mapping, WithAddsALastStep) {
  MappingTable more = Table("more", "0", {{"x", "y"}});
  more.component = "d";
  const Mapping mapping =
      *Mapping::FromTables({Table("s", "1", {{"a", "b"}}), Table("t", "2", {{"b", "c"}})});
  const Outcome<Mapping> with = mapping.With(more);
  ASSERT_TRUE(with);
  EXPECT_EQ(with->entries().size(), 3u);
  EXPECT_EQ(NewNameOf(*with, "a"), "c");
  EXPECT_EQ(NewNameOf(*with, "x"), "y");
  EXPECT_EQ(NewNameOf(*Mapping().With(more), "x"), "y");
  EXPECT_FALSE(mapping.With(Table("u", "3", {{"a", "d"}})));
  // What was turned round stays so, with its steps from the last to the first.
  const Outcome<Mapping> back = mapping.Reversed()->With(more);
  ASSERT_TRUE(back);
  EXPECT_EQ(NewNameOf(*back, "c"), "a");
  EXPECT_EQ(NewNameOf(*back, "a"), "-");
  EXPECT_EQ(NewNameOf(*back, "x"), "y");
}

TEST(Mapping, ContradictionsAreRefused) {
  const std::vector<std::vector<MappingTable>> rows = {
      {Table("s", "1", {{"a", "b"}}), Table("t", "2", {{"a", "c"}})},  // two answers for a
      {Table("s", "1", {{"a", "b"}}), Table("t", "2", {{"b", "a"}})},  // a cycle
      {Table("s", "1", {{"a", "b"}}), Table("t", "2", {{"b", "c"}}),
       Table("u", "3", {{"c", "a"}})},  // a longer one
      {Table("s", "1", {{"a", "b"}}),
       Table("t", "2", {{"b", "c"}}, MetricType::kGauge)},  // two types of b
      {Table("s", "1", {{"h", "n"}}, MetricType::kHistogram),
       Table("t", "2", {{"h_sum", "m"}})},  // a series twice
  };
  for (const auto& tables : rows) {
    const Outcome<Mapping> mapping = Mapping::FromTables(tables);
    ASSERT_FALSE(mapping);
    EXPECT_NE(mapping.diagnostics[0].message.find("contradict"), std::string::npos);
  }
}

}  // namespace
}  // namespace metrishift
