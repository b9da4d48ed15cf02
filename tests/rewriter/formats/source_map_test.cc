#include "rewriter/formats/source_map.h"

#include <gtest/gtest.h>

namespace metrishift::formats {
namespace {

// file:  0         1
//        0123456789012345678
//        "ab\"cd\n   ef\u0041"     query: ab"cd ef?  with "?" an atom of two bytes
SourceMap Example() {
  SourceMap map;
  map.Append(1, {1, 2}, true);
  map.Append(1, {2, 3}, true);
  map.Append(1, {3, 5}, false);
  map.Append(2, {5, 7}, true);
  map.Append(1, {7, 8}, true);
  map.Append(0, {8, 9}, false);
  map.Append(2, {11, 13}, true);
  map.Append(2, {13, 19}, false);
  return map;
}

TEST(SourceMap, JoinsVerbatimNeighboursOnly) {
  const SourceMap map = Example();
  ASSERT_EQ(map.pieces().size(), 5u);
  EXPECT_EQ(map.pieces()[0].query_size, 2u);
  EXPECT_EQ(map.pieces()[0].file(), (FileSpan{1, 3}));
  EXPECT_EQ(map.pieces()[2].query_size, 3u);
  EXPECT_EQ(map.pieces()[2].file(), (FileSpan{5, 8}));
  EXPECT_EQ(map.pieces()[3].query_begin, 6u);
}

TEST(SourceMap, ToFile) {
  struct Row {
    QuerySpan query;
    FileSpan file;
    const char* why;
  };
  const Row rows[] = {
      {{0, 1}, {1, 2}, "inside a verbatim piece"},
      {{1, 2}, {2, 3}, "up to its end"},
      {{2, 3}, {3, 5}, "one atom"},
      {{1, 4}, {2, 6}, "across an atom"},
      {{5, 7}, {7, 12}, "across a gap"},
      {{5, 6}, {7, 8}, "the gap behind is not taken in"},
      {{6, 8}, {11, 13}, "nor the gap before"},
      {{7, 9}, {12, 19}, "half of an atom takes all of it"},
      {{9, 10}, {13, 19}, "the other half too"},
      {{0, 10}, {1, 19}, "everything"},
      {{0, 0}, {1, 1}, "before everything"},
      {{2, 2}, {3, 3}, "before an atom"},
      {{3, 3}, {5, 5}, "after an atom"},
      {{6, 6}, {11, 11}, "after a gap: where the next byte stands"},
      {{9, 9}, {13, 19}, "inside an atom nothing can be inserted"},
      {{10, 10}, {19, 19}, "after everything"},
  };
  const SourceMap map = Example();
  for (const Row& row : rows) EXPECT_EQ(map.ToFile(row.query), row.file) << row.why;
}

}  // namespace
}  // namespace metrishift::formats
