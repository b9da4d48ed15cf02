#include "rewriter/cli/spool.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace metrishift::cli {
namespace {

// Texts smaller and larger than what is kept in memory at once.
TEST(Spool, GivesBackWhatItWasGiven) {
  Spool spool;
  std::string all;
  for (size_t size = 1; size < 3'000'000; size = 3 * size + 1) {
    const std::string text(size, static_cast<char>('a' + size % 26));
    spool.Add(text);
    all += text;
    std::ostringstream out;
    EXPECT_TRUE(spool.CopyTo(out));
    EXPECT_TRUE(out.str() == all) << size;
  }
}

}  // namespace
}  // namespace metrishift::cli
