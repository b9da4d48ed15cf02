#include "rewriter/rewrite/edit.h"

#include <gtest/gtest.h>

namespace metrishift::rewrite {
namespace {

TEST(EditSet, SplicesInOrderOfSpansWhateverTheOrderOfAdding) {
  FileEditSet set;
  EXPECT_FALSE(set.Add({{4, 6}, "XYZ"}));
  EXPECT_FALSE(set.Add({{0, 1}, ""}));
  EXPECT_FALSE(set.Add({{6, 6}, "!"}));
  EXPECT_EQ(set.Splice("abcdef"), "bcdXYZ!");
}

TEST(EditSet, ExchangedTwiceIsAsBefore) {
  FileEditSet set;
  for (const FileEdit& edit :
       {FileEdit{{0, 1}, ""}, FileEdit{{2, 4}, "XYZ"}, FileEdit{{6, 6}, "!"}})
    ASSERT_FALSE(set.Add(edit));
  const FileEditSet there = set;
  std::string text = "abcdef";
  set.Exchange(&text);
  EXPECT_EQ(text, "bXYZef!");
  EXPECT_EQ(set.edits(), (std::vector<FileEdit>{{{0, 0}, "a"}, {{1, 4}, "cd"}, {{6, 7}, ""}}));
  set.Exchange(&text);
  EXPECT_EQ(text, "abcdef");
  EXPECT_EQ(set.edits(), there.edits());
}

TEST(EditSet, EmptyIsTheIdentity) { EXPECT_EQ(FileEditSet().Splice("abc"), "abc"); }

TEST(EditSet, RefusesOverlapAndNamesTheOther) {
  const FileEdit first{{2, 5}, "x"};
  const FileSpan overlapping[] = {{2, 5}, {1, 3}, {4, 9}, {3, 4}, {0, 9}, {3, 3}};
  for (const FileSpan span : overlapping) {
    FileEditSet set;
    ASSERT_FALSE(set.Add(first));
    EXPECT_EQ(set.Add({span, "y"}), first) << span.begin << "," << span.end;
    EXPECT_EQ(set.edits().size(), 1u);
  }
}

TEST(EditSet, TakesNeighboursAndTheSameEditAgain) {
  FileEditSet set;
  ASSERT_FALSE(set.Add({{2, 5}, "x"}));
  EXPECT_FALSE(set.Add({{2, 5}, "x"}));
  EXPECT_FALSE(set.Add({{0, 2}, "y"}));
  EXPECT_FALSE(set.Add({{5, 7}, "z"}));
  EXPECT_EQ(set.Splice("0123456789"), "yxz789");
}

TEST(EditSet, TwoInsertionsAtOnePlaceClash) {
  FileEditSet set;
  ASSERT_FALSE(set.Add({{3, 3}, "x"}));
  EXPECT_TRUE(set.Add({{3, 3}, "y"}));
}

}  // namespace
}  // namespace metrishift::rewrite
