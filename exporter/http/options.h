#ifndef METRISHIFT_EXPORTER_HTTP_OPTIONS_H_
#define METRISHIFT_EXPORTER_HTTP_OPTIONS_H_

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "exporter/http/log.h"
#include "exporter/http/route.h"

namespace metrishift::http {

// Everything the exporter can be told. Names and meanings of the flags follow the other Prometheus
// exporters (prometheus/exporter-toolkit, blackbox_exporter) where they have one. The initial
// values are the defaults.
struct Options {
  Route route;              // by flags; not used with a config_file
  std::string config_file;  // for several routes; empty: there is none
  bool config_check = false;

  std::vector<std::string> listen_addresses = {"127.0.0.1:19797"};  // as for ParseListenAddress
  std::string web_config_file;  // TLS, users, headers: see ReadWebConfig; empty: there is none
  int max_requests = 8;         // scrapes at once

  // How long a client may take to send its request, and to take each piece of the response. No
  // flag.
  std::chrono::milliseconds client_patience{5000};
  // How long a connection is kept for its next request. More than the scrape interval of Prometheus
  // when it is not told one, a minute. No flag.
  std::chrono::milliseconds idle_patience{75'000};

  bool systemd_socket = false;    // listen on what systemd hands over instead of listen_addresses
  bool enable_lifecycle = false;  // POST /-/reload

  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;
};

// The outcome of reading a command line: options, or the exit code after a message has been printed
// (--help and
// --version to standard output with 0, mistakes to standard error with 2).
struct ParsedOptions {
  std::optional<Options> options;
  int exit_code = 0;
};

// Never throws.
ParsedOptions ParseOptions(int argc, const char* const* argv) noexcept;

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_OPTIONS_H_
