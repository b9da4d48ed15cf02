// How fast bodies are translated, beside yardsticks on the same bytes in the same run: memcpy, a
// search for line ends with memchr, zlib's inflate. What counts is the ratio, not the number.

#include <benchmark/benchmark.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "exporter/exposition/body_pipe.h"
#include "exporter/exposition/gzip_writer.h"
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
// sets; about 70 MB.
std::string ManyFamiliesBody() {
  std::string body;
  for (int family = 0; family < 200; ++family) {
    const std::string name = "kube_thing_status_part" + std::to_string(family);
    body += "# HELP " + name + " One of many.\n# TYPE " + name + " gauge\n";
    for (int i = 0; i < 2000; ++i) {
      body += name + "{namespace=\"namespace-" + std::to_string(i % 40) +
              "\",pod=\"deployment-with-a-long-name-5d8f7c9b4-" + std::to_string(i) +
              "\",uid=\"0b9a1d3e-6f0c-4b1a-9a54-1c6f8e2d" + std::to_string(10000 + i) +
              "\",container=\"main\",node=\"node-" + std::to_string(i % 100) + "\"} 1\n";
    }
  }
  return body;
}

// Like cAdvisor on a node with a thousand containers: lines of 450 bytes with a timestamp each;
// about 150 MB.
std::string ContainersBody() {
  std::string body;
  for (int family = 0; family < 80; ++family) {
    const std::string name = "container_resource" + std::to_string(family) + "_bytes_total";
    body += "# HELP " + name + " Cumulative count of something.\n# TYPE " + name + " counter\n";
    for (int i = 0; i < 4200; ++i) {
      const std::string number = std::to_string(100000 + 7919 * i % 900000);
      body +=
          name + "{container=\"c" + number + "\",cpu=\"total\",id=\"/kubepods.slice/" +
          "kubepods-burstable.slice/kubepods-burstable-pod0b9a1d3e_6f0c_4b1a_9a54_1c6f8e" + number +
          ".slice/cri-containerd-5d41402abc4b2a76b9719d911017c592ae2a7c1f" + number +
          ".scope\",image=\"registry.example.org/some/team/service@sha256:2c26b46b68ffc68ff99b" +
          "453c1d30413413422d706483bfa0f98a5e886266e7ae\",name=\"5d41402abc4b2a76b9719d9110" +
          number + "\",namespace=\"namespace-" + std::to_string(i % 40) +
          "\",pod=\"deployment-5d8f7c9b4-" + number + "\"} 1.234567e+06 1700000000000\n";
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

const std::string& Containers() {
  static const std::string body = ContainersBody();
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

// Also counts what is a series to Prometheus, so that formats can be compared.
void Translate(benchmark::State& state, const std::string& body, const RuleSet& rules,
               Format format, size_t series) {
  for (auto _ : state) {
    Translator translator(rules, format, {.max_alias_bytes = size_t{1} << 30U});
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
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * series));
}

void TranslateText(benchmark::State& state, const std::string& body, const Mapping& mapping) {
  size_t series = 0;
  for (size_t at = 0; at < body.size(); at = body.find('\n', at) + 1) {
    series += body[at] == '#' ? 0 : 1;
  }
  Translate(state, body, RuleSet(mapping), Format::kText, series);
}

// What the memory behind the aliases costs at least: as many bytes, copied to where no page is yet.
void CopyToFreshMemory(benchmark::State& state, const std::string& body) {
  constexpr size_t kPiece = size_t{64} << 10U;
  for (auto _ : state) {
    std::vector<std::unique_ptr<char[]>> pieces;
    for (size_t at = 0; at < body.size(); at += kPiece) {
      pieces.push_back(std::make_unique_for_overwrite<char[]>(kPiece));
      std::memcpy(pieces.back().get(), body.data() + at, std::min(kPiece, body.size() - at));
    }
    benchmark::DoNotOptimize(pieces.data());
  }
  SetBytes(state, body);
}

// What every line with another name costs at least: to find its end, and to copy it to memory that
// is there already. Nothing is looked at, not even whose line it is.
void CopyLines(benchmark::State& state, const std::string& body) {
  constexpr std::string_view kName = "old_thing_part123";
  constexpr size_t kOldName = 26;
  std::string copy(2 * body.size(), '\0');
  for (auto _ : state) {
    char* to = copy.data();
    const char* const end = body.data() + body.size();
    for (const char* at = body.data(); at != end;) {
      const auto* const newline =
          static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
      std::memcpy(to, kName.data(), kName.size());
      to += kName.size();
      const char* const rest = std::min(at + kOldName, newline);
      std::memcpy(to, rest, static_cast<size_t>(newline + 1 - rest));
      to += newline + 1 - rest;
      at = newline + 1;
    }
    benchmark::DoNotOptimize(copy.data());
    benchmark::ClobberMemory();
  }
  SetBytes(state, body);
}

std::string Gzip(const std::string& body) {
  std::string gzip;
  GzipWriter writer([&gzip](std::string_view bytes) {
    gzip += bytes;
    return true;
  });
  if (!writer.Write(body) || !writer.Finish()) gzip.clear();
  return gzip;
}

void Inflate(benchmark::State& state, const std::string& body) {
  const std::string gzip = Gzip(body);
  std::vector<char> out(32768);
  for (auto _ : state) {
    z_stream stream{};
    inflateInit2(&stream, 15 + 16);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
    stream.avail_in = static_cast<uInt>(gzip.size());
    int result = Z_OK;
    while (result == Z_OK) {
      stream.next_out = reinterpret_cast<Bytef*>(out.data());
      stream.avail_out = static_cast<uInt>(out.size());
      result = inflate(&stream, Z_NO_FLUSH);
      benchmark::DoNotOptimize(out.data());
    }
    inflateEnd(&stream);
    if (result != Z_STREAM_END) state.SkipWithError("not inflated");
  }
  SetBytes(state, body);
}

void Splice(benchmark::State& state, const std::string& body, const Mapping& mapping) {
  const std::string gzip = Gzip(body);
  const RuleSet rules(mapping);
  for (auto _ : state) {
    size_t out = 0;
    BodyPipe pipe(rules, Format::kText, true, {}, [&out](std::string_view bytes) {
      out += bytes.size();
      return true;
    });
    bool ok = true;
    for (size_t at = 0; at < gzip.size(); at += kChunk) {
      ok = pipe.Feed(std::string_view(gzip).substr(at, kChunk)) && ok;
    }
    std::vector<AliasReport> reports;
    if (!ok || !pipe.Finish(&reports) || reports.empty()) state.SkipWithError("not spliced");
    benchmark::DoNotOptimize(out);
  }
  SetBytes(state, body);
}

void Compress(benchmark::State& state, const std::string& body) {
  size_t size = 0;
  for (auto _ : state) size = Gzip(body).size();
  SetBytes(state, body);
  state.counters["ratio"] = static_cast<double>(body.size()) / static_cast<double>(size);
}

// What etcd 3.5.16 really says, where it is there; the generated body otherwise.
std::string Capture(const char* name) {
  std::ifstream in(std::string(METRISHIFT_SOURCE_DIR "/../shared/captures/") + name,
                   std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

const std::string& EtcdCapture() {
  static const std::string body = [] {
    std::string text = Capture("etcd-3.5.16.prom");
    return text.empty() ? EtcdLikeBody() : text;
  }();
  return body;
}

// "etcd_" -> "old_etcd_": every family of etcd gets an alias.
Mapping PrefixMapping(const std::string& old_prefix, const std::string& new_prefix) {
  MappingPattern pattern;
  pattern.pattern = old_prefix + "(.*)";
  pattern.prefix = old_prefix;
  pattern.entry.old_name = pattern.pattern;
  pattern.entry.new_name = new_prefix + "$1";
  MappingTable table;
  table.name = table.component = "bench";
  table.patterns = {pattern};
  return *Mapping::FromTables({std::move(table)});
}

void TranslateProtobuf(benchmark::State& state) {
  const std::string body = Capture("etcd-3.5.16.pb");
  if (body.empty()) return state.SkipWithError("no capture");
  size_t series = 0;  // the same server's, as text
  const std::string& text = EtcdCapture();
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) series += text[at] != '#';
  Translate(state, body, RuleSet(EtcdMapping()), Format::kProtobuf, series);
}

const Mapping& OneAlias() {
  static const Mapping mapping =
      MappingOf({Entry("old_thing_part7", "kube_thing_status_part7", MetricType::kGauge)});
  return mapping;
}

BENCHMARK_CAPTURE(Memcpy, etcd, EtcdCapture());
BENCHMARK_CAPTURE(NewlineScan, etcd, EtcdCapture());
BENCHMARK_CAPTURE(TranslateText, etcd, EtcdCapture(), EtcdMapping());
BENCHMARK_CAPTURE(TranslateText, etcd_all_aliased, EtcdCapture(),
                  PrefixMapping("old_etcd_", "etcd_"));
BENCHMARK_CAPTURE(CopyLines, etcd, EtcdCapture());
BENCHMARK(TranslateProtobuf);
BENCHMARK_CAPTURE(Inflate, etcd, EtcdCapture());
BENCHMARK_CAPTURE(Splice, etcd, EtcdCapture(), EtcdMapping());
BENCHMARK_CAPTURE(Compress, etcd, EtcdCapture());
BENCHMARK_CAPTURE(NewlineScan, etcd_like, Etcd());
BENCHMARK_CAPTURE(TranslateText, etcd_like, Etcd(), EtcdMapping());
BENCHMARK_CAPTURE(Memcpy, many, Many());
BENCHMARK_CAPTURE(NewlineScan, many, Many());
BENCHMARK_CAPTURE(TranslateText, many_one_alias, Many(), OneAlias());
BENCHMARK_CAPTURE(CopyToFreshMemory, many, Many());
BENCHMARK_CAPTURE(CopyLines, many, Many());
BENCHMARK_CAPTURE(TranslateText, many_all_aliased, Many(), EveryFamilyMapping());
BENCHMARK_CAPTURE(NewlineScan, containers, Containers());
BENCHMARK_CAPTURE(TranslateText, containers_one_alias, Containers(),
                  MappingOf({Entry("old_total", "container_resource7_bytes_total",
                                   MetricType::kCounter)}));
BENCHMARK_CAPTURE(Inflate, many, Many());
BENCHMARK_CAPTURE(Splice, many, Many(), OneAlias());
BENCHMARK_CAPTURE(Compress, many, Many());

}  // namespace
}  // namespace metrishift::exposition

BENCHMARK_MAIN();
