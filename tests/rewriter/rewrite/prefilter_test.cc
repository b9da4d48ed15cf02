#include "rewriter/rewrite/prefilter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/file.h"
#include "mappings/catalog.h"
#include "rewriter/formats/places.h"
#include "rewriter/rewrite/file_rewrite.h"

namespace metrishift::rewrite {
namespace {

namespace fs = std::filesystem;
using formats::FileFormat;

MappingEntry Entry(std::string old_name, std::string new_name, MetricType type) {
  MappingEntry entry;
  entry.old_name = std::move(old_name);
  entry.new_name = std::move(new_name);
  entry.type = entry.new_type = type;
  return entry;
}

Mapping Table(std::vector<MappingEntry> entries, std::vector<MappingPattern> patterns = {}) {
  MappingTable table;
  table.name = "t";
  table.metrics = std::move(entries);
  table.patterns = std::move(patterns);
  return Mapping::FromTables({std::move(table)}).value.value();
}

// Names with and without underscores, within each other, of a family.
Mapping Small() {
  return Table({Entry("etcd_old_total", "etcd_new_total", MetricType::kCounter),
                Entry("cpu", "node_cpu", MetricType::kGauge),
                Entry("req_ms", "req_time_ms", MetricType::kHistogram)});
}

Mapping WithPattern() {
  MappingPattern pattern;
  pattern.pattern = "wmi_(.*)";
  pattern.prefix = "wmi_";
  pattern.entry = Entry("wmi_(.*)", "windows_$1", MetricType::kUntyped);
  return Table({}, {std::move(pattern)});
}

// All names begin alike, with "etcd_".
Mapping Alike() {
  MappingPattern pattern;
  pattern.pattern = "etcd_total_(.*)";
  pattern.prefix = "etcd_total_";
  pattern.entry = Entry("etcd_total_(.*)", "etcd_all_$1", MetricType::kUntyped);
  return Table({Entry("etcd_old_total", "etcd_new_total", MetricType::kCounter),
                Entry("etcd_x", "y", MetricType::kHistogram)},
               {std::move(pattern)});
}

TEST(Prefilter, SaysNoToWhatNamesNothing) {
  const Prefilter small(Small());
  const std::pair<const char*, bool> rows[] = {
      {"", false},
      {"expr: up > 0 # etcd_new_total, x_etcd_old_total, etcd_old_total_2, cpus", false},
      {"expr: etcd_old_total", true},
      {"etcd_old_total:", true},
      {"a:etcd_old_total", false},  // the name of a rule
      {"\\netcd_old_total", true},
      {"%28etcd_old_total%29", true},
      {"cpu", true},
      {"req_ms_bucket", true},
      {"req_ms_x", false},
      // Variables.
      {"etcd_$x", true},
      {"etcd_${x}_y", true},
      {"up_$x", false},
      {"$x etcd", false},
      {"${x}_total", true},
      {"[[x]]d_total", true},
      {"{{ .x }}_old_{{ .y }}", true},
      {"{{ .x }}_young_{{ .y }}", false},
      {"{{ .x }}{{ .y }}", false},  // any name at all
      {"{\"a\":{}}_total", false},
      {"<<x>>_total", true},
      {"%(x)s_total", true},
      {"%(x)q_total", false},
      {"[0-9]etcd_total]", false},
      {"rate(x[$__rate_interval])", false},
      // Escapes.
      {"\\u0065tcd", true},
      {"\\x5f", true},
      {"\\137", true},
      {"\\u003e \\u003c \\u0026 \\u0022 \\n \\t \\\" \\/ \\d+ \\.", false},
      {"\\u003c\\u003cx", true},
      {"\\u0024{x}", true},
      {"etcd_\\\n  old_total", true},
      {"sh -c \\\n  x", false},
      // Regular expressions on names.
      {"by (__name__)", false},
      {"{__name__=~\"a.*\"}", false},
      {"{__name__=~\"e.*\"}", true},
      {"{__name__=~\"etcd_o?.*\"}", true},
      {"{__name__=~\"etcd_x?.*\"}", true},
      {"{__name__=~\"etcd_xy.*\"}", false},
      {"{__name__=~\".*_old_.*\"}", true},
      {"{__name__=~\".*_young_.*\"}", false},
      {"{__name__=~\".*_old_t?\"}", true},
      {"{__name__=~\"a|.*_young.*|b\"}", false},
      {"{__name__=~\"a|.*_old.*|b\"}", true},
      {"{__name__=~\"a|\"}", true},
      {"{__name__=~\"a(b|c)d\"}", true},
      {"{__name__=~\"etcd_.*_young\"}", false},
      {"{__name__=~\"$x\\\\_?young.*\"}", false},
      {"{__name__=~\"$x\\\\_?old.*\"}", true},
      {"{__name__=~\"$young\"}", true},
      {"{__name__=~\"${x}_young\"}", true},  // braces may count
      {"{__name__=~\".(young)?.*\"}", true},
      {"{__name__=~\".[young]+\"}", true},
      {"{__name__=~\"\\\\wyoung\"}", true},
      {"{__name__=~\"xxx|.*\"}", true},
      {"{__name__=~\"x\\u007c.*\"}", true},
      {"{__name__=~\"it's|.*\"}", true},
      {"{__name__!~\".*\"}", true},
      {"{__name__=~\"(?i)x\"}", true},
      {"{__name__=\"xx$y\"}", false},
      {"{\\\"__name__\\\" \\n !~ \\\"et.d.*\\\"}", true},
      {"\"__name__\": true, \"__name__ 2\": 3", false},
      {"source_labels: [__name__]", true},
      {"source_labels: [\"__name__\"]", true},
      {"filters: [{key: __name__, value: x}]", true},
      {"filters: [{key: __name__ # a comment", true},
      {"Filters: {\"__name__\": true, \"__name__ 1\": true}", false},
      {"Filters: {\\\"__name__\\\": true}", false},
      {"Filters: up{__name__=\"xx\"}", false},
      {"metrics(a.*)", true},
      {"label_names()", false},
      {"label_names(a.*)", true},
      {"\"qryType\": 0", true},
      {"\"qryType\": 1", false},
      {"\"qryType\": 2", true},
  };
  for (const auto& [text, concerns] : rows) EXPECT_EQ(small.MayConcern(text), concerns) << text;
  EXPECT_FALSE(Prefilter(Mapping()).MayConcern("etcd_old_total {__name__=~\"x\"}"));

  const Prefilter pattern(WithPattern());
  for (const char* text : {"wmi_a", "w$x", "wmi_a_$x", "${x}a"})
    EXPECT_TRUE(pattern.MayConcern(text)) << text;
  for (const char* text : {"wm_a", "a_wmi_b", "a$x", "${x} a"})
    EXPECT_FALSE(pattern.MayConcern(text)) << text;
}

TEST(Prefilter, NamesThatBeginAlike) {
  const Prefilter alike(Alike());
  for (const char* text :
       {"etcd_old_total", "etcd_x_bucket", "etcd_total_a", "\\netcd_x_sum", "${x}_old_total"})
    EXPECT_TRUE(alike.MayConcern(text)) << text;
  for (const char* text : {"etcd_old", "etcd", "old_total", "xetcd_x_sum", "etcd_x"})
    EXPECT_FALSE(alike.MayConcern(text)) << text;
}

TEST(Prefilter, RecordedNamesAreNames) {
  RecordedNames recorded;
  recorded.names["job:a:sum"].new_name = "job:b:sum";
  const Prefilter prefilter(Small(), recorded);
  EXPECT_TRUE(prefilter.MayConcern("job:a:sum"));
  EXPECT_TRUE(prefilter.MayConcern("job:b:sum"));
  EXPECT_TRUE(prefilter.MayConcern("$job:a:sum"));
  EXPECT_FALSE(prefilter.MayConcern("job:c:sum"));
  EXPECT_TRUE(MayRecord("- record: x"));
  EXPECT_TRUE(MayRecord("\"r\\u0065cord\": x"));
  EXPECT_FALSE(MayRecord("- alert: x"));
}

// A new place for a regular expression on names has to have a word that the prefilter knows.
TEST(Prefilter, KnowsEveryPlaceOfANameRegex) {
  const auto has_one_of = [](std::string_view text, auto words) {
    return std::ranges::any_of(
        words, [text](std::string_view word) { return text.find(word) != text.npos; });
  };
  for (const formats::Place& place : formats::Places()) {
    const auto* role = std::get_if<formats::Role>(&place.to);
    if (role != nullptr && *role == formats::Role::kFilter) {
      EXPECT_TRUE(has_one_of(place.path, std::span(kNameFilterWords))) << place.path;
    }
    if (std::holds_alternative<formats::RecordPlace>(place.to)) {
      EXPECT_EQ(place.path, "record");
    }
    const auto* query = std::get_if<formats::QueryPlace>(&place.to);
    constexpr formats::QueryUse kUses[] = {formats::QueryUse::kNameRegex,
                                           formats::QueryUse::kNamePart};
    if (query == nullptr || std::ranges::count(kUses, query->use) == 0) continue;
    const std::string words = std::string(place.path) + " " + std::string(place.conditions);
    const bool filter =
        place.from == formats::Role::kFilter || has_one_of(words, std::span(kNameFilterWords));
    EXPECT_TRUE((filter && words.find("=__name__") != words.npos) ||
                has_one_of(words, std::span(kNameRegexWords)) ||
                words.find("qryType=2") != words.npos || words.find("qryType=0") != words.npos)
        << place.path;
  }
}

bool FindsSomething(std::string_view text, FileFormat format, const Mapping& mapping) {
  const Outcome<FileRewrite> rewrite = RewriteFile(text, format, mapping);
  return rewrite ? !rewrite->findings.empty() : !FindMentionsInText(text, mapping).empty();
}

// Names in pieces, with variables and escapes between them, wherever queries stand.
TEST(Prefilter, NeverSaysNoWhereSomethingIsFound) {
  const std::string pieces[] = {"etcd_",
                                "old_",
                                "total",
                                "_total",
                                "etcd_old_total",
                                "cpu",
                                "req_ms",
                                "_bucket",
                                "wmi_",
                                "x",
                                ":",
                                "$x",
                                "${x}",
                                "[[x]]",
                                "{{ .x }}",
                                "<<x>>",
                                "%(x)s",
                                "$x:",
                                "\\u0065",
                                "\\x5f",
                                "\\143pu",
                                "\\\n  ",
                                "\\n",
                                "\\t",
                                " ",
                                "(",
                                ")",
                                "{",
                                "}",
                                "\"",
                                "'",
                                "{__name__=~\"",
                                "__name__",
                                "=",
                                "=~",
                                "metrics(",
                                "label_names(",
                                "label_values(",
                                ", x)",
                                " or ",
                                "\\u0024",
                                "\\u003c\\u003c",
                                ">>",
                                "}}",
                                "{{",
                                "\\\\",
                                "#",
                                "\n  ",
                                ".*",
                                "|"};
  const std::string frames[] = {
      "- {alert: a, expr: \"@\"}",
      "- alert: a\n  expr: @\n",
      "- alert: a\n  expr: '@'\n",
      "- record: \"@\"\n  expr: up\n",
      "- alert: a\n  expr: |\n    @\n",
      "{\"panels\": [{\"targets\": [{\"expr\": \"@\"}]}]}",
      "{\"templating\": {\"list\": [{\"type\": \"query\", \"query\": \"@\"}]}}",
      "{\"templating\": {\"list\": [{\"type\": \"adhoc\", \"filters\": [{\"key\": \"__name__\", "
      "\"operator\": \"=~\", \"value\": \"@\"}]}]}}",
      "{\"templating\": {\"list\": [{\"type\": \"query\", \"query\": {\"qryType\": 0, "
      "\"match\": \"@\"}}]}}",
      "kind: ConfigMap\ndata:\n  a.json: |\n    {\"panels\": [{\"targets\": [{\"expr\": "
      "\"@\"}]}]}\n",
      "kind: ConfigMap\ndata:\n  a.json: \"{\\\"panels\\\": [{\\\"targets\\\": [{\\\"expr\\\": "
      "\\\"@\\\"}]}]}\"\n",
      "{{ if .x }}\n- alert: a\n  expr: @\n{{ end }}\n",
      "metric_relabel_configs:\n- source_labels: [__name__]\n  regex: \"@\"\n",
  };
  const Mapping mappings[] = {Small(), WithPattern(), Alike()};
  const Prefilter prefilters[] = {Prefilter(mappings[0]), Prefilter(mappings[1]),
                                  Prefilter(mappings[2])};
  std::mt19937 random(1);
  size_t found = 0, passed = 0;
  for (int round = 0; round < 30000; ++round) {
    std::string inner;
    for (size_t n = 1 + random() % 5; n > 0; --n) inner += pieces[random() % std::size(pieces)];
    std::string text = frames[random() % std::size(frames)];
    text.replace(text.find('@'), 1, inner);
    const size_t which = random() % std::size(mappings);
    const bool may = prefilters[which].MayConcern(text);
    passed += !may;
    for (const FileFormat format : {FileFormat::kYaml, FileFormat::kJson, FileFormat::kText}) {
      if (!FindsSomething(text, format, mappings[which])) continue;
      ++found;
      ASSERT_TRUE(may) << text;
    }
  }
  EXPECT_GT(found, 3000u);
  EXPECT_GT(passed, 3000u);
}

TEST(Prefilter, NeverSaysNoInPublicFiles) {
  const fs::path corpus = fs::path(METRISHIFT_SOURCE_DIR) / ".." / "shared" / "corpus";
  if (!fs::exists(corpus)) GTEST_SKIP() << "no corpus of public files at " << corpus;
  const Mapping etcd = LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  // What many of them ask for.
  const Mapping common = Table({Entry("up", "alive", MetricType::kGauge),
                                Entry("node_load1", "node_load_one", MetricType::kGauge),
                                Entry("kube_pod_info", "kube_pod", MetricType::kGauge)});
  const Prefilter prefilters[] = {Prefilter(etcd), Prefilter(common)};
  size_t files = 0, passed = 0;
  for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
    if (!entry.is_regular_file()) continue;
    std::string why;
    const std::string text = ReadFile(entry.path().string(), &why).value_or("");
    const auto format = formats::FormatOf(entry.path().string(), text);
    if (!format) continue;
    ++files;
    passed += !prefilters[0].MayConcern(text);
    EXPECT_TRUE(prefilters[0].MayConcern(text) || !FindsSomething(text, *format, etcd))
        << entry.path();
    EXPECT_TRUE(prefilters[1].MayConcern(text) || !FindsSomething(text, *format, common))
        << entry.path();
  }
  std::printf("corpus: %zu of %zu files need not be parsed\n", passed, files);
  EXPECT_GT(passed, files / 2);
}

}  // namespace
}  // namespace metrishift::rewrite
