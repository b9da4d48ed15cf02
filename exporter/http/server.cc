#include "exporter/http/server.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <future>
#include <mutex>
#include <set>
#include <utility>

#include "exporter/http/activation.h"
#include "exporter/http/basic_auth.h"
#include "exporter/http/front.h"
#include "exporter/http/metrics.h"
#include "exporter/http/occupancy.h"
#include "exporter/http/request.h"
#include "exporter/http/response.h"
#include "exporter/http/route_status.h"
#include "exporter/http/scrape.h"
#include "exporter/http/web_settings.h"

namespace metrishift::http {
namespace {

using std::chrono::steady_clock;

// How much later than its scrape's timeout a response may still be going out.
constexpr std::chrono::milliseconds kSendGrace{5000};
// Threads beyond the scrapes: for health checks, the exporter's own metrics, and slow or hostile
// clients.
constexpr int kSpareThreads = 8;

constexpr std::string_view kTextFormat = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view kHtml = "text/html; charset=utf-8";

// A scrape is running for as long as this lives, whatever happens to it.
class RunningGuard {
 public:
  explicit RunningGuard(ExporterMetrics& metrics) : metrics_(metrics) { metrics_.AddRunning(1); }
  ~RunningGuard() { metrics_.AddRunning(-1); }
  RunningGuard(const RunningGuard&) = delete;
  RunningGuard& operator=(const RunningGuard&) = delete;

 private:
  ExporterMetrics& metrics_;
};

}  // namespace

class Server::Impl : public FrontHandler {
 public:
  Impl(const Options& options, const Logger& logger) : options_(options), scrape_log_(logger) {}

  ~Impl() override {
    SetRoutes(nullptr);
    front_.reset();
  }

  bool Start(const Logger& logger, std::string* error);
  void SetRoutes(std::shared_ptr<const RouteSet> routes);
  ExporterMetrics& metrics() { return metrics_; }
  void SetReload(std::function<std::string()> reload) { reload_ = std::move(reload); }
  const std::vector<int>& ports() const { return front_->ports(); }
  std::vector<std::string> Addresses() const;
  bool has_tls() const { return web_->Current()->tls != nullptr; }
  std::string ReloadWeb() { return web_->Reload(); }
  Occupancy& occupancy() { return occupancy_; }

 private:
  using Handler = void (Impl::*)(const Request&, FrontConnection*);
  struct Page {
    std::string_view path;
    Handler handler;
  };

  void Serve(const Request& request, FrontConnection* client) override;
  void ServeError(int status, FrontConnection* client) override;
  bool FindAddresses(FrontOptions& front, std::string* error);
  bool Admit(const WebConfig& web, const Request& request, FrontConnection* client);
  bool IsTooSoon(const WebConfig& web, const Request& request, FrontConnection* client);
  void RecordTurnedAway(const Request& request, ScrapeOutcome outcome, int status,
                        std::string_view limit, std::string message);
  void TurnAway(Occupancy::Entry entry, const Request& request, FrontConnection* client);
  void ServeScrape(Scraper& scraper, const Request& request, FrontConnection* client);
  void ServeReload(const Request& request, FrontConnection* client);
  void ServeStatus(const Request& request, FrontConnection* client);
  void ServeMetrics(const Request& request, FrontConnection* client);
  void ServeHealthy(const Request& request, FrontConnection* client);
  void ServeReady(const Request& request, FrontConnection* client);
  void ServeLanding(const Request& request, FrontConnection* client);

  std::shared_ptr<const RouteSet> routes() {
    const std::lock_guard lock(mutex_);
    return routes_;
  }
  std::vector<RouteStatus> Status();

  const Options options_;
  std::function<std::string()> reload_;
  std::mutex mutex_;
  std::shared_ptr<const RouteSet> routes_;              // guarded by mutex_
  std::vector<std::weak_ptr<const RouteSet>> retired_;  // guarded by mutex_: to be cancelled
  ExporterMetrics metrics_;
  ScrapeLog scrape_log_;
  Occupancy occupancy_;
  std::vector<InheritedSocket> inherited_;  // the front's
  std::unique_ptr<WebSettings> web_;
  PasswordChecker passwords_;
  std::unique_ptr<Front> front_;
};

bool Server::Impl::Start(const Logger& logger, std::string* error) {
  web_ = WebSettings::Load(options_.web_config_file, logger, error);
  if (web_ == nullptr) return false;
  web_->OnReload([this](bool good) { metrics_.RecordReload(Configuration::kWeb, good); });
  FrontOptions front;
  if (!FindAddresses(front, error)) return false;
  front.threads = options_.max_requests + kSpareThreads;
  front.client_patience = options_.client_patience;
  front.idle_patience = options_.idle_patience;
  front.has_tls = web_->Current()->tls != nullptr;
  front.tls = [this] { return web_->Current()->tls; };
  front_ = Front::Start(front, this, logger, error);
  return front_ != nullptr;
}

bool Server::Impl::FindAddresses(FrontOptions& front, std::string* error) {
  if (options_.systemd_socket) {
    std::string why;
    inherited_ = TakeActivationSockets(&why);
    if (inherited_.empty()) *error = "--web.systemd-socket: " + why + ".";
    for (const InheritedSocket& socket : inherited_) front.inherited.push_back(socket.fd);
    return !inherited_.empty();
  }
  for (const std::string& text : options_.listen_addresses) {
    ListenAddress address;
    if (const std::string why = ParseListenAddress(text, &address); !why.empty()) {
      error->assign("The address ").append(text).append(" ").append(why).append(".");
      return false;
    }
    front.addresses.push_back(address);
  }
  return true;
}

std::vector<std::string> Server::Impl::Addresses() const {
  std::vector<std::string> shown;
  for (const InheritedSocket& socket : inherited_) shown.push_back(socket.address);
  for (size_t i = 0; i < ports().size(); ++i) {
    const std::string& address = options_.listen_addresses[i];
    shown.push_back(address.substr(0, address.rfind(':') + 1) + std::to_string(ports()[i]));
  }
  return shown;
}

void Server::Impl::ServeError(int status, FrontConnection* client) {
  client->header_lines = web_->Current()->header_lines;
  SendSentence(client, Request(), status, "The request cannot be served as it was sent.");
}

// True iff the client may have what it asks for; otherwise it has been told.
bool Server::Impl::Admit(const WebConfig& web, const Request& request, FrontConnection* client) {
  if (web.users.empty()) return true;
  switch (passwords_.Check(web.users, request.Header("Authorization"), request.client)) {
    case PasswordChecker::Verdict::kRight:
      return true;
    case PasswordChecker::Verdict::kWrong:
      SendSentence(client, request, 401, "This exporter wants the name and the password of a user.",
                   "WWW-Authenticate: Basic realm=\"metrishift-exporter\", charset=\"UTF-8\"\r\n");
      RecordTurnedAway(request, ScrapeOutcome::kUnauthorized, 401, "",
                       "A client of " + request.client + " has no right password.");
      break;
    case PasswordChecker::Verdict::kBusy:
      SendSentence(client, request, 503, "Too many passwords are being checked.",
                   "Retry-After: 1\r\n");
      RecordTurnedAway(request, ScrapeOutcome::kBusy, 503, "passwords",
                       "Too many passwords are being checked.");
      break;
  }
  return false;
}

void Server::Impl::Serve(const Request& request, FrontConnection* client) {
  const std::shared_ptr<const WebConfig> web = web_->Current();
  client->header_lines = web->header_lines;
  if (const Refusal refusal = CheckRequest(request); refusal.status != 0) {
    const bool is_method = refusal.status == 405;
    SendSentence(client, request, refusal.status, refusal.message,
                 is_method ? "Allow: " + std::string(refusal.allow) + "\r\n" : "");
    return;
  }
  if (IsTooSoon(*web, request, client) || !Admit(*web, request, client)) return;
  if (MayKeepConnection(request) && !occupancy_.draining()) client->Keep();
  // Kept until the scrape is over, whatever is reloaded meanwhile.
  const std::shared_ptr<const RouteSet> proxied = routes();
  Scraper* const scraper = proxied == nullptr ? nullptr : proxied->Find(request.path);
  if (scraper != nullptr) return ServeScrape(*scraper, request, client);
  constexpr std::array<Page, 6> kPages = {{{"/", &Impl::ServeLanding},
                                           {"/-/metrics", &Impl::ServeMetrics},
                                           {"/-/healthy", &Impl::ServeHealthy},
                                           {"/-/ready", &Impl::ServeReady},
                                           {kReloadPath, &Impl::ServeReload},
                                           {"/api/v1/status", &Impl::ServeStatus}}};
  const auto* const page = std::ranges::find(kPages, request.path, &Page::path);
  if (page == kPages.end()) {
    SendSentence(client, request, 404, "There is nothing here; see / for what there is.");
  } else {
    (this->*page->handler)(request, client);
  }
}

// True iff the rate limit leaves nothing for the request; then the client has been told.
bool Server::Impl::IsTooSoon(const WebConfig& web, const Request& request,
                             FrontConnection* client) {
  if (web.rate == nullptr || web.rate->Take()) return false;
  constexpr int kStatus = 429;
  const std::string message = "Too many requests have come (rate_limit in --web.config.file).";
  const auto wait = static_cast<int64_t>(std::ceil(web.rate->interval().count()));
  SendSentence(client, request, kStatus, message, "Retry-After: " + std::to_string(wait) + "\r\n");
  RecordTurnedAway(request, ScrapeOutcome::kBusy, kStatus, "rate_limit", message);
  return true;
}

// Counts a scrape of a route that was turned away, and nothing else.
void Server::Impl::RecordTurnedAway(const Request& request, ScrapeOutcome outcome, int status,
                                    std::string_view limit, std::string message) {
  const std::shared_ptr<const RouteSet> proxied = routes();
  if (proxied == nullptr || proxied->Find(request.path) == nullptr) return;
  ScrapeRecord record;
  record.outcome = outcome;
  record.status = status;
  record.limit = limit;
  record.message = std::move(message);
  record.route = request.path;
  metrics_.Record(record);
  scrape_log_.Record(record);
}

void Server::Impl::TurnAway(Occupancy::Entry entry, const Request& request,
                            FrontConnection* client) {
  if (entry == Occupancy::Entry::kDraining) {
    SendSentence(client, request, 503, "The exporter is shutting down.");
    return;
  }
  const std::string message = "Too many scrapes are running (--web.max-requests).";
  SendSentence(client, request, 503, message, "Retry-After: 1\r\n");
  RecordTurnedAway(request, ScrapeOutcome::kBusy, 503, "max_requests", message);
}

void Server::Impl::ServeScrape(Scraper& scraper, const Request& request, FrontConnection* client) {
  const Occupancy::Entry entry = occupancy_.Enter(options_.max_requests);
  if (entry != Occupancy::Entry::kAdmitted) return TurnAway(entry, request, client);
  const OccupancyGuard guard{occupancy_};
  const std::string_view header = request.Header("X-Prometheus-Scrape-Timeout-Seconds");
  client->SetDeadline(steady_clock::now() + ScrapeTimeout(header, scraper.route()) + kSendGrace);
  ScrapeRecord record;
  {
    const RunningGuard running(metrics_);
    scraper.Scrape(request, client, &record);
  }
  metrics_.Record(record);
  metrics_.SetUnused(record.route, record.unused);
  scrape_log_.Record(record);
}

void Server::Impl::ServeReload(const Request& request, FrontConnection* client) {
  if (!options_.enable_lifecycle) {
    SendSentence(client, request, 403,
                 "Reloading by request is off; --web.enable-lifecycle allows it.");
    return;
  }
  // Not here: reading tables takes more than the 100 KB of stack that civetweb's threads have.
  const std::string why = std::async(std::launch::async, reload_).get();
  SendSentence(client, request, why.empty() ? 200 : 500,
               why.empty() ? "The configuration was read again." : why);
}

void Server::Impl::ServeStatus(const Request& request, FrontConnection* client) {
  SendPage(client, request, 200, "application/json", StatusJson(Status()));
}

void Server::Impl::SetRoutes(std::shared_ptr<const RouteSet> routes) {
  std::set<std::string> paths;
  if (routes != nullptr) {
    for (const std::unique_ptr<Scraper>& scraper : routes->scrapers)
      paths.insert(scraper->route().path);
  }
  metrics_.SetRoutes(std::move(paths));
  const std::lock_guard lock(mutex_);
  std::erase_if(retired_, [](const auto& set) { return set.expired(); });
  if (routes_ != nullptr) retired_.push_back(routes_);
  routes_ = std::move(routes);
  if (routes_ != nullptr) return;
  for (const std::weak_ptr<const RouteSet>& weak : retired_) {
    const std::shared_ptr<const RouteSet> set = weak.lock();
    if (set == nullptr) continue;
    for (const std::unique_ptr<Scraper>& scraper : set->scrapers) scraper->Cancel();
  }
}

std::vector<RouteStatus> Server::Impl::Status() {
  std::vector<RouteStatus> status;
  if (const std::shared_ptr<const RouteSet> set = routes()) {
    for (const std::unique_ptr<Scraper>& scraper : set->scrapers)
      status.push_back(scraper->Status());
  }
  return status;
}

void Server::Impl::ServeMetrics(const Request& request, FrontConnection* client) {
  SendPage(client, request, 200, kTextFormat, metrics_.Serialize());
}

void Server::Impl::ServeHealthy(const Request& request, FrontConnection* client) {
  SendSentence(client, request, 200, "The exporter is healthy.");
}

void Server::Impl::ServeReady(const Request& request, FrontConnection* client) {
  if (occupancy_.draining()) {
    SendSentence(client, request, 503, "The exporter is shutting down.");
  } else {
    SendSentence(client, request, 200, "The exporter is ready.");
  }
}

void Server::Impl::ServeLanding(const Request& request, FrontConnection* client) {
  SendPage(client, request, 200, kHtml, LandingPage(Status()));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() = default;

std::unique_ptr<Server> Server::Start(const Options& options,
                                      std::shared_ptr<const RouteSet> routes, Reload reload,
                                      const Logger& logger, std::string* error) {
  auto impl = std::make_unique<Impl>(options, logger);
  Impl& started = *impl;
  std::unique_ptr<Server> server(new Server(std::move(impl)));
  started.SetRoutes(std::move(routes));
  started.SetReload([reload = std::move(reload), &server = *server] {
    return reload ? reload(server) : "There is nothing to be read again.";
  });
  return started.Start(logger, error) ? std::move(server) : nullptr;
}

void Server::SetRoutes(std::shared_ptr<const RouteSet> routes) {
  impl_->SetRoutes(std::move(routes));
}

std::string Server::ReloadWeb() { return impl_->ReloadWeb(); }

void Server::RecordReload(bool successful) {
  impl_->metrics().RecordReload(Configuration::kRoutes, successful);
}

std::vector<int> Server::ports() const { return impl_->ports(); }

std::vector<std::string> Server::addresses() const { return impl_->Addresses(); }

bool Server::has_tls() const { return impl_->has_tls(); }

void Server::BeginDrain() { impl_->occupancy().BeginDrain(); }

bool Server::WaitUntilIdle(std::chrono::milliseconds patience) {
  return impl_->occupancy().WaitUntilIdle(patience);
}

}  // namespace metrishift::http
