#include "rewriter/cli/diff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <sstream>
#include <utility>

namespace metrishift::cli {
namespace {

std::string UnifiedDiff(const SourceText& source, const rewrite::FileEditSet& edits, bool color) {
  std::ostringstream out;
  PrintUnifiedDiff(source, edits, color, out);
  return std::move(out).str();
}

std::string Diff(std::string_view text, std::vector<rewrite::FileEdit> edits, bool color = false) {
  rewrite::FileEditSet set;
  for (rewrite::FileEdit& edit : edits) EXPECT_FALSE(set.Add(std::move(edit)));
  return UnifiedDiff(SourceText("dir/f", text), set, color);
}

TEST(UnifiedDiff, ShowsThreeLinesOfContext) {
  EXPECT_EQ(Diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", {{{8, 9}, "five"}}),
            "--- a/dir/f\n+++ b/dir/f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(UnifiedDiff, NeighbouringLinesAreOneRunSeveralEditsOneLine) {
  EXPECT_EQ(Diff("ab\ncd\n", {{{0, 1}, "x"}, {{1, 2}, "y"}, {{4, 5}, "z"}}),
            "--- a/dir/f\n+++ b/dir/f\n@@ -1,2 +1,2 @@\n-ab\n-cd\n+xy\n+cz\n");
}

TEST(UnifiedDiff, ContextsThatMeetShareAHunk) {
  const std::string text = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n";
  const std::string one = Diff(text, {{{0, 1}, "a"}, {{14, 15}, "b"}});
  const std::string two = Diff(text, {{{0, 1}, "a"}, {{16, 17}, "b"}});
  EXPECT_EQ(one.find("@@ -1,11 +1,11 @@"), one.rfind("@@ -"));
  EXPECT_NE(two.find("@@ -1,4 +1,4 @@"), std::string::npos);
  EXPECT_NE(two.find("@@ -6,7 +6,7 @@"), std::string::npos);
}

TEST(UnifiedDiff, KeepsLineEndsAndSaysWhereOneIsMissing) {
  EXPECT_EQ(Diff("a\r\nb", {{{0, 1}, "x"}, {{3, 4}, "y"}}),
            "--- a/dir/f\n+++ b/dir/f\n@@ -1,2 +1,2 @@\n-a\r\n-b\n\\ No newline at end of file\n"
            "+x\r\n+y\n\\ No newline at end of file\n");
}

TEST(UnifiedDiff, EditsMayTakeInLineEndsAndBringSome) {
  EXPECT_EQ(Diff("a\nb\nc\nd\n", {{{0, 5}, "x"}}),
            "--- a/dir/f\n+++ b/dir/f\n@@ -1,4 +1,2 @@\n-a\n-b\n-c\n+x\n d\n");
  // Without its end, a line is joined to the next.
  EXPECT_EQ(Diff("a\nb\nc\n", {{{1, 2}, ""}}),
            "--- a/dir/f\n+++ b/dir/f\n@@ -1,3 +1,2 @@\n-a\n-b\n+ab\n c\n");
  EXPECT_EQ(Diff("ab", {{{1, 1}, "\n"}}),
            "--- a/dir/f\n+++ b/dir/f\n@@ -1,1 +1,2 @@\n-ab\n\\ No newline at end of file\n"
            "+a\n+b\n\\ No newline at end of file\n");
  EXPECT_EQ(Diff("a\nb\n", {{{0, 3}, "x"}}, true).find("\n\x1b[27m"), std::string::npos);
}

std::string TakeLine(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
  const std::string line(text.substr(0, end));
  text.remove_prefix(end);
  return line;
}

// What patch(1) does, and no more: the hunks of `diff` say where they begin and how long they are,
// on both sides.
std::string Apply(std::string_view diff, std::string_view text) {
  std::string out;
  size_t old_line = 1, new_line = 1, old_end = 1, new_end = 1;
  while (!diff.empty()) {
    std::string line = TakeLine(diff);
    size_t old_first = 0, new_first = 0, old_count = 0, new_count = 0;
    if (std::sscanf(line.c_str(), "@@ -%zu,%zu +%zu,%zu", &old_first, &old_count, &new_first,
                    &new_count) == 4) {
      EXPECT_EQ(std::pair(old_line, new_line), std::pair(old_end, new_end)) << "before " << line;
      old_first += old_count == 0;
      new_first += new_count == 0;
      for (; old_line < old_first; ++old_line, ++new_line) out += TakeLine(text);
      EXPECT_EQ(new_line, new_first) << line;
      old_end = old_first + old_count;
      new_end = new_first + new_count;
      continue;
    }
    if (line.starts_with("---") || line.starts_with("+++") || line[0] == '\\') continue;
    if (diff.starts_with("\\")) line.pop_back();
    if (line[0] != '+') {
      EXPECT_EQ(TakeLine(text), line.substr(1));
    }
    if (line[0] != '-') out += line.substr(1);
    old_line += line[0] != '+';
    new_line += line[0] != '-';
  }
  EXPECT_EQ(std::pair(old_line, new_line), std::pair(old_end, new_end));
  return out.append(text);
}

TEST(UnifiedDiff, AppliedItGivesTheSplicedText) {
  std::mt19937 random(1);
  const auto below = [&random](size_t n) { return random() % n; };
  const auto text_of = [&](size_t size) {
    std::string text;
    while (text.size() < size) text += "ab\n\n"[below(4)];
    return text;
  };
  for (int round = 0; round < 5000; ++round) {
    const std::string text = text_of(1 + below(60));
    rewrite::FileEditSet edits;
    for (size_t at = below(20); at < text.size(); at += 1 + below(30)) {
      const size_t end = std::min(at + below(6), text.size());
      const std::string by = text_of(below(4));
      edits.Add({{at, end}, by});
      at = end;
    }
    const std::string diff = UnifiedDiff(SourceText("f", text), edits, false);
    ASSERT_EQ(Apply(diff, text), edits.Splice(text)) << text << "\n" << diff;
  }
}

TEST(UnifiedDiff, ColoursMarkTheChangedBytes) {
  EXPECT_EQ(Diff("old=1\n", {{{0, 3}, "new"}}, true),
            "\x1b[1m--- a/dir/f\x1b[0m\n\x1b[1m+++ b/dir/f\x1b[0m\n\x1b[36m@@ -1,1 +1,1 @@\x1b[0m\n"
            "\x1b[31m-\x1b[7mold\x1b[27m=1\x1b[0m\n\x1b[32m+\x1b[7mnew\x1b[27m=1\x1b[0m\n");
}

TEST(UnifiedDiff, PathsAreWrittenAsGitDoes) {
  const std::pair<std::string, std::string> rows[] = {
      {"/a/b", "--- a/a/b\n+++ b/a/b\n"},
      {"a b", "--- a/a b\t\n+++ b/a b\t\n"},
      {"a\n\x1b\"\\", "--- \"a/a\\012\\033\\042\\134\"\n+++ \"b/a\\012\\033\\042\\134\"\n"},
      {"\u00e9", "--- a/\u00e9\n+++ b/\u00e9\n"},
  };
  for (const auto& [path, header] : rows) {
    rewrite::FileEditSet edits;
    EXPECT_FALSE(edits.Add({{0, 1}, "x"}));
    EXPECT_EQ(UnifiedDiff(SourceText(path, "a\n"), edits, false),
              header + "@@ -1,1 +1,1 @@\n-a\n+x\n");
  }
}

TEST(UnifiedDiff, NoEditsNoDiff) { EXPECT_EQ(Diff("a\n", {}), ""); }

}  // namespace
}  // namespace metrishift::cli
