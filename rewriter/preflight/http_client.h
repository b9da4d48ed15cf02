#ifndef METRISHIFT_REWRITER_PREFLIGHT_HTTP_CLIENT_H_
#define METRISHIFT_REWRITER_PREFLIGHT_HTTP_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace metrishift::preflight {

// How members are reached; as etcdctl's flags of these names.
struct Access {
  std::string cacert;
  std::string cert;
  std::string key;
  bool insecure_skip_tls_verify = false;
  std::string user;                         // "name:password"; empty for none
  std::chrono::milliseconds timeout{5000};  // for each request
};

struct Answer {
  int status = 0;  // 0: there is none
  std::string body;
  bool cut = false;   // the body is longer than what was asked for
  std::string error;  // a clause for people, where there is no answer
};

struct Request {
  std::string url;
  std::optional<std::string> body;  // to be posted, as JSON
  std::string token;                // of etcd's own authentication; empty for none
  size_t max_bytes = size_t{16} << 20;
};

// Asks once, without following redirects; returns after the timeout at the latest. Thread-safe.
Answer Ask(const Access& access, const Request& request);

}  // namespace metrishift::preflight

#endif  // METRISHIFT_REWRITER_PREFLIGHT_HTTP_CLIENT_H_
