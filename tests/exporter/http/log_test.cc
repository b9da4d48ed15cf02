#include "exporter/http/log.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

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

TEST(Log, HostileTextStaysInItsPlace) {
  const std::string hostile = "a\"b\\c\nd\x1b[2J\0e\x7f{}%s"s;
  const std::string escaped = R"(a\"b\\c\u000ad\u001b[2J\u0000e\u007f{}%s)";
  EXPECT_EQ(Logged(LogFormat::kLogfmt, hostile, {{"k", hostile}}),
            "level=info msg=\"" + escaped + "\" k=\"" + escaped + "\"\n");
  EXPECT_EQ(Logged(LogFormat::kJson, hostile, {{"k", hostile}}),
            "level\":\"info\",\"msg\":\"" + escaped + "\",\"k\":\"" + escaped + "\"}\n");
}

}  // namespace
}  // namespace metrishift::http
