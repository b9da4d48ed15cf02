#ifndef METRISHIFT_EXPORTER_HTTP_CONFIG_FILE_H_
#define METRISHIFT_EXPORTER_HTTP_CONFIG_FILE_H_

#include <string>
#include <vector>

#include "exporter/http/route.h"

namespace metrishift::http {

// What --config.file says, or what is wrong with it, rendered for a terminal without colours
// (file:line:col, source line, caret).
struct ConfigFile {
  std::vector<Route> routes;
  std::string error;  // empty iff it worked
};

// Reads
//   routes:
//     - path: /metrics/etcd           # served under this path
//       upstream: https://127.0.0.1:2379/metrics
//       mapping: [etcd-3.5]
//       from: "3.3"                   # of a product's tables those between two versions; this
//       to: "3.6"                     # and all from here on may be left out
//       direction: old
//       unix_socket: /run/x.sock
//       tls_config: {ca_file: ..., cert_file: ..., key_file: ..., insecure_skip_verify: false}
//       bearer_token_file: ...
//       basic_auth_file: ...
//       follow_redirects: false
//       allow_unframed: false
//       scrape_timeout: 10            # seconds
//       timeout_offset: 0.5
//       limits: {line_bytes: ..., message_bytes: ..., alias_bytes: ..., families: ...,
//                inflated_bytes: ..., inflate_ratio: ...}
// Paths of files are relative to the file's folder, as in Prometheus' configuration. Tables are
// named, not read.
ConfigFile ReadConfigFile(const std::string& path);

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_CONFIG_FILE_H_
