// Public rule files and dashboards, where they are there: nothing crashes, and what changes are the
// names.

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "core/file.h"
#include "mappings/catalog.h"
#include "rewriter/promql/parser.h"
#include "rewriter/promql/walk.h"
#include "rewriter/rewrite/embedded_plan.h"
#include "rewriter/rewrite/file_rewrite.h"
#include "rewriter/rewrite/grafana_variable.h"
#include "rewriter/rewrite/mention.h"
#include "rewriter/rewrite/name_regex.h"

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
    const std::string after = rewrite->edits.Splice(text);
    EXPECT_TRUE(mapped || after == text) << entry.path();
    EXPECT_TRUE(DiffersInNamesOnly(text, after, mapping)) << entry.path();
    changed += after != text;
  }
  std::printf(
      "corpus: %zu files, %zu not YAML or JSON, %zu queries, %zu not understood, %zu files "
      "changed\n",
      files, unreadable, queries, unparsable, changed);
  EXPECT_GT(changed, 0u);
  EXPECT_GT(queries, 1000u);
}

// --- Every name there gets another one, and has its own again.

using formats::EmbeddedQuery;
using formats::QueryKind;
using formats::QueryUse;
using Names = std::set<std::string, std::less<>>;

constexpr std::string_view kRenamed = "_renamed";

// The part of a query that is PromQL; nothing where there is none.
std::optional<QuerySpan> PromQlOf(const EmbeddedQuery& query) {
  if (query.kind != QueryKind::kGrafanaVariable) return QuerySpan{0, query.text.size()};
  const VariableQuery variable = ParseVariableQuery(query.text);
  const bool is_promql = variable.kind == VariableQuery::Kind::kSelector ||
                         variable.kind == VariableQuery::Kind::kPromQL;
  return is_promql ? std::optional(variable.span) : std::nullopt;
}

promql::ParseResult Parse(std::string_view text, QueryKind kind) {
  const bool grafana = kind != QueryKind::kPromQL;
  promql::ParseResult parsed =
      promql::ParseExpr(text, {grafana ? promql::Dialect::kGrafana : promql::Dialect::kPrometheus});
  return parsed ? std::move(parsed) : promql::ParseExpr(text, {promql::Dialect::kGoTemplate});
}

// Where names stand in a regular expression of names at `span`.
void AddAlternatives(std::string_view regex, QuerySpan span, NamePart part,
                     std::vector<QuerySpan>& spans) {
  const auto alternatives = SplitNameRegex(regex, part);
  for (size_t i = 0; alternatives && i < alternatives->size(); ++i) {
    const NameAlternative& each = (*alternatives)[i];
    if (each.is_name) spans.push_back({span.begin + each.begin, span.begin + each.end});
  }
}

void AddMatcher(const promql::LabelMatcher& matcher, std::vector<QuerySpan>& spans) {
  const QuerySpan span{matcher.value.span.begin + 1, matcher.value.span.end - 1};
  if (matcher.form != promql::LabelMatcher::Form::kPlain || matcher.name.text != "__name__" ||
      matcher.value.templated || span.size() != matcher.value.text.size()) {
    return;
  }
  if (matcher.type == promql::MatchType::kEqual || matcher.type == promql::MatchType::kNotEqual) {
    if (IsMetricName(matcher.value.text)) spans.push_back(span);
  } else {
    AddAlternatives(matcher.value.text, span, NamePart::kAll, spans);
  }
}

// The bytes of every name of a metric in a query, in order; nothing when it cannot be read.
std::optional<std::vector<QuerySpan>> NamesIn(const EmbeddedQuery& query) {
  std::vector<QuerySpan> spans;
  constexpr std::pair<QueryUse, NamePart> kRegexes[] = {
      {QueryUse::kNameRegex, NamePart::kAll},
      {QueryUse::kFirstNameRegex, NamePart::kFirst},
      {QueryUse::kLastNameRegex, NamePart::kLast},
      {QueryUse::kMidNameRegex, NamePart::kMiddle}};
  for (const auto& [use, names] : kRegexes) {
    if (query.use != use) continue;
    AddAlternatives(query.text, {0, query.text.size()}, names, spans);
    return spans;
  }
  const std::optional<QuerySpan> part = PromQlOf(query);
  if (!part) return spans;
  const promql::ParseResult parsed =
      Parse(std::string_view(query.text).substr(part->begin, part->size()), query.kind);
  if (!parsed) return std::nullopt;
  promql::Walk(*parsed.expr, [&](const promql::Expr& node, const promql::Expr*) {
    const auto* selector = std::get_if<promql::VectorSelector>(&node.node);
    if (selector == nullptr) return;
    if (selector->name && !selector->name->templated) {
      const QuerySpan span = selector->name->span;
      const size_t quote = selector->name->quoted ? 1 : 0;
      spans.push_back({span.begin + quote, span.end - quote});
    }
    for (const promql::LabelMatcher& matcher : selector->matchers) AddMatcher(matcher, spans);
  });
  for (QuerySpan& span : spans) span = {span.begin + part->begin, span.end + part->begin};
  std::ranges::sort(spans);
  return spans;
}

struct CorpusFile {
  std::string path;
  std::string text;
  formats::FileFormat format = formats::FileFormat::kYaml;
};

std::vector<CorpusFile> CorpusFiles() {
  std::vector<CorpusFile> files;
  if (!fs::exists(kCorpus)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(kCorpus)) {
    std::string why;
    if (!entry.is_regular_file()) continue;
    std::string text = ReadFile(entry.path().string(), &why).value_or("");
    const auto format = formats::FormatOf(entry.path().string(), text);
    if (format) files.push_back({entry.path().string(), std::move(text), *format});
  }
  return files;
}

// What the run comes across, printed at its end.
struct Census {
  std::map<formats::ReadAs, size_t> read_as;
  std::map<std::string, size_t> not_understood;  // by the message
  size_t queries = 0;

  void Print() const {
    std::printf("corpus: %zu files as trees, %zu as templates, %zu line by line\n",
                read_as.at(formats::ReadAs::kTree), read_as.at(formats::ReadAs::kTemplate),
                read_as.at(formats::ReadAs::kText));
    size_t sum = 0;
    for (const auto& [message, count] : not_understood) {
      std::printf("  %zu not understood: %s\n", count, message.c_str());
      sum += count;
    }
    std::printf("  %zu of %zu queries not understood\n", sum, queries);
  }
};

Names FindNames(const std::vector<CorpusFile>& files, Census& census) {
  Names names;
  for (const CorpusFile& file : files) {
    const Outcome<formats::Extraction> extraction = formats::Extract(file.format, file.text);
    if (!extraction) continue;
    ++census.read_as[extraction->read_as];
    for (const EmbeddedQuery& query : extraction->queries) {
      if (query.use == QueryUse::kPattern || query.use == QueryUse::kMetricName) continue;
      ++census.queries;
      const auto spans = NamesIn(query);
      if (!spans) {
        const auto error = PlanEmbedded(query, Mapping()).error;
        ++census
              .not_understood[error ? error->message + ", as in " + query.text.substr(0, 80) : ""];
        continue;
      }
      for (const QuerySpan span : *spans) names.insert(query.text.substr(span.begin, span.size()));
    }
  }
  return names;
}

Mapping RenameAll(const Names& names) {
  MappingTable table;
  table.name = table.component = "t";
  for (const std::string& name : names) {
    MappingEntry entry;
    entry.old_name = name;
    entry.new_name = name + std::string(kRenamed);
    entry.table = "t";
    table.metrics.push_back(std::move(entry));
  }
  return *Mapping::FromTables({std::move(table)});
}

// `before` and `after` have the same queries but for the names.
void ExpectQueriesRenamed(const CorpusFile& file, std::string_view after) {
  const auto old_queries = formats::Extract(file.format, file.text);
  const auto new_queries = formats::Extract(file.format, after);
  ASSERT_TRUE(old_queries && new_queries) << file.path;
  ASSERT_EQ(old_queries->queries.size(), new_queries->queries.size()) << file.path;
  for (size_t i = 0; i < old_queries->queries.size(); ++i) {
    const EmbeddedQuery& query = old_queries->queries[i];
    const std::string& text = new_queries->queries[i].text;
    if (query.use == QueryUse::kPattern || query.use == QueryUse::kMetricName) continue;
    const auto spans = NamesIn(query);
    if (!spans) {
      EXPECT_EQ(text, query.text) << file.path << " " << query.place;
      continue;
    }
    std::string expected = query.text;
    for (size_t at = spans->size(); at-- > 0;) expected.insert((*spans)[at].end, kRenamed);
    EXPECT_EQ(text, expected) << file.path << " " << query.place;
    EXPECT_TRUE(NamesIn(new_queries->queries[i])) << file.path << " " << query.place;
  }
}

TEST(Corpus, EveryNameThereAndBack) {
  const std::vector<CorpusFile> files = CorpusFiles();
  if (files.empty()) GTEST_SKIP() << "no corpus of public files at " << kCorpus;
  Census census;
  const Mapping there = RenameAll(FindNames(files, census));
  const Outcome<Mapping> back = there.Reversed();
  ASSERT_TRUE(back);
  const Prefilter prefilter(there);
  size_t edits = 0;
  for (const CorpusFile& file : files) {
    const Outcome<FileRewrite> identity = RewriteFile(file.text, file.format, Mapping());
    if (!identity) continue;
    EXPECT_TRUE(identity->edits.empty() && identity->findings.empty()) << file.path;
    const Outcome<FileRewrite> renamed = RewriteFile(file.text, file.format, there);
    ASSERT_TRUE(renamed) << file.path << ": " << renamed.diagnostics[0].message;
    edits += renamed->edits.edits().size();
    std::string after = renamed->edits.Splice(file.text);
    EXPECT_TRUE(DiffersInNamesOnly(file.text, after, there)) << file.path;
    ExpectQueriesRenamed(file, after);
    const Outcome<FileRewrite> read_less =
        RewriteFile(file.text, file.format, there, {}, {}, &prefilter);
    EXPECT_TRUE(read_less && read_less->edits.edits() == renamed->edits.edits()) << file.path;
    const Outcome<FileRewrite> again = RewriteFile(&after, file.format, *back);
    ASSERT_TRUE(again) << file.path << ": " << again.diagnostics[0].message;
    EXPECT_TRUE(again->edits.Splice(after) == file.text) << file.path;
  }
  census.Print();
  std::printf("  %zu names renamed at %zu places\n", there.entries().size(), edits);
  EXPECT_GT(edits, 10'000u);
}

}  // namespace
}  // namespace metrishift::rewrite
