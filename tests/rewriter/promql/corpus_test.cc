#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/yaml.h"
#include "rewriter/promql/dump.h"
#include "rewriter/promql/lexer.h"
#include "rewriter/promql/parser.h"
#include "tests/rewriter/promql/spans.h"

// Public dashboards, rules and Prometheus' own test scripts. They are no part of the project:
// METRISHIFT_SHARED names the folder that holds them (../shared beside the source tree by default),
// and the tests are skipped without it.

namespace metrishift::promql {
namespace {

namespace fs = std::filesystem;

fs::path Shared(const char* folder) {
  const char* shared = std::getenv("METRISHIFT_SHARED");
  const fs::path root =
      shared != nullptr ? fs::path(shared) : fs::path(METRISHIFT_SOURCE_DIR) / ".." / "shared";
  return root / folder;
}

std::string Read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> Files(const fs::path& root, const std::set<std::string>& extensions) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file() && extensions.count(entry.path().extension().string()) != 0) {
      files.push_back(entry.path());
    }
  }
  return files;
}

void CollectExprs(const nlohmann::json& node, std::set<std::string>& exprs) {
  if (node.is_object()) {
    for (const auto& [key, value] : node.items()) {
      if (key == "expr" && value.is_string()) exprs.insert(value.get<std::string>());
    }
  }
  if (!node.is_structured()) return;
  for (const auto& child : node) CollectExprs(child, exprs);
}

// "|" is no PromQL, but the pipe of LogQL, TraceQL and the like.
bool IsLogQuery(const std::string& query) {
  for (const Token& token : Tokenize(query, Dialect::kGrafana)) {
    if (token.kind == TokenKind::kError && token.TextIn(query).substr(0, 1) == "|") return true;
  }
  return false;
}

TEST(CorpusTest, DashboardExpressionsParse) {
  const fs::path corpus = Shared("corpus");
  if (!fs::exists(corpus)) GTEST_SKIP() << "no dashboards: " << corpus << " does not exist";
  std::set<std::string> exprs;
  for (const fs::path& path : Files(corpus, {".json"})) {
    CollectExprs(nlohmann::json::parse(Read(path), nullptr, false), exprs);
  }
  size_t total = 0;
  size_t parsed = 0;
  for (const std::string& expr : exprs) {
    if (expr.empty() || IsLogQuery(expr)) continue;
    ++total;
    const ParseResult result = ParseExpr(expr, {Dialect::kGrafana});
    if (!result) {
      std::printf("not parsed: %s\n  %s\n", expr.c_str(), result.error->message.c_str());
      continue;
    }
    ++parsed;
    const SpanReport report = InspectSpans(*result.expr, expr);
    EXPECT_TRUE(report.problems.empty()) << expr << "\n" << report.problems[0];
    const std::vector<std::string> relex = RelexProblems(report, expr, Dialect::kGrafana);
    EXPECT_TRUE(relex.empty()) << expr << "\n" << relex[0];
  }
  std::printf("%zu of %zu dashboard expressions parse (%.2f %%)\n", parsed, total,
              100.0 * static_cast<double>(parsed) / static_cast<double>(total));
  ASSERT_GT(total, 1000U);
  EXPECT_GE(static_cast<double>(parsed), 0.999 * static_cast<double>(total));
}

TEST(CorpusTest, RulesParse) {
  const fs::path corpus = Shared("corpus");
  if (!fs::exists(corpus)) GTEST_SKIP() << "no rules: " << corpus << " does not exist";
  size_t rules = 0;
  for (const fs::path& path : Files(corpus, {".yaml", ".yml", ".rules"})) {
    const std::string text = Read(path);
    const Outcome<TextTree> tree = ParseYaml(text);
    if (!tree) continue;  // a Helm template
    for (NodeId id = 0; id < tree->size(); ++id) {
      if ((*tree)[id].kind != TextNode::Kind::kMapping) continue;
      const bool rule = tree->Find(id, "alert") || tree->Find(id, "record");
      const std::optional<NodeId> found = tree->Find(id, "expr");
      const TextNode expr = found ? (*tree)[*found] : TextNode();
      if (!rule || !found || expr.kind != TextNode::Kind::kScalar) continue;
      ++rules;
      const ParseResult result = ParseExpr(expr.value);
      EXPECT_TRUE(result) << path << "\n" << expr.value << "\n" << result.error->message;
    }
  }
  std::printf("%zu rules\n", rules);
  EXPECT_GT(rules, 500U);
}

// A promqltest script: "load" blocks of series, and "eval instant at TIME QUERY" or "eval range
// from A to B step C QUERY" with an indented expectation behind.
struct Script {
  struct Eval {
    std::string query;
    bool fails = false;
  };
  std::vector<Eval> evals;
  std::vector<std::string> series;
};

std::string AfterWords(const std::string& line, size_t words) {
  size_t pos = line.find_first_not_of(" \t");
  for (; words > 0 && pos != std::string::npos; --words) {
    pos = line.find_first_of(" \t", pos);
    pos = line.find_first_not_of(" \t", pos);
  }
  return pos == std::string::npos ? "" : line.substr(pos);
}

Script ReadScript(const fs::path& path) {
  Script script;
  bool loading = false;
  std::istringstream lines(Read(path));
  for (std::string line; std::getline(lines, line);) {
    const std::string content = AfterWords(line, 0);
    if (content.empty()) loading = false;
    if (content.empty() || content[0] == '#') continue;
    std::istringstream words(content);
    std::string first;
    std::string second;
    words >> first >> second;
    if (first.starts_with("load")) {
      loading = true;
    } else if (first.starts_with("eval")) {
      loading = false;
      script.evals.push_back(
          {AfterWords(content, second == "range" ? 8 : 4), first == "eval_fail"});
    } else if (first == "expect" && second == "fail") {
      script.evals.back().fails = true;
    } else if (loading && content.find("@st") == std::string::npos) {
      // "@st" lines hold start timestamps, in a notation that the test driver reads before the
      // parser sees it.
      script.series.push_back(content);
    }
  }
  return script;
}

TEST(ConformanceTest, PrometheusTestScripts) {
  const fs::path scripts = Shared("conformance/promqltest");
  if (!fs::exists(scripts)) GTEST_SKIP() << "no scripts: " << scripts << " does not exist";
  size_t evals = 0;
  size_t series = 0;
  size_t rejected = 0;
  for (const fs::path& path : Files(scripts, {".test"})) {
    const Script script = ReadScript(path);
    for (const Script::Eval& eval : script.evals) {
      ++evals;
      const ParseResult result = ParseExpr(eval.query);
      if (result) {
        const SpanReport report = InspectSpans(*result.expr, eval.query);
        EXPECT_TRUE(report.problems.empty()) << eval.query << "\n" << report.problems[0];
        EXPECT_TRUE(RelexProblems(report, eval.query, Dialect::kPrometheus).empty()) << eval.query;
        continue;
      }
      ++rejected;
      EXPECT_TRUE(eval.fails) << path << "\n" << eval.query << "\n" << result.error->message;
    }
    for (const std::string& line : script.series) {
      ++series;
      const SeriesResult result = ParseSeries(line);
      EXPECT_TRUE(result) << path << "\n" << line << "\n" << result.error->message;
    }
  }
  std::printf("%zu eval expressions (%zu rejected, as expected), %zu series\n", evals, rejected,
              series);
  EXPECT_GT(evals, 2000U);
  EXPECT_GT(series, 1000U);
}

}  // namespace
}  // namespace metrishift::promql
