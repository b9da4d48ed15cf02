#include "exporter/exposition/alike_lines.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "exporter/exposition/byte_scan.h"

namespace metrishift::exposition {
namespace {

TEST(MatchOutline, Rows) {
  const std::string wide(200, 'x');
  const std::vector<std::tuple<std::string, std::string, size_t>> rows = {
      {"{a=\"b\"} 1", "{a=\"\"} ", 8},
      {"{a=\"\"} 1", "{a=\"\"} ", 7},
      {"{a=\"} 1\"} 1", "{a=\"\"} ", 10},
      {"{a=\"" + wide + "\",b=\"\"} 1", "{a=\"\",b=\"\"} ", 212},
      {"{" + wide + "=\"b\"} 1", "{" + wide + "=\"\"} ", 207},
      {" 1", " ", 1},
      {" ", " ", 1},
      {"{a=\"b\"} ", "{a=\"\"} ", 8},
      {"{a=\"b\"}", "{a=\"\"} ", kNoMatch},
      {"{a=\"b\"}  1", "{a=\"\"} ", 8},
      {"{a=\"b\"}1", "{a=\"\"} ", kNoMatch},
      {"{a=\"b", "{a=\"\"} ", kNoMatch},
      {"{a=\"b} 1", "{a=\"\"} ", kNoMatch},
      {"{a=\"b\\\"\"} 1", "{a=\"\"} ", kNoMatch},
      {"{a=\"\\\\\"} 1", "{a=\"\"} ", kNoMatch},
      {"{b=\"b\"} 1", "{a=\"\"} ", kNoMatch},
      {"{a=\"b\",c=\"d\"} 1", "{a=\"\"} ", kNoMatch},
      {"", " ", kNoMatch},
      {"{a=\"b\"} 1 # {t=\"u\"} 2", "{a=\"\"} ", 8},
  };
  for (const auto& [bytes, outline, size] : rows) {
    EXPECT_EQ(MatchOutline(bytes, outline), size) << bytes << '|' << outline;
    EXPECT_EQ(MatchOutlineByFind(bytes, outline), size) << bytes << '|' << outline;
  }
}

// What MatchOutline is to find, byte by byte.
size_t MatchSlowly(std::string_view bytes, std::string_view outline) {
  bool inside = false;
  size_t matched = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (matched == outline.size()) return i;
    if (inside && bytes[i] == '\\') return kNoMatch;
    if (inside && bytes[i] != '"') continue;
    if (bytes[i] != outline[matched++]) return kNoMatch;
    if (bytes[i] == '"') inside = !inside;
  }
  return matched == outline.size() ? bytes.size() : kNoMatch;
}

TEST(MatchOutline, IsWhatLookingAtEachByteFinds) {
  std::mt19937 random(1);
  const auto text = [&random](std::string_view alphabet, size_t most) {
    std::string made(random() % most, ' ');
    for (char& c : made) c = alphabet[random() % alphabet.size()];
    return made;
  };
  size_t matches = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    std::string outline;
    for (size_t pair = random() % 6; pair > 0; --pair) {
      const std::string name = text("ab,=", 30);
      outline += name + "\"\"";
      bytes += name + '"' + text(" {}=ab", 90) + '"';
    }
    outline += '}';
    bytes += "}" + text("12 #\"", 20);
    // Nearly always something is wrong.
    if (random() % 2 == 0) bytes[random() % bytes.size()] = "\"ab} "[random() % 5];
    const size_t found = MatchOutline(bytes, outline);
    EXPECT_EQ(found, MatchSlowly(bytes, outline)) << bytes << '|' << outline;
    EXPECT_EQ(found, MatchOutlineByFind(bytes, outline)) << bytes << '|' << outline;
    matches += found != kNoMatch ? 1 : 0;
    bytes[random() % bytes.size()] = '\\';
    EXPECT_EQ(MatchOutlineByFind(bytes, outline), MatchSlowly(bytes, outline))
        << bytes << '|' << outline;
    const size_t with_backslash = MatchOutline(bytes, outline);
    if (with_backslash != kNoMatch) {
      EXPECT_EQ(with_backslash, MatchSlowly(bytes, outline)) << bytes << '|' << outline;
    }
  }
  EXPECT_GT(matches, 5'000u);
}

struct Copied {
  std::string copy;
  size_t count = 0;
};

Copied CopyFrom(std::string_view text, const AlikeLines& alike, size_t room) {
  FoundOffsets newlines;
  const size_t lines = FindAll(text, '\n', &newlines);
  LineQueue queue(text.data(), text.data(), std::span(newlines).first(lines));
  Copied copied{std::string(room, '\0'), 0};
  char* const begin = copied.copy.data();
  const char* const end = CopyAlikeLines(alike, &queue, begin, begin + room, &copied.count);
  EXPECT_TRUE(
      std::all_of(end, static_cast<const char*>(begin + room), [](char c) { return c == '\0'; }));
  copied.copy.resize(static_cast<size_t>(end - begin));
  const auto taken = static_cast<size_t>(queue.at() - text.data());
  EXPECT_EQ(std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(taken), '\n'),
            static_cast<ptrdiff_t>(copied.count));
  return copied;
}

// A machine that cannot do it takes no lines; none may take too many.
TEST(CopyAlikeLines, Rows) {
  const AlikeLines alike{"m", "{a=\"\"} ", "longer_name", 40};
  const std::string line = "m{a=\"b\"} 12.5\n";
  const std::string copy = "longer_name{a=\"b\"} 12.5\n";
  const std::vector<std::tuple<std::string, size_t, std::string>> rows = {
      {line + line, 100, copy + copy},
      {line + line, copy.size(), copy},
      {line, copy.size() - 1, ""},
      {line + "\n" + line, 100, copy},
      {line + "m 1\n", 100, copy},
      {line + "n{a=\"b\"} 1\n", 100, copy},
      {line + "m{a=\"\\n\"} 1\n", 100, copy},
      {line + "m{a=\"b\"} x\n", 100, copy},
      {line + "m{a=\"b\"} \n", 100, copy},
      {line + "m{a=\"b\"} 1 2\n", 100, copy},
      {line + "m{a=\"b\"} NaN\n", 100, copy},
      {line + "m{a=\"" + std::string(32, 'b') + "\"} 1\n", 200, copy},
  };
  for (const auto& [text, room, expected] : rows) {
    const Copied copied = CopyFrom(text, alike, room);
    EXPECT_EQ(copied.copy, kCanCopyAlikeLines ? expected : "") << text;
    EXPECT_EQ(copied.count, static_cast<size_t>(std::ranges::count(copied.copy, '\n'))) << text;
  }
}

}  // namespace
}  // namespace metrishift::exposition
