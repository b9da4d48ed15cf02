#ifndef METRISHIFT_EXPORTER_HTTP_REQUEST_H_
#define METRISHIFT_EXPORTER_HTTP_REQUEST_H_

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/http/route.h"

namespace metrishift::http {

bool EqualsIgnoringCase(std::string_view a, std::string_view b);

// True iff there is a byte in it that no header's value may have: RFC 9110 section 5.5.
bool HasControlBytes(std::string_view text);

// A request as the server received it, before anything is believed. Views live as long as the
// request.
struct Request {
  std::string_view method;
  std::string_view path;          // as sent, neither decoded nor cleaned, without the query
  std::string_view http_version;  // "1.0", "1.1"
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  bool has_plain_lines = true;     // all lines end in CRLF, and an empty one follows the headers
  bool has_blanks_before = false;  // or empty lines
  std::string client = {};         // an IPv4 address, or the first half of an IPv6 one

  // The value of the first header called `name` (in any case); "" when there is none.
  std::string_view Header(std::string_view name) const;

  bool IsHead() const { return method == "HEAD"; }
};

// Why a request is turned away before its path is looked at.
struct Refusal {
  int status = 0;               // 0: it may go on
  std::string_view message;     // a sentence
  std::string_view allow = {};  // with 405: the methods that are served
};

// The framing gate. civetweb is lax where laxness lets two servers see two different requests in
// the same bytes (request smuggling), so whatever is not a plain request without a body is
// refused here: a body or Transfer-Encoding, headers that may stand once only but stand twice, too
// many headers, odd bytes in names, values or path, HTTP/1.1 without Host. RFC 9112
// sections 3.2, 5.1, 6.1; RFC 9110 section 5.5.
Refusal CheckRequest(const Request& request);

// True iff the connection may serve another request after this one, which has passed the gate:
// HTTP/1.1, without a Connection header or with one that says just "keep-alive". Where the lines
// are not plain somebody before us may see another end of the request, and what he takes for its
// rest must not be read as the next. Narrower than RFC 9112 section 9.3, which allows to close at
// any time.
bool MayKeepConnection(const Request& request);

inline constexpr size_t kMaxHeaders = 32;
inline constexpr std::string_view kReloadPath = "/-/reload";  // the one that takes POST and PUT

// True iff an Accept-Encoding value admits gzip: by name or "*", and not with q=0. RFC 9110
// section 12.5.3.
bool AcceptsGzip(std::string_view accept_encoding);

// How long a scrape may take: the client's X-Prometheus-Scrape-Timeout-Seconds less
// `timeout_offset`, so that the answer is there before Prometheus gives up; but at least half of
// the header's value, and never more than kMaxScrapeTimeout. Without a usable header
// `scrape_timeout`.
std::chrono::milliseconds ScrapeTimeout(std::string_view header, const Route& route);

inline constexpr std::chrono::milliseconds kMaxScrapeTimeout{600'000};

// The Accept for the upstream: what of the client's can be translated (exposition/escaping.h), with
// its weights and `escaping` parameters, as the client wrote it and in its order. A wildcard stands
// for text format 0.0.4; where nothing is left, that is asked for.
std::string AcceptForUpstream(std::string_view accept);

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_REQUEST_H_
