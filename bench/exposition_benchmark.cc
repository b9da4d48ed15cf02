// How fast the translator reads bodies, beside two yardsticks on the same bytes in the same run:
// memcpy, and a search for line ends with memchr. What counts is the ratio, not the number.

#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "exporter/exposition/translator.h"

namespace metrishift::exposition {
namespace {

constexpr size_t kChunk = 16384;  // what libcurl hands over at a time

MappingEntry Entry(std::string old_name, std::string new_name, MetricType type) {
  MappingEntry entry;
  entry.old_name = std::move(old_name);
  entry.new_name = std::move(new_name);
  entry.type = entry.new_type = type;
  entry.old_until = "2";
  return entry;
}

Mapping MappingOf(std::vector<MappingEntry> entries) {
  MappingTable table;
  table.name = "bench";
  table.component = "bench";
  table.metrics = std::move(entries);
  return *Mapping::FromTables({std::move(table)});
}

// The five renames of etcd 3.5.
Mapping EtcdMapping() {
  std::vector<MappingEntry> entries;
  for (const char* name :
       {"db_total_size_in_bytes", "put_total", "delete_total", "txn_total", "range_total"}) {
    entries.push_back(Entry(std::string("etcd_debugging_mvcc_") + name,
                            std::string("etcd_mvcc_") + name, MetricType::kCounter));
  }
  return MappingOf(std::move(entries));
}

void AppendHistogram(const std::string& name, int series, std::string* body) {
  *body += "# HELP " + name + " Bucketed histogram of something that takes time.\n# TYPE " + name +
           " histogram\n";
  for (int i = 0; i < series; ++i) {
    const std::string label = "To=\"" + std::to_string(8211 * (i + 1)) + "\"";
    for (int bucket = 0; bucket < 15; ++bucket) {
      *body += name + "_bucket{" + label + ",le=\"" + std::to_string(0.001 * (1 << bucket)) +
               "\"} " + std::to_string(100 * bucket) + "\n";
    }
    *body += name + "_sum{" + label + "} 1.2345\n" + name + "_count{" + label + "} 1500\n";
  }
}

// About 160 KB in the proportions of etcd's own body: many histograms, a hundred small families.
std::string EtcdLikeBody() {
  std::string body;
  for (int i = 0; i < 28; ++i) {
    AppendHistogram("etcd_debugging_part" + std::to_string(i) + "_duration_seconds", 3, &body);
  }
  for (int i = 0; i < 100; ++i) {
    const std::string name = "etcd_server_number" + std::to_string(i) + "_total";
    body += "# HELP " + name + " Total number of things of this kind.\n# TYPE " + name +
            " counter\n" + name + " 12345\n";
  }
  for (const char* name : {"put_total", "delete_total", "txn_total", "range_total"}) {
    body += std::string("# HELP etcd_mvcc_") + name +
            " Total number seen by this member.\n# TYPE etcd_mvcc_" + name +
            " counter\netcd_mvcc_" + name + " 321\n";
  }
  return body;
}

// Like kube-state-metrics in a large cluster: 200 families of thousands of series with long label
// sets; about 60 MB.
std::string ManyFamiliesBody() {
  std::string body;
  for (int family = 0; family < 200; ++family) {
    const std::string name = "kube_thing_status_part" + std::to_string(family);
    body += "# HELP " + name + " One of many.\n# TYPE " + name + " gauge\n";
    for (int i = 0; i < 1500; ++i) {
      body += name + "{namespace=\"namespace-" + std::to_string(i % 40) +
              "\",pod=\"deployment-with-a-long-name-5d8f7c9b4-" + std::to_string(i) +
              "\",uid=\"0b9a1d3e-6f0c-4b1a-9a54-1c6f8e2d" + std::to_string(10000 + i) +
              "\",container=\"main\",node=\"node-" + std::to_string(i % 100) + "\"} 1\n";
    }
  }
  return body;
}

// Every family of ManyFamiliesBody gets an alias.
Mapping EveryFamilyMapping() {
  std::vector<MappingEntry> entries;
  for (int family = 0; family < 200; ++family) {
    const std::string part = std::to_string(family);
    entries.push_back(
        Entry("old_thing_part" + part, "kube_thing_status_part" + part, MetricType::kGauge));
  }
  return MappingOf(std::move(entries));
}

const std::string& Etcd() {
  static const std::string body = EtcdLikeBody();
  return body;
}

const std::string& Many() {
  static const std::string body = ManyFamiliesBody();
  return body;
}

void SetBytes(benchmark::State& state, const std::string& body) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(body.size()));
}

void Memcpy(benchmark::State& state, const std::string& body) {
  std::string copy(body.size(), '\0');
  for (auto _ : state) {
    std::memcpy(copy.data(), body.data(), body.size());
    benchmark::DoNotOptimize(copy.data());
    benchmark::ClobberMemory();
  }
  SetBytes(state, body);
}

void NewlineScan(benchmark::State& state, const std::string& body) {
  for (auto _ : state) {
    size_t lines = 0;
    const char* const end = body.data() + body.size();
    for (const char* at = body.data(); at != end; ++lines) {
      const void* const newline = std::memchr(at, '\n', static_cast<size_t>(end - at));
      if (newline == nullptr) break;
      at = static_cast<const char*>(newline) + 1;
    }
    benchmark::DoNotOptimize(lines);
  }
  SetBytes(state, body);
}

void Translate(benchmark::State& state, const std::string& body, const Mapping& mapping) {
  const RuleSet rules(mapping);
  for (auto _ : state) {
    Translator translator(rules, Format::kText, {.max_alias_bytes = size_t{1} << 30U});
    bool ok = true;
    for (size_t at = 0; at < body.size(); at += kChunk) {
      ok = translator.Feed(std::string_view(body).substr(at, kChunk)) && ok;
    }
    Translation translation;
    ok = translator.Finish(&translation) && ok;
    if (!ok || translation.alias_block.empty()) state.SkipWithError("no aliases came of it");
    benchmark::DoNotOptimize(translation.alias_block.size());
  }
  SetBytes(state, body);
}

BENCHMARK_CAPTURE(Memcpy, etcd, Etcd());
BENCHMARK_CAPTURE(NewlineScan, etcd, Etcd());
BENCHMARK_CAPTURE(Translate, etcd, Etcd(), EtcdMapping());
BENCHMARK_CAPTURE(Memcpy, many, Many());
BENCHMARK_CAPTURE(NewlineScan, many, Many());
BENCHMARK_CAPTURE(Translate, many_one_alias, Many(),
                  MappingOf({Entry("old_thing_part7", "kube_thing_status_part7",
                                   MetricType::kGauge)}));
BENCHMARK_CAPTURE(Translate, many_all_aliased, Many(), EveryFamilyMapping());

}  // namespace
}  // namespace metrishift::exposition

BENCHMARK_MAIN();
