// Bytes per second of the lexer and the parser on real expressions, with memchr over the same bytes
// as the yardstick. The expressions: one a line in the file named by METRISHIFT_EXPRESSIONS, else
// those below.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "rewriter/promql/dump.h"
#include "rewriter/promql/lexer.h"
#include "rewriter/promql/parser.h"

namespace {

using namespace metrishift::promql;

// In the manner of the rules and dashboards for etcd, node_exporter and Kubernetes.
const char* const kExpressions[] = {
    R"q(sum by (job) (rate(etcd_debugging_mvcc_put_total{job=~"$job",instance=~".*etcd.*"}[5m])))q",
    R"q(histogram_quantile(0.99, sum(rate(etcd_disk_wal_fsync_duration_seconds_bucket{cluster="a"}
        [$__rate_interval])) by (instance, le)))q",
    R"q((node_filesystem_avail_bytes{fstype!="",mountpoint!=""}
        / node_filesystem_size_bytes{fstype!="",mountpoint!=""} * 100 < 5
        and node_filesystem_readonly{fstype!="",mountpoint!=""} == 0))q",
    R"q(sum without(instance, pod) (up{job=~".*etcd.*"} == bool 0) > 0)q",
    R"q(max_over_time(deriv(process_resident_memory_bytes{job="prometheus"}[1h])[6h:5m] offset 1d))q",
    R"q(label_replace(topk(5, count by (__name__, job) ({__name__=~"etcd_.+"})), "short", "$1",
        "__name__", "etcd_(.*)"))q",
    R"q(kube_pod_info * on (namespace, pod) group_left (workload)
        namespace_workload_pod:kube_pod_owner:relabel{workload_type="deployment"})q",
    R"q(absent(up{job="etcd"} == 1))q",
};

const std::vector<std::string>& Expressions() {
  static const std::vector<std::string> expressions = [] {
    std::vector<std::string> lines;
    if (const char* path = std::getenv("METRISHIFT_EXPRESSIONS")) {
      std::ifstream in(path);
      for (std::string line; std::getline(in, line);) lines.push_back(line);
    }
    if (lines.empty()) lines.assign(std::begin(kExpressions), std::end(kExpressions));
    return lines;
  }();
  return expressions;
}

void CountBytes(benchmark::State& state) {
  size_t bytes = 0;
  for (const std::string& text : Expressions()) bytes += text.size();
  state.SetBytesProcessed(static_cast<int64_t>(bytes) * static_cast<int64_t>(state.iterations()));
  state.SetItemsProcessed(static_cast<int64_t>(Expressions().size()) *
                          static_cast<int64_t>(state.iterations()));
}

void BM_Memchr(benchmark::State& state) {
  for (auto _ : state) {
    for (const std::string& text : Expressions()) {
      benchmark::DoNotOptimize(std::memchr(text.data(), '\x01', text.size()));
    }
  }
  CountBytes(state);
}
BENCHMARK(BM_Memchr);

void BM_Lex(benchmark::State& state) {
  for (auto _ : state) {
    for (const std::string& text : Expressions()) {
      Lexer lexer(text, Dialect::kGrafana);
      TokenKind kind;
      do {
        kind = lexer.Next().kind;
      } while (kind != TokenKind::kEnd && kind != TokenKind::kError);
      benchmark::DoNotOptimize(kind);
    }
  }
  CountBytes(state);
}
BENCHMARK(BM_Lex);

void BM_Parse(benchmark::State& state) {
  const ParseOptions options{static_cast<Dialect>(state.range(0))};
  for (auto _ : state) {
    for (const std::string& text : Expressions()) {
      benchmark::DoNotOptimize(ParseExpr(text, options).expr);
    }
  }
  CountBytes(state);
}
BENCHMARK(BM_Parse)->ArgName("dialect")->Arg(0)->Arg(1)->Arg(2);

void BM_Dump(benchmark::State& state) {
  std::vector<ParseResult> results;
  for (const std::string& text : Expressions()) {
    results.push_back(ParseExpr(text, {Dialect::kGrafana}));
  }
  for (auto _ : state) {
    for (const ParseResult& result : results) {
      if (result) benchmark::DoNotOptimize(Dump(*result.expr));
    }
  }
  CountBytes(state);
}
BENCHMARK(BM_Dump);

}  // namespace

BENCHMARK_MAIN();
