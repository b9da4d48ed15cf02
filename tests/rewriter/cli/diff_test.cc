#include "rewriter/cli/diff.h"

#include <gtest/gtest.h>

namespace metrishift::cli {
namespace {

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
