// Memory does not grow with the body. What is measured is the most that the process ever held; the
// bounds leave room for what the system and the allocator round up.

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "exporter/exposition/body_pipe.h"
#include "exporter/exposition/gzip_writer.h"
#include "exporter/exposition/wire.h"
#include "tests/exporter/exposition/test_mapping.h"

namespace metrishift::exposition {
namespace {

constexpr size_t kMiB = size_t{1} << 20U;
constexpr size_t kBound = kMiB;

// From now on, peaks are new ones. False where the system has no such thing, and under sanitizers,
// which keep what is freed.
bool ForgetPeak() {
#if defined(METRISHIFT_SANITIZED)
  return false;
#endif
  std::ofstream out("/proc/self/clear_refs");
  out << 5 << std::flush;
  return out.good();
}

std::optional<size_t> Peak() {
  std::ifstream in("/proc/self/status");
  std::string word;
  while (in >> word) {
    size_t kib = 0;
    if (word == "VmHWM:" && in >> kib) return kib << 10U;
  }
  return std::nullopt;
}

// A hundred families without an alias, one of which is a histogram; about a MiB.
std::string TextPart() {
  std::string part;
  for (int family = 0; family < 100; ++family) {
    const std::string name = "family" + std::to_string(family);
    part += "# HELP " + name + " Help.\n# TYPE " + name + " gauge\n";
    for (int i = 0; i < 100; ++i) {
      part += name + "{pod=\"deployment-with-a-long-name-5d8f7c9b4-" + std::to_string(i) +
              "\",uid=\"0b9a1d3e-6f0c-4b1a-9a54-1c6f8e2d\"} 1\n";
    }
  }
  return part;
}

std::string ProtobufPart() {
  std::string part;
  for (int family = 0; family < 100; ++family) {
    std::string message =
        EncodeFamilyFields("family" + std::to_string(family), "Help.", MetricType::kGauge, "");
    for (int i = 0; i < 100; ++i) {
      AppendBytesField(family_field::kMetric, std::string(90, '\x08'), &message);
    }
    AppendVarint(message.size(), &part);
    part += message;
  }
  return part;
}

// By how much the peak grows while `parts` of these go through, less the aliases that come out;
// nothing where it cannot be told.
std::optional<size_t> Growth(Format format, bool gzip, const std::string& part, int parts,
                             const RuleSet& rules = RuleSet(TestMapping({{"old", "new"}}))) {
  const Limits limits = {.max_alias_bytes = 256 * kMiB};
  size_t passed = 0;
  malloc_trim(0);  // what other tests have freed would hide what this one takes
  if (!ForgetPeak()) return std::nullopt;
  const std::optional<size_t> before = Peak();
  BodyPipe pipe(rules, format, gzip, limits, [&passed](std::string_view bytes) {
    passed += bytes.size();
    return true;
  });
  for (int i = 0; i < parts; ++i) EXPECT_TRUE(pipe.Feed(part));
  std::vector<AliasReport> reports;
  EXPECT_TRUE(pipe.Finish(&reports));
  EXPECT_GE(passed, part.size() * static_cast<size_t>(parts));
  const std::optional<size_t> after = Peak();
  if (!before || !after) return std::nullopt;
  size_t aliases = 0;
  for (const AliasReport& report : reports) aliases += report.bytes;
  return *after - *before - std::min(aliases, *after - *before);
}

TEST(Memory, IsFlat) {
  for (const Format format : {Format::kText, Format::kOpenMetrics, Format::kProtobuf}) {
    const std::string part = format == Format::kProtobuf ? ProtobufPart() : TextPart();
    const std::optional<size_t> growth = Growth(format, false, part, 100);
    if (!growth) GTEST_SKIP() << "the system does not say";
    EXPECT_LT(*growth, kBound) << "format " << static_cast<int>(format);
  }
}

// One member after another.
TEST(Memory, IsFlatInGzip) {
  std::string part;
  GzipWriter writer([&part](std::string_view bytes) {
    part += bytes;
    return true;
  });
  ASSERT_TRUE(writer.Write(TextPart()) && writer.Finish());
  const std::optional<size_t> growth = Growth(Format::kText, true, part, 100);
  if (!growth) GTEST_SKIP() << "the system does not say";
  EXPECT_LT(*growth, kBound);
}

// With an alias for each line, one hundred thousand in all: under other names, with another label,
// in another unit.
TEST(Memory, IsThatOfTheAliases) {
  MappingEntry same;
  same.type = same.new_type = MetricType::kGauge;
  MappingEntry other_label = same;
  other_label.labels = {{"pod_name", "pod"}};
  MappingEntry other_unit = same;
  other_unit.scale = 1000;
  for (MappingEntry entry : {same, other_label, other_unit}) {
    MappingTable table = TestTable("t", "1", {});
    std::string body;
    for (int family = 0; family < 100; ++family) {
      entry.old_name = "old" + std::to_string(family);
      entry.new_name = "new" + std::to_string(family);
      table.metrics.push_back(entry);
      body += "# TYPE " + entry.new_name + " gauge\n";
      for (int i = 0; i < 1000; ++i) {
        body += entry.new_name + "{pod=\"" + std::to_string(i) + "\"} 1\n";
      }
    }
    const RuleSet rules(*Mapping::FromTables({table}));
    const std::optional<size_t> growth = Growth(Format::kText, false, body, 1, rules);
    if (!growth) GTEST_SKIP() << "the system does not say";
    EXPECT_LT(*growth, kBound) << "labels " << entry.labels.size() << ", scale " << entry.scale;
  }
}

}  // namespace
}  // namespace metrishift::exposition
