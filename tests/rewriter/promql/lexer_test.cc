#include "rewriter/promql/lexer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace metrishift::promql {
namespace {

// "Kind:text Kind:text ..."
std::string Tokens(const std::string& text, Dialect dialect = Dialect::kPrometheus) {
  std::string out;
  for (const Token& token : Tokenize(text, dialect)) {
    if (!out.empty()) out += ' ';
    out += std::string(TokenKindName(token.kind)) + ":" + std::string(token.TextIn(text));
  }
  return out;
}

TEST(LexerTest, WordsAndKeywords) {
  EXPECT_EQ(Tokens("x a:b :c _d sum SUM inf NaN"),
            "Identifier:x MetricIdentifier:a:b MetricIdentifier::c Identifier:_d sum:sum sum:SUM "
            "Number:inf Number:NaN");
  EXPECT_EQ(Tokens("fill fill ( fill_left("),
            "Identifier:fill fill:fill (:( fill_left:fill_left (:(");
}

TEST(LexerTest, BracesMakeKeywordsNames) {
  EXPECT_EQ(Tokens("{sum=~\"a\", by!~'b',c!=`d`} sum"),
            "{:{ Identifier:sum =~:=~ String:\"a\" ,:, Identifier:by !~:!~ String:'b' ,:, "
            "Identifier:c !=:!= String:`d` }:} sum:sum");
}

TEST(LexerTest, BracketsHoldDurations) {
  EXPECT_EQ(Tokens("[5m:1m]"), "[:[ Duration:5m ::: Duration:1m ]:]");
  EXPECT_EQ(Tokens("[ step() + 5 ]"), "[:[ step:step (:( ):) +:+ Number:5 ]:]");
  EXPECT_EQ(Tokens("[5m # c\n]"), "[:[ Duration:5m Comment:# c ]:]");
}

TEST(LexerTest, OperatorsOfNativeHistograms) {
  EXPECT_EQ(Tokens("a </ b >/ c < / d"),
            "Identifier:a </:</ Identifier:b >/:>/ Identifier:c <:< /:/ Identifier:d");
}

TEST(LexerTest, GoesOnBehindErrors) {
  EXPECT_EQ(Tokens("a $ b"), "Identifier:a Error:$ Identifier:b");
  EXPECT_EQ(Tokens(") a"), "Error:) Identifier:a");
  EXPECT_EQ(Tokens("x{a=\"b"), "Identifier:x {:{ Identifier:a =:= Error:\"b");
  EXPECT_EQ(Tokens("1..2 é"), "Error:1.. Number:2 Error:é");
  EXPECT_EQ(Tokens("((("), "(:( (:( (:(");
}

TEST(LexerTest, TheLexerStaysAtAnErrorUntilResumed) {
  Lexer lexer("a \"b");
  EXPECT_EQ(lexer.Next().kind, TokenKind::kIdentifier);
  EXPECT_EQ(lexer.Next().kind, TokenKind::kError);
  EXPECT_EQ(lexer.Next().span, (QuerySpan{2, 4}));
  EXPECT_EQ(lexer.error_offset(), 2U);
  EXPECT_EQ(lexer.error(), "string is not terminated");
  lexer.Resume();
  EXPECT_EQ(lexer.Next().kind, TokenKind::kEnd);
  EXPECT_EQ(lexer.Next().kind, TokenKind::kEnd);
}

TEST(LexerTest, GrafanaVariables) {
  EXPECT_EQ(Tokens("$x ${x} ${x:csv} ${x.y:z} [[x]] [[x:raw]]", Dialect::kGrafana),
            "Template:$x Template:${x} Template:${x:csv} Template:${x.y:z} Template:[[x]] "
            "Template:[[x:raw]]");
  EXPECT_EQ(Tokens("a${x}_total [[p]]_b 5$u 0.$q", Dialect::kGrafana),
            "Template:a${x}_total Template:[[p]]_b Template:5$u Template:0.$q");
  EXPECT_EQ(Tokens("x[[[r]]] x[$r:$s]", Dialect::kGrafana),
            "Identifier:x [:[ Template:[[r]] ]:] Identifier:x [:[ Template:$r ::: Template:$s ]:]");
  EXPECT_EQ(Tokens("$x", Dialect::kPrometheus), "Error:$ Identifier:x");
  EXPECT_EQ(Tokens("{{ .x }}", Dialect::kGrafana), "{:{ Error:{ Error:. Identifier:x }:} Error:}");
}

TEST(LexerTest, TemplateActions) {
  EXPECT_EQ(Tokens("{{ .x }} a{{ .y }}_b <<.S>>{<<.L>>} %(q)s", Dialect::kGoTemplate),
            "Template:{{ .x }} Template:a{{ .y }}_b Template:<<.S>> {:{ Template:<<.L>> }:} "
            "Template:%(q)s");
  EXPECT_EQ(Tokens("a{{{ .x }}}", Dialect::kGoTemplate), "Identifier:a {:{ Template:{{ .x }} }:}");
  EXPECT_EQ(
      Tokens("{{- if .x }}a{{ else }}b{{ end }} {{/* c */}} {% if y %}", Dialect::kGoTemplate),
      "Comment:{{- if .x }} Identifier:a Comment:{{ else }} Identifier:b Comment:{{ end }} "
      "Comment:{{/* c */}} Comment:{% if y %}");
  EXPECT_EQ(Tokens("{a=\"{{ f \"q\" }}\"}", Dialect::kGoTemplate),
            "{:{ Identifier:a =:= String:\"{{ f \"q\" }}\" }:}");
  EXPECT_EQ(Tokens("{{ \"}}\" }}", Dialect::kGoTemplate), "Template:{{ \"}}\" }}");
}

}  // namespace
}  // namespace metrishift::promql
