#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rewriter/promql/dump.h"
#include "rewriter/promql/lexer.h"
#include "rewriter/promql/parser.h"
#include "tests/rewriter/promql/queries.h"
#include "tests/rewriter/promql/spans.h"

namespace metrishift::promql {
namespace {

using testing::IsEmpty;

bool IsFill(TokenKind kind) {
  return kind == TokenKind::kFill || kind == TokenKind::kFillLeft || kind == TokenKind::kFillRight;
}

// `query` with `filler` before every token and behind the last. Two places stay as they are, since
// Prometheus takes no comment there: brackets, and between "fill" and its parenthesis.
std::string Spread(const std::string& query, Dialect dialect, const std::string& filler) {
  std::string out;
  size_t end = 0;
  bool bracket = false;
  bool fill = false;
  for (const Token& token : Tokenize(query, dialect)) {
    out += query.substr(end, token.span.begin - end);
    if (!bracket && !fill) out += filler;
    out += token.TextIn(query);
    end = token.span.end;
    if (token.kind == TokenKind::kLeftBracket) bracket = true;
    if (token.kind == TokenKind::kRightBracket) bracket = false;
    fill = IsFill(token.kind);
  }
  return out + query.substr(end) + filler;
}

std::string DumpOf(const std::string& query, Dialect dialect) {
  const ParseResult result = ParseExpr(query, {dialect});
  return result ? Dump(*result.expr) : "error: " + result.error->message;
}

void ExpectProperties(const std::string& query, Dialect dialect) {
  SCOPED_TRACE(query);
  const ParseResult result = ParseExpr(query, {dialect});
  ASSERT_TRUE(result) << result.error->message;
  const SpanReport report = InspectSpans(*result.expr, query);
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_THAT(RelexProblems(report, query, dialect), IsEmpty());
  const std::string dump = Dump(*result.expr);
  for (const char* filler : {" ", "\t\r\n", "\n# ) ] } \" comment\n"}) {
    EXPECT_EQ(DumpOf(Spread(query, dialect, filler), dialect), dump) << "filler: " << filler;
  }
}

TEST(PropertyTest, PlainQueries) {
  for (const std::string& query : PlainQueries()) {
    ExpectProperties(query, Dialect::kPrometheus);
    ExpectProperties(query, Dialect::kGrafana);
    ExpectProperties(query, Dialect::kGoTemplate);
  }
}

TEST(PropertyTest, GrafanaQueries) {
  for (const std::string& query : GrafanaQueries()) {
    ExpectProperties(query, Dialect::kGrafana);
    ExpectProperties(query, Dialect::kGoTemplate);
  }
}

// Whatever is cut off, there is a tree or one error within the text.
TEST(PropertyTest, EveryPrefixHasAnAnswer) {
  for (const std::string& query : PlainQueries()) {
    for (size_t size = 0; size <= query.size(); ++size) {
      const std::string prefix = query.substr(0, size);
      const ParseResult result = ParseExpr(prefix);
      ASSERT_NE(result.expr != nullptr, result.error.has_value()) << prefix;
      if (result.error) {
        EXPECT_LE(result.error->span.begin, result.error->span.end) << prefix;
        EXPECT_LE(result.error->span.end, prefix.size()) << prefix;
      }
    }
  }
}

TEST(PropertyTest, TokensLeaveOnlyWhiteSpaceBetweenThem) {
  for (const std::string& query : PlainQueries()) {
    for (size_t from = 0; from < query.size(); ++from) {
      const std::string suffix = query.substr(from);
      size_t end = 0;
      for (const Token& token : Tokenize(suffix)) {
        ASSERT_LE(end, token.span.begin);
        ASSERT_FALSE(token.span.empty());
        EXPECT_EQ(suffix.substr(end, token.span.begin - end).find_first_not_of(" \t\r\n"),
                  std::string::npos);
        end = token.span.end;
      }
      EXPECT_EQ(suffix.substr(end).find_first_not_of(" \t\r\n"), std::string::npos) << suffix;
    }
  }
}

}  // namespace
}  // namespace metrishift::promql
