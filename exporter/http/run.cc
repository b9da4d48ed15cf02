#include "exporter/http/run.h"

#include <curl/curl.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "exporter/http/log.h"
#include "exporter/http/server.h"
#include "mappings/catalog.h"

namespace metrishift::http {
namespace {

constexpr int kCannotStart = 2;

// The signals that end the exporter, taken by sigwait only: no handler ever interrupts anything.
class EndSignals {
 public:
  EndSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);  // threads made later inherit this
    std::signal(SIGPIPE, SIG_IGN);
  }

  int Wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
    return signal;
  }

  // True iff one has come since, without waiting.
  bool Pending() const {
    const timespec at_once{};
    return sigtimedwait(&set_, nullptr, &at_once) > 0;
  }

 private:
  sigset_t set_{};
};

void LogStart(const Logger& logger, const Options& options, const Mapping& mapping,
              const Server& server) {
  const std::vector<int> ports = server.ports();
  for (size_t i = 0; i < ports.size(); ++i) {
    const std::string& address = options.listen_addresses[i];
    logger.Info("Listening.",
                {{"address", address.substr(0, address.rfind(':') + 1) + std::to_string(ports[i])},
                 {"path", options.telemetry_path}});
  }
  logger.Info("Started.", {{"version", METRISHIFT_VERSION},
                           {"renames", std::to_string(mapping.entries().size())}});
}

// True iff everything that ran came to its own end.
bool Drain(Server& server, const EndSignals& signals) {
  constexpr std::chrono::milliseconds kStep{100};
  server.BeginDrain();
  for (std::chrono::milliseconds waited{0}; waited < kDrainPatience; waited += kStep) {
    if (server.WaitUntilIdle(kStep)) return true;
    if (signals.Pending()) return false;
  }
  return false;
}

}  // namespace

int Run(const Options& options) {
  const EndSignals signals;
  const Logger logger(options.log_level, options.log_format);
  const CatalogResult catalog = LoadMappings(options.mappings);
  if (!catalog.error.empty()) {
    std::fputs(catalog.error.c_str(), stderr);
    return kCannotStart;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  std::string error;
  std::unique_ptr<Server> server = Server::Start(options, catalog.mapping, logger, &error);
  if (server == nullptr) {
    logger.Log(LogLevel::kError, error);
    return kCannotStart;
  }
  LogStart(logger, options, catalog.mapping, *server);
  const int signal = signals.Wait();
  logger.Info("Shutting down; running scrapes may finish.",
              {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  if (!Drain(*server, signals)) logger.Warn("Some scrapes did not finish and are cut.");
  server.reset();
  curl_global_cleanup();
  logger.Info("Stopped.");
  return 0;
}

}  // namespace metrishift::http
