// Bodies from outside in every format, through the whole pipe, in both directions. For any bytes:
// the result does not depend on how they were cut, the input comes out first (OpenMetrics: up to
// its "# EOF"; gzip: what is in it), what comes in broken comes out broken, and nothing is left of
// the bodies before.
//
// The first byte decides where the body is cut, the second what it is: 0 text, 1 OpenMetrics,
// 2 protobuf, +4 for gzip, +8 for new names out of old ones. The rest is the body.

#include <zlib.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/exposition/body_pipe.h"
#include "tests/exporter/exposition/test_mapping.h"

namespace {

using namespace metrishift;
using namespace metrishift::exposition;

MappingEntry Entry(const char* old_name, const char* new_name, MetricType type) {
  MappingEntry entry;
  entry.old_name = old_name;
  entry.new_name = new_name;
  entry.type = entry.new_type = type;
  return entry;
}

// An entry of each kind.
Mapping FuzzMapping() {
  MappingTable table;
  table.name = table.component = "t";
  MappingEntry split = Entry("s1", "s", MetricType::kGauge);
  split.new_labels = {{"l", "1"}};
  MappingEntry labels = Entry("l1", "l2", MetricType::kGauge);
  labels.labels = {{"a", "b"}};
  labels.label_values = {{"a", {{"x", "y"}}, "", "", true}};
  MappingEntry unit = Entry("u1", "u2", MetricType::kHistogram);
  unit.scale = 1000;
  MappingEntry parts = Entry("p1", "p2", MetricType::kSummary);
  parts.new_type = MetricType::kHistogram;
  parts.equivalence = Equivalence::kSumCountOnly;
  table.metrics = {Entry("a_total", "b_total", MetricType::kCounter),
                   Entry("h1", "h2", MetricType::kHistogram),
                   split,
                   labels,
                   unit,
                   parts};
  MappingPattern prefix;
  prefix.pattern = "w_(.*)";
  prefix.prefix = "w_";
  prefix.entry = Entry("w_(.*)", "x_$1", MetricType::kUntyped);
  MappingPattern depth;
  depth.pattern = "(.+)_depth";
  depth.entry = Entry("(.+)_depth", "depth", MetricType::kGauge);
  depth.entry.new_labels = {{"name", "$1"}};
  table.patterns = {prefix, depth};
  return *Mapping::FromTables({table});
}

const RuleSet& Rules(bool to_new) {
  static const RuleSet old_names(FuzzMapping(), Direction::kOld);
  static const RuleSet new_names(FuzzMapping(), Direction::kNew);
  return to_new ? new_names : old_names;
}

struct Kind {
  Format format = Format::kText;
  bool gzip = false;
  bool to_new = false;
};

// Nothing where the pipe refused.
std::optional<std::string> Run(const RuleSet& rules, const Kind& kind, std::string_view body,
                               size_t cut) {
  std::string out;
  const Limits limits = {.max_inflated_bytes = size_t{1} << 20U};
  BodyPipe pipe(rules, kind.format, kind.gzip, limits, [&out](std::string_view bytes) {
    out += bytes;
    return true;
  });
  std::vector<AliasReport> reports;
  const bool ok =
      pipe.Feed(body.substr(0, cut)) && pipe.Feed(body.substr(cut)) && pipe.Finish(&reports);
  return ok ? std::optional(out) : std::nullopt;
}

// Nothing for what a strict reader refuses.
std::optional<std::string> Gunzip(std::string_view gzip) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string text;
  int result = Z_OK;
  while (result == Z_OK && text.size() < (size_t{2} << 20U)) {
    std::array<char, 4096> out;
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(out.data(), out.size() - stream.avail_out);
    if (result != Z_STREAM_END || stream.avail_in == 0) continue;
    inflateReset(&stream);
    result = Z_OK;
  }
  inflateEnd(&stream);
  return result == Z_STREAM_END ? std::optional(text) : std::nullopt;
}

bool IsPrefix(Format format, std::string_view body, std::string_view out) {
  if (format == Format::kOpenMetrics) {
    const size_t eof = body.rfind("# EOF");
    if (eof != body.npos && out != body) body = body.substr(0, eof);
  }
  return out.starts_with(body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const Kind kind = {static_cast<Format>((data[1] & 3U) % 3), (data[1] & 4U) != 0,
                     (data[1] & 8U) != 0};
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const RuleSet& rules = Rules(kind.to_new);
  const std::optional<std::string> out = Run(rules, kind, body, 0);
  if (Run(rules, kind, body, body.size() * data[0] / 256) != out) std::abort();
  const RuleSet fresh(FuzzMapping(), kind.to_new ? Direction::kNew : Direction::kOld);
  if (Run(fresh, kind, body, 0) != out) std::abort();
  if (!out) return 0;
  if (!kind.gzip) {
    if (!IsPrefix(kind.format, body, *out)) std::abort();
    return 0;
  }
  const std::optional<std::string> plain_in = Gunzip(body);
  const std::optional<std::string> plain_out = Gunzip(*out);
  if (plain_in.has_value() != plain_out.has_value()) std::abort();
  if (plain_in && !IsPrefix(kind.format, *plain_in, *plain_out)) std::abort();
  return 0;
}
