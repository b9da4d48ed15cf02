#include "rewriter/cli/spool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
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

// What a full disk does, too: the rest stays in memory.
TEST(Spool, TheFileMayTakeNoMore) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{200'000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  Spool spool;
  std::string all;
  for (int i = 0; i < 100'000; ++i) {
    const std::string text = std::to_string(i) + ";";
    spool.Add(text);
    all += text;
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_GT(all.size(), 2 * small.rlim_cur);
  std::string given;
  EXPECT_TRUE(spool.Give([&given](std::string_view piece) { given += piece; }));
  EXPECT_TRUE(given == all);
}

}  // namespace
}  // namespace metrishift::cli
