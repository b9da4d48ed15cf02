#include "core/metric_type.h"

#include <gtest/gtest.h>

namespace metrishift {
namespace {

TEST(MetricName, FollowsTheDataModel) {
  for (const char* name : {"a", "_", ":", "A1", "job:x_total:rate5m", "x__y"})
    EXPECT_TRUE(IsMetricName(name)) << name;
  for (const char* name : {"", "1a", "a-b", "a.b", "a b", "\u00e9", "a\n"})
    EXPECT_FALSE(IsMetricName(name)) << name;
}

TEST(MetricType, WordsAreThoseOfTheTwoTextFormats) {
  for (const char* word : {"untyped", "counter", "gauge", "histogram", "summary", "info",
                           "stateset", "gaugehistogram"}) {
    ASSERT_TRUE(ParseMetricType(word)) << word;
    EXPECT_EQ(MetricTypeName(*ParseMetricType(word)), word);
  }
  EXPECT_EQ(ParseMetricType("unknown"), MetricType::kUntyped);
  EXPECT_FALSE(ParseMetricType("Counter"));
  EXPECT_FALSE(ParseMetricType(""));
}

}  // namespace
}  // namespace metrishift
