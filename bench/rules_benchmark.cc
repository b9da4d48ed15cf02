// What one rule file costs, stage by stage: METRISHIFT_RULES names it (bench/compare_promtool makes
// one of 20,000 rules), else it is dashboards/examples/etcd-rules.yml.

#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/file.h"
#include "core/yaml.h"
#include "mappings/catalog.h"
#include "rewriter/formats/extract.h"
#include "rewriter/promql/parser.h"
#include "rewriter/rewrite/file_rewrite.h"

namespace metrishift {
namespace {

const std::string& Rules() {
  static const std::string text = [] {
    const char* path = std::getenv("METRISHIFT_RULES");
    std::string why;
    return ReadFile(
               path != nullptr ? path : METRISHIFT_SOURCE_DIR "/dashboards/examples/etcd-rules.yml",
               &why)
        .value_or("");
  }();
  return text;
}

const std::vector<formats::EmbeddedQuery>& Queries() {
  static const auto extraction = formats::Extract(formats::FileFormat::kYaml, Rules());
  return extraction->queries;
}

void Count(benchmark::State& state, size_t bytes) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes));
  state.counters["rules"] = static_cast<double>(Queries().size());
}

// The yardstick: what it costs to look at every byte once.
void BM_Memchr(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(std::memchr(Rules().data(), '\0', Rules().size()));
  Count(state, Rules().size());
}
BENCHMARK(BM_Memchr)->Unit(benchmark::kMillisecond);

void BM_ReadYaml(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(ParseYaml(Rules()));
  Count(state, Rules().size());
}
BENCHMARK(BM_ReadYaml)->Unit(benchmark::kMillisecond);

void BM_Extract(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(formats::Extract(formats::FileFormat::kYaml, Rules()));
  Count(state, Rules().size());
}
BENCHMARK(BM_Extract)->Unit(benchmark::kMillisecond);

// The expressions alone: what compare_promtool sets against `promtool check rules`.
void BM_ParseQueries(benchmark::State& state) {
  size_t bytes = 0;
  for (const auto& query : Queries()) bytes += query.text.size();
  for (auto _ : state) {
    for (const auto& query : Queries()) benchmark::DoNotOptimize(promql::ParseExpr(query.text));
  }
  Count(state, bytes);
}
BENCHMARK(BM_ParseQueries)->Unit(benchmark::kMillisecond);

void BM_RewriteFile(benchmark::State& state) {
  const Mapping mapping = LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  for (auto _ : state) {
    benchmark::DoNotOptimize(rewrite::RewriteFile(Rules(), formats::FileFormat::kYaml, mapping));
  }
  Count(state, Rules().size());
}
BENCHMARK(BM_RewriteFile)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace metrishift

BENCHMARK_MAIN();
