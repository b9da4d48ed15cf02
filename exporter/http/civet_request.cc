#include "exporter/http/civet_request.h"

#include <civetweb.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace metrishift::http {
namespace {

// The path of a target as it was sent, without scheme, authority (RFC 9112 section 3.2.2: they say
// nothing that Host could not) and query.
std::string_view PathOf(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const size_t path = target.find_first_of("/?", scheme.size());
    target = path == target.npos || target[path] == '?' ? "/" : target.substr(path);
    break;
  }
  return target.substr(0, target.find('?'));
}

// Whether the request is the first in its buffer. civetweb skips blanks before one; where these
// hold an empty line it takes that for the end of the head, and reads on in what an earlier
// request, of whomever, has left behind. Each of its threads has one buffer, so what begins first
// in it shows where it begins.
bool BeginsItsBuffer(const mg_request_info& info) {
  thread_local const char* buffer = info.request_method;
  buffer = std::min(buffer, info.request_method);
  return info.request_method == buffer;
}

}  // namespace

// civetweb stops reading headers at a line that it makes no sense of, forgives bare line feeds, and
// may find the empty line elsewhere than it stopped. It has made NULs of the ends of the lines that
// it has read, and of the head's last byte: behind a bare line feed there may be nothing more.
size_t PlainHeadSize(const mg_request_info& info) {
  if (info.request_method == nullptr || info.http_version == nullptr) return 0;
  const char* const buffer_end = info.request_method + kCivetBuffer;
  const char* end = info.http_version + std::strlen(info.http_version);
  for (int i = 0; i < info.num_headers; ++i) {
    if (end[1] != '\0' || info.http_headers[i].name != end + 2) return 0;
    end = info.http_headers[i].value + std::strlen(info.http_headers[i].value);
  }
  const bool plain = buffer_end - end > 3 && end[1] == '\0' && end[2] == '\r' && end[3] == '\0';
  return plain ? static_cast<size_t>(end + 4 - info.request_method) : 0;
}

Request ToRequest(const mg_request_info& info) {
  Request request;
  request.method = info.request_method != nullptr ? info.request_method : "";
  request.path = PathOf(info.request_uri != nullptr ? info.request_uri : "");
  request.http_version = info.http_version != nullptr ? info.http_version : "";
  for (int i = 0; i < info.num_headers; ++i) {
    std::string_view name = info.http_headers[i].name;
    const char* const value = info.http_headers[i].value;
    // civetweb cuts names from values in place with NULs, and forgives blanks before the colon:
    // "Host : x" leaves two NULs. RFC 9112 section 5.1 wants such requests refused, so the name
    // keeps its second NUL for the gate to see.
    const char* const behind = name.data() + name.size() + 1;
    if (behind < value && *behind == '\0') name = {name.data(), name.size() + 1};
    request.headers.emplace_back(name, value);
  }
  request.has_plain_lines = PlainHeadSize(info) != 0;
  request.has_blanks_before = info.request_method != nullptr && !BeginsItsBuffer(info);
  return request;
}

}  // namespace metrishift::http
