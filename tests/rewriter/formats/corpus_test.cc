// Every file of the shared corpus of public rules and dashboards. It lies beside the repository,
// not in it.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "core/file.h"
#include "rewriter/formats/extract.h"
#include "tests/rewriter/formats/piece_check.h"

namespace metrishift::formats {
namespace {

TEST(Corpus, EveryQueryIsWhereItsMapSays) {
  const std::filesystem::path root =
      std::filesystem::path(METRISHIFT_SOURCE_DIR) / ".." / "shared" / "corpus";
  if (!std::filesystem::is_directory(root)) GTEST_SKIP() << "no corpus at " << root;
  size_t files = 0;
  size_t parsed = 0;
  std::map<QueryKind, size_t> queries;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    std::string error;
    const auto text = ReadFile(entry.path(), &error);
    ASSERT_TRUE(text) << entry.path() << ": " << error;
    const auto format = FormatOf(entry.path().string(), *text);
    if (!format) continue;
    ++files;
    const Outcome<Extraction> extraction = Extract(*format, *text);
    if (!extraction) continue;
    ++parsed;
    EXPECT_TRUE(extraction.diagnostics.empty())
        << entry.path() << ": " << extraction.diagnostics[0].message;
    size_t last = 0;
    for (const EmbeddedQuery& query : extraction->queries) {
      ++queries[query.kind];
      ASSERT_LE(query.span.end, text->size());
      EXPECT_LE(last, query.span.begin) << entry.path() << " " << query.place;
      last = query.span.begin;
      EXPECT_EQ(PieceProblem(*text, query.span, query.text, query.map), "")
          << entry.path() << " " << query.place;
      const auto again = DecodeScalar(*text, query.span, query.style, query.text);
      EXPECT_TRUE(again) << entry.path() << " " << query.place;
    }
  }
  std::printf(
      "%zu files, %zu of them valid: %zu queries in rules, %zu in dashboards, %zu variables\n",
      files, parsed, queries[QueryKind::kPromQL], queries[QueryKind::kGrafanaPromQL],
      queries[QueryKind::kGrafanaVariable]);
  EXPECT_GT(queries[QueryKind::kPromQL], 0u);
  EXPECT_GT(queries[QueryKind::kGrafanaPromQL], 0u);
}

}  // namespace
}  // namespace metrishift::formats
