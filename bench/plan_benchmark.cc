// Expressions per second of planning and splicing, in every mode, with parsing alone over the same
// expressions as the yardstick: what a rewrite costs beyond reading the query.

#include <benchmark/benchmark.h>

#include <string>

#include "rewriter/promql/parser.h"
#include "rewriter/rewrite/plan.h"

namespace {

using namespace metrishift;
using rewrite::Mode;

// Half of them have to do with the table, as in a file that needs the tool.
const char* const kExpressions[] = {
    R"q(sum by (job) (rate(etcd_debugging_mvcc_put_total{job=~"$job",instance=~".*etcd.*"}[5m])))q",
    R"q(histogram_quantile(0.99, sum(rate(app_latency_ms_bucket{cluster="a"}[5m])) by (instance, le)))q",
    R"q(sum by (pod_name) (container_usage{pod_name=~"a.*"}) / on (pod_name) container_limit > 0.9)q",
    R"q(kube_requests_cpu_cores > 2 and on (node) kube_node_info)q",
    R"q(node_filesystem_avail_bytes{fstype!=""} / node_filesystem_size_bytes{fstype!=""} * 100 < 5)q",
    R"q(max_over_time(deriv(process_resident_memory_bytes{job="prometheus"}[1h])[6h:5m] offset 1d))q",
    R"q(absent(up{job="etcd"} == 1))q",
    R"q(sum without (instance, pod) (up{job=~".*etcd.*"} == bool 0) > 0)q",
};

MappingEntry Entry(const char* old_name, const char* new_name, MetricType type) {
  MappingEntry entry;
  entry.old_name = old_name;
  entry.new_name = new_name;
  entry.type = entry.new_type = type;
  return entry;
}

Mapping Table() {
  MappingTable table;
  table.name = "bench";
  table.metrics = {
      Entry("etcd_debugging_mvcc_put_total", "etcd_mvcc_put_total", MetricType::kCounter),
      Entry("app_latency_ms", "app_latency_seconds", MetricType::kHistogram),
      Entry("container_usage", "container_usage_total", MetricType::kCounter),
      Entry("container_limit", "container_limit_bytes", MetricType::kGauge),
      Entry("kube_requests_cpu_cores", "kube_requests", MetricType::kGauge)};
  table.metrics[1].scale = 1000;
  table.metrics[2].labels = table.metrics[3].labels = {{"pod_name", "pod"}};
  table.metrics[4].new_labels = {{"resource", "cpu"}, {"unit", "core"}};
  return *Mapping::FromTables({table});
}

void CountItems(benchmark::State& state) {
  state.SetItemsProcessed(static_cast<int64_t>(std::size(kExpressions)) *
                          static_cast<int64_t>(state.iterations()));
}

void BM_Parse(benchmark::State& state) {
  for (auto _ : state) {
    for (const char* text : kExpressions) benchmark::DoNotOptimize(promql::ParseExpr(text));
  }
  CountItems(state);
}
BENCHMARK(BM_Parse);

void BM_PlanAndSplice(benchmark::State& state, Mode mode) {
  const Mapping mapping = Table();
  for (auto _ : state) {
    for (const char* text : kExpressions) {
      const rewrite::QueryPlan plan =
          rewrite::PlanQuery(text, formats::QueryKind::kPromQL, mapping, mode);
      benchmark::DoNotOptimize(plan.edits.Splice(text));
    }
  }
  CountItems(state);
}
BENCHMARK_CAPTURE(BM_PlanAndSplice, replace, Mode::kReplace);
BENCHMARK_CAPTURE(BM_PlanAndSplice, union, Mode::kUnion);
BENCHMARK_CAPTURE(BM_PlanAndSplice, finalize, Mode::kFinalize);

}  // namespace

BENCHMARK_MAIN();
