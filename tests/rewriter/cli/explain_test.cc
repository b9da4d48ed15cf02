#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "rewriter/cli/commands.h"
#include "rewriter/rewrite/finding.h"

namespace metrishift::cli {
namespace {

TEST(Explain, EveryCodeOfAFindingHasItsText) {
  std::ostringstream all;
  ASSERT_EQ(RunExplainCodes({all, all}), kClean);
  uint8_t codes = 0;
  // The names end where the enumeration ends.
  for (;; ++codes) {
    const std::string code(rewrite::FindingCodeName(rewrite::FindingCode{codes}));
    if (code.empty()) break;
    std::ostringstream text;
    EXPECT_EQ(RunExplainCode(code, {text, text}), kClean) << text.str();
    EXPECT_GT(text.str().size(), 80u);
    EXPECT_NE(("\n" + all.str()).find("\n" + code + "\n  "), std::string::npos) << code;
  }
  EXPECT_GE(codes, 10);
}

}  // namespace
}  // namespace metrishift::cli
