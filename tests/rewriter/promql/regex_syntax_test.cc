#include "rewriter/promql/regex_syntax.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace metrishift::promql {
namespace {

TEST(RegexSyntaxTest, Valid) {
  for (const char* pattern : {"",
                              "a",
                              "a|b|",
                              "a.*b+c?",
                              "a*?",
                              "(a|b)*",
                              "(?:a)",
                              "(?i)a",
                              "(?i:a)",
                              "(?P<n>a)",
                              "(?P<n>a)(?P<n>b)",
                              "(?<n>a)",
                              "a{2}",
                              "a{2,}",
                              "a{2,3}?",
                              "{",
                              "a{",
                              "a{,2}",
                              "a{x}",
                              "a{01}",
                              "[a-z]",
                              "[^a]",
                              "[]a]",
                              "[a-]",
                              "[[:alpha:]_]",
                              "[[:a]",
                              "[\\d\\]]",
                              "\\d\\w\\s\\D",
                              "\\.",
                              "\\_",
                              "\\x41\\x{1F600}",
                              "\\07",
                              "\\12",
                              "\\pL\\p{Greek}",
                              "\\Qa(b\\E",
                              "^a$",
                              "^*",
                              "\\bA\\z",
                              "(a{30}){30}",
                              "a)|(b",
                              "\xC3\xA9"}) {
    EXPECT_TRUE(CheckRegex(pattern).valid) << pattern << ": " << CheckRegex(pattern).error;
  }
}

TEST(RegexSyntaxTest, Invalid) {
  for (const char* pattern :
       {"(",     ")",           "(a",      "a)",         "*",           "a|*",  "(*a)",  "a**",
        "a*+",   "a{2}{3}",     "a{1001}", "a{3,2}",     "(a{32}){32}", "[",    "[a",    "[]",
        "[z-a]", "[[:foo:]]",   "[a-\\d]", "\\",         "a\\",         "\\8",  "\\1",   "\\q",
        "\\x4",  "\\x{110000}", "\\pA",    "\\p{",       "\\C",         "(?",   "(?x)",  "(?i",
        "(?-)",  "(?=a)",       "(?P<>a)", "(?P<a-b>x)", "\\Qa",        "\xFF", "[\xFF]"}) {
    EXPECT_FALSE(CheckRegex(pattern).valid) << pattern;
    EXPECT_STRNE(CheckRegex(pattern).error, "") << pattern;
  }
}

TEST(RegexSyntaxTest, MatchesTheEmptyString) {
  for (const char* pattern : {"", ".*", "a?", "a*", "a|", "|a", "(a|b*)", "a{0,3}", "(?i)", "^$",
                              "\\A\\z", "(a*)+", "\\B", "a*b*|c", "x{0}"}) {
    EXPECT_TRUE(CheckRegex(pattern).matches_empty) << pattern;
  }
  for (const char* pattern : {"a", ".+", "a|b", "a*b", "(a|b)", "a{1,3}", "\\b", "[a]", "\\d",
                              "a+?", ".", "(a*)b", "^a", "\\Qa\\E"}) {
    EXPECT_FALSE(CheckRegex(pattern).matches_empty) << pattern;
  }
}

}  // namespace
}  // namespace metrishift::promql
