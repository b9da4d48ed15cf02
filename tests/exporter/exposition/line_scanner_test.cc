#include "exporter/exposition/line_scanner.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace metrishift::exposition {
namespace {

using std::string_literals::operator""s;

struct Lines {
  std::vector<std::string> lines;
  std::string tail;
  bool ok = true;
  friend bool operator==(const Lines&, const Lines&) = default;
};

// With each line, `take` more are taken at once.
Lines Scan(const std::vector<std::string>& chunks, size_t max_line = 100, size_t take = 0) {
  LineScanner scanner(max_line);
  Lines result;
  for (const std::string& chunk : chunks) {
    result.ok = scanner.Feed(chunk, [&](std::string_view line, LineQueue* more) {
      result.lines.emplace_back(line);
      for (size_t i = 0; i < take && !more->empty(); ++i, more->Pop()) {
        result.lines.emplace_back(more->Front());
      }
    });
    if (!result.ok) return result;
  }
  result.tail = scanner.tail();
  return result;
}

TEST(LineScanner, Lines) {
  const std::vector<std::pair<std::string, Lines>> rows = {
      {"", {{}, ""}},
      {"\n", {{""}, ""}},
      {"a", {{}, "a"}},
      {"a\n", {{"a"}, ""}},
      {"a\nb", {{"a"}, "b"}},
      {"a\n\nb\n", {{"a", "", "b"}, ""}},
      {"a\r\nb\r", {{"a\r"}, "b\r"}},
      {"a\0b\n\0"s, {{"a\0b"s}, "\0"s}},
  };
  for (const auto& [text, lines] : rows) {
    EXPECT_EQ(Scan({text}), lines) << text;
    for (size_t i = 0; i <= text.size(); ++i) {
      for (size_t j = i; j <= text.size(); ++j) {
        EXPECT_EQ(Scan({text.substr(0, i), text.substr(i, j - i), text.substr(j)}), lines)
            << text << " cut at " << i << " and " << j;
      }
    }
  }
}

// More than the blocks that are looked at as a whole, with none, few and many line ends in each.
TEST(LineScanner, LongTexts) {
  std::mt19937 random(1);
  for (const unsigned every : {1U, 2U, 20U, 60U, 200U, 10'000U}) {
    for (int round = 0; round < 20; ++round) {
      Lines expected{{}, ""};
      std::string text(random() % 20'000, 'x');
      for (char& c : text) {
        if (random() % every == 0) c = '\n';
        if (c == '\n') {
          expected.lines.push_back(std::exchange(expected.tail, ""));
        } else {
          expected.tail += c;
        }
      }
      const size_t cut = random() % (text.size() + 1);
      const size_t take = random() % 4;
      EXPECT_EQ(Scan({text.substr(0, cut), text.substr(cut)}, 20'000, take), expected) << every;
    }
  }
}

TEST(LineScanner, CeilingDoesNotDependOnTheCuts) {
  const std::string fits = "12345\n12345";
  const std::string too_long_inside = "123456\n1";
  const std::string too_long_at_end = "1\n123456";
  for (size_t i = 0; i <= fits.size(); ++i) {
    EXPECT_TRUE(Scan({fits.substr(0, i), fits.substr(i)}, 5).ok) << i;
  }
  for (const std::string& text : {too_long_inside, too_long_at_end}) {
    for (size_t i = 0; i <= text.size(); ++i) {
      EXPECT_FALSE(Scan({text.substr(0, i), text.substr(i)}, 5).ok) << text << " cut at " << i;
    }
  }
}

}  // namespace
}  // namespace metrishift::exposition
