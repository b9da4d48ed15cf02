#ifndef METRISHIFT_EXPORTER_HTTP_SERVER_H_
#define METRISHIFT_EXPORTER_HTTP_SERVER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/http/log.h"
#include "exporter/http/options.h"
#include "exporter/http/scrape.h"

namespace metrishift::http {

// The exporter's HTTP server. Paths are exact: those of the routes, and its own. Requests pass the
// framing gate (CheckRequest) and then prove who asks, where the web configuration has users; after
// that a connection may serve more of them (Front). What is not said to be thread-safe is to be
// called from one thread.
class Server {
 public:
  // Reads the configuration again and gives it to SetRoutes. Returns an empty string, or what is
  // wrong.
  using Reload = std::function<std::string(Server&)>;

  // Starts listening. Returns nullptr, and a sentence in `error`, when that fails. `logger` must
  // outlive the server. `reload` is called for POST /-/reload, on a thread of the server, where
  // Options::enable_lifecycle allows it.
  static std::unique_ptr<Server> Start(const Options& options,
                                       std::shared_ptr<const RouteSet> routes, Reload reload,
                                       const Logger& logger, std::string* error);

  // From now on new scrapes go by `routes`; those under way keep theirs. Thread-safe.
  void SetRoutes(std::shared_ptr<const RouteSet> routes);

  // Reads the web configuration again. Returns an empty string, or what is wrong. Thread-safe.
  std::string ReloadWeb();

  // Says in the metrics how reading the routes again went. Thread-safe.
  void RecordReload(bool successful);

  // Stops at once: whatever still runs is cut.
  ~Server();

  // The ports listened on, in the order of Options::listen_addresses; none of those that systemd
  // has opened.
  std::vector<int> ports() const;

  // What is listened on, as Options::listen_addresses has it, with the ports that were taken.
  std::vector<std::string> addresses() const;

  // Whether it serves HTTPS there.
  bool has_tls() const;

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
