#ifndef METRISHIFT_EXPORTER_HTTP_SERVER_H_
#define METRISHIFT_EXPORTER_HTTP_SERVER_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/mapping.h"
#include "exporter/http/log.h"
#include "exporter/http/options.h"

namespace metrishift::http {

// The exporter's HTTP server: civetweb with everything switched off that is not needed here. It has
// a fixed set of exact paths; requests pass the framing gate (CheckRequest) first; each response
// closes its connection, so that an idle client holds no thread. All methods are to be called from
// one thread.
class Server {
 public:
  // Starts listening. Returns nullptr, and a sentence in `error`, when that fails. `logger` must
  // outlive the server.
  static std::unique_ptr<Server> Start(const Options& options, const Mapping& mapping,
                                       const Logger& logger, std::string* error);

  // Stops at once: whatever still runs is cut.
  ~Server();

  // The ports listened on, in the order of Options::listen_addresses.
  std::vector<int> ports() const;

  // From now on new scrapes are turned away with 503, and /-/ready says so.
  void BeginDrain();

  // Waits until no scrape is running; false when some still is after `patience`.
  bool WaitUntilIdle(std::chrono::milliseconds patience);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_SERVER_H_
