#ifndef METRISHIFT_TESTS_EXPORTER_HTTP_TEST_SERVER_H_
#define METRISHIFT_TESTS_EXPORTER_HTTP_TEST_SERVER_H_

#include <spdlog/sinks/ostream_sink.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "exporter/http/server.h"
#include "tests/exporter/exposition/test_mapping.h"
#include "tests/exporter/http/test_client.h"

namespace metrishift::http {

// "new" was called "old".
inline Mapping OldAndNew() { return exposition::TestMapping({{"old", "new"}}); }

// An exporter in this process, before `url`, on a port that the system chose, with its log in a
// string.
class TestServer {
 public:
  explicit TestServer(const std::string& url, Options options = {}, Mapping mapping = OldAndNew(),
                      Server::Reload reload = nullptr)
      : logger_(LogLevel::kDebug, LogFormat::kLogfmt,
                std::make_shared<spdlog::sinks::ostream_sink_mt>(log_)) {
    options.route.upstream.url = url;
    if (options.listen_addresses == Options().listen_addresses)
      options.listen_addresses = {"127.0.0.1:0"};
    std::string error;
    auto routes = std::make_shared<RouteSet>();
    routes->scrapers.push_back(std::make_unique<Scraper>(options.route, std::move(mapping)));
    server_ = Server::Start(options, std::move(routes), std::move(reload), logger_, &error);
    if (server_ == nullptr) {
      std::cerr << error << "\n";
      std::abort();
    }
    port_ = server_->ports().front();
  }

  int port() const { return port_; }
  Server& server() { return *server_; }

  // The exporter's metrics about itself, once every scrape is in them: a client can have its answer
  // before it is counted.
  std::string OwnMetrics() {
    server_->WaitUntilIdle(std::chrono::milliseconds(10'000));
    return Get(port_, "/-/metrics").body;
  }

  // Ends the server, so that nothing writes to the log any more, and gives the log.
  std::string StopAndTakeLog() {
    server_.reset();
    return log_.str();
  }

 private:
  std::ostringstream log_;
  const Logger logger_;
  std::unique_ptr<Server> server_;
  int port_ = 0;
};

}  // namespace metrishift::http

#endif  // METRISHIFT_TESTS_EXPORTER_HTTP_TEST_SERVER_H_
