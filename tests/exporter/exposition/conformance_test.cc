// The conformance cases of OpenMetrics (github.com/prometheus/OpenMetrics, tests/testdata/parsers),
// where they are at hand, with an alias for every family. tests/e2e/readers.sh shows the same
// bodies to real readers.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "exporter/exposition/body_pipe.h"
#include "tests/exporter/exposition/test_mapping.h"

namespace metrishift::exposition {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// "old_NAME" for every NAME.
RuleSet EveryFamily() {
  MappingPattern pattern;
  pattern.pattern = pattern.entry.old_name = "old_(.*)";
  pattern.prefix = "old_";
  pattern.entry.new_name = "$1";
  MappingTable table;
  table.name = table.component = "test";
  table.patterns = {pattern};
  return RuleSet(*Mapping::FromTables({table}));
}

struct Result {
  std::string body;
  std::vector<AliasReport> reports;
};

Result Pipe(const RuleSet& rules, std::string_view body, size_t cut) {
  Result result;
  BodyPipe pipe(rules, Format::kOpenMetrics, false, {}, [&result](std::string_view bytes) {
    result.body += bytes;
    return true;
  });
  EXPECT_TRUE(pipe.Feed(body.substr(0, cut)) && pipe.Feed(body.substr(cut)) &&
              pipe.Finish(&result.reports));
  return result;
}

// Everything of `body`, and the aliases before its last line.
bool IsSplicedInto(std::string_view body, std::string_view out) {
  if (out == body) return true;
  const std::string_view eof = body.ends_with('\n') ? "# EOF\n" : "# EOF";
  if (!body.ends_with(eof) || !out.ends_with(eof)) return false;
  return out.starts_with(body.substr(0, body.size() - eof.size()));
}

bool IsImpossible(const AliasReport& report) { return report.outcome == AliasOutcome::kImpossible; }

TEST(Conformance, OpenMetricsCases) {
  const char* const elsewhere = std::getenv("METRISHIFT_SHARED");
  const fs::path shared = elsewhere != nullptr ? elsewhere : METRISHIFT_SOURCE_DIR "/../shared";
  const fs::path cases = shared / "conformance/openmetrics/tests/testdata/parsers";
  if (!fs::is_directory(cases)) GTEST_SKIP() << cases << " is not here";
  const RuleSet rules = EveryFamily();
  size_t good = 0;
  size_t with_aliases = 0;
  for (const fs::directory_entry& dir : fs::directory_iterator(cases)) {
    SCOPED_TRACE(dir.path().filename());
    const auto expected = nlohmann::json::parse(ReadAll(dir.path() / "test.json"));
    const std::string body = ReadAll(dir.path() / "metrics");
    const Result whole = Pipe(rules, body, 0);
    EXPECT_TRUE(IsSplicedInto(body, whole.body)) << whole.body;
    EXPECT_EQ(Pipe(rules, whole.body, 0).body, whole.body) << "not the same a second time";
    for (size_t cut = 1; cut < body.size(); ++cut) {
      EXPECT_EQ(Pipe(rules, body, cut).body, whole.body) << "cut at " << cut;
    }
    if (!expected.at("shouldParse")) continue;
    ++good;
    EXPECT_TRUE(std::ranges::none_of(whole.reports, IsImpossible)) << Summary(whole.reports);
    with_aliases += whole.body != body ? 1 : 0;
  }
  EXPECT_EQ(good, 44U);
  EXPECT_GT(with_aliases, 30U);
}

}  // namespace
}  // namespace metrishift::exposition
