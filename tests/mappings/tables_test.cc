// What must hold of every table of mappings/, and of all of them together.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/entry_labels.h"
#include "core/file.h"
#include "core/mapping.h"
#include "core/mapping_loader.h"
#include "mappings/catalog.h"

namespace metrishift {
namespace {

using testing::IsEmpty;

std::vector<const MappingEntry*> EntriesOf(const MappingTable& table) {
  std::vector<const MappingEntry*> entries;
  for (const MappingEntry& entry : table.metrics) entries.push_back(&entry);
  for (const MappingPattern& pattern : table.patterns) entries.push_back(&pattern.entry);
  return entries;
}

TEST(Tables, LoadWithoutARemark) {
  for (const BuiltinTable& builtin : BuiltinTables()) {
    const Outcome<MappingTable> table = LoadMappingTable(builtin.text);
    ASSERT_TRUE(table) << builtin.name;
    EXPECT_THAT(table.diagnostics, IsEmpty()) << builtin.name;
  }
  EXPECT_EQ(LoadBuiltinTables().size(), BuiltinTables().size());
}

TEST(Tables, SayWhatToDoAboutWhatIsGone) {
  for (const MappingTable& table : LoadBuiltinTables()) {
    EXPECT_TRUE(table.source.starts_with("https://")) << table.name;
    for (const MappingEntry* entry : EntriesOf(table)) {
      const bool needs_note =
          entry->fate != MappingEntry::Fate::kReplaced ||
          (entry->equivalence == Equivalence::kApproximate && entry->expr.empty() &&
           DroppedLabels(*entry).empty() && entry->label_values.empty());
      EXPECT_TRUE(!needs_note || !entry->note.empty()) << table.name << " " << entry->old_name;
    }
  }
}

// Factors that the names do not tell, by what old names end with: what the programs measured.
const std::map<std::string, double> kFactors = {
    {"_queue_latency", 1e6},
    {"_work_duration", 1e6},
    {"_request_latencies", 1e6},
    {"_request_latencies_summary", 1e6},
    {"_predicate_evaluation", 1e6},
    {"_priority_evaluation", 1e6},
    {"_preemption_evaluation", 1e6},
    {"node_disk_io_time_weighted", 1e3},
    {"node_timex_frequency_adjustment", 65536e6},
    {"node_timex_pps_frequency", 65536e6},
    {"node_timex_pps_stability", 65536e6},
    {"windows_net_current_bandwidth", 8},
    {"traefik_tls_certs_not_after_milliseconds", 1},  // seconds, whatever the name said
};

// How much one of the unit in a metric's name is, in seconds; 0 where it has none.
double Seconds(const std::string& name) {
  for (const auto& [unit, seconds] : {std::pair("_microseconds", 1e-6),
                                      {"_milliseconds", 1e-3},
                                      {"_ms", 1e-3},
                                      {"_seconds", 1.0}}) {
    if ((name + "_").find(unit + std::string("_")) != std::string::npos) return seconds;
  }
  return 0;
}

double FactorOf(const MappingEntry& entry) {
  for (const auto& [end, factor] : kFactors) {
    if (entry.old_name.ends_with(end)) return factor;
  }
  const double old_unit = Seconds(entry.old_name);
  const double new_unit = Seconds(entry.new_name);
  return old_unit == 0 || new_unit == 0 ? 1 : new_unit / old_unit;
}

TEST(Tables, HaveTheFactorsThatUnitsTell) {
  size_t factors = 0;
  for (const MappingTable& table : LoadBuiltinTables()) {
    for (const MappingEntry& entry : table.metrics) {
      if (entry.fate != MappingEntry::Fate::kReplaced || !entry.expr.empty()) continue;
      EXPECT_DOUBLE_EQ(entry.scale, FactorOf(entry)) << table.name << " " << entry.old_name;
      if (entry.scale != 1) ++factors;
    }
  }
  EXPECT_GT(factors, 70u);
}

// Products compose step by step, and all of them stand side by side.
TEST(Tables, ComposeAndDoNotContradictEachOther) {
  std::set<std::string> products = {"all"};
  for (const MappingTable& table : LoadBuiltinTables()) products.insert(table.component);
  for (const std::string& product : products)
    EXPECT_EQ(LoadMappings(std::array{product}).error, "") << product;
}

TEST(Tables, ANameOfTwoProductsIsNeithers) {
  const CatalogResult all =
      LoadMappings(std::array{std::string("client_java"), std::string("micrometer")});
  const std::span<const Mapping::Match> matches = all.mapping.FindAllOld("jvm_classes_loaded");
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_EQ(matches.front().entry->fate, MappingEntry::Fate::kSemantics);
  EXPECT_THAT(matches.front().entry->note, testing::AllOf(testing::HasSubstr("client-java-0.12"),
                                                          testing::HasSubstr("micrometer-1.1")));
  // Named one by one, they contradict each other.
  EXPECT_NE(LoadMappings(std::array{std::string("client-java-0.12"), std::string("micrometer-1.1")})
                .error,
            "");
}

TEST(Tables, NamesThatOthersKeepAreNotAmongAll) {
  const CatalogResult all = LoadMappings(std::array{std::string("all")});
  for (const char* name : {"http_requests_total", "cortex_ring_members",
                           "prometheus_sd_updates_total", "jvm_classes_loaded"})
    EXPECT_FALSE(all.mapping.FindOld(name)) << name;
  const CatalogResult loki = LoadMappings(std::array{std::string("loki")});
  EXPECT_TRUE(loki.mapping.FindOld("cortex_ring_members"));
}

TEST(Selection, ByVersion) {
  const auto old_names = [](const std::string& from, const std::string& to) {
    const CatalogResult result = LoadMappings(TableChoice{{"etcd"}, from, to});
    EXPECT_EQ(result.error, "");
    std::set<std::string> names;
    for (const MappingTable& table : result.mapping.tables()) names.insert(table.name);
    return names;
  };
  using testing::ElementsAre;
  EXPECT_THAT(old_names("3.3", "3.6"), ElementsAre("etcd-3.4", "etcd-3.5", "etcd-3.6"));
  EXPECT_THAT(old_names("3.4.23", "3.5.16"), ElementsAre("etcd-3.5"));
  EXPECT_THAT(old_names("", "3.0"), ElementsAre("etcd-2.3", "etcd-3.0"));
  EXPECT_THAT(old_names("3.5", ""), ElementsAre("etcd-3.6"));
}

TEST(Selection, Mistakes) {
  using testing::HasSubstr;
  const auto error = [](std::vector<std::string> names, const std::string& from,
                        const std::string& to) {
    return LoadMappings(TableChoice{std::move(names), from, to}).error;
  };
  EXPECT_THAT(error({"etcd"}, "3.6", "3.7"), HasSubstr("etcd-2.3, etcd-3.0"));
  EXPECT_THAT(error({"etcd"}, "x", ""), HasSubstr("\"x\" is no version"));
  EXPECT_THAT(error({"all"}, "3.3", ""), HasSubstr("of one product"));
  EXPECT_THAT(error({"etcd-3.5"}, "3.3", ""), HasSubstr("name one"));
  EXPECT_THAT(error({"etcd", "coredns"}, "1.0", ""), HasSubstr("these are two"));
  EXPECT_EQ(error({"node-exporter"}, "", ""), "");
  EXPECT_EQ(error({"etcd", "etcd-3.5"}, "", ""), "");
}

// One line of a CSV file: fields with commas between, in quotes or not, "" for a quote.
std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else if (line[i] != '\r') {
      fields.back() += line[i];
    }
  }
  return fields;
}

std::vector<std::vector<std::string>> ReadCsv(const std::string& path) {
  std::string why;
  const std::string text = ReadFile(path, &why).value_or("");
  std::vector<std::vector<std::string>> rows;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) rows.push_back(Fields(text.substr(at, end - at)));
    at = end + 1;
  }
  if (!rows.empty()) rows.erase(rows.begin());  // headings
  return rows;
}

// "f()", and what may stand behind it.
std::string_view FunctionName(std::string_view text) { return text.substr(0, text.find('(')); }

bool IsSaidOfFunction(const std::vector<Mapping>& tables, const std::vector<std::string>& fact) {
  return std::ranges::any_of(tables, [&fact](const Mapping& table) {
    const FunctionEntry* entry = table.FindFunction(FunctionName(fact[1]));
    return entry != nullptr &&
           entry->new_name == (fact[0] == "function_removed" ? "" : FunctionName(fact[2]));
  });
}

// True iff `entry` says what a fact says: that the old metric becomes `new_name`, or is gone.
bool Says(const MappingEntry& entry, const std::string& new_name, const std::string& kind) {
  const bool gone =
      kind == "removed" || kind == "default_off" || kind == "semantics" || kind == "label_dropped";
  if (entry.fate != MappingEntry::Fate::kReplaced) return gone;
  return entry.new_name == new_name || entry.new_name == new_name + "_count" ||
         (!entry.expr.empty() && entry.expr.find(new_name) != std::string::npos);
}

// --x=BOOL is any value of --x, and its new flag has that value.
std::string WithoutBool(std::string text, const std::string& instead) {
  const size_t at = text.find("=BOOL");
  return at == std::string::npos ? text : text.replace(at, 5, instead);
}

bool IsSaidOfFlag(const MappingTable& table, const std::vector<std::string>& fact) {
  const std::string new_name = fact[0] == "flag_removed" ? "" : WithoutBool(fact[2], "=$value");
  return std::ranges::any_of(table.flags, [&](const FlagEntry& entry) {
    return entry.old_name == WithoutBool(fact[1], "") && entry.new_name == new_name;
  });
}

// "/v3beta/*" is "/v3beta/".
bool IsSaidOfEndpoint(const MappingTable& table, const std::vector<std::string>& fact) {
  const auto path = [](std::string text) {
    if (text.ends_with('*')) text.pop_back();
    return text.substr(text.find('/') == std::string::npos ? text.size() : text.find('/'));
  };
  return std::ranges::any_of(table.endpoints, [&](const EndpointEntry& entry) {
    const bool within = !entry.within.empty() && path(fact[1]).starts_with(entry.old_name);
    return (entry.old_name == path(fact[1]) && entry.new_name == path(fact[2])) ||
           (within && path(fact[2]).starts_with(entry.new_name));
  });
}

bool IsSaid(const std::vector<Mapping>& tables, const std::vector<std::string>& fact) {
  const auto any_table = [&](bool (*says)(const MappingTable&, const std::vector<std::string>&)) {
    return std::ranges::any_of(
        tables, [&](const Mapping& table) { return says(table.tables().front(), fact); });
  };
  if (fact[0].starts_with("flag")) return any_table(IsSaidOfFlag);
  if (fact[0] == "endpoint") return any_table(IsSaidOfEndpoint);
  if (fact[0].starts_with("function")) return IsSaidOfFunction(tables, fact);
  const std::string old_name = fact[1].substr(0, fact[1].find(" (Mimir ruler)"));
  for (const Mapping& table : tables) {
    for (const char* suffix : {"", "_sum"}) {
      for (const Mapping::Match& match : table.FindAllOld(old_name + suffix)) {
        if (match.entry->old_name == old_name && Says(*match.entry, fact[2], fact[0])) return true;
      }
    }
  }
  return false;
}

// True iff `entry` has the factor and the labels of a fact, as far as those can be read: "1000",
// "pod_name->pod;a->b", `resource="cpu";unit="core"`.
bool AgreesWith(const MappingEntry& entry, const std::vector<std::string>& fact) {
  const double factor = std::strtod(fact[6].c_str(), nullptr);
  if (entry.expr.empty() && factor != 0 && factor != entry.scale) return false;
  std::string a;
  std::string b;
  bool renames = false;  // some label of the fact; not all of its metrics have all of them
  bool renamed = false;
  re2::StringPiece pairs(fact[4]);
  while (RE2::FindAndConsume(&pairs, R"((?:^|;)(\w+)->(\w+)(?:[; ]|$))", &a, &b)) {
    const auto label = std::ranges::find(entry.labels, a, &LabelRename::old_name);
    if (label != entry.labels.end() && label->new_name != b) return false;
    renames = true;
    // What b says is something else, as the fact notes: then a may be dropped.
    const bool dropped = fact.back().find(" differ") != std::string::npos &&
                         std::ranges::count(entry.new_labels, Label{a, ""}) > 0;
    renamed = renamed || label != entry.labels.end() || dropped ||
              FindLabel(entry.new_labels, b) != nullptr;
  }
  if (renames && !renamed) return false;
  re2::StringPiece fixed(fact[5]);
  while (RE2::FindAndConsume(&fixed, R"re((?:^|;)(\w+)="(\w+)"(?:[; ]|$))re", &a, &b)) {
    const bool mapped = std::ranges::count(entry.label_values, a, &LabelValues::label) > 0;
    if (entry.expr.empty() && !mapped && std::ranges::count(entry.new_labels, Label{a, b}) == 0)
      return false;
  }
  return true;
}

// The entries of all tables that a fact is about.
std::vector<const MappingEntry*> EntriesOf(const std::vector<Mapping>& tables,
                                           const std::vector<std::string>& fact) {
  std::vector<const MappingEntry*> entries;
  for (const Mapping& table : tables) {
    for (const MappingEntry& entry : table.entries()) {
      if (entry.old_name == fact[1] && entry.fate == MappingEntry::Fate::kReplaced &&
          Says(entry, fact[2], fact[0]))
        entries.push_back(&entry);
    }
  }
  return entries;
}

// Every fact is in a table, or tests/mappings/not_in_tables.csv says why not; and what that says is
// true.
TEST(Facts, AreInTablesOrListed) {
  namespace fs = std::filesystem;
  const char* set = std::getenv("METRISHIFT_SHARED");
  const fs::path facts =
      fs::path(set != nullptr ? set : METRISHIFT_SOURCE_DIR "/../shared") / "facts" / "mappings";
  if (!fs::exists(facts)) GTEST_SKIP() << facts << " is not there";
  std::vector<Mapping> tables;
  for (MappingTable& table : LoadBuiltinTables()) {
    Outcome<Mapping> mapping = Mapping::FromTables({std::move(table)});
    ASSERT_TRUE(mapping);
    tables.push_back(*std::move(mapping.value));
  }
  using Key = std::array<std::string, 3>;  // file, old, new
  std::map<Key, std::string> listed;
  for (const auto& row : ReadCsv(METRISHIFT_SOURCE_DIR "/tests/mappings/not_in_tables.csv")) {
    ASSERT_EQ(row.size(), 4u);
    EXPECT_FALSE(row[3].empty()) << row[1];
    listed[{row[0], row[1], row[2]}] = row[3];
  }
  std::set<Key> missing;
  size_t count = 0;
  for (const auto& file : fs::directory_iterator(facts)) {
    if (file.path().extension() != ".csv") continue;
    for (const auto& row : ReadCsv(file.path().string())) {
      ASSERT_GE(row.size(), 7u) << file.path();
      ++count;
      const std::vector<const MappingEntry*> entries = EntriesOf(tables, row);
      const auto agrees = [&row](const MappingEntry* entry) { return AgreesWith(*entry, row); };
      EXPECT_TRUE(entries.empty() || std::ranges::any_of(entries, agrees))
          << entries.front()->table << ": " << row[1]
          << " has another factor or other labels: " << row[4] << " | " << row[5] << " | "
          << row[6];
      if (!IsSaid(tables, row)) missing.insert({file.path().stem().string(), row[1], row[2]});
    }
  }
  EXPECT_GT(count, 1000u);
  for (const Key& key : missing) {
    EXPECT_TRUE(listed.contains(key)) << key[0] << "," << key[1] << "," << key[2];
  }
  for (const auto& [key, reason] : listed) {
    EXPECT_TRUE(missing.contains(key)) << "no such fact, or a table says it: " << key[1];
  }
}

}  // namespace
}  // namespace metrishift
