#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rewriter/promql/parser.h"

// Where Prometheus finds the first error. The offsets are what Prometheus 3.14's own parser
// reported for these queries, with all of its feature flags on.

namespace metrishift::promql {
namespace {

struct Row {
  std::string query;
  size_t begin;
  size_t end;
};

void ExpectErrors(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const ParseResult result = ParseExpr(row.query);
    ASSERT_TRUE(result.error.has_value()) << row.query;
    EXPECT_EQ(result.expr, nullptr) << row.query;
    EXPECT_EQ(result.error->span, (QuerySpan{row.begin, row.end}))
        << row.query << "\n"
        << result.error->message << " at " << result.error->span.begin << ".."
        << result.error->span.end;
    EXPECT_NE(result.error->message, "") << row.query;
    EXPECT_THAT(result.error->message, testing::Not(testing::HasSubstr("\n"))) << row.query;
  }
}

TEST(ParseErrorTest, SyntaxErrors) {
  ExpectErrors({
      {"", 0, 0},
      {"# only a comment", 0, 0},
      {"x y", 2, 3},
      {"sum(", 4, 4},
      {"(1", 2, 2},
      {"1)", 2, 2},
      {"x{", 2, 2},
      {"x{a", 3, 3},
      {"x{a=", 4, 4},
      {"x{a=\"b\"", 7, 7},
      {"x{a=\"b\" c=\"d\"}", 8, 9},
      {"x{,}", 2, 3},
      {"x{a=\"b\",,}", 8, 9},
      {"x{1=\"a\"}", 2, 8},
      {"x{a>\"b\"}", 3, 8},
      {"x{a=b}", 4, 5},
      {"x}", 1, 2},
      {"x]", 1, 2},
      {"x[", 2, 2},
      {"x[5m", 4, 4},
      {"x[5m:", 5, 5},
      {"x[]", 2, 3},
      {"x[a]", 2, 4},
      {"x[:5m]", 3, 6},
      {"x[5m:1m:1s]", 7, 11},
      {"x[5m][1m", 8, 8},
      {"1 +", 3, 3},
      {"1 + * 2", 4, 5},
      {"+", 1, 1},
      {"sum by job (x)", 7, 10},
      {"sum by (job, ) x", 15, 16},
      {"sum(x) by (1)", 11, 12},
      {"sum(x) without (without)", 16, 23},
      {"sum by (a b) (x)", 10, 11},
      {"rate(x[5m],)", 10, 11},
      {"rate(,x[5m])", 5, 6},
      {"a + group_left b", 4, 14},
      {"a + on b", 7, 8},
      {"a + bool", 8, 8},
      {"on{a=\"b\"}", 0, 2},
      {"a and", 5, 5},
      {"x offset", 8, 8},
      {"x offset y", 9, 10},
      {"x @", 3, 3},
      {"x @ y", 4, 5},
      {"x @ start", 9, 9},
      {"x offset 5m m", 12, 13},
      {"a:b(x)", 3, 4},
      {"inf{a=\"b\"}", 3, 4},
      {"$x", 0, 2},
      {"x{a=\"$\"} $", 9, 10},
      {"a ~ b", 2, 5},
      {"a =~ b", 2, 6},
      {"a = b", 2, 3},
      {"a ! b", 2, 5},
      {"x{a!b}", 3, 6},
      {"x{{}}", 2, 5},
      {"\303\251", 0, 2},
      {"x{\303\251=\"a\"}", 2, 9},
      {"\"abc", 0, 4},
      {"'a\nb'", 0, 5},
      {"\"\\q\"", 0, 4},
      {"\"\\xg1\"", 0, 6},
      {"\"\\777\"", 0, 6},
      {"\"\\ud800\"", 0, 8},
      {"`abc", 0, 4},
      {"\"\377\"", 0, 3},
      {"1..2", 0, 4},
      {"1e", 0, 2},
      {"1_", 0, 2},
      {"0x", 0, 2},
      {"5mm", 0, 3},
      {"5m1y", 0, 4},
      {"1e999", 0, 5},
      {"5y5y", 0, 4},
      {"099x", 0, 4},
      {"x[5m] # c\n [", 12, 12},
      {"x offset 5m offset 5m $", 0, 11},
  });
}

TEST(ParseErrorTest, SemanticErrors) {
  ExpectErrors({
      {"foo(x)", 0, 3},
      {"Rate(x[5m])", 0, 4},
      {"x offset 5m offset 1m", 0, 11},
      {"1 offset 5m", 0, 1},
      {"(x) offset 5m", 0, 3},
      {"x @ 1 @ 2", 0, 5},
      {"x @ inf", 0, 1},
      {"1 @ 5", 0, 1},
      {"x offset 5m [1m]", 12, 16},
      {"x @ 5 [1m]", 6, 10},
      {"(x)[5m]", 3, 7},
      {"x[-5m]", 2, 5},
      {"x[0]", 2, 3},
      {"x[5m-5m:0]", 8, 9},
      {"x[5m/0]", 4, 5},
      {"x offset 1e20", 9, 13},
      {"x[1e20]", 2, 6},
      {"x offset -inf", 9, 10},
      {"sum()", 0, 5},
      {"topk(x)", 0, 7},
      {"sum(x, y)", 0, 9},
      {"sum by (\"\") (x)", 8, 10},
      {"sum by (\"\\xff\") (x)", 8, 14},
      {"x{a=~\"(\"}", 2, 8},
      {"x{a=~\"*\"}", 2, 8},
      {"x{a!~\"a{1001}\"}", 2, 14},
      {"x[5m:] anchored", 0, 6},
      {"1 smoothed", 0, 1},
  });
}

TEST(ParseErrorTest, TypeErrors) {
  ExpectErrors({
      {"{}", 0, 2},
      {"{a=\"\"}", 0, 6},
      {"{a=~\".*\"}", 0, 9},
      {"{a!=\"b\"}", 0, 8},
      {"{a!~\".+\"}", 0, 9},
      {"x{__name__=\"y\"}", 0, 15},
      {"x{\"y\"}", 0, 6},
      {"rate(x)", 5, 6},
      {"rate(x[5m], 1)", 0, 14},
      {"rate()", 0, 6},
      {"abs(1)", 4, 5},
      {"round(x, y)", 9, 10},
      {"label_join(x)", 0, 13},
      {"histogram_quantile(x, 0.9)", 19, 20},
      {"time(1)", 0, 7},
      {"day_of_month(x, y)", 0, 18},
      {"sum(1)", 4, 5},
      {"sum(x[5m])", 4, 9},
      {"topk(\"a\", x)", 5, 8},
      {"count_values(1, x)", 13, 14},
      {"-\"a\"", 0, 4},
      {"-x[5m]", 0, 6},
      {"\"a\" + 1", 0, 3},
      {"x[5m] + 1", 0, 5},
      {"1 == 1", 2, 3},
      {"1  ==  1", 3, 4},
      {"x + bool y", 2, 7},
      {"1 and x", 0, 7},
      {"x or 1", 0, 6},
      {"1 and 1", 0, 7},
      {"a and on(x) group_left b", 0, 24},
      {"a + on(x) group_left(x) b", 2, 22},
      {"1 + on(x) a", 0, 11},
      {"a + fill(1) 2", 0, 13},
      {"a and fill(1) b", 0, 15},
      {"1[5m:]", 0, 6},
      {"\"a\"[5m:]", 0, 8},
      {"x[5m][5m:]", 0, 10},
      {"info(x, y)", 8, 9},
      {"info(x, 1)", 0, 10},
      {"info(x, {a=\"\"}, 1)", 0, 18},
      {"sum(sum(1) + rate(x))", 8, 9},
      {"1 # c\n > 2", 2, 7},
      {"scalar(1)", 7, 8},
      {"vector(x)", 7, 8},
      {"max_of(x, 1)", 7, 8},
      {"start(1)", 0, 8},
  });
}

TEST(ParseErrorTest, MessagesSayWhatWasFoundAndWhatWasExpected) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"rate(x[5m]", "left parenthesis is not closed"},
      {"x y", "unexpected identifier \"y\", expected an operator or the end of the query"},
      {"sum by (a b) (x)", "unexpected identifier \"b\" in a label list, expected \",\" or \")\""},
      {"x{a=b}", "unexpected identifier \"b\" in label matching, expected a string"},
      {"x offset by",
       "unexpected keyword \"by\" in a duration, expected a number, a duration, step() or range()"},
      {"rate(x)", "expected range vector in call of \"rate\", got instant vector"},
      {"round(x, 1, 2)", "expected at most 2 argument(s) in call of \"round\", got 3"},
      {"foo(x)", "unknown function \"foo\""},
      {"x{a=~\"(\"}", "bad regular expression: missing closing parenthesis"},
      {"x `a\nb`", "unexpected string `a\\nb`, expected an operator or the end of the query"},
      {"\x01", "unexpected character \"\\x01\""},
  };
  for (const auto& [query, message] : rows) {
    const ParseResult result = ParseExpr(query);
    ASSERT_TRUE(result.error.has_value()) << query;
    EXPECT_EQ(result.error->message, message) << query;
  }
}

TEST(ParseErrorTest, SelectorsAloneHaveNoEmptyMatcherRule) {
  EXPECT_TRUE(ParseSelector("{}"));
  EXPECT_TRUE(ParseSelector("up{job=\"x\"}"));
  EXPECT_TRUE(ParseSelector(" sum "));
  const std::vector<Row> rows = {
      {"up + 1", 3, 4}, {"1", 0, 1}, {"up[5m]", 2, 3}, {"", 0, 0}, {"on", 0, 2}};
  for (const Row& row : rows) {
    const ParseResult result = ParseSelector(row.query);
    ASSERT_TRUE(result.error.has_value()) << row.query;
    EXPECT_EQ(result.error->span, (QuerySpan{row.begin, row.end})) << row.query;
  }
}

TEST(ParseErrorTest, UnknownFunctionsOnRequest) {
  EXPECT_TRUE(ParseExpr("holt_winters(x[5m], 0.5, 0.5)", {Dialect::kPrometheus, true}));
  EXPECT_TRUE(ParseExpr("holt_winters(x[5m], 0.5, 0.5)", {Dialect::kGrafana}));
  EXPECT_FALSE(ParseExpr("holt_winters(x[5m], 0.5, 0.5)"));
  EXPECT_FALSE(ParseExpr("rate(x)", {Dialect::kGrafana}));
}

}  // namespace
}  // namespace metrishift::promql
