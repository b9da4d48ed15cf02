// What could compress bodies that come uncompressed: zlib, which the splice needs in any case, and
// ISA-L, on real bodies, in the way of a stream: 16 KiB at a time. Besides the speed it says how
// many times smaller the body gets.

#include <benchmark/benchmark.h>
#include <isa-l/igzip_lib.h>
#include <zlib.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace metrishift {
namespace {

constexpr size_t kChunk = 16384;

std::string Capture(const char* name) {
  std::ifstream in(std::string(METRISHIFT_SOURCE_DIR "/../shared/captures/") + name,
                   std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

size_t WithZlib(const std::string& body, int level) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::array<unsigned char, 32768> out;
  size_t size = 0;
  for (size_t at = 0; at <= body.size(); at += kChunk) {
    const std::string_view chunk = std::string_view(body).substr(at, kChunk);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(chunk.data()));
    stream.avail_in = static_cast<uInt>(chunk.size());
    const int flush = at + kChunk > body.size() ? Z_FINISH : Z_NO_FLUSH;
    do {
      stream.next_out = out.data();
      stream.avail_out = static_cast<uInt>(out.size());
      deflate(&stream, flush);
      size += out.size() - stream.avail_out;
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return size;
}

size_t WithIsal(const std::string& body, int level) {
  static std::vector<unsigned char> memory(ISAL_DEF_LVL3_DEFAULT);
  isal_zstream stream;
  isal_deflate_init(&stream);
  stream.gzip_flag = IGZIP_GZIP;
  stream.level = static_cast<uint32_t>(level);
  stream.level_buf = memory.data();
  stream.level_buf_size = static_cast<uint32_t>(memory.size());
  std::array<unsigned char, 32768> out;
  size_t size = 0;
  for (size_t at = 0; at <= body.size(); at += kChunk) {
    const std::string_view chunk = std::string_view(body).substr(at, kChunk);
    stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(chunk.data()));
    stream.avail_in = static_cast<uint32_t>(chunk.size());
    stream.end_of_stream = at + kChunk > body.size() ? 1 : 0;
    do {
      stream.next_out = out.data();
      stream.avail_out = static_cast<uint32_t>(out.size());
      isal_deflate(&stream);
      size += out.size() - stream.avail_out;
    } while (stream.avail_out == 0);
  }
  return size;
}

void Compress(benchmark::State& state, size_t (*compress)(const std::string&, int), int level,
              const char* capture) {
  const std::string body = Capture(capture);
  if (body.empty()) return state.SkipWithError("no capture");
  size_t size = 0;
  for (auto _ : state) size = compress(body, level);
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * body.size()));
  state.counters["smaller"] = static_cast<double>(body.size()) / static_cast<double>(size);
}

void Register() {
  for (const char* capture :
       {"etcd-3.5.16.prom", "node_exporter-1.5.0.prom", "alltypes.237mfs.prom.txt"}) {
    const auto add = [capture](const std::string& name, auto* compress, int level) {
      benchmark::RegisterBenchmark((name + std::to_string(level) + "/" + capture).c_str(), Compress,
                                   compress, level, capture);
    };
    for (const int level : {1, 6}) add("zlib", WithZlib, level);
    for (const int level : {0, 1, 2, 3}) add("isal", WithIsal, level);
  }
}

}  // namespace
}  // namespace metrishift

int main(int argc, char** argv) {
  metrishift::Register();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
