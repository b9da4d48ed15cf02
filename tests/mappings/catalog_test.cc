#include "mappings/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <set>

#include "core/file.h"
#include "core/mapping_loader.h"

namespace metrishift {
namespace {

using testing::HasSubstr;

TEST(Catalog, EveryTableOfTheFolderIsBuiltInAndLoads) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(METRISHIFT_SOURCE_DIR "/mappings")) {
    if (entry.path().extension() != ".yaml") continue;
    files.insert(entry.path().stem());
    std::string why;
    const BuiltinTable* table = FindBuiltinTable(entry.path().stem().string());
    ASSERT_NE(table, nullptr) << entry.path();
    EXPECT_EQ(table->text, ReadFile(entry.path().string(), &why));
    const Outcome<MappingTable> loaded = LoadMappingTable(table->text);
    ASSERT_TRUE(loaded) << entry.path();
    EXPECT_EQ(loaded->name, table->name);
  }
  EXPECT_EQ(BuiltinTables().size(), files.size());
  EXPECT_FALSE(files.empty());
}

// Read off etcd's sources: https://github.com/etcd-io/etcd, mvcc/metrics.go at v3.4.0,
// server/mvcc/metrics.go at v3.5.0.
TEST(Catalog, EtcdHasTheFivePromotedMetricsAndNoOther) {
  const CatalogResult result = LoadMappings(std::array{std::string("etcd-3.5")});
  ASSERT_EQ(result.error, "");
  EXPECT_EQ(result.mapping.entries().size(), 5u);
  for (const char* name :
       {"db_total_size_in_bytes", "put_total", "delete_total", "txn_total", "range_total"}) {
    const auto match = result.mapping.FindOld(std::string("etcd_debugging_mvcc_") + name);
    ASSERT_TRUE(match) << name;
    EXPECT_EQ(match->NewSeries(), std::string("etcd_mvcc_") + name);
    EXPECT_EQ(match->entry->old_until, std::string(name) == "range_total" ? "3.6.0" : "3.5.0");
  }
  for (const char* name :
       {"keys_total", "watcher_total", "events_total", "total_put_size_in_bytes"}) {
    EXPECT_FALSE(result.mapping.FindOld(std::string("etcd_debugging_mvcc_") + name)) << name;
  }
}

TEST(Catalog, UnknownNamesSayWhatThereIs) {
  const CatalogResult result = LoadMappings(std::array{std::string("etcd-9")});
  EXPECT_THAT(result.error, HasSubstr("etcd-3.5"));
  EXPECT_THAT(result.error, HasSubstr("No such file"));
}

TEST(Catalog, TheSameTableTwiceIsOnce) {
  const CatalogResult result =
      LoadMappings(std::array{std::string("etcd-3.5"), std::string("etcd-3.5")});
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.mapping.entries().size(), 5u);
  const std::string file = std::string(METRISHIFT_SOURCE_DIR) + "/mappings/etcd-3.5.yaml";
  EXPECT_EQ(LoadMappings(std::array{std::string("etcd-3.5"), file, file}).error, "");
}

// The one-line examples of mappings/README.md.
TEST(Readme, ExamplesLoad) {
  std::string why;
  const auto text = ReadFile(METRISHIFT_SOURCE_DIR "/mappings/README.md", &why);
  ASSERT_TRUE(text) << why;
  size_t examples = 0;
  for (size_t at = text->find("`{old"); at != std::string::npos; at = text->find("`{old", at + 1)) {
    const std::string entry = text->substr(at + 1, text->find('`', at + 1) - at - 1);
    std::string table =
        "name: t\ntitle: T\ncomponent: c\nversions: {from: '1', to: '2'}\nsource: s\nmetrics:\n- ";
    if (entry.starts_with("{old: --")) {
      table += "{old: a, new: b, type: gauge}\nprogram: {name: p, variables: P_}\nflags:\n- ";
    }
    const Outcome<MappingTable> loaded = LoadMappingTable(table + entry + "\n");
    EXPECT_TRUE(loaded) << entry << "\n" << loaded.diagnostics.front().message;
    ++examples;
  }
  EXPECT_GT(examples, 10u);
}

TEST(Catalog, ABadFileIsRenderedWithItsPlace) {
  const std::string path = std::string(METRISHIFT_SOURCE_DIR) + "/CMakePresets.json";
  EXPECT_THAT(LoadMappings(std::array{path}).error,
              HasSubstr("CMakePresets.json:2:3: error: unknown key \"version\""));
}

}  // namespace
}  // namespace metrishift
