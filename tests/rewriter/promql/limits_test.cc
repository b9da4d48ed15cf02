#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "rewriter/promql/dump.h"
#include "rewriter/promql/lexer.h"
#include "rewriter/promql/parser.h"
#include "rewriter/promql/type_check.h"
#include "rewriter/promql/walk.h"

namespace metrishift::promql {
namespace {

#if defined(METRISHIFT_SANITIZED)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// A mebibyte; less where each byte costs ten times as much.
constexpr size_t kMebibyte = size_t{1} << (kSanitized ? 16 : 20);

std::string Repeat(const std::string& unit, size_t bytes) {
  std::string text;
  text.reserve(bytes);
  while (text.size() + unit.size() <= bytes) text += unit;
  return text;
}

std::string Times(const std::string& unit, size_t times) {
  return Repeat(unit, unit.size() * times);
}

// CPU time of this process: other processes on the machine must not make a test fail.
double CpuMilliseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

TEST(LimitsTest, DeepNestingIsAnError) {
  for (const char* unit : {"(", "sum(", "-", "a^", "rate(", "(1+", "a+("}) {
    const ParseResult result = ParseExpr(Times(unit, 100000) + "x");
    ASSERT_TRUE(result.error.has_value()) << unit;
    EXPECT_EQ(result.error->message, "expression is nested too deeply") << unit;
  }
  EXPECT_TRUE(ParseExpr(Times("(", kMaxNesting - 1) + "x" + Times(")", kMaxNesting - 1)));
  EXPECT_FALSE(ParseExpr("x[" + Times("(", 100000) + "1"));
}

TEST(LimitsTest, LongChainsNeedNoStack) {
  for (const std::string& query : {Times("a+", 20000) + "a", std::string("x[5m:]"),
                                   "(" + Times("-1-1", 5000) + ")", Times("a or ", 20000) + "a"}) {
    const ParseResult result = ParseExpr(query);
    ASSERT_TRUE(result) << result.error->message;
    size_t nodes = 0;
    Walk(*result.expr, [&](const Expr&, const Expr*) { ++nodes; });
    EXPECT_GE(nodes, 2U);
    EXPECT_GE(Dump(*result.expr).size(), nodes);
    EXPECT_NE(TypeOf(*result.expr), ValueType::kString);
  }
  EXPECT_EQ(ParseExpr(Times("a+", 100000) + "a").error->message, "expression is nested too deeply");
}

// The first of 10,000 selectors without a matcher is named, although 1,000 subqueries are wrapped
// around them.
TEST(LimitsTest, TheFirstErrorOfADeepTree) {
  const ParseResult result = ParseExpr("(" + Times("-{}-1", 10000) + ")" + Times("[1m:]", 1000));
  ASSERT_TRUE(result.error.has_value());
  EXPECT_EQ(result.error->span, (QuerySpan{2, 4}));
}

TEST(LimitsTest, SizeIsBounded) {
  EXPECT_EQ(ParseExpr(std::string(kMaxQueryBytes + 1, ' ')).error->message, "query is too long");
  EXPECT_EQ(ParseExpr("label_join(" + Times("x,", kMaxExpressions + 1) + "x)").error->message,
            "query has too many parts");
}

TEST(LimitsTest, AMebibyteTakesAMoment) {
  std::vector<std::string> texts;
  for (const char* unit :
       {"a+",     "a or ", "(",   "-",      "{a=\"b\",",    "x{",         "foo[", "[",
        "[5m:]",  "a,",    "{{",  "[[a",    "${a",          "$a ",        "<<",   "\"",
        "\"\\\\", "{{\"",  "`",   "# ",     "rate(x[5m])+", "a",          "1",    "\xFF",
        "{%",     "%(",    "5m+", "{{if}}", "{{ x",         "offset 5m ", "\"{{"}) {
    texts.push_back(Repeat(unit, kMebibyte));
  }
  texts.push_back("x{" + Repeat("a=\"b\",", kMebibyte) + "}");
  texts.push_back("x{a=~\"" + Repeat("(a|b)*c[a-z]", kMebibyte) + "\"}");
  texts.push_back("x{a=~\"" + Repeat("[[:", kMebibyte) + "\"}");
  texts.push_back("sum by (" + Repeat("abc,", kMebibyte) + ") (x)");
  texts.push_back("a+on(" + Repeat("abc,", kMebibyte / 2) + "z)group_left(" +
                  Repeat("abd,", kMebibyte / 2) + ")b");
  texts.push_back("label_join(" + Repeat("x,", kMebibyte) + "x)");
  texts.push_back("x " + Repeat("1 _x3 ", kMebibyte));
  double slowest = 0;
  for (const std::string& text : texts) {
    for (const Dialect dialect : {Dialect::kPrometheus, Dialect::kGrafana, Dialect::kGoTemplate}) {
      const double start = CpuMilliseconds();
      const ParseResult result = ParseExpr(text, {dialect});
      slowest = std::max(slowest, CpuMilliseconds() - start);
      EXPECT_NE(result.expr != nullptr, result.error.has_value());
      Tokenize(text, dialect);
      const SeriesResult series = ParseSeries(text, {dialect});
      EXPECT_NE(series.series.has_value(), series.error.has_value());
    }
  }
  std::printf("slowest parse of %zu bytes: %.1f ms of CPU time\n", kMebibyte, slowest);
  EXPECT_LT(slowest, 200);  // the goal is 100; a crowded machine gets some slack
}

}  // namespace
}  // namespace metrishift::promql
