#include "exporter/exposition/translator.h"

#include <gtest/gtest.h>

#include "tests/exporter/exposition/test_mapping.h"

namespace metrishift::exposition {
namespace {

using std::string_literals::operator""s;

// What a rename of the test tables adds to a HELP text.
std::string Deprecated(const std::string& new_name) {
  return "Deprecated: use " + new_name + " instead; this name is gone from version 3.5.0 on.";
}

const Mapping& Plain() {
  static const Mapping mapping = TestMapping({{"old", "new"}, {"old2", "new2"}});
  return mapping;
}

const Mapping& Shaped() {
  static const Mapping mapping = TestMapping(
      {{"oldh", "newh", MetricType::kHistogram}, {"olds", "news", MetricType::kSummary}});
  return mapping;
}

// The alias block alone.
std::string Block(const Mapping& mapping, const std::string& body) {
  const std::string out = Translate(mapping, body);
  EXPECT_EQ(out.substr(0, body.size()), body);
  return out.substr(body.size());
}

TEST(Translator, AppendsOneGroupPerOldName) {
  EXPECT_EQ(Block(Plain(),
                  "# HELP new2 Second.\n# TYPE new2 gauge\nnew2 1\n"
                  "# HELP new Number of things\n# TYPE new counter\n"
                  "new{a=\"b\"} 1.50 1395066363000\nnew{ a = \"c\", }\t+Inf \n"),
            "# HELP old2 Second. " + Deprecated("new2") + "\n# TYPE old2 gauge\nold2 1\n" +
                "# HELP old Number of things. " + Deprecated("new") + "\n# TYPE old counter\n" +
                "old{a=\"b\"} 1.50 1395066363000\nold{ a = \"c\", }\t+Inf \n");
}

TEST(Translator, MetadataOfTheAlias) {
  const std::string sample = "new 1\n";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", "# HELP old " + Deprecated("new") + "\n"},
      {"# TYPE new untyped\n", "# HELP old " + Deprecated("new") + "\n# TYPE old untyped\n"},
      {"# HELP new\n", "# HELP old " + Deprecated("new") + "\n"},
      {"# HELP new Why? \n", "# HELP old Why? " + Deprecated("new") + "\n"},
      {"# HELP new A \\\\ and \\n\n", "# HELP old A \\\\ and \\n. " + Deprecated("new") + "\n"},
      {"# TYPE new counter\n# free comment\n\n# HELP new X.\n",
       "# HELP old X. " + Deprecated("new") + "\n# TYPE old counter\n"},
  };
  for (const auto& [metadata, alias] : rows) {
    EXPECT_EQ(Block(Plain(), metadata + sample), alias + "old 1\n") << metadata;
  }
  Mapping no_end = *Mapping::FromTables({[] {
    MappingTable table = TestTable("t", "1", {{"old", "new"}});
    table.metrics[0].old_until.clear();
    return table;
  }()});
  EXPECT_EQ(Block(no_end, sample), "# HELP old Deprecated: use new instead.\nold 1\n");
}

TEST(Translator, SeriesOfHistogramsAndSummaries) {
  EXPECT_EQ(Block(Shaped(),
                  "# TYPE newh histogram\nnewh_bucket{le=\"1\"} 1\nnewh_bucket{le=\"+Inf\"} 2\n"
                  "newh_sum 3\nnewh_count 2\nnewh_created 5\n"
                  "# TYPE news summary\nnews{quantile=\"0.5\"} 1\nnews_sum 2\nnews_count 3\n"),
            "# HELP oldh " + Deprecated("newh") + "\n# TYPE oldh histogram\n" +
                "oldh_bucket{le=\"1\"} 1\noldh_bucket{le=\"+Inf\"} 2\noldh_sum 3\noldh_count 2\n" +
                "# HELP olds " + Deprecated("news") + "\n# TYPE olds summary\n" +
                "olds{quantile=\"0.5\"} 1\nolds_sum 2\nolds_count 3\n");
}

TEST(Translator, LastLineWithoutLineEnd) {
  const std::string help = "\n# HELP old " + Deprecated("new") + "\n";
  EXPECT_EQ(Block(Plain(), "new 1"), help + "old 1\n");
  EXPECT_EQ(Block(Plain(), "new 1\nx 2"), help + "old 1\n");
  EXPECT_EQ(Block(Plain(), "x 2"), "");  // nothing to add: nothing is changed
  EXPECT_EQ(Block(Plain(), ""), "");
}

TEST(Translator, QuotedNames) {
  EXPECT_EQ(Block(Plain(), "# TYPE \"new\" gauge\n{\"new\",a=\"1\"} 1\n{a=\"2\",\"new\"} 2\n"),
            "# HELP old " + Deprecated("new") + "\n# TYPE old gauge\n" +
                "{\"old\",a=\"1\"} 1\n{a=\"2\",\"old\"} 2\n");
}

// Bodies of Plain() and what becomes of each entry whose new name is there; see Summary.
TEST(Translator, Decisions) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"new 1\nx 1\nnew2 1\n", "+old:1 +old2:1"},
      // Metadata alone gives nothing to add.
      {"# HELP new X.\n# TYPE new counter\n", ""},
      // The upstream has the old name: before or after, as samples, as metadata, in quotes,
      // unreadable.
      {"old 1\nnew 1\n", "=old"},
      {"new 1\nold 1\n", "=old"},
      {"new 1\n# TYPE old counter\n", "=old"},
      {"# HELP old X.\nnew 1\n", "=old"},
      {"new 1\n{a=\"1\",\"old\"} 1\n", "=old"},
      {"new 1\n  old 1\n", "=old"},
      {"new 1\nold\n", "=old"},
      {"new 1\nold{a=\"1\"} oops\nnew2 1\n", "=old +old2:1"},
      {"new 1\n# TYPE old histogram\n", "=old"},
      {"new 1\nold 1", "=old"},
      {"new 1\n# TYPE x histogram\nx_bucket 1\nold_sum 1\n", "+old:1"},
      {"new 1\noldest 1\nolder{old=\"1\"} 1\n# old 1\n", "+old:1"},
      // Flaws of the new family cost its alias, and no other one.
      {"new oops\nnew2 1\n", "-old:unreadable_line +old2:1"},
      {"new 1\nnew\nnew2 1\n", "-old:unreadable_line +old2:1"},
      {"new 1\n%%% garbage\nnew2 1\n", "-old:unreadable_line +old2:1"},
      {"new 1\n\0x\nnew2 1\n"s, "-old:unreadable_line +old2:1"},
      {"x 1\n%%% garbage\nnew 1\n", "+old:1"},
      {"new 1\r\nnew2 1\n", "-old:unreadable_line +old2:1"},
      {"# TYPE new\nnew 1\n", "-old:unreadable_line"},
      {"# TYPE new conuter\nnew 1\n", "-old:unreadable_line"},
      {"# HELP new C:\\temp\nnew 1\n", "-old:unreadable_line"},
      {"# TYPE new counter\n# TYPE new counter\nnew 1\n", "-old:second_type"},
      {"# TYPE new counter\nnew 1\nx 1\n# TYPE new counter\n", "-old:second_type"},
      {"# HELP new X.\n# HELP new X.\nnew 1\n", "-old:second_help"},
      {"new 1\n# TYPE new counter\n", "-old:type_after_samples"},
      {"new 1\nx 1\n# TYPE new counter\nnew{a=\"1\"} 1\n", "-old:type_after_samples"},
      {"# TYPE new histogram\nnew_bucket{le=\"1\"} 1\n", "-old:other_type"},
      {"new{a=\"1\",b=\"2\"} 1\nnew{b=\"2\",a=\"1\"} 2\n", "+old:2"},
      {"new 1 1000\nnew 1 2000\n", "+old:2"},
      {"new 1\nx 1\nnew{y=\"\"} 1\n", "+old:2"},
      // What the upstream has itself needs no reason.
      {"new oops\nold 1\n", "=old"},
      // Interleaved families come out in one group.
      {"new{a=\"1\"} 1\nx 1\nnew{a=\"2\"} 1\n", "+old:2"},
      // Blank lines, tabs and comments are nobody's.
      {"new 1\n\n \t\n#\n# comment\nnew{a=\"1\"}\t2\n", "+old:2"},
  };
  for (const auto& [body, summary] : rows) {
    std::vector<AliasReport> reports;
    Translate(Plain(), body, &reports);
    EXPECT_EQ(Summary(reports), summary) << body;
  }
}

TEST(Translator, DecisionsOnHistogramsAndSummaries) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      // Away from their TYPE line, or without one.
      {"newh_bucket{le=\"1\"} 1\nnewh_sum 1\nnewh_count 1\n", "+oldh:3"},
      {"# TYPE newh histogram\nnewh_sum 1\nx 1\nnewh_count 1\n", "+oldh:2"},
      {"# TYPE newh untyped\nnewh_sum 1\n", "+oldh:1"},
      {"news 1\nx 1\nnews_sum 1\n", "+olds:2"},
      {"newh_created 1\n", ""},
      // The bare name of a histogram is none of its series.
      {"newh 1\n", "-oldh:other_type"},
      {"# TYPE newh histogram\nnewh_sum 1\nnewh 1\n", "-oldh:other_type"},
      {"# TYPE newh summary\nnewh_sum 1\n", "-oldh:other_type"},
      {"# TYPE newh counter\nnewh 1\n", "-oldh:other_type"},
      {"# TYPE newh histogram\nnewh_sum 1\nnewh_sum 1\n", "+oldh:2"},
      {"# TYPE newh histogram\nnewh_sum 1\n# TYPE newh_count counter\nnewh_count 1\n",
       "-oldh:name_clash"},
      {"newh_sum 1\n# TYPE newh histogram\nnewh_count 1\n", "-oldh:type_after_samples"},
      // Any series of the old family, or its bare name, is the upstream's.
      {"newh_sum 1\noldh_bucket{le=\"1\"} 1\n", "=oldh"},
      {"newh_sum 1\n# TYPE oldh histogram\n", "=oldh"},
      {"newh_sum 1\n# HELP oldh X.\n", "=oldh"},
      {"newh_sum 1\n# TYPE oldh_count counter\n", "=oldh"},
      {"newh_sum 1\noldh 1\n", "=oldh"},
      {"oldh 1\n# HELP oldh X.\nnewh_sum 1\n", "=oldh"},
      {"news 1\nolds 1\n", "=olds"},
      {"news 1\nolds_count 1\n", "=olds"},
  };
  for (const auto& [body, summary] : rows) {
    std::vector<AliasReport> reports;
    Translate(Shaped(), body, &reports);
    EXPECT_EQ(Summary(reports), summary) << body;
  }
}

// A counter that was called like a series of somebody's histogram.
TEST(Translator, SeriesOfAHistogramCanBeAnOldName) {
  const Mapping mapping = TestMapping({{"x_count", "new"}});
  std::vector<AliasReport> reports;
  Translate(mapping, "new 1\n# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_sum 1\nx_count 1\n",
            &reports);
  EXPECT_EQ(Summary(reports), "=x_count");
}

TEST(Translator, ComposedSteps) {
  const Mapping mapping = *Mapping::FromTables(
      {TestTable("s", "1", {{"oldest", "older"}}), TestTable("t", "2", {{"older", "new"}})});
  std::vector<AliasReport> reports;
  const std::string body = "new 1\n";
  const std::string out = Translate(mapping, body, &reports);
  EXPECT_EQ(Summary(reports), "+oldest:1 +older:1");
  EXPECT_EQ(Translate(mapping, out), out);
  Translate(mapping, "new 1\nolder 1\n", &reports);
  EXPECT_EQ(Summary(reports), "+oldest:1 =older");
}

// node_exporter 1.0: "disks" became "disks_required", and "disks_active" became "disks".
TEST(Translator, ReusedNames) {
  const Mapping mapping = TestMapping({{"disks_active", "disks"}, {"disks", "disks_required"}});
  std::vector<AliasReport> reports;
  const std::string out = Translate(mapping, "disks 1\ndisks_required 2\n", &reports);
  EXPECT_EQ(Summary(reports), "+disks_active:1 =disks");
  Translate(mapping, "disks_required 2\n", &reports);
  EXPECT_EQ(Summary(reports), "-disks:reused_name");
}

TEST(Translator, ReportsBytes) {
  std::vector<AliasReport> reports;
  const std::string body = "new 1\nnew2{a=\"1\"} 1\nnew2 1\n";
  const std::string out = Translate(Plain(), body, &reports);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].bytes + reports[1].bytes, out.size() - body.size());
  EXPECT_EQ(reports[1].samples, 2U);
}

TEST(Translator, LineCeiling) {
  Translator translator(RuleSet(Plain()), Format::kText,
                        {.max_line_bytes = 10, .max_alias_bytes = 1000});
  EXPECT_TRUE(translator.Feed("new 456789"));
  EXPECT_FALSE(translator.Feed("x"));
  EXPECT_EQ(translator.limit_reached(), LimitReached::kLineBytes);
  Translation translation;
  EXPECT_FALSE(translator.Finish(&translation));
  EXPECT_TRUE(translation.alias_block.empty());
}

TEST(Translator, AliasCeiling) {
  const Limits limits = {.max_line_bytes = 100, .max_alias_bytes = 13};
  {
    Translator translator(RuleSet(Plain()), Format::kText, limits);
    EXPECT_TRUE(translator.Feed("new 1\nnew2 3\n"));  // "old 1\n" and "old2 3\n": 13 bytes
    Translation translation;
    EXPECT_TRUE(translator.Finish(&translation));
    EXPECT_EQ(translation.reports.size(), 2U);
  }
  {
    Translator translator(RuleSet(Plain()), Format::kText, limits);
    EXPECT_FALSE(translator.Feed("new 1\nnew2 34\n"));
    EXPECT_EQ(translator.limit_reached(), LimitReached::kAliasBytes);
  }
  {
    Translator translator(RuleSet(Plain()), Format::kText, limits);  // the last line counts too
    EXPECT_TRUE(translator.Feed("new 1\nnew2 34"));
    Translation translation;
    EXPECT_FALSE(translator.Finish(&translation));
    EXPECT_EQ(translator.limit_reached(), LimitReached::kAliasBytes);
  }
  {
    Translator translator(RuleSet(Plain()), Format::kText, limits);  // dropped lines do not count
    EXPECT_TRUE(translator.Feed("new 1\nold 1\nnew{a=\"1\"} 1\nnew{a=\"2\"} 1\nnew2 3\n"));
    Translation translation;
    EXPECT_TRUE(translator.Finish(&translation));
    EXPECT_EQ(Summary(translation.reports), "=old +old2:1");
  }
}

}  // namespace
}  // namespace metrishift::exposition
