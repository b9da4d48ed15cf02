#include "core/find_bytes.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

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

// The same for many words, of which some share their first bytes or are parts of others.
TEST(WordFinder, FindsWhatIsThere) {
  std::mt19937 random(2);
  const auto text_of = [&random](size_t size) {
    std::string text;
    while (text.size() < size) text += "ab_{\xC3\0"[random() % 6];
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> words;
    for (size_t count = random() % 40; count > 0; --count)
      words.push_back(text_of(2 + random() % 7));
    const WordFinder finder(words);
    const std::string text = text_of(random() % 150);
    const WordFinder::Found found = finder.FindIn(text);
    for (size_t i = 0; i < words.size(); ++i) {
      ASSERT_EQ(found[i], text.find(words[i]) != std::string::npos)
          << testing::PrintToString(words[i]) << " in " << testing::PrintToString(text);
    }
  }
}

TEST(WordFinder, WordAnywhere) {
  const WordFinder finder({"{{", "etcd_debugging", "gg"});
  for (size_t at = 0; at < 200; ++at) {
    std::string text(230, '_');
    text.replace(at, 14, "etcd_debugging");
    EXPECT_EQ(finder.FindIn(text), std::vector<bool>({false, true, true})) << at;
    EXPECT_EQ(finder.FindIn(std::string_view(text).substr(0, at + 13)),
              std::vector<bool>({false, false, true}))
        << at;
    text.replace(at, 14, "{{____________");
    EXPECT_EQ(finder.FindIn(text), std::vector<bool>({true, false, false})) << at;
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
