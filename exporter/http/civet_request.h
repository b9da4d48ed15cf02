#ifndef METRISHIFT_EXPORTER_HTTP_CIVET_REQUEST_H_
#define METRISHIFT_EXPORTER_HTTP_CIVET_REQUEST_H_

#include <cstddef>

#include "exporter/http/request.h"

struct mg_request_info;

namespace metrishift::http {

// Bytes of the buffer that civetweb reads a request's head into (max_request_size).
inline constexpr int kCivetBuffer = 8192;

// A request as civetweb understood it, with what civetweb forgives and the gate must not. Views are
// of `info`. To be called on the thread of civetweb that read it: which of them begin their
// thread's buffer is remembered for each.
Request ToRequest(const mg_request_info& info);

// How many bytes its head had, with the empty line; 0 where that is not known, since its lines do
// not all end in CRLF.
size_t PlainHeadSize(const mg_request_info& info);

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_CIVET_REQUEST_H_
