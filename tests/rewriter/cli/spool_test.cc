#include "rewriter/cli/spool.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace metrishift::cli {
namespace {

// Texts smaller and larger than what is kept in memory at once.
TEST(Spool, GivesBackWhatItWasGiven) {
  Spool spool;
  std::string all;
  for (size_t size = 1; size < 3'000'000; size = 3 * size + 1) {
    const std::string text(size, static_cast<char>('a' + size % 26));
    spool.Add(text);
    spool.stream() << size << 'x' << text;
    all += text + std::to_string(size) + "x" + text;
    std::string given;
    EXPECT_TRUE(spool.Give([&given](std::string_view piece) { given += piece; }));
    EXPECT_TRUE(given == all) << size;
    EXPECT_EQ(spool.size(), all.size());
  }
}

}  // namespace
}  // namespace metrishift::cli
