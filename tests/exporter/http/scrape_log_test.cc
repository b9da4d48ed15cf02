// What of scrapes is worth a line in the log, and how often.

#include <curl/curl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "exporter/http/scrape.h"

namespace metrishift::http {
namespace {

using exposition::AliasOutcome;
using exposition::AliasReport;
using exposition::Fault;
using testing::HasSubstr;

class ScrapeLogTest : public testing::Test {
 protected:
  ScrapeLogTest() { now_ = {}; }

  // The lines that `record` makes.
  std::string Record(const ScrapeRecord& record) {
    out_.str("");
    log_.Record(record);
    return out_.str();
  }
  size_t Lines(const ScrapeRecord& record) {
    const std::string lines = Record(record);
    return static_cast<size_t>(std::ranges::count(lines, '\n'));
  }

  static void MinutePasses() { now_ += Throttle::kInterval; }

  static ScrapeRecord Impossible(const std::string& name, Fault fault) {
    ScrapeRecord record;
    record.route = "/metrics";
    record.aliases = {
        {.name = name, .source = "new", .outcome = AliasOutcome::kImpossible, .fault = fault}};
    return record;
  }

 private:
  inline static Throttle::Clock::time_point now_;
  std::ostringstream out_;
  const Logger logger_{LogLevel::kInfo, LogFormat::kLogfmt,
                       std::make_shared<spdlog::sinks::ostream_sink_mt>(out_), [] { return now_; }};
  ScrapeLog log_{logger_};
};

// One that hides behind another is looked for in vain by who has mended the first.
TEST_F(ScrapeLogTest, EachCauseIsAProblemOfItsOwn) {
  const auto record = [](ScrapeOutcome outcome, std::string_view limit, int cause) {
    ScrapeRecord one;
    one.route = "/metrics";
    one.outcome = outcome;
    one.limit = limit;
    one.cause = cause;
    return one;
  };
  const ScrapeRecord rows[] = {
      record(ScrapeOutcome::kBusy, "max_requests", 0),
      record(ScrapeOutcome::kBusy, "rate_limit", 0),
      record(ScrapeOutcome::kLimit, "line_bytes", 0),
      record(ScrapeOutcome::kLimit, "memory", 0),
      record(ScrapeOutcome::kUpstreamFailed, "", CURLE_COULDNT_CONNECT),
      record(ScrapeOutcome::kUpstreamFailed, "", CURLE_PEER_FAILED_VERIFICATION),
      record(ScrapeOutcome::kUpstreamStatus, "", 404),
      record(ScrapeOutcome::kUpstreamStatus, "", 500),
      record(ScrapeOutcome::kTimeout, "", CURLE_OPERATION_TIMEDOUT),
  };
  for (const ScrapeRecord& row : rows) EXPECT_EQ(Lines(row), 1U) << row.limit << row.cause;
  for (const ScrapeRecord& row : rows) EXPECT_EQ(Lines(row), 0U) << row.limit << row.cause;
  ScrapeRecord other = rows[0];
  other.route = "/metrics/other";
  EXPECT_EQ(Lines(other), 1U);
  MinutePasses();
  for (const ScrapeRecord& row : rows) EXPECT_THAT(Record(row), HasSubstr(" repeated=1"));
}

TEST_F(ScrapeLogTest, SuccessIsSaidAfterFailuresOnly) {
  ScrapeRecord record;
  record.route = "/metrics";
  EXPECT_EQ(Record(record), "");
  record.outcome = ScrapeOutcome::kTimeout;
  EXPECT_THAT(Record(record), HasSubstr("level=warn"));
  record.outcome = ScrapeOutcome::kTranslated;
  EXPECT_THAT(Record(record), HasSubstr("level=info msg=\"Scrapes succeed again.\""));
  EXPECT_EQ(Record(record), "");
}

TEST_F(ScrapeLogTest, StrangersSayNothingAboutARoute) {
  ScrapeRecord record;
  record.route = "/metrics";
  record.outcome = ScrapeOutcome::kUnauthorized;
  EXPECT_EQ(Lines(record), 1U);
  record.outcome = ScrapeOutcome::kTranslated;
  EXPECT_EQ(Record(record), "");
}

// What no body could have is nothing that passes or that an operator can mend: once. The rest is a
// problem like others: once a minute, in which it may pass.
TEST_F(ScrapeLogTest, WhatTheTableAloneDecidesIsSaidOnce) {
  const std::pair<Fault, bool> rows[] = {
      {Fault::kUnreadableLine, false}, {Fault::kSecondType, false},
      {Fault::kSecondHelp, false},     {Fault::kTypeAfterSamples, false},
      {Fault::kOtherType, false},      {Fault::kNameClash, false},
      {Fault::kNotGrouped, false},     {Fault::kCollision, false},
      {Fault::kLabelClash, false},     {Fault::kReusedName, true},
      {Fault::kAggregate, true},       {Fault::kExpression, true},
      {Fault::kInexact, true},         {Fault::kTypeChange, true},
      {Fault::kSameName, true},        {Fault::kLostValues, true},
      {Fault::kUnitOfHistogram, true},
  };
  for (const auto& [fault, of_table] : rows) {
    const std::string reason(FaultName(fault));
    EXPECT_EQ(IsOfTheTable(fault), of_table) << reason;
    const std::string line = Record(Impossible("old", fault));
    EXPECT_THAT(line, HasSubstr("level=warn msg=\"An old name cannot be added: " +
                                std::string(FaultReason(fault)) +
                                ".\" old_name=old new_name=new reason=" + reason + "\n"));
    EXPECT_EQ(Lines(Impossible("old", fault)), 0U) << reason;
    MinutePasses();
    EXPECT_EQ(Lines(Impossible("old", fault)), of_table ? 0U : 1U) << reason;
    EXPECT_EQ(Lines(Impossible("another", fault)), 1U) << reason;
  }
}

// Patterns make names of the upstream's: those that are not remembered are rare lines all the same.
TEST_F(ScrapeLogTest, NamesWithoutEndTakeNeitherMemoryNorTheLog) {
  size_t lines = 0;
  for (int i = 0; i < 5000; ++i)
    lines += Lines(Impossible("old" + std::to_string(i), Fault::kAggregate));
  EXPECT_LE(lines, Throttle::kMostProblems + 1);
  MinutePasses();
  EXPECT_EQ(Lines(Impossible("old0", Fault::kAggregate)), 0U);
  EXPECT_EQ(Lines(Impossible("old4999", Fault::kAggregate)), 1U);
}

}  // namespace
}  // namespace metrishift::http
