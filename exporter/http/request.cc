#include "exporter/http/request.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "exporter/exposition/escaping.h"

namespace metrishift::http {
namespace {

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Cuts the part before the first `separator` off `rest` and returns it, trimmed.
std::string_view NextPart(std::string_view* rest, char separator) {
  const size_t end = std::min(rest->find(separator), rest->size());
  const std::string_view part = rest->substr(0, end);
  rest->remove_prefix(std::min(end + 1, rest->size()));
  return Trimmed(part);
}

bool ParseNumber(std::string_view text, double* number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *number);
  return !text.empty() && stop == end && error == std::errc() && std::isfinite(*number);
}

// RFC 9110 section 5.6.2.
bool IsTokenChar(char c) {
  const bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alnum ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool IsHeaderName(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, IsTokenChar);
}

// The headers that decide where a request ends and for whom it is.
constexpr std::array<std::string_view, 4> kSingleHeaders = {"Host", "Content-Length",
                                                            "Transfer-Encoding", "Connection"};

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool HasControlBytes(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

std::string_view Request::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (EqualsIgnoringCase(key, name)) return value;
  }
  return {};
}

Refusal CheckRequest(const Request& request) {
  const auto count = [&request](std::string_view name) {
    return std::ranges::count_if(request.headers, [name](const auto& header) {
      return EqualsIgnoringCase(header.first, name);
    });
  };
  if (request.has_blanks_before) return {400, "There is something before the request."};
  if (request.path == kReloadPath) {
    if (request.method != "POST" && request.method != "PUT")
      return {405, "Only POST and PUT are served here.", "POST, PUT"};
  } else if (request.method != "GET" && request.method != "HEAD") {
    return {405, "Only GET and HEAD are served here.", "GET, HEAD"};
  }
  if (request.headers.size() > kMaxHeaders) return {431, "The request has too many headers."};
  for (const auto& [name, value] : request.headers) {
    if (!IsHeaderName(name) || HasControlBytes(value)) {
      return {400, "A header of the request is not well-formed."};
    }
  }
  for (const std::string_view name : kSingleHeaders) {
    if (count(name) > 1)
      return {400, "A header stands twice in the request that may stand once only."};
  }
  if (count("Transfer-Encoding") > 0)
    return {400, "A request without a body has no Transfer-Encoding."};
  if (count("Content-Length") > 0 && request.Header("Content-Length") != "0") {
    return {400, "A request has no body here."};
  }
  if (request.http_version == "1.1" && count("Host") == 0) {
    return {400, "A request of HTTP/1.1 needs a Host header."};
  }
  if (!request.path.starts_with('/') || HasControlBytes(request.path)) {
    return {400, "The path of the request is not well-formed."};
  }
  return {};
}

bool MayKeepConnection(const Request& request) {
  const std::string_view connection = request.Header("Connection");
  return request.http_version == "1.1" && request.has_plain_lines &&
         (connection.empty() || EqualsIgnoringCase(connection, "keep-alive"));
}

bool AcceptsGzip(std::string_view accept_encoding) {
  bool any = false;  // what "*" says about codings that are not named
  while (!accept_encoding.empty()) {
    std::string_view element = NextPart(&accept_encoding, ',');
    const std::string_view coding = NextPart(&element, ';');
    double weight = 1;
    while (!element.empty()) {
      std::string_view parameter = NextPart(&element, ';');
      const bool is_weight = EqualsIgnoringCase(NextPart(&parameter, '='), "q");
      if (is_weight && !ParseNumber(Trimmed(parameter), &weight)) weight = 0;
    }
    if (EqualsIgnoringCase(coding, "gzip") || EqualsIgnoringCase(coding, "x-gzip"))
      return weight > 0;
    if (coding == "*") any = weight > 0;
  }
  return any;
}

std::chrono::milliseconds ScrapeTimeout(std::string_view header, const Route& route) {
  double seconds = 0;
  if (!ParseNumber(Trimmed(header), &seconds) || seconds <= 0) return route.scrape_timeout;
  const double most = std::chrono::duration<double>(kMaxScrapeTimeout).count();
  const double offset = std::chrono::duration<double>(route.timeout_offset).count();
  const double granted = std::min(most, std::max(seconds - offset, seconds / 2));
  return std::chrono::milliseconds(std::max(int64_t{1}, static_cast<int64_t>(granted * 1000)));
}

std::string AcceptForUpstream(std::string_view accept) {
  constexpr std::string_view kText = "text/plain;version=0.0.4";
  std::string out;
  std::string wildcard;
  bool text = false;
  while (!accept.empty()) {
    const std::string_view element = NextPart(&accept, ',');
    std::string_view parameters = element;
    const std::string_view type = NextPart(&parameters, ';');
    if (type == "*/*" || EqualsIgnoringCase(type, "text/*")) {
      wildcard.assign(kText).append(parameters.empty() ? "" : ";").append(parameters);
      continue;
    }
    const auto body = exposition::ParseContentType(element);
    if (type.empty() || !body) continue;
    text = text || body->format == exposition::Format::kText;
    out.append(out.empty() ? "" : ",").append(element);
  }
  if (!text && !wildcard.empty()) out.append(out.empty() ? "" : ",").append(wildcard);
  return out.empty() ? std::string(kText) : out;
}

}  // namespace metrishift::http
