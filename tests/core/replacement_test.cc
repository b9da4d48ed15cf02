#include "core/replacement.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

namespace metrishift {
namespace {

// Rows marked so are examples of https://pkg.go.dev/regexp#Regexp.Expand, or follow from its words.
TEST(Replacement, ExpandsAsGoDoes) {
  struct Row {
    std::string_view text;
    std::string_view expanded;  // with groups whole, one, two
    std::string_view problem;
  };
  const Row rows[] = {
      {"", "", ""},
      {"plain", "plain", ""},
      {"$1", "one", ""},
      {"${1}", "one", ""},
      {"a$1b", "a", "$1b"},  // Go: $1x is equivalent to ${1x}, not ${1}x
      {"a${1}b", "aoneb", ""},
      {"$1-$2", "one-two", ""},
      {"$2$1", "twoone", ""},
      {"$0", "whole", ""},
      {"$$1", "$1", ""},  // Go: to insert a literal $ in the output, use $$
      {"$$$1", "$one", ""},
      {"$7", "", ""},
      {"$name", "", "$name"},
      {"${name}x", "x", "${name}"},
      {"$", "$", "$"},
      {"a$ b", "a$ b", "$"},
      {"${", "${", "$"},
      {"${1", "${1", "$"},
      {"${}", "${}", "$"},
      {"$99999999999999999999", "", "$99999999999999999999"},
      {"$1_total", "", "$1_total"},
      {"$1\u00e9", "one\u00e9", ""},
  };
  const std::vector<std::string_view> groups = {"whole", "one", "two"};
  for (const Row& row : rows) {
    const Replacement replacement = ParseReplacement(row.text);
    EXPECT_EQ(replacement.Expand(groups), row.expanded) << row.text;
    EXPECT_EQ(replacement.problem, row.problem) << row.text;
  }
  EXPECT_EQ(ParseReplacement("a${12}$3").HighestGroup(), 12u);
  for (const std::string_view text : {"", "a$b", "$$", "$1"})
    EXPECT_EQ(ParseReplacement(EscapeForReplacement(text)).Expand(groups), text);
}

std::string Split(std::string_view pattern) {
  const auto pieces = SplitPattern(pattern);
  if (!pieces) return "no";
  std::string out;
  for (const PatternPiece& piece : *pieces)
    out += piece.group ? "<" + piece.text + ">" : "'" + piece.text + "'";
  return out;
}

TEST(SplitPattern, TakesTextAndFlatGroupsOnly) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", ""},
      {"abc", "'abc'"},
      {"cpu(.+)", "'cpu'<.+>"},
      {"(.+)_depth", "<.+>'_depth'"},
      {"a\\.b\\$(x|y)\\\\", "'a.b$'<x|y>'\\'"},
      {"a\\-b:c", "'a-b:c'"},
      {"([^)(]+)-(.*)", "<[^)(]+>'-'<.*>"},
      {"([]()]+)x", "<[]()]+>'x'"},
      {"(a\\)b)", "<a\\)b>"},
      {"\u00e9(.)", "'\u00e9'<.>"},
      {"a.b", "no"},
      {"a|b", "no"},
      {"a+", "no"},
      {"(a)+", "no"},
      {"(a){2}", "no"},
      {"^a$", "no"},
      {"\\d", "no"},
      {"\\Qa.b\\E", "no"},
      {"(\\Q)(\\E)", "no"},
      {"(?:a)", "no"},
      {"(?i)a", "no"},
      {"(?P<n>a)", "no"},
      {"((a)b)", "no"},
      {"([[:alpha:]])", "no"},
      {"a\\", "no"},
      {"(a", "no"},
  };
  for (const auto& [pattern, pieces] : rows) EXPECT_EQ(Split(pattern), pieces) << pattern;
}

TEST(EscapeForPattern, MatchesTheTextItself) {
  for (const std::string text : {"", "a.b", "x(y)[z]{1}*+?|^$\\", "\u00e9_:-/ ", "a\nb"})
    EXPECT_TRUE(RE2::FullMatch(text, RE2(EscapeForPattern(text)))) << text;
}

std::string Inverted(std::string pattern, std::string replacement) {
  const auto back = InvertPattern({std::move(pattern), std::move(replacement)});
  return back ? back->pattern + " -> " + back->replacement : "no";
}

TEST(InvertPattern, ReadsTheWayBackOffThePattern) {
  struct Row {
    std::string pattern;
    std::string replacement;
    std::string back;
  };
  const Row rows[] = {
      {"cpu(.+)", "$1", "(.+) -> cpu$1"},
      {"wmi_(.*)", "windows_$1", "windows_(.*) -> wmi_$1"},
      {"(.+)_ms", "${1}_seconds", "(.+)_seconds -> ${1}_ms"},
      {"a\\.b(x|y)", "$$$1", "\\$(x|y) -> a.b$1"},
      {"x", "y", "y -> x"},
      {"a\\$(.)", "b$1", "b(.) -> a$$$1"},
      {"([a-z]+)-([0-9]+)", "${2}_$1", "([0-9]+)_([a-z]+) -> $2-$1"},
      {"(tcp|udp)_(.*)", "${1}:$2", "(tcp|udp):(.*) -> ${1}_$2"},
      // A group is lost, doubled or unknown.
      {"cpu(.+)", "all", "no"},
      {"cpu(.+)", "$1$1", "no"},
      {"cpu(.+)", "$0", "no"},
      {"cpu(.+)", "$2", "no"},
      {"cpu.+", "cpu", "no"},
      // Where one group ends and the next begins cannot be told: a_b_c; a-b_c and a_b-c.
      {"(.+)_(.+)", "${2}_$1", "no"},
      {"(.+)_(.+)", "$1-$2", "no"},
      {"([a-z]+)_([a-z]+)", "$1$2", "no"},
      {"([a-z_]+)_([a-z]+)", "$1-$2", "no"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(Inverted(row.pattern, row.replacement), row.back) << row.pattern;
}

}  // namespace
}  // namespace metrishift
