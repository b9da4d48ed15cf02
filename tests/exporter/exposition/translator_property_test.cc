// What must hold for every body and every table, on bodies made of hostile pieces and on real ones.

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <ostream>
#include <random>
#include <sstream>

#include "core/mapping_loader.h"
#include "tests/exporter/exposition/test_mapping.h"

namespace metrishift::exposition {
namespace {

using std::string_literals::operator""s;

const Mapping& TheMapping() {
  static const Mapping mapping = TestMapping({{"old", "new"},
                                              {"old2", "new2", MetricType::kGauge},
                                              {"oldh", "newh", MetricType::kHistogram},
                                              {"olds", "news", MetricType::kSummary},
                                              {"new3", "newer"},
                                              {"older", "new3"}});
  return mapping;
}

// Every pair of these makes a body whose families meet in some way.
const std::vector<std::string>& Pieces() {
  static const std::vector<std::string> pieces = {
      "# HELP new Things.\n# TYPE new counter\nnew{a=\"1\"} 1\nnew{a=\"2\"} 2 3\n",
      "# TYPE newh histogram\nnewh_bucket{le=\"+Inf\"} 1\nnewh_sum 1\nnewh_count 1\n",
      "news{quantile=\"0.5\"} 1\nnews_sum 1\nnews_count 1\n",
      "new2 1\n",
      "new3 1\n",
      "newer 1\n",
      "old 1\n",
      "# TYPE old2 gauge\n",
      "oldh_sum 1\n",
      "# HELP olds X\n",
      "x 1\n",
      "{\"new2\",a=\"b\"} 1\n",
      "new{a=\"\\n\\\\\"} nan\n",
      "new oops\n",
      "\0garbage\n"s,
      "\n \t\r\n",
      "# EOF\n",
      "new 1",
      "newh_bu",
      "# TYPE new",
  };
  return pieces;
}

std::vector<std::string> Bodies() {
  std::vector<std::string> bodies = Pieces();
  for (const std::string& first : Pieces()) {
    for (const std::string& second : Pieces()) bodies.push_back(first + second);
  }
  return bodies;
}

TEST(TranslatorProperty, EveryCutGivesTheSameBytes) {
  for (const std::string& body : Bodies()) {
    const std::string whole = Translate(TheMapping(), body);
    for (size_t cut = 0; cut <= body.size(); ++cut) {
      ASSERT_EQ(TranslateInPieces(TheMapping(), body, {cut}), whole) << body << " cut at " << cut;
    }
    std::vector<size_t> every_byte(body.size());
    for (size_t i = 0; i < body.size(); ++i) every_byte[i] = i;
    ASSERT_EQ(TranslateInPieces(TheMapping(), body, every_byte), whole) << body;
  }
}

TEST(TranslatorProperty, InputIsAPrefixAndASecondPassAddsNothing) {
  for (const std::string& body : Bodies()) {
    const std::string once = Translate(TheMapping(), body);
    ASSERT_TRUE(once.starts_with(body)) << body;
    ASSERT_EQ(Translate(TheMapping(), once), once) << body;
  }
}

TEST(TranslatorProperty, EmptyTableIsTheIdentity) {
  for (const std::string& body : Bodies()) ASSERT_EQ(Translate(Mapping(), body), body);
}

// Rules remember what earlier bodies had; nobody can tell.
TEST(TranslatorProperty, NothingIsLeftOfABody) {
  for (const Format format : {Format::kText, Format::kOpenMetrics}) {
    const RuleSet used(TheMapping());
    for (const std::string& first : Bodies()) {
      for (const std::string& second : {first, Pieces()[first.size() % Pieces().size()]}) {
        std::vector<AliasReport> reports;
        std::vector<AliasReport> fresh_reports;
        Translate(used, first, nullptr, format);
        const std::string out = Translate(used, second, &reports, format);
        ASSERT_EQ(out, Translate(RuleSet(TheMapping()), second, &fresh_reports, format)) << first;
        ASSERT_EQ(Summary(reports), Summary(fresh_reports)) << first << "then\n" << second;
      }
    }
  }
}

// Where each family stands does not matter for what is added, but for the order of the groups.
TEST(TranslatorProperty, SuppressionDoesNotDependOnTheOrder) {
  for (const std::string& first : Pieces()) {
    for (const std::string& second : Pieces()) {
      if (!first.ends_with('\n') || !second.ends_with('\n')) continue;
      const auto suppressed = [](const std::string& body) {
        std::vector<AliasReport> reports;
        Translate(TheMapping(), body, &reports);
        std::vector<std::string> names;
        for (const AliasReport& report : reports) {
          if (report.outcome == AliasOutcome::kSuppressed) names.push_back(report.name);
        }
        std::ranges::sort(names);
        return names;
      };
      ASSERT_EQ(suppressed(first + second), suppressed(second + first)) << first << second;
    }
  }
}

// Lines whose first bytes no rule is about are not read. With a rule about each letter all are.
class PassingBy {
 public:
  explicit PassingBy(unsigned seed) : random_(seed) {}

  // Renames of names that share beginnings and stems, and a prefix.
  std::vector<Rename> Renames() {
    constexpr MetricType kTypes[] = {MetricType::kCounter, MetricType::kGauge,
                                     MetricType::kHistogram, MetricType::kSummary};
    // Names of bodies that no rule is about may be what a sample's name is cut to.
    const size_t first = random_() % 2 == 0 ? 0 : 2;
    const auto stem = [&] { return kStems[first + random_() % (kRuleStems - first)]; };
    std::vector<Rename> renames;
    for (size_t i = 0; i < 3; ++i)
      renames.push_back({stem() + "_old" + Suffix() + std::to_string(i), stem() + Suffix(),
                         kTypes[random_() % std::size(kTypes)]});
    return renames;
  }

  std::string Body() {
    std::string body;
    for (size_t lines = 1 + random_() % 12; lines > 0; --lines) body += Line() + "\n";
    return body;
  }

 private:
  std::string Pick(std::initializer_list<const char*> texts) {
    return texts.begin()[random_() % texts.size()];
  }
  std::string Stem() { return kStems[random_() % std::size(kStems)]; }
  std::string Suffix() { return Pick({"", "", "_total", "_bucket", "_count", "_sum", "_created"}); }
  std::string Name() { return Stem() + Pick({"", "", "", "_old"}) + Suffix(); }
  std::string Line() {
    switch (random_() % 8) {
      case 0:
        return "# HELP " + Name() + Pick({" A text.", "", "  "});
      case 1:
      case 2:
        return Pick({"", "", " "}) + "# TYPE " + Pick({"", "", "", " "}) + Name() +
               Pick({" counter", " gauge", " histogram", " histogram", " summary", " oops", ""});
      case 3:
        return Pick({"", " ", "0", "{\"", "#"}) + Name() + Pick({" 1", "\"} 1", "{a=\"b\"} 1"});
      default:
        return Name() + Pick({" 1", "{le=\"+Inf\",quantile=\"1\"} 2 3"});
    }
  }

  static constexpr size_t kRuleStems = 5;
  const std::string kStems[kRuleStems + 1] = {"name",       "nam",          "name_of_some",
                                              "other_name", "other_name_x", "unrelated_name"};

  std::mt19937 random_;
};

RuleSet RulesOf(std::vector<Rename> renames, bool prefix) {
  static const MappingTable table = *LoadMappingTable(
      "name: p\ntitle: P\ncomponent: c\nsource: S\nversions: {from: \"1\", to: \"2\"}\n"
      "metrics: [{old_prefix: widget_, new_prefix: name_}]\n");
  MappingTable made = TestTable("t", "1", std::move(renames));
  if (prefix) made.patterns = table.patterns;
  return RuleSet(*Mapping::FromTables({made}));
}

TEST(TranslatorProperty, WhatIsPassedByWouldChangeNothing) {
  size_t added = 0;
  for (unsigned seed = 0; seed < 4000; ++seed) {
    PassingBy some(seed);
    std::vector<Rename> renames = some.Renames();
    const bool prefix = seed % 2 == 0;
    const RuleSet few = RulesOf(renames, prefix);
    renames.insert(renames.end(), {{"n", "o"}, {"u", "w"}});
    const RuleSet all = RulesOf(renames, prefix);
    for (int bodies = 0; bodies < 20; ++bodies) {
      const std::string body = some.Body();
      for (const Format format : {Format::kText, Format::kOpenMetrics}) {
        std::vector<AliasReport> reports;
        std::vector<AliasReport> all_reports;
        const std::string out = Translate(few, body, &reports, format);
        ASSERT_EQ(out, Translate(all, body, &all_reports, format)) << seed;
        ASSERT_EQ(Summary(reports), Summary(all_reports)) << body;
        added += out.size() > body.size();
      }
    }
  }
  EXPECT_GT(added, 4000u);
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Mapping EtcdMapping() {
  const std::string text = ReadAll(METRISHIFT_SOURCE_DIR "/mappings/etcd-3.5.yaml");
  return *Mapping::FromTables({*LoadMappingTable(text)});
}

constexpr const char* kFourAdded =
    "+etcd_debugging_mvcc_db_total_size_in_bytes:1 +etcd_debugging_mvcc_delete_total:1 "
    "+etcd_debugging_mvcc_put_total:1 =etcd_debugging_mvcc_range_total "
    "+etcd_debugging_mvcc_txn_total:1";

constexpr const char* kAllSuppressed =
    "=etcd_debugging_mvcc_db_total_size_in_bytes =etcd_debugging_mvcc_delete_total "
    "=etcd_debugging_mvcc_put_total =etcd_debugging_mvcc_range_total "
    "=etcd_debugging_mvcc_txn_total";

struct RealBody {
  const char* path;  // from the root of the repository
  const char* summary;
};

// Names the case in test lists.
void PrintTo(const RealBody& body, std::ostream* out) { *out << body.path; }

class TranslatorOnRealBody : public testing::TestWithParam<RealBody> {};

TEST_P(TranslatorOnRealBody, AddsWhatIsMissing) {
  const std::string body = ReadAll(std::string(METRISHIFT_SOURCE_DIR "/") + GetParam().path);
  if (body.empty()) GTEST_SKIP() << GetParam().path << " is not here";
  const Mapping mapping = EtcdMapping();
  std::vector<AliasReport> reports;
  const std::string out = Translate(mapping, body, &reports);
  EXPECT_EQ(Summary(reports), GetParam().summary);
  EXPECT_TRUE(out.starts_with(body));
  EXPECT_EQ(Translate(mapping, out), out);
  size_t added = 0;
  for (const AliasReport& report : reports) added += report.bytes;
  EXPECT_EQ(out.size() - body.size(), added);

  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    std::vector<size_t> cuts(static_cast<size_t>(round));
    for (size_t& cut : cuts) cut = random() % (body.size() + 1);
    std::ranges::sort(cuts);
    ASSERT_EQ(TranslateInPieces(mapping, body, cuts), out) << "round " << round;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, TranslatorOnRealBody,
    testing::Values(RealBody{"mappings/samples/etcd-3.5.prom", kFourAdded},
                    RealBody{"../shared/captures/etcd-3.5.16.prom", kFourAdded},
                    RealBody{"../shared/captures/etcd-3.4.23.prom", kAllSuppressed},
                    RealBody{"../shared/captures/node_exporter-1.5.0.prom", ""},
                    RealBody{"../shared/captures/alltypes.237mfs.prom.txt", ""},
                    RealBody{"../shared/captures/1histogram.om.txt", ""}));

}  // namespace
}  // namespace metrishift::exposition
