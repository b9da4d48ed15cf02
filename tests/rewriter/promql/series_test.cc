#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rewriter/promql/parser.h"

namespace metrishift::promql {
namespace {

TEST(SeriesTest, NameLabelsAndValuesHaveSpans) {
  const std::string text = "x:y{a=\"b\", \"c.d\"='e'} 0+10x5 _ stale ";
  const SeriesResult result = ParseSeries(text);
  ASSERT_TRUE(result) << result.error->message;
  const SeriesDescription& series = *result.series;
  EXPECT_EQ(series.name->text, "x:y");
  EXPECT_EQ(series.name->span, (QuerySpan{0, 3}));
  ASSERT_EQ(series.labels.size(), 2U);
  EXPECT_EQ(series.labels[0].name.text, "a");
  EXPECT_EQ(series.labels[1].name.text, "c.d");
  EXPECT_EQ(series.labels[1].value.text, "e");
  EXPECT_EQ(text.substr(series.series.begin, series.series.size()), "x:y{a=\"b\", \"c.d\"='e'}");
  EXPECT_EQ(text.substr(series.values.begin, series.values.size()), "0+10x5 _ stale");
}

TEST(SeriesTest, Accepts) {
  for (const char* text :
       {"x", "{}", "{\"x\", a=\"b\"} 1", "x 1 2 3", "sum 1x3", "x -1-2x3 _x4 +Inf NaN -inf",
        "x 1.5e3+.5x2", "x{a=\"b\",} 1_0", "x {{}}", "x {{ }}",
        "x {{schema:1 sum:-0.3 count:3.1 z_bucket:7 z_bucket_w:0.1}}x2",
        "x {{buckets:[1 -2.5 Inf] offset:-3 n_buckets:[4] n_offset:1}}",
        "x {{counter_reset_hint:gauge }}", "x {{schema:1}}+{{schema:2}}x3",
        "x {{schema:-53 custom_values:[1 2]}}-{{schema:-53}}x1", "x  1\n2\t3"}) {
    const SeriesResult result = ParseSeries(text);
    EXPECT_TRUE(result) << text << ": " << result.error->message;
  }
}

TEST(SeriesTest, FindsErrorsWherePrometheusDoes) {
  struct Row {
    std::string text;
    size_t begin;
    size_t end;
  };
  const std::vector<Row> rows = {
      {"1 2", 0, 1},
      {"x{a!=\"b\"} 1", 3, 5},
      {"x{a=\"b\" c=\"d\"} 1", 8, 9},
      {"x{a=b}", 4, 5},
      {"x {a=\"b\"} 1", 2, 11},
      {"x 1 stale{", 9, 10},
      {"x foo", 2, 5},
      {"x 5m", 2, 4},
      {"x 1+2", 5, 5},
      {"x 1x", 4, 4},
      {"x 1x2x3", 5, 6},
      {"x 1x-2", 4, 5},
      {"x 1x1.5", 4, 7},
      {"x _3", 3, 4},
      {"x 1_x2", 2, 4},
      {"x $", 2, 3},
      {"x 1..2", 2, 6},
      {"x{} {{", 6, 6},
      {"x {{schema:1", 12, 12},
      {"x {{ schema:1}}", 5, 11},
      {"x {{schema}}", 4, 12},
      {"x {{foo:1}}", 4, 11},
      {"x {{schema:x}}", 11, 14},
      {"x {{sum:+1}}", 8, 12},
      {"x {{schema:1 schema:2}}", 0, 0},
      {"x {{buckets:[]}}", 13, 14},
      {"x {{buckets:[ 1]}}", 13, 14},
      {"x {{buckets:[1,2]}}", 14, 19},
      {"x {{schema:1.5}}", 11, 14},
      {"x {{schema:1}}y", 14, 15},
      {"x {{schema:2}}+{{schema:1}}x1", 28, 29},
      {"x {{}}+1x2", 7, 8},
      {"x {{}}+{{}}", 11, 11},
      {"x {{counter_reset_hint:no}}", 23, 27},
      {"x{{schema:1}}", 2, 13},
      {"on 1", 0, 2},
      {"x \"a\"", 2, 5},
  };
  for (const Row& row : rows) {
    const SeriesResult result = ParseSeries(row.text);
    ASSERT_TRUE(result.error.has_value()) << row.text;
    EXPECT_FALSE(result.series.has_value()) << row.text;
    EXPECT_EQ(result.error->span, (QuerySpan{row.begin, row.end})) << row.text;
  }
}

}  // namespace
}  // namespace metrishift::promql
