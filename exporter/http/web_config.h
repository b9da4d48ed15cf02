#ifndef METRISHIFT_EXPORTER_HTTP_WEB_CONFIG_H_
#define METRISHIFT_EXPORTER_HTTP_WEB_CONFIG_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/http/tls_context.h"
#include "exporter/http/token_bucket.h"

namespace metrishift::http {

// What --web.config.file says of who is served and how: the format of Prometheus' exporter-toolkit
// (docs/web-configuration.md there). Immutable, but for the tokens that are left.
struct WebConfig {
  std::shared_ptr<const TlsContext> tls;  // nullptr: plain HTTP
  std::string header_lines;               // for every response, each with its "\r\n"
  std::map<std::string, std::string, std::less<>> users;  // name -> bcrypt hash; empty: everybody
  std::shared_ptr<TokenBucket> rate;                      // of all requests; nullptr: no limit
};

struct WebConfigFile {
  std::shared_ptr<const WebConfig> config;  // nullptr iff `error` says something
  std::string error;                        // rendered as file:line:col: error: SENTENCE
  std::vector<std::string> files;           // what was read, or should have been
};

// Reads the file and the certificates that it names; relative paths are of its folder. Source lines
// are not shown in errors: they may hold secrets. Stricter than exporter-toolkit in what would look
// safe and is not: client_auth_type must match client_ca_file, hashes must not cost more than
// can be computed while a client waits, and rate_limit has a unit of time and lets somebody in.
WebConfigFile ReadWebConfig(const std::string& path);

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_WEB_CONFIG_H_
