#include "rewriter/cli/in_order.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "rewriter/cli/progress.h"

namespace metrishift::cli {
namespace {

const auto kSmall = [](const auto&) { return false; };

TEST(InOrder, UsesResultsInOrderWhoeverIsFirst) {
  for (const size_t jobs : {0, 1, 2, 3, 16}) {
    std::vector<std::string> used;
    InOrder(
        200, jobs,
        [](size_t i) {
          if (i % 7 == 0) std::this_thread::yield();
          return std::to_string(i);
        },
        [&](size_t i, const std::string& made) {
          EXPECT_EQ(made, std::to_string(i));
          used.push_back(made);
        },
        [](const std::string& made) { return made.ends_with('3'); });
    EXPECT_EQ(used.size(), 200u) << jobs;
  }
}

TEST(InOrder, FewLargeResultsWait) {
  constexpr size_t kJobs = 2;
  std::atomic<size_t> made = 0;
  size_t used = 0;
  InOrder(
      500, kJobs, [&](size_t i) { return ++made, i; },
      [&](size_t, size_t) {
        EXPECT_LE(made.load(), used + 1 + 9 * kJobs);
        ++used;
      },
      [](size_t) { return true; });
}

// One that takes its time holds up nobody but the one who takes the results.
TEST(InOrder, SmallResultsAreMadeMeanwhile) {
  std::atomic<size_t> made = 0;
  InOrder(
      1000, 2,
      [&](size_t i) {
        while (i == 0 && made < 999) std::this_thread::yield();
        return ++made, i;
      },
      [](size_t, size_t) {}, kSmall);
  EXPECT_EQ(made.load(), 1000u);
}

TEST(InOrder, ExceptionsComeOut) {
  for (const size_t jobs : {1, 3}) {
    const auto make = [](size_t i) { return i < 50 ? i : throw std::runtime_error("make"); };
    EXPECT_THROW(InOrder(
                     100, jobs, make, [](size_t, size_t) {}, kSmall),
                 std::runtime_error);
    const auto use = [](size_t i, size_t) {
      if (i == 20) throw std::logic_error("use");
    };
    EXPECT_THROW(InOrder(
                     100, jobs, [](size_t i) { return i; }, use, kSmall),
                 std::logic_error);
  }
}

TEST(Progress, SaysRateAndTimeLeft) {
  using std::chrono::seconds;
  EXPECT_EQ(ProgressText(0, 10, seconds(2)), "0 of 10 files");
  EXPECT_EQ(ProgressText(1200, 5000, seconds(2)), "1200 of 5000 files, 600 a second, 6 s left");
  EXPECT_EQ(ProgressText(5, 100, seconds(10)), "5 of 100 files, 30 a minute, 3 min left");
  EXPECT_EQ(ProgressText(10, 10, seconds(1)), "10 of 10 files, 10 a second, 0 s left");
}

}  // namespace
}  // namespace metrishift::cli
