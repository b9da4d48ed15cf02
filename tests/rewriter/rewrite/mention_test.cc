#include "rewriter/rewrite/mention.h"

#include <gtest/gtest.h>

#include <array>

#include "mappings/catalog.h"

namespace metrishift::rewrite {
namespace {

TEST(FindMentions, FindsWholeWordsOnly) {
  const Mapping mapping = LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  struct Row {
    std::string_view text;
    size_t count;
  };
  const Row rows[] = {
      {"", 0},
      {"etcd_debugging_mvcc_put_total", 1},
      {"(etcd_debugging_mvcc_put_total,etcd_debugging_mvcc_txn_total)", 2},
      {"etcd_debugging_mvcc_put_totals", 0},
      {"my_etcd_debugging_mvcc_put_total", 0},
      {"job:etcd_debugging_mvcc_put_total:sum", 0},
      {"\"a\\netcd_debugging_mvcc_put_total\"", 1},
      {"etcd_debugging_mvcc_keys_total", 0},
      {"etcd_debugging_mvcc_put_total\\", 1},
      {"etcd_debugging_mvcc_put_total: puts", 1},
      {":etcd_debugging_mvcc_put_total:", 1},
      {"::", 0},
      {"\\u003ecode\\u003eetcd_debugging_mvcc_put_total\\u003c/code", 1},
      {"\\x3Eetcd_debugging_mvcc_put_total", 1},
      {"\\U0000003Eetcd_debugging_mvcc_put_total", 1},
      {"C:\\etcd_debugging_mvcc_put_total", 1},
      {"\\\\etcd_debugging_mvcc_put_total", 1},
      {"g0.expr=rate%28etcd_debugging_mvcc_put_total%5B5m%5D%29", 1},
      {"\\", 0},
  };
  for (const Row& row : rows)
    EXPECT_EQ(FindMentions<FileSpan>(row.text, mapping).size(), row.count) << row.text;
}

TEST(FindMentions, SpanIsTheWord) {
  const Mapping mapping = LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  const auto mentions = FindMentions<FileSpan>("x etcd_debugging_mvcc_put_total y", mapping);
  ASSERT_EQ(mentions.size(), 1u);
  EXPECT_EQ(mentions[0].span, (FileSpan{2, 31}));
  EXPECT_EQ(mentions[0].match.NewSeries(), "etcd_mvcc_put_total");
}

}  // namespace
}  // namespace metrishift::rewrite
