#include "core/nearest_word.h"

#include <gtest/gtest.h>

#include <array>

namespace metrishift {
namespace {

TEST(NearestWord, FindsWhatMayBeMeant) {
  const std::array<std::string, 5> words = {"check", "rewrite", "mapping", "mode", "to"};
  const std::pair<std::string, std::string_view> rows[] = {{"check", "check"},
                                                           {"chekc", "check"},
                                                           {"chek", "check"},
                                                           {"xcheck", "check"},
                                                           {"chick", "check"},
                                                           {"maping", "mapping"},
                                                           {"rewirte", "rewrite"},
                                                           {"mappings", "mapping"},
                                                           {"moed", "mode"},
                                                           {"m", ""},
                                                           {"", ""},
                                                           {"explain", ""},
                                                           {std::string(1000, 'x'), ""}};
  for (const auto& [word, nearest] : rows) EXPECT_EQ(NearestWord(word, words), nearest) << word;
}

}  // namespace
}  // namespace metrishift
