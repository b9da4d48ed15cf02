#ifndef METRISHIFT_EXPORTER_EXPOSITION_WIRE_H_
#define METRISHIFT_EXPORTER_EXPOSITION_WIRE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/metric_type.h"

// The wire format of protocol buffers (https://protobuf.dev/programming-guides/encoding/), as far
// as walking messages and writing them anew takes it. Nothing is decoded that is not asked for.
namespace metrishift::exposition {

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

// One field of a message. `payload` are the bytes of a kBytes field, or of a fixed one; `whole` is
// the field with its tag.
struct WireField {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t varint = 0;
  std::string_view payload;
  std::string_view whole;
};

// Takes a varint from the front of `bytes`. Nothing, and `bytes` unchanged, when it is cut short;
// sets `bad` when it is longer than ten bytes or 64 bits.
std::optional<uint64_t> TakeVarint(std::string_view* bytes, bool* bad);

// Walks over the fields of one message that is there as a whole.
class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  // The next field; nothing at the end, and after something that is no field.
  std::optional<WireField> Next();

  // True iff the message was read to its end.
  bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

void AppendVarint(uint64_t value, std::string* out);
void AppendBytesFieldHead(uint32_t number, size_t size, std::string* out);
void AppendBytesField(uint32_t number, std::string_view payload, std::string* out);
void AppendDoubleField(uint32_t number, double value, std::string* out);
double DecodeDouble(std::string_view fixed64);

// The fields of io.prometheus.client.MetricFamily, Metric and so on, by their numbers in
// https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
namespace family_field {
inline constexpr uint32_t kName = 1;
inline constexpr uint32_t kHelp = 2;
inline constexpr uint32_t kType = 3;
inline constexpr uint32_t kMetric = 4;
inline constexpr uint32_t kUnit = 5;
}  // namespace family_field

namespace metric_field {
inline constexpr uint32_t kLabel = 1;
inline constexpr uint32_t kGauge = 2;
inline constexpr uint32_t kCounter = 3;
inline constexpr uint32_t kSummary = 4;
inline constexpr uint32_t kUntyped = 5;
inline constexpr uint32_t kHistogram = 7;
}  // namespace metric_field

// The type that a number of its enumeration names.
std::optional<MetricType> DecodeMetricType(uint64_t number);

// The name, help, type and unit (where not empty) of a MetricFamily. A missing type is a counter's
// there, so none is written for nullopt only.
std::string EncodeFamilyFields(std::string_view name, std::string_view help,
                               std::optional<MetricType> type, std::string_view unit);

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_WIRE_H_
