#include "core/label_values.h"

#include <gtest/gtest.h>

#include <thread>

namespace metrishift {
namespace {

LabelValues Pattern(std::string pattern, std::string replacement) {
  LabelValues values;
  values.label = "l";
  values.pattern = std::move(pattern);
  values.replacement = std::move(replacement);
  return values;
}

LabelValues Pairs(std::vector<std::pair<std::string, std::string>> pairs) {
  LabelValues values;
  values.label = "l";
  values.values = std::move(pairs);
  return values;
}

TEST(LabelValues, ToNew) {
  struct Row {
    LabelValues mapping;
    std::string_view value;
    std::string_view result;
  };
  const Row rows[] = {
      {Pattern("cpu(.+)", "$1"), "cpu0", "0"},  // node_exporter 0.16
      {Pattern("cpu(.+)", "$1"), "cpu", "cpu"},
      {Pattern("cpu(.+)", "$1"), "xcpu0", "xcpu0"},  // anchored at both ends
      {Pattern("cpu(.)", "$1"), "cpu00", "cpu00"},
      {Pattern("a|ab", "x"), "ab", "x"},  // anchored, too: not the first alternative that matches
      {Pattern("(.*)", "x$1"), "a\nb", "xa\nb"},
      {Pattern("(.*)", "x$1"), "", "x"},
      {Pattern("(a)?(b)?", "[$1][$2][$3]"), "b", "[][b][]"},
      {Pattern("(", "x"), "(", "("},
      {Pairs({{"read_dir", "ReadDir"}, {"", "none"}}), "read_dir", "ReadDir"},
      {Pairs({{"read_dir", "ReadDir"}, {"", "none"}}), "", "none"},
      {Pairs({{"read_dir", "ReadDir"}, {"", "none"}}), "readdir", "readdir"},
      {LabelValues(), "a", "a"},
  };
  for (const Row& row : rows) EXPECT_EQ(row.mapping.ToNew(row.value), row.result) << row.value;
}

TEST(LabelValues, WhatLosesHasNoInverse) {
  EXPECT_FALSE(Pairs({{"a", "x"}, {"b", "x"}}).Inverse());
  EXPECT_FALSE(Pairs({{"a", "b"}, {"b", "b"}}).Inverse());  // b stays as it is
  EXPECT_FALSE(Pattern("cpu(.+)", "all").Inverse());
  EXPECT_FALSE(Pattern("(", "$1").Inverse());
  EXPECT_FALSE(Pattern("none", "").Inverse());
  LabelValues said = Pairs({{"a", "x"}});
  EXPECT_TRUE(said.Inverse());
  said.injective = false;
  EXPECT_FALSE(said.Inverse());
}

TEST(LabelValues, InverseBringsEveryCoveredValueBack) {
  struct Row {
    LabelValues mapping;
    std::vector<std::string> old_values;
  };
  const Row rows[] = {
      {Pattern("cpu(.+)", "$1"), {"cpu0", "cpu17", "cpucpu1", "cpu\n"}},
      {Pattern("(.+)@(.+)", "$1"), {}},
      {Pattern("([a-z]+)_([0-9]+)", "$2-$1"), {"a_1", "abc_007"}},
      {Pattern("a\\.b\\$(.*)", "$$$1.x"), {"a.b$", "a.b$c", "a.b$.x"}},
      {Pairs({{"a", "b"}, {"b", "c"}, {"c", "a"}, {"", "d"}}), {"a", "b", "c", "", "other"}},
  };
  for (const Row& row : rows) {
    const std::optional<LabelValues> inverse = row.mapping.Inverse();
    ASSERT_EQ(inverse.has_value(), !row.old_values.empty());
    if (!inverse) continue;
    EXPECT_EQ(inverse->label, "l");
    EXPECT_EQ(inverse->Inverse(), row.mapping);
    for (const std::string& value : row.old_values)
      EXPECT_EQ(inverse->ToNew(row.mapping.ToNew(value)), value) << row.mapping.pattern;
  }
}

TEST(LabelValues, ManyPatternsAndThreads) {
  const auto ask = [] {
    for (int i = 0; i < 200; ++i) {
      const std::string n = std::to_string(i);
      ASSERT_EQ(Pattern("x" + n + "_(.+)", "$1-" + n).ToNew("x" + n + "_a"), "a-" + n);
    }
  };
  std::thread other(ask);
  ask();
  other.join();
}

}  // namespace
}  // namespace metrishift
