#include "core/find_bytes.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace metrishift {
namespace {

// The same as std::string_view::find says, for words of few letters, which nearly match all over,
// before and behind the ends of blocks.
TEST(FindBytes, IsFind) {
  std::mt19937 random(1);
  for (const size_t size : {0, 1, 5, 63, 64, 65, 130, 400}) {
    for (int round = 0; round < 300; ++round) {
      std::string text;
      while (text.size() < size) text += "ab_\0"[random() % 4];
      std::string word;
      while (word.size() < 1 + random() % 6) word += "ab_\0"[random() % 4];
      for (const size_t from : {size_t{0}, size / 3, size, size + 1}) {
        ASSERT_EQ(FindBytes(text, word, from), text.find(word, from))
            << testing::PrintToString(word) << " in " << testing::PrintToString(text);
      }
    }
  }
}

TEST(FindBytes, WordAnywhere) {
  const std::string word = "etcd_debugging";
  for (size_t at = 0; at < 200; ++at) {
    std::string text(300, 'g');
    text.replace(at, word.size(), word);
    EXPECT_EQ(FindBytes(text, word), at);
    EXPECT_EQ(FindBytes(text, word, at + 1), std::string::npos);
    EXPECT_EQ(FindBytes(std::string_view(text).substr(0, at + word.size() - 1), word),
              std::string::npos);
  }
}

TEST(FindBytes, Empty) {
  EXPECT_EQ(FindBytes("", ""), 0U);
  EXPECT_EQ(FindBytes("abc", "", 3), 3U);
  EXPECT_EQ(FindBytes("abc", "", 4), std::string::npos);
  EXPECT_EQ(FindBytes("", "ab"), std::string::npos);
}

}  // namespace
}  // namespace metrishift
