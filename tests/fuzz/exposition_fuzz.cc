// Bodies from outside. For any bytes: the result does not depend on how they were cut, a second
// pass adds nothing, and no line stands twice in what is added unless one does in the body. (That
// the input is a prefix of the output holds by construction: the translator only ever hands out
// what comes after it.)
//
// The first byte decides where the body is cut; the rest is the body.

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "tests/exporter/exposition/test_mapping.h"

namespace {

using metrishift::Mapping;
using metrishift::MetricType;
using metrishift::exposition::TestMapping;
using metrishift::exposition::Translate;
using metrishift::exposition::TranslateInPieces;

const Mapping& FuzzMapping() {
  static const Mapping mapping =
      TestMapping({{"old", "new"},
                   {"oldh", "newh", MetricType::kHistogram},
                   {"olds", "news", MetricType::kSummary},
                   {"a", "b", MetricType::kUntyped},
                   {"b", "c", MetricType::kGauge},
                   {"etcd_debugging_mvcc_put_total", "etcd_mvcc_put_total"}});
  return mapping;
}

bool HasRepeatedLine(std::string_view text) {
  std::set<std::string_view> seen;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (!line.empty() && !seen.insert(line).second) return true;
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string out = Translate(FuzzMapping(), body);
  const size_t cut = body.size() * data[0] / 256;
  if (TranslateInPieces(FuzzMapping(), body, {cut / 2, cut}) != out) std::abort();
  if (Translate(FuzzMapping(), out) != out) std::abort();
  if (Translate(Mapping(), body) != body) std::abort();
  const std::string_view added = std::string_view(out).substr(body.size());
  if (HasRepeatedLine(added) && !HasRepeatedLine(body)) std::abort();
  return 0;
}
