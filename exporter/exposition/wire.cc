#include "exporter/exposition/wire.h"

#include <algorithm>
#include <array>
#include <bit>

namespace metrishift::exposition {
namespace {

constexpr size_t kMaxVarint = 10;

// MetricType of metrics.proto, in order of its numbers.
constexpr std::array kTypes = {MetricType::kCounter,   MetricType::kGauge,
                               MetricType::kSummary,   MetricType::kUntyped,
                               MetricType::kHistogram, MetricType::kGaugeHistogram};

void AppendTag(uint32_t number, WireType type, std::string* out) {
  AppendVarint(uint64_t{number} << 3U | static_cast<uint64_t>(type), out);
}

}  // namespace

std::optional<uint64_t> TakeVarint(std::string_view* bytes, bool* bad) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes->size() && i < kMaxVarint; ++i) {
    const auto byte = static_cast<unsigned char>((*bytes)[i]);
    if (i + 1 == kMaxVarint && byte > 1) break;
    value |= uint64_t{byte & 0x7fU} << (7 * i);
    if (byte < 0x80) {
      bytes->remove_prefix(i + 1);
      return value;
    }
  }
  *bad = bytes->size() >= kMaxVarint;
  return std::nullopt;
}

std::optional<WireField> WireReader::Next() {
  if (rest_.empty() || !ok_) return std::nullopt;
  const std::string_view before = rest_;
  bool bad = false;
  ok_ = false;
  const std::optional<uint64_t> tag = TakeVarint(&rest_, &bad);
  if (!tag || *tag >> 3U == 0 || *tag >> 3U > 0x1fffffff) return std::nullopt;
  WireField field;
  field.number = static_cast<uint32_t>(*tag >> 3U);
  field.type = static_cast<WireType>(*tag & 7U);
  size_t size = 0;
  switch (field.type) {
    case WireType::kVarint:
    case WireType::kBytes: {
      const std::optional<uint64_t> value = TakeVarint(&rest_, &bad);
      if (!value) return std::nullopt;
      field.varint = *value;
      if (field.type == WireType::kBytes) {
        if (*value > rest_.size()) return std::nullopt;
        size = static_cast<size_t>(*value);
      }
      break;
    }
    case WireType::kFixed64:
      size = 8;
      break;
    case WireType::kFixed32:
      size = 4;
      break;
    default:
      return std::nullopt;
  }
  if (size > rest_.size()) return std::nullopt;
  field.payload = rest_.substr(0, size);
  rest_.remove_prefix(size);
  field.whole = before.substr(0, before.size() - rest_.size());
  ok_ = true;
  return field;
}

void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7U) *out += static_cast<char>(value | 0x80U);
  *out += static_cast<char>(value);
}

void AppendBytesFieldHead(uint32_t number, size_t size, std::string* out) {
  AppendTag(number, WireType::kBytes, out);
  AppendVarint(size, out);
}

void AppendBytesField(uint32_t number, std::string_view payload, std::string* out) {
  AppendBytesFieldHead(number, payload.size(), out);
  *out += payload;
}

void AppendDoubleField(uint32_t number, double value, std::string* out) {
  AppendTag(number, WireType::kFixed64, out);
  const auto bits = std::bit_cast<uint64_t>(value);
  for (unsigned i = 0; i < 8; ++i) *out += static_cast<char>(bits >> (8 * i));
}

double DecodeDouble(std::string_view fixed64) {
  uint64_t bits = 0;
  for (size_t i = 0; i < fixed64.size(); ++i) {
    bits |= uint64_t{static_cast<unsigned char>(fixed64[i])} << (8 * i);
  }
  return std::bit_cast<double>(bits);
}

std::optional<MetricType> DecodeMetricType(uint64_t number) {
  if (number >= kTypes.size()) return std::nullopt;
  return kTypes[static_cast<size_t>(number)];
}

std::string EncodeFamilyFields(std::string_view name, std::string_view help,
                               std::optional<MetricType> type, std::string_view unit) {
  std::string out;
  AppendBytesField(family_field::kName, name, &out);
  AppendBytesField(family_field::kHelp, help, &out);
  if (type) {
    const auto found = std::ranges::find(kTypes, *type);
    AppendTag(family_field::kType, WireType::kVarint, &out);
    // Info and state set have no number: they are gauges there.
    AppendVarint(found == kTypes.end() ? 1 : static_cast<uint64_t>(found - kTypes.begin()), &out);
  }
  if (!unit.empty()) AppendBytesField(family_field::kUnit, unit, &out);
  return out;
}

}  // namespace metrishift::exposition
