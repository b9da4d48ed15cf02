#include "exporter/exposition/escaping.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/metric_type.h"

namespace metrishift::exposition {
namespace {

struct CodePoint {
  uint32_t value = 0;
  size_t size = 1;
  bool valid = false;
};

CodePoint DecodeUtf8(std::string_view text) {
  const auto byte = [&text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return {};
  uint32_t value = first & (0x7fU >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    value = value << 6U | (byte(i) & 0x3fU);
  }
  constexpr std::array<uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (value < kLeast[size] || value > 0x10ffff || surrogate) return {};
  return {value, size, true};
}

std::string EscapeOther(const CodePoint& point, Escaping escaping) {
  if (escaping == Escaping::kUnderscores) return "_";
  if (escaping == Escaping::kDots) return point.value == '.' ? "_dot_" : "__";
  if (!point.valid) return "_FFFD_";
  std::array<char, 8> hex{};
  char* const end = std::to_chars(hex.data(), hex.data() + hex.size(), point.value, 16).ptr;
  return "_" + std::string(hex.data(), end) + "_";
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// The parts of a Content-Type that matter.
struct MediaType {
  std::string type;
  std::string version;
  std::string encoding;
  std::string proto;
  std::string escaping;
};

MediaType ParseMediaType(std::string_view text) {
  MediaType media;
  const std::array<std::pair<std::string_view, std::string*>, 4> parameters = {
      {{"version", &media.version},
       {"encoding", &media.encoding},
       {"proto", &media.proto},
       {"escaping", &media.escaping}}};
  bool first = true;
  while (!text.empty() || first) {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (std::exchange(first, false)) {
      media.type = Lower(part);
      continue;
    }
    const size_t equals = std::min(part.find('='), part.size());
    std::string_view value = Trim(part.substr(std::min(equals + 1, part.size())));
    if (value.size() > 1 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    for (const auto& [name, field] : parameters) {
      if (Lower(Trim(part.substr(0, equals))) == name) *field = value;
    }
  }
  return media;
}

}  // namespace

std::string EscapeName(std::string_view name, Escaping escaping) {
  if (escaping == Escaping::kNone || IsMetricName(name)) return std::string(name);
  std::string escaped = escaping == Escaping::kValues ? "U__" : "";
  for (bool first = true; !name.empty(); first = false) {
    const CodePoint point = DecodeUtf8(name);
    const bool digit = name[0] >= '0' && name[0] <= '9';
    if (name[0] == '_' && escaping != Escaping::kUnderscores) {
      escaped += "__";
    } else if (point.size == 1 && IsMetricNameChar(name[0]) && !(digit && first)) {
      escaped += name[0];
    } else {
      escaped += EscapeOther(point, escaping);
    }
    name.remove_prefix(point.size);
  }
  return escaped;
}

std::optional<BodyFormat> ParseContentType(std::string_view content_type) {
  constexpr std::array<std::pair<std::string_view, Escaping>, 5> kWords = {
      {{"", Escaping::kNone},
       {"allow-utf-8", Escaping::kNone},
       {"underscores", Escaping::kUnderscores},
       {"dots", Escaping::kDots},
       {"values", Escaping::kValues}}};
  const MediaType media = ParseMediaType(content_type);
  BodyFormat body;
  const auto escaping =
      std::ranges::find(kWords, media.escaping, &std::pair<std::string_view, Escaping>::first);
  if (escaping == kWords.end()) return std::nullopt;
  body.escaping = escaping->second;
  const std::string& version = media.version;
  if (media.type.empty() || media.type == "text/plain") {
    return version.empty() || version == "0.0.4" || version == "1.0.0" ? std::optional(body)
                                                                       : std::nullopt;
  }
  if (media.type == "application/openmetrics-text") {
    body.format = Format::kOpenMetrics;
    return version.empty() || version == "1.0.0" || version == "0.0.1" ? std::optional(body)
                                                                       : std::nullopt;
  }
  body.format = Format::kProtobuf;
  const bool delimited = media.type == "application/vnd.google.protobuf" &&
                         media.proto == "io.prometheus.client.MetricFamily" &&
                         media.encoding == "delimited";
  return delimited ? std::optional(body) : std::nullopt;
}

}  // namespace metrishift::exposition
