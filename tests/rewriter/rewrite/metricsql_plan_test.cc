#include "rewriter/rewrite/metricsql_plan.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "mappings/catalog.h"

namespace metrishift::rewrite {
namespace {

TEST(PlanMetricsQl, RenamesWhatIsANameForCertain) {
  const Mapping etcd = LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  // O and N stand for the old and the new name; "" where a person has to look.
  const std::array<std::string, 2> rows[] = {
      {"rate(O[5m]) keep_metric_names", "rate(N[5m]) keep_metric_names"},
      {"O default 0", "N default 0"},
      {"sum(rate(O)) by (job) limit 5", "sum(rate(N)) by (job) limit 5"},
      {"WITH (x = O{a=\"b\"}) x / x offset 1d", "WITH (x = N{a=\"b\"}) x / x offset 1d"},
      {"O if (up ifnot O > 5)", "N if (up ifnot N > 5)"},
      {"{__name__=\"O\" or job=\"x\"}", "{__name__=\"N\" or job=\"x\"}"},
      {"O{a=\"{{ .x }}\"} DEFAULT $y # z", "N{a=\"{{ .x }}\"} DEFAULT $y # z"},
      // No MetricsQL as far as is known.
      {"O +", ""},
      {"rate(O)(", ""},
      {"x default 0", ""},
      // A label, a template, a string, a comment: nothing or all.
      {"sum(O) by (O) limit 5", ""},
      {"x{O=\"a\"} default O", ""},
      {"WITH (O = x) O", ""},
      {"label_set(O, \"a\", \"O\") default 0", ""},
      {"O default 0 # O", ""},
      {"O(x) default 0", ""},
      {"O default `", ""},
  };
  const auto expand = [](std::string text) {
    for (const auto& [letter, name] :
         {std::pair("O", "etcd_debugging_mvcc_put_total"), std::pair("N", "etcd_mvcc_put_total")}) {
      for (size_t at = text.find(letter); at != text.npos; at = text.find(letter, at + 1))
        text.replace(at, 1, name);
    }
    return text;
  };
  for (const auto& [row, renamed] : rows) {
    const std::string text = expand(row);
    const auto plan = PlanMetricsQl(text, etcd, Mode::kReplace);
    EXPECT_EQ(plan ? plan->edits.Splice(text) : "", expand(renamed)) << row;
    EXPECT_FALSE(PlanMetricsQl(text, etcd, Mode::kUnion)) << row;
  }
}

}  // namespace
}  // namespace metrishift::rewrite
