// Public rule files and dashboards, where they are there: nothing crashes, and what changes are the
// names.

#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "core/file.h"
#include "mappings/catalog.h"
#include "rewriter/rewrite/file_rewrite.h"
#include "rewriter/rewrite/mention.h"

namespace metrishift::rewrite {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpus = fs::path(METRISHIFT_SOURCE_DIR) / ".." / "shared" / "corpus";

// `after` with every promoted name turned back, where `before` has the deprecated one at that
// place.
bool DiffersInNamesOnly(std::string_view before, std::string_view after, const Mapping& mapping) {
  size_t at = 0;
  for (const auto& mention : FindMentions<FileSpan>(before, mapping)) {
    const std::string gap(before.substr(at, mention.span.begin - at));
    if (!after.starts_with(gap)) return false;
    after.remove_prefix(gap.size());
    const std::string new_name = mention.match.NewSeries();
    const std::string old_name = mention.match.OldSeries();
    if (after.starts_with(new_name))
      after.remove_prefix(new_name.size());
    else if (after.starts_with(old_name))
      after.remove_prefix(old_name.size());
    else
      return false;
    at = mention.span.end;
  }
  return before.substr(at) == after;
}

TEST(Corpus, OnlyNamesChange) {
  if (!fs::exists(kCorpus)) GTEST_SKIP() << "no corpus of public files at " << kCorpus;
  const Mapping mapping = LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  size_t files = 0, unreadable = 0, queries = 0, unparsable = 0, changed = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kCorpus)) {
    if (!entry.is_regular_file()) continue;
    std::string why;
    const std::string text = ReadFile(entry.path().string(), &why).value_or("");
    const auto format = formats::FormatOf(entry.path().string(), text);
    if (!format) continue;
    ++files;
    const Outcome<FileRewrite> rewrite = RewriteFile(text, *format, mapping);
    if (!rewrite) {
      ++unreadable;
      continue;
    }
    queries += rewrite->queries;
    unparsable += rewrite->unparsable;
    const bool mapped = !FindMentions<FileSpan>(text, mapping).empty();
    EXPECT_TRUE(mapped || rewrite->text == text) << entry.path();
    EXPECT_TRUE(DiffersInNamesOnly(text, rewrite->text, mapping)) << entry.path();
    changed += rewrite->text != text;
  }
  std::printf(
      "corpus: %zu files, %zu not YAML or JSON, %zu queries, %zu not understood, %zu files "
      "changed\n",
      files, unreadable, queries, unparsable, changed);
  EXPECT_GT(changed, 0u);
  EXPECT_GT(queries, 1000u);
}

}  // namespace
}  // namespace metrishift::rewrite
