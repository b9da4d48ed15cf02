#include "rewriter/rewrite/embedded_plan.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "mappings/catalog.h"

namespace metrishift::rewrite {
namespace {

TEST(PlanEmbedded, ASelectorMayLackItsBraces) {
  const Mapping etcd = LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  const std::string old_name = "etcd_debugging_mvcc_put_total";
  const std::string new_name = "etcd_mvcc_put_total";
  const std::pair<std::string, std::string> rows[] = {
      {"__name__=\"" + old_name + "\",job=\"x\"", "__name__=\"" + new_name + "\",job=\"x\""},
      {"job=\"x\", __name__=\"" + old_name + "\"", "job=\"x\", __name__=\"" + new_name + "\""},
      {"{__name__=\"" + old_name + "\"}", "{__name__=\"" + new_name + "\"}"},
      {"up{} or \"" + old_name + "\"", "up{} or \"" + old_name + "\""},
  };
  for (const auto& [before, after] : rows) {
    formats::EmbeddedQuery query;
    query.text = before;
    query.kind = formats::QueryKind::kGrafanaVariable;
    query.use = formats::QueryUse::kSelector;
    EXPECT_EQ(PlanEmbedded(query, etcd).edits.Splice(before), after);
    const QueryPlan plan = PlanEmbedded(query, etcd, Mode::kUnion);
    EXPECT_TRUE(plan.edits.empty()) << before;  // a matcher on one name has no room for two
    EXPECT_TRUE(plan.error || plan.findings.size() == 1) << before;
    for (const QueryFinding& finding : plan.findings)
      EXPECT_EQ(before.substr(finding.span.begin, finding.span.size()), old_name);
  }
}

}  // namespace
}  // namespace metrishift::rewrite
