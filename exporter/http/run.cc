#include "exporter/http/run.h"

#include <curl/curl.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "exporter/http/config_file.h"
#include "exporter/http/log.h"
#include "exporter/http/memory_ceiling.h"
#include "exporter/http/server.h"
#include "exporter/http/web_config.h"

namespace metrishift::http {
namespace {

constexpr int kCannotStart = 2;

// The signals that end the exporter, and the one that has it read its configuration again, taken
// by sigwait only: no handler ever interrupts anything.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);  // threads made later inherit this
    std::signal(SIGPIPE, SIG_IGN);
  }

  int Wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
    return signal;
  }

  // True iff one that ends has come since, without waiting.
  bool Pending() const {
    const timespec at_once{};
    int signal = SIGHUP;
    while (signal == SIGHUP) signal = sigtimedwait(&set_, nullptr, &at_once);
    return signal > 0;
  }

 private:
  sigset_t set_{};
};

// Without them only the web configuration is to be checked.
bool HasRoutes(const Options& options) {
  return !options.config_file.empty() || !options.route.upstream.url.empty();
}

void SayGood(const RouteSet* routes) {
  if (routes == nullptr) {
    std::printf("The web configuration is good\n");
  } else {
    std::printf("The configuration is good: %zu route%s, %zu renames\n", routes->scrapers.size(),
                routes->scrapers.size() == 1 ? "" : "s", routes->entries);
  }
}

// What is to be served: by the configuration file, or else by flags.
std::shared_ptr<const RouteSet> ReadRoutes(const Options& options, std::string* error) {
  if (options.config_file.empty()) return LoadRoutes({&options.route, 1}, error);
  ConfigFile config = ReadConfigFile(options.config_file);
  *error = std::move(config.error);
  return error->empty() ? LoadRoutes(config.routes, error) : nullptr;
}

// Reads everything again, for a server that runs; what is wrong leaves its part as it is.
// Thread-safe.
class Reloader {
 public:
  Reloader(const Options& options, const Logger& logger) : options_(options), logger_(logger) {}

  // What it returns goes to whoever asks by HTTP: nothing that stands in the files, where passwords
  // may be.
  std::string Run(Server& server) {
    const std::lock_guard lock(mutex_);
    const std::string web_error = server.ReloadWeb();  // what is wrong is in the log
    return web_error + ReloadRoutes(server);
  }

 private:
  std::string ReloadRoutes(Server& server) {
    std::string error;
    std::shared_ptr<const RouteSet> routes;
    try {
      routes = ReadRoutes(options_, &error);
      if (routes != nullptr) server.SetRoutes(routes);
    } catch (const std::exception& problem) {  // no memory for two configurations at once
      routes = nullptr;
      error = problem.what();
    }
    server.RecordReload(routes != nullptr);
    if (routes == nullptr) {
      logger_.Log(LogLevel::kError, "The configuration cannot be used; the old one stays.",
                  {{"error", InOneLine(error)}});
      return InOneLine(error);
    }
    logger_.Info("The configuration was read again.",
                 {{"routes", std::to_string(routes->scrapers.size())},
                  {"renames", std::to_string(routes->entries)}});
    return {};
  }

  const Options& options_;
  const Logger& logger_;
  std::mutex mutex_;
};

void LogStart(const Logger& logger, const RouteSet& routes, const Server& server) {
  for (const std::string& address : server.addresses()) {
    logger.Info("Listening.", {{"address", address},
                               {"path", routes.scrapers.front()->route().path},
                               {"tls", server.has_tls() ? "true" : "false"}});
  }
  logger.Info("Started.", {{"version", METRISHIFT_VERSION},
                           {"routes", std::to_string(routes.scrapers.size())},
                           {"renames", std::to_string(routes.entries)}});
}

void LimitMemory(const Logger& logger) {
  const std::optional<uint64_t> container = ContainerMemory();
  const std::optional<uint64_t> data = container ? LimitDataWithin(*container) : std::nullopt;
  if (!data) return;
  logger.Info(
      "Memory is limited, as that of the container is.",
      {{"data_bytes", std::to_string(*data)}, {"container_bytes", std::to_string(*container)}});
}

// True iff everything that ran came to its own end.
bool Drain(Server& server, const Signals& signals) {
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
  curl_global_init(CURL_GLOBAL_DEFAULT);
  std::string error;
  if (!options.web_config_file.empty()) error = ReadWebConfig(options.web_config_file).error;
  std::shared_ptr<const RouteSet> routes;
  if (error.empty() && HasRoutes(options)) routes = ReadRoutes(options, &error);
  if (!error.empty()) {
    std::fputs(error.c_str(), stderr);
    return kCannotStart;
  }
  if (options.config_check) {
    SayGood(routes.get());
    return 0;
  }
  const Signals signals;
  const Logger logger(options.log_level, options.log_format);
  LimitMemory(logger);
  Reloader reloader(options, logger);
  std::unique_ptr<Server> server = Server::Start(
      options, routes, [&reloader](Server& running) { return reloader.Run(running); }, logger,
      &error);
  if (server == nullptr) {
    logger.Log(LogLevel::kError, error);
    return kCannotStart;
  }
  LogStart(logger, *routes, *server);
  routes.reset();
  int signal = signals.Wait();
  for (; signal == SIGHUP; signal = signals.Wait()) reloader.Run(*server);
  logger.Info("Shutting down; running scrapes may finish.",
              {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  if (!Drain(*server, signals)) logger.Warn("Some scrapes did not finish and are cut.");
  server.reset();
  curl_global_cleanup();
  logger.Info("Stopped.");
  return 0;
}

}  // namespace metrishift::http
