#include "rewriter/promql/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rewriter/promql/dump.h"

namespace metrishift::promql {
namespace {

struct Row {
  std::string query;
  std::string dump;
};

std::string DumpOf(const std::string& query, Dialect dialect = Dialect::kPrometheus) {
  const ParseResult result = ParseExpr(query, {dialect});
  return result ? Dump(*result.expr) : "error: " + result.error->message;
}

void ExpectDumps(const std::vector<Row>& rows, Dialect dialect = Dialect::kPrometheus) {
  for (const Row& row : rows) EXPECT_EQ(DumpOf(row.query, dialect), row.dump) << row.query;
}

TEST(ParserTest, NumbersInEverySpelling) {
  ExpectDumps({
      {"1", "1"},
      {".5", "0.5"},
      {"5.", "5"},
      {"1e3", "1000"},
      {"0x1F", "31"},
      {"0x1aee", "6894"},
      {"0755", "493"},
      {"09", "9"},
      {"1_000.5", "1000.5"},
      {"10m", "600"},
      {"1h30m15s", "5415"},
      {"1m30ms", "60.03"},
      {"1y", "31536000"},
      {"+Inf", "+Inf"},
      {"-inf", "-Inf"},
      {"NaN", "NaN"},
      {"- -5", "5"},
      {"1e-999", "0"},
  });
}

TEST(ParserTest, OperatorsBindAsInPrometheus) {
  ExpectDumps({
      {"1 + 2 * 3 ^ 4", "(op + 1 (op * 2 (op ^ 3 4)))"},
      {"2 ^ 3 ^ 4", "(op ^ 2 (op ^ 3 4))"},
      {"1 - 2 - 3", "(op - (op - 1 2) 3)"},
      {"-1 ^ 2", "(neg (op ^ 1 2))"},
      {"-x * y", "(op * (neg (sel x)) (sel y))"},
      {"2 ^ -3 * 4", "(op * (op ^ 2 -3) 4)"},
      {"a or b and c", "(op or (sel a) (op and (sel b) (sel c)))"},
      {"a > bool 1 == bool 2", "(op == bool (op > bool (sel a) 1) 2)"},
      {"a atan2 b % c", "(op % (op atan2 (sel a) (sel b)) (sel c))"},
      {"a </ 1 >/ 2", "(op >/ (op </ (sel a) 1) 2)"},
      {"x offset 5m + 3", "(op + (sel x offset=300) 3)"},
      {"x offset (5m) + 3", "(sel x offset=(op + (paren 300) 3))"},
      {"x offset -5m ^ 2", "(op ^ (sel x offset=-300) 2)"},
  });
}

TEST(ParserTest, MatchingModifiers) {
  ExpectDumps({
      {"a * on (x, y) b", "(op * on=[x,y] (sel a) (sel b))"},
      {"a * ignoring () group_left (z,) b", "(op * ignoring=[] group_left=[z] (sel a) (sel b))"},
      {"a / on(x) group_right b", "(op / on=[x] group_right (sel a) (sel b))"},
      {"a + on(x) fill(-1) b", "(op + on=[x] fill_left=-1 fill_right=-1 (sel a) (sel b))"},
      {"a + fill_right(2) fill_left(1) b", "(op + fill_left=1 fill_right=2 (sel a) (sel b))"},
      {"fill + fill_left", "(op + (sel fill) (sel fill_left))"},
  });
}

TEST(ParserTest, SelectorsRangesAndSubqueries) {
  ExpectDumps({
      {"x", "(sel x)"},
      {"job:x:rate5m", "(sel job:x:rate5m)"},
      {R"(x{a="b", c!='d', e=~`f.*`, g!~"h",})", R"((sel x a="b" c!="d" e=~"f.*" g!~"h"))"},
      {R"({"a.b", "l.m"="n"})", R"((sel "a.b" "l.m"="n"))"},
      {R"({__name__="x"})", R"((sel __name__="x"))"},
      {R"({"a", "b"})", R"((sel a __name__="b"))"},
      {"x[5m]", "(range (sel x) 300)"},
      {"x[5m] offset 1h @ 10", "(range (sel x) 300 offset=3600 @10)"},
      {"x @ start() offset -1h", "(sel x offset=-3600 @start())"},
      {"x @ end()", "(sel x @end())"},
      {"x[1h:]", "(subquery (sel x) 3600)"},
      {"rate(x[5m])[1h:1m]", "(subquery (call rate (range (sel x) 300)) 3600 60)"},
      {"x[5m] anchored", "(range (sel x) 300 anchored)"},
      {"x smoothed", "(sel x smoothed)"},
      {"x[5m+30s]", "(range (sel x) (op + 300 30))"},
      {"x[max_of(step(),5s)*2]", "(range (sel x) (op * (call max_of (call step) 5) 2))"},
      {"x offset -min_of(5s, range())", "(sel x offset=(neg (call min_of 5 (call range))))"},
  });
}

TEST(ParserTest, CallsAndAggregations) {
  ExpectDumps({
      {"sum by (a, \"b.c\") (x)", "(agg sum by=[a,\"b.c\"] (sel x))"},
      {"SUM(x) WITHOUT (a,)", "(agg sum without=[a] (sel x))"},
      {"topk(5, x)", "(agg topk 5 (sel x))"},
      {"count_values(\"v\", x)", "(agg count_values \"v\" (sel x))"},
      {"time()", "(call time)"},
      {"start() + step()", "(op + (call start) (call step))"},
      {"info(x, {a=\"\"})", "(call info (sel x) (sel a=\"\"))"},
      {"sum by (sum, by, on, bool) (x)", "(agg sum by=[sum,by,on,bool] (sel x))"},
  });
}

TEST(ParserTest, KeywordsNameMetrics) {
  for (const char* word : {"avg",     "bottomk",  "by",       "count",  "count_values", "fill",
                           "group",   "and",      "or",       "unless", "max",          "min",
                           "offset",  "quantile", "stddev",   "stdvar", "sum",          "topk",
                           "without", "start",    "end",      "limitk", "limit_ratio",  "step",
                           "range",   "anchored", "smoothed", "max_of", "min_of"}) {
    EXPECT_EQ(DumpOf(std::string(word) + "{a='b'}"), std::string("(sel ") + word + " a=\"b\")");
  }
  for (const char* word : {"bool", "on", "ignoring", "group_left", "group_right", "atan2"}) {
    EXPECT_THAT(DumpOf(std::string(word) + "{a='b'}"), testing::StartsWith("error:")) << word;
  }
}

}  // namespace
}  // namespace metrishift::promql
