#include "rewriter/cli/body.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <system_error>

#include "core/file.h"
#include "exporter/exposition/sample_parser.h"
#include "exporter/exposition/text_line.h"
#include "exporter/exposition/wire.h"
#include "rewriter/preflight/curl.h"
#include "rewriter/rewrite/packed_text.h"

namespace metrishift::cli {
namespace {

using exposition::Format;
using preflight::Curl;

bool IsUrl(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

struct Download {
  std::string text;
  bool too_large = false;
};

size_t Append(char* bytes, size_t size, size_t count, void* user) noexcept {
  auto& download = *static_cast<Download*>(user);
  if (download.text.size() + size * count > kMaxBodyBytes) {
    download.too_large = true;
    return 0;
  }
  download.text.append(bytes, size * count);
  return size * count;
}

std::optional<std::string> Get(const std::string& url, std::string* why) {
  constexpr long kSeconds = 30;
  const Curl* library = Curl::Load(why);
  if (library == nullptr) return std::nullopt;
  const std::unique_ptr<CURL, decltype(library->easy_cleanup)> curl(library->easy_init(),
                                                                    library->easy_cleanup);
  const std::unique_ptr<curl_slist, decltype(library->slist_free_all)> headers(
      library->slist_append(nullptr, "Accept: text/plain;version=0.0.4"), library->slist_free_all);
  *why = "libcurl cannot be used";
  if (!curl || !headers) return std::nullopt;
  Download download;
  const auto set = library->easy_setopt;
  set(curl.get(), CURLOPT_URL, url.c_str());
  set(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  set(curl.get(), CURLOPT_NOSIGNAL, 1L);
  set(curl.get(), CURLOPT_TIMEOUT, kSeconds);
  set(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  set(curl.get(), CURLOPT_WRITEFUNCTION, &Append);
  set(curl.get(), CURLOPT_WRITEDATA, &download);
  const CURLcode code = library->easy_perform(curl.get());
  if (download.too_large) {
    *why = "the body is larger than " + std::to_string(kMaxBodyBytes >> 20) + " MiB";
    return std::nullopt;
  }
  if (code != CURLE_OK) {
    *why = library->easy_strerror(code);
    return std::nullopt;
  }
  long status = 0;
  library->easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    *why = "the server answers with status " + std::to_string(status);
    return std::nullopt;
  }
  return std::move(download.text);
}

class Reader {
 public:
  explicit Reader(Format format) : format_(format), parser_(format) {}

  void Line(std::string_view line) {
    if (line.empty()) return;
    if (line.front() == '#') {
      if (const auto metadata = exposition::ParseMetadata(line, format_)) OnMetadata(*metadata);
    } else if (const auto sample = parser_.Parse(line)) {
      OnSample(*sample);
    }
  }

  Body Take() { return std::move(body_); }

 private:
  void OnMetadata(const exposition::Metadata& metadata) {
    if (family_ != metadata.name) family_ = std::string(metadata.name);
    BodyFamily& family = body_.families[family_];
    if (metadata.kind == exposition::Metadata::Kind::kHelp) family.help = metadata.text;
    if (metadata.kind == exposition::Metadata::Kind::kType)
      family.type = exposition::ParseTypeWord(metadata.text, format_).value_or(family.type);
  }

  void OnSample(const exposition::Sample& sample) {
    body_.series.emplace(sample.name);
    if (!BelongsToFamily(sample.name)) family_ = std::string(sample.name);
    BodyFamily& family = body_.families[family_];
    for (const exposition::TextLabel& label : parser_.labels()) {
      if (label.name != "le" && label.name != "quantile") family.labels.emplace(label.name);
    }
    ++family.samples;
    double value = 0;
    const char* const end = sample.value.data() + sample.value.size();
    if (std::from_chars(sample.value.data(), end, value).ec == std::errc() && std::isfinite(value))
      family.sum += value;
  }

  bool BelongsToFamily(std::string_view name) const {
    const auto found = body_.families.find(family_);
    if (found == body_.families.end() || !name.starts_with(family_)) return false;
    const std::string_view suffix = name.substr(family_.size());
    return suffix.empty() || std::ranges::count(SeriesSuffixes(found->second.type), suffix) > 0 ||
           (format_ == Format::kOpenMetrics && (suffix == "_total" || suffix == "_created"));
  }

  Format format_;
  exposition::SampleParser parser_;
  Body body_;
  std::string family_;
};

// Adds one io.prometheus.client.MetricFamily message to `body`. Returns false if it is none.
bool AddFamily(std::string_view message, Body& body) {
  namespace fields = exposition::family_field;
  std::string name;
  BodyFamily family;
  family.type = MetricType::kCounter;  // what a message without the field means
  bool any = false;
  exposition::WireReader reader(message);
  while (const std::optional<exposition::WireField> field = reader.Next()) {
    if (field->number == fields::kName) name = field->payload;
    if (field->number == fields::kHelp) family.help = field->payload;
    if (field->number == fields::kType)
      family.type = exposition::DecodeMetricType(field->varint).value_or(MetricType::kUntyped);
    if (field->number != fields::kMetric) continue;
    any = true;
    exposition::WireReader metric(field->payload);
    while (const std::optional<exposition::WireField> part = metric.Next()) {
      if (part->number != exposition::metric_field::kLabel) continue;
      const std::optional<exposition::WireField> label =
          exposition::WireReader(part->payload).Next();
      if (label && label->number == 1) family.labels.emplace(label->payload);
    }
  }
  if (!reader.ok() || name.empty()) return false;
  if (any) {
    for (const std::string_view suffix : SeriesSuffixes(family.type))
      body.series.emplace(name + std::string(suffix));
  }
  body.families.insert_or_assign(std::move(name), std::move(family));
  return true;
}

// Nothing where `bytes` are no delimited messages of families.
std::optional<Body> ParseProtobuf(std::string_view bytes) {
  Body body;
  while (!bytes.empty()) {
    bool bad = false;
    const std::optional<uint64_t> size = exposition::TakeVarint(&bytes, &bad);
    if (!size || *size > bytes.size()) return std::nullopt;
    if (!AddFamily(bytes.substr(0, *size), body)) return std::nullopt;
    bytes.remove_prefix(*size);
  }
  return body;
}

std::optional<std::string> Read(const std::string& path_or_url, std::string* why) {
  if (IsUrl(path_or_url)) return Get(path_or_url, why);
  return path_or_url == "-" ? ReadStandardInput(why) : ReadFile(path_or_url, why);
}

}  // namespace

std::optional<std::string> FetchBody(const std::string& path_or_url, std::string* why) {
  std::optional<std::string> text = Read(path_or_url, why);
  if (text && text->size() > kMaxBodyBytes) {
    *why = "the body is larger than " + std::to_string(kMaxBodyBytes >> 20) + " MiB";
    return std::nullopt;
  }
  if (!text || !text->starts_with("\x1f\x8b")) return text;
  std::optional<std::string> plain = rewrite::Gunzip(*text, kMaxBodyBytes);
  if (!plain)
    *why = "it is gzip, but not whole, or holds more than " + std::to_string(kMaxBodyBytes >> 20) +
           " MiB";
  return plain;
}

Body ParseBody(std::string_view text) {
  if (std::optional<Body> body = ParseProtobuf(text)) return *std::move(body);
  const bool open_metrics = text.ends_with("# EOF\n") || text.ends_with("# EOF");
  Reader reader(open_metrics ? Format::kOpenMetrics : Format::kText);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    reader.Line(text.substr(at, end - at));
    at = end + 1;
  }
  return reader.Take();
}

}  // namespace metrishift::cli
