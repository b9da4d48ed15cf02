// Every file of the shared corpus of public rules and dashboards. It lies beside the repository,
// not in it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <vector>

#include "core/file.h"
#include "rewriter/formats/extract.h"
#include "tests/rewriter/formats/piece_check.h"

namespace metrishift::formats {
namespace {

struct CorpusFile {
  std::string path;
  std::string text;
  FileFormat format;
};

std::vector<CorpusFile> CorpusFiles() {
  const char* shared = std::getenv("METRISHIFT_SHARED");
  const std::filesystem::path root =
      (shared != nullptr ? std::filesystem::path(shared)
                         : std::filesystem::path(METRISHIFT_SOURCE_DIR) / ".." / "shared") /
      "corpus";
  std::vector<CorpusFile> files;
  if (!std::filesystem::is_directory(root)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    std::string error;
    auto text = ReadFile(entry.path(), &error);
    EXPECT_TRUE(text) << entry.path() << ": " << error;
    const auto format = FormatOf(entry.path().string(), *text);
    if (format) files.push_back({entry.path().string(), *std::move(text), *format});
  }
  return files;
}

TEST(Corpus, EveryQueryIsWhereItsMapSays) {
  const std::vector<CorpusFile> files = CorpusFiles();
  if (files.empty()) GTEST_SKIP() << "no corpus";
  std::map<ReadAs, size_t> read_as;
  std::map<std::pair<QueryKind, QueryUse>, size_t> queries;
  for (const CorpusFile& file : files) {
    const Outcome<Extraction> extraction = Extract(file.format, file.text);
    if (!extraction) {
      std::printf("not read: %s: %s\n", file.path.c_str(),
                  extraction.diagnostics[0].message.c_str());
      continue;
    }
    ++read_as[extraction->read_as];
    EXPECT_TRUE(extraction.diagnostics.empty())
        << file.path << ": " << extraction.diagnostics[0].message;
    size_t last = 0;
    for (const EmbeddedQuery& query : extraction->queries) {
      ++queries[{query.kind, query.use}];
      ASSERT_LE(query.span.end, file.text.size());
      EXPECT_LE(last, query.span.begin) << file.path << " " << query.place;
      last = query.span.end;
      EXPECT_EQ(PieceProblem(file.text, query.span, query.text, query.map), "")
          << file.path << " " << query.place;
    }
  }
  std::printf("%zu files: %zu as trees, %zu as templates, %zu line by line\n", files.size(),
              read_as[ReadAs::kTree], read_as[ReadAs::kTemplate], read_as[ReadAs::kText]);
  for (const auto& [what, count] : queries) {
    std::printf("  kind %d, use %d: %zu queries\n", static_cast<int>(what.first),
                static_cast<int>(what.second), count);
  }
  EXPECT_GT((queries[{QueryKind::kPromQL, QueryUse::kEvaluated}]), 0u);
  EXPECT_GT((queries[{QueryKind::kGrafanaPromQL, QueryUse::kEvaluated}]), 0u);
}

// Where the values of all "expr" begin that a search for the word finds.
std::vector<size_t> NaiveValues(std::string_view text) {
  std::vector<size_t> values;
  for (size_t at = text.find("expr"); at < text.size(); at = text.find("expr", at + 1)) {
    const char before = at == 0 ? ' ' : text[at - 1];
    if (std::string_view(" \t\n-\"'{,").find(before) == std::string_view::npos) continue;
    size_t i = at + 4;
    if (before == '"' && i < text.size() && text[i] == '"') ++i;
    if (i >= text.size() || text[i] != ':') continue;
    const size_t value = text.find_first_not_of(" \t\r\n", i + 1);
    if (value < text.size() && !text.substr(value).starts_with("\"\"")) values.push_back(value);
  }
  return values;
}

// Why `value` may be no query; nullptr when it should be one.
const char* ReasonToLeave(const CorpusFile& file, size_t value) {
  const std::string_view text = file.text;
  const size_t newline = text.rfind('\n', value);
  const size_t line = newline == text.npos ? 0 : newline + 1;
  const size_t first = text.find_first_not_of(" \t-", line);
  if (text[first] == '#') return "a comment";
  const std::string_view rest = text.substr(value, text.find('\n', value) - value);
  for (const std::string_view filter : {"|~", "|=", "| json", "| logfmt", "| unwrap"}) {
    if (rest.find(filter) != rest.npos) return "LogQL";
  }
  for (const std::string_view selector : {"\"{", "({"}) {
    if (rest.find(selector) != rest.npos) return "names no metric, and its datasource is Loki";
  }
  return nullptr;
}

TEST(Corpus, WhatASearchFindsIsFound) {
  const std::vector<CorpusFile> files = CorpusFiles();
  if (files.empty()) GTEST_SKIP() << "no corpus";
  size_t found = 0;
  std::map<std::string, size_t> left;
  for (const CorpusFile& file : files) {
    const Outcome<Extraction> extraction = Extract(file.format, file.text);
    for (const size_t value : NaiveValues(file.text)) {
      const bool is_found =
          extraction && std::ranges::any_of(extraction->queries, [&](const EmbeddedQuery& query) {
            return query.span.begin <= value && value < query.span.end;
          });
      if (is_found) {
        ++found;
      } else if (const char* reason = ReasonToLeave(file, value)) {
        ++left[reason];
      } else {
        ADD_FAILURE() << file.path << ": " << file.text.substr(value, 160);
      }
    }
  }
  std::printf("%zu values of expr found\n", found);
  for (const auto& [reason, count] : left) std::printf("%zu left: %s\n", count, reason.c_str());
}

}  // namespace
}  // namespace metrishift::formats
