// dashboards/ asks for nothing that the exporter does not expose.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/file.h"
#include "core/yaml.h"
#include "exporter/http/metrics.h"
#include "rewriter/promql/parser.h"
#include "rewriter/promql/walk.h"

namespace metrishift::http {
namespace {

// Every family, as its samples are called: an exporter that has seen all there is to see.
std::set<std::string> ExposedNames() {
  ExporterMetrics metrics;
  ScrapeRecord record;
  record.limit = "max_requests";
  record.cut = true;
  for (const auto outcome :
       {exposition::AliasOutcome::kAdded, exposition::AliasOutcome::kSuppressed,
        exposition::AliasOutcome::kImpossible}) {
    exposition::AliasReport alias;
    alias.name = "old";
    alias.outcome = outcome;
    record.aliases.push_back(alias);
  }
  metrics.Record(record);
  metrics.SetRoutes({"/metrics"});
  metrics.SetUnused("/metrics", 1);
  std::set<std::string> names;
  std::string text = metrics.Serialize();
  for (size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) {
    if (text[begin] != '#')
      names.insert(text.substr(begin, text.find_first_of("{ ", begin) - begin));
  }
  return names;
}

std::string Read(const std::string& path) {
  std::string why;
  return ReadFile(METRISHIFT_SOURCE_DIR "/" + path, &why).value_or("");
}

// Every "expr" below `node`, and what label_values() asks for.
void FindExpressions(const nlohmann::json& node, std::vector<std::string>& found) {
  for (const auto& [key, value] : node.items()) {
    constexpr std::string_view kCall = "label_values(";
    if (key == "expr") found.push_back(value);
    if (key == "query" && value.is_string()) {
      const std::string query = value;
      if (query.starts_with(kCall))
        found.push_back(query.substr(kCall.size(), query.rfind(',') - kCall.size()));
    }
    if (value.is_structured()) FindExpressions(value, found);
  }
}

std::set<std::string> NamesOf(const std::string& expression, promql::Dialect dialect) {
  std::set<std::string> names;
  const promql::ParseResult parsed = promql::ParseExpr(expression, {dialect, false});
  if (!parsed) {
    ADD_FAILURE() << expression << ": " << parsed.error->message;
    return names;
  }
  promql::Walk(*parsed.expr, [&](const promql::Expr& expr, const promql::Expr*) {
    if (const auto* const selector = std::get_if<promql::VectorSelector>(&expr.node))
      names.insert(selector->name ? selector->name->text : "");
  });
  return names;
}

TEST(Dashboard, AsksForWhatIsExposed) {
  const nlohmann::json dashboard =
      nlohmann::json::parse(Read("dashboards/exporter-dashboard.json"), nullptr, false);
  ASSERT_TRUE(dashboard.is_object());
  std::vector<std::string> expressions;
  FindExpressions(dashboard, expressions);
  EXPECT_GT(expressions.size(), 20U);
  const std::set<std::string> exposed = ExposedNames();
  std::set<std::string> shown;
  for (const std::string& expression : expressions) {
    for (const std::string& name : NamesOf(expression, promql::Dialect::kGrafana)) {
      EXPECT_TRUE(exposed.contains(name)) << name << " in " << expression;
      shown.insert(name);
    }
  }
  // What it leaves out has no place yet.
  for (const std::string& name : exposed) {
    if (name.starts_with("metrishift_exporter_")) {
      EXPECT_TRUE(shown.contains(name)) << name << " is not on the dashboard";
    }
  }
}

// Grafana refuses two panels with one number, and draws two at one place over each other.
TEST(Dashboard, PanelsHavePlacesOfTheirOwn) {
  const nlohmann::json dashboard =
      nlohmann::json::parse(Read("dashboards/exporter-dashboard.json"), nullptr, false);
  std::set<int> ids;
  std::set<std::pair<int, int>> cells;
  for (const nlohmann::json& panel : dashboard.at("panels")) {
    EXPECT_TRUE(ids.insert(panel.at("id").get<int>()).second);
    const nlohmann::json& at = panel.at("gridPos");
    const int left = at.at("x");
    const int top = at.at("y");
    const int width = at.at("w");
    const int height = at.at("h");
    EXPECT_LE(left + width, 24);
    for (int x = left; x < left + width; ++x) {
      for (int y = top; y < top + height; ++y)
        EXPECT_TRUE(cells.emplace(x, y).second) << panel.at("title");
    }
  }
}

TEST(Dashboard, SoDoTheAlerts) {
  const std::string text = Read("dashboards/exporter-alerts.yml");
  const Outcome<TextTree> tree = ParseYaml(text);
  ASSERT_TRUE(tree);
  const std::set<std::string> exposed = ExposedNames();
  size_t expressions = 0;
  for (NodeId id = 0; id < tree->size(); ++id) {
    const std::optional<NodeId> expr = tree->Find(id, "expr");
    if (!expr) continue;
    ++expressions;
    const std::string expression((*tree)[*expr].value);
    for (const std::string& name : NamesOf(expression, promql::Dialect::kPrometheus))
      EXPECT_TRUE(exposed.contains(name)) << name << " in " << expression;
  }
  EXPECT_GT(expressions, 3U);
}

}  // namespace
}  // namespace metrishift::http
