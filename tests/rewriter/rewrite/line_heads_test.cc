#include "rewriter/rewrite/line_heads.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace metrishift::rewrite {
namespace {

// The first word of the line that each byte belongs to, a line's end included, asked for in order
// and then in no order.
TEST(LineHeads, OfEveryByte) {
  const std::string_view text = "a b\n  # c d\n\n\t; e\r\n   \nf";
  const std::string_view lines = "aaaa########\n;;;;;;\n\n\n\nf";
  const auto expect = [&](LineHeads& heads, size_t at) {
    EXPECT_EQ(heads.HeadOf(at).substr(0, 1), lines.substr(at, 1)) << at;
  };
  ASSERT_EQ(text.size(), lines.size());
  LineHeads in_order(text);
  for (size_t at = 0; at < text.size(); ++at) expect(in_order, at);
  LineHeads in_none(text);
  for (const size_t at : {20, 3, 3, 0, 16, 4, 12, 13, 11}) expect(in_none, at);
}

TEST(LineHeads, Ends) {
  EXPECT_EQ(LineHeads("").HeadOf(0), "");
  EXPECT_EQ(LineHeads("  ").HeadOf(2), "");
  EXPECT_EQ(LineHeads("a\n").HeadOf(2), "");
}

}  // namespace
}  // namespace metrishift::rewrite
