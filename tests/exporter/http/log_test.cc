#include "exporter/http/log.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

namespace metrishift::http {
namespace {

using std::string_literals::operator""s;

std::string Logged(LogFormat format, std::string_view message, Logger::Fields fields) {
  std::ostringstream out;
  const Logger logger(LogLevel::kInfo, format,
                      std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
  logger.Log(LogLevel::kDebug, "not this");
  logger.Info(message, fields);
  const std::string line = out.str();
  const size_t level = line.find("level");
  EXPECT_NE(level, std::string::npos) << line;
  return level == std::string::npos ? line : line.substr(level);
}

TEST(Log, Logfmt) {
  EXPECT_EQ(Logged(LogFormat::kLogfmt, "Hello.", {{"a", "1:x"}, {"b", ""}, {"c", "two words"}}),
            "level=info msg=\"Hello.\" a=1:x b=\"\" c=\"two words\"\n");
}

TEST(Log, Json) {
  EXPECT_EQ(Logged(LogFormat::kJson, "Hello.", {{"a", "1"}}),
            "level\":\"info\",\"msg\":\"Hello.\",\"a\":\"1\"}\n");
}

TEST(Log, LevelsAreTheWordsOfTheFlag) {
  for (const LogFormat format : {LogFormat::kLogfmt, LogFormat::kJson}) {
    std::ostringstream out;
    const Logger logger(LogLevel::kDebug, format,
                        std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
    const std::vector<std::pair<LogLevel, std::string>> rows = {{LogLevel::kDebug, "debug"},
                                                                {LogLevel::kInfo, "info"},
                                                                {LogLevel::kWarn, "warn"},
                                                                {LogLevel::kError, "error"}};
    for (const auto& [level, word] : rows) {
      out.str("");
      logger.Log(level, "x");
      const bool json = format == LogFormat::kJson;
      const std::string end =
          json ? "\"level\":\"" + word + "\",\"msg\":\"x\"}\n" : " level=" + word + " msg=\"x\"\n";
      EXPECT_TRUE(out.str().ends_with(end)) << out.str();
    }
  }
}

TEST(Log, WhatIsForATerminalIsOneLine) {
  EXPECT_EQ(
      InOneLine("a.yml:2:3: error: odd\n  x: y\n    ^\n  hint: even\na.yml:3:1: error: gone\n"),
      "a.yml:2:3: error: odd; even. a.yml:3:1: error: gone");
  EXPECT_EQ(InOneLine("no line"), "no line");
  EXPECT_EQ(InOneLine(""), "");
}

TEST(Log, HostileTextStaysInItsPlace) {
  const std::string hostile = "a\"b\\c\nd\x1b[2J\0e\x7f{}%s"s;
  const std::string escaped = R"(a\"b\\c\u000ad\u001b[2J\u0000e\u007f{}%s)";
  EXPECT_EQ(Logged(LogFormat::kLogfmt, hostile, {{"k", hostile}}),
            "level=info msg=\"" + escaped + "\" k=\"" + escaped + "\"\n");
  EXPECT_EQ(Logged(LogFormat::kJson, hostile, {{"k", hostile}}),
            "level\":\"info\",\"msg\":\"" + escaped + "\",\"k\":\"" + escaped + "\"}\n");
}

TEST(Log, WhatIsNoUtf8IsReplaced) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"\u00e4\u20ac\U0001f600", "\u00e4\u20ac\U0001f600"},
      {"a\xff z", "a\uFFFD z"},
      {"\x80\xc3", "\uFFFD\uFFFD"},
      {"\xc0\xaf", "\uFFFD\uFFFD"},                      // too long for "/"
      {"\xe0\x80\xaf", "\uFFFD\uFFFD\uFFFD"},            // likewise
      {"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},            // half a pair of UTF-16
      {"\xf4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},  // beyond U+10FFFF
      {"\xe2\x82", "\uFFFD\uFFFD"},                      // cut
      {"\xc2\x9b"
       "2J",
       "\\u009b2J"},  // drives some terminals
  };
  for (const auto& [text, shown] : rows) {
    EXPECT_EQ(Logged(LogFormat::kJson, "x", {{"k", text}}),
              "level\":\"info\",\"msg\":\"x\",\"k\":\"" + shown + "\"}\n");
    EXPECT_EQ(Logged(LogFormat::kLogfmt, text, {}), "level=info msg=\"" + shown + "\"\n");
  }
}

// Whatever bytes: nlohmann_json is the judge.
TEST(Log, AnyBytesAreValidJson) {
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    std::string text;
    for (unsigned n = random() % 40; n > 0; --n) text += static_cast<char>(random());
    std::ostringstream out;
    Logger(LogLevel::kInfo, LogFormat::kJson, std::make_shared<spdlog::sinks::ostream_sink_mt>(out))
        .Info(text, {{"k", text}});
    const nlohmann::json read = nlohmann::json::parse(out.str(), nullptr, false);
    ASSERT_TRUE(read.is_object()) << out.str();
    EXPECT_EQ(read["k"], read["msg"]);
    EXPECT_EQ(std::ranges::count(out.str(), '\n'), 1);
  }
}

TEST(Log, OneLineAMinuteForAProblem) {
  Throttle throttle;
  const Throttle::Clock::time_point start{};
  const auto at = [&](int seconds) { return start + std::chrono::seconds(seconds); };
  EXPECT_EQ(throttle.Admit("a", at(0)), 0U);
  EXPECT_EQ(throttle.Admit("a", at(1)), std::nullopt);
  EXPECT_EQ(throttle.Admit("b", at(1)), 0U);
  EXPECT_EQ(throttle.Admit("a", at(59)), std::nullopt);
  EXPECT_EQ(throttle.Admit("a", at(60)), 2U);
  EXPECT_EQ(throttle.Admit("a", at(61)), std::nullopt);
  EXPECT_EQ(throttle.Admit("a", at(1000)), 1U);
  EXPECT_EQ(throttle.Admit("a", at(2000)), 0U);
}

TEST(Log, ProblemsWithoutEndAreOne) {
  Throttle throttle;
  const Throttle::Clock::time_point start{};
  size_t lines = 0;
  for (int i = 0; i < 10'000; ++i) lines += throttle.Admit(std::to_string(i), start) ? 1 : 0;
  EXPECT_EQ(lines, Throttle::kMostProblems + 1);
  EXPECT_EQ(throttle.Admit("x", start + Throttle::kInterval), 0U) << "old ones are forgotten";
}

TEST(Log, RepeatedLinesAreCounted) {
  std::ostringstream out;
  const Logger logger(LogLevel::kInfo, LogFormat::kLogfmt,
                      std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
  for (int i = 0; i < 5; ++i) logger.LogOften("x", LogLevel::kWarn, "It is wrong.", {{"k", "v"}});
  logger.LogOften("y", LogLevel::kWarn, "It is wrong.");
  EXPECT_EQ(std::ranges::count(out.str(), '\n'), 2);
  EXPECT_NE(out.str().find("msg=\"It is wrong.\" k=v\n"), std::string::npos) << out.str();
}

}  // namespace
}  // namespace metrishift::http
