#ifndef METRISHIFT_EXPORTER_HTTP_ROUTE_H_
#define METRISHIFT_EXPORTER_HTTP_ROUTE_H_

#include <chrono>
#include <string>
#include <vector>

#include "exporter/exposition/alias_rule.h"
#include "exporter/exposition/translator.h"

namespace metrishift::http {

// Where a body comes from, and what proves to it who asks. Files are read again once they change.
struct UpstreamOptions {
  std::string url;          // http, https or file; as NormalizeUpstream leaves it
  std::string unix_socket;  // path of the socket to connect to; empty: by the URL's host and port
  std::string ca_file;      // PEM; empty: the system's
  std::string cert_file;    // PEM, with key_file: the client's certificate
  std::string key_file;
  bool insecure_skip_verify = false;
  std::string bearer_token_file;
  std::string basic_auth_file;    // one line, USER:PASSWORD
  bool follow_redirects = false;  // to http and https only, at most five
};

// One body that is proxied: from where, under which path, and what becomes of it. The initial
// values are the defaults.
struct Route {
  std::string path = "/metrics";
  UpstreamOptions upstream;
  bool allow_unframed = false;  // bodies whose end cannot be told from a cut: UpstreamHead::framed
  std::vector<std::string> mappings;  // as for TableChoice, and so are the versions
  std::string from_version;
  std::string to_version;
  exposition::Direction direction = exposition::Direction::kOld;
  std::chrono::milliseconds scrape_timeout{10'000};  // without X-Prometheus-Scrape-Timeout-Seconds
  std::chrono::milliseconds timeout_offset{500};     // taken off that header
  exposition::Limits limits;
  // What is said before what is wrong with the tables: where a configuration names them.
  std::string tables_place;
};

// Checks the URL, and makes file:PATH an absolute URL. Returns an empty string, or what is wrong:
// "is no URL", ...
std::string NormalizeUpstream(UpstreamOptions* upstream);

// The same for a path that is to be served: an empty string, or what is wrong with it.
std::string CheckPath(const std::string& path);

// "old", "new", "both"; false for another word.
bool ParseDirection(const std::string& word, exposition::Direction* direction);

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_ROUTE_H_
