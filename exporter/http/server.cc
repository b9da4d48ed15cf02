#include "exporter/http/server.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <future>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "exporter/http/metrics.h"
#include "exporter/http/request.h"
#include "exporter/http/response.h"
#include "exporter/http/route_status.h"
#include "exporter/http/scrape.h"

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

// Where civetweb's first message goes while this thread starts a server.
thread_local std::string* start_message = nullptr;

Request ToRequest(const mg_request_info& info) {
  Request request;
  request.method = info.request_method != nullptr ? info.request_method : "";
  request.path = info.request_uri != nullptr ? info.request_uri : "";
  request.http_version = info.http_version != nullptr ? info.http_version : "";
  for (int i = 0; i < info.num_headers; ++i) {
    std::string_view name = info.http_headers[i].name;
    const char* const value = info.http_headers[i].value;
    // civetweb cuts names from values in place with NULs, and forgives blanks before the colon:
    // "Host : x" leaves two NULs. RFC 9112 section 5.1 wants such requests refused, so the name
    // keeps its second NUL for the gate to see.
    const char* const behind = name.data() + name.size() + 1;
    if (behind < value && *behind == '\0') name = {name.data(), name.size() + 1};
    request.headers.emplace_back(name, value);
  }
  return request;
}

// Sends through civetweb, in pieces small enough that a client which reads hardly anything is
// noticed.
class CivetConnection : public ClientConnection {
 public:
  explicit CivetConnection(mg_connection* connection) : connection_(connection) {
    // The response says "Connection: close", and a cut one must not be followed by another.
    mg_disable_connection_keep_alive(connection);
  }

  void SetDeadline(steady_clock::time_point deadline) { deadline_ = deadline; }

  bool Send(std::string_view bytes) override {
    constexpr size_t kPiece = size_t{64} << 10U;
    while (!gone_ && !bytes.empty()) {
      const std::string_view piece = bytes.substr(0, kPiece);
      const int sent = mg_write(connection_, piece.data(), piece.size());
      gone_ = sent != static_cast<int>(piece.size()) || steady_clock::now() > deadline_;
      bytes.remove_prefix(piece.size());
    }
    return !gone_;
  }

 private:
  mg_connection* const connection_;
  steady_clock::time_point deadline_ = steady_clock::time_point::max();
  bool gone_ = false;
};

// Counts the scrapes under way.
class Occupancy {
 public:
  enum class Entry : uint8_t { kAdmitted, kFull, kDraining };

  Entry Enter(int max_scrapes) {
    const std::lock_guard lock(mutex_);
    if (draining_) return Entry::kDraining;
    if (scrapes_ >= max_scrapes) return Entry::kFull;
    ++scrapes_;
    return Entry::kAdmitted;
  }
  void Leave() {
    const std::lock_guard lock(mutex_);
    --scrapes_;
    idle_.notify_all();
  }
  void BeginDrain() {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  bool WaitUntilIdle(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, patience, [this] { return scrapes_ == 0; });
  }
  bool draining() {
    const std::lock_guard lock(mutex_);
    return draining_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable idle_;
  int scrapes_ = 0;
  bool draining_ = false;
};

// Leaves when it goes out of scope, whatever happens to the scrape.
struct OccupancyGuard {
  Occupancy& occupancy;
  ~OccupancyGuard() { occupancy.Leave(); }
};

}  // namespace

class Server::Impl {
 public:
  Impl(const Options& options, const Logger& logger) : options_(options), scrape_log_(logger) {}

  ~Impl() {
    SetRoutes(nullptr);
    if (context_ != nullptr) Stop();
  }

  bool Start(std::string* error);
  void Stop();
  void SetRoutes(std::shared_ptr<const RouteSet> routes);
  ExporterMetrics& metrics() { return metrics_; }
  void SetReload(std::function<std::string()> reload) { reload_ = std::move(reload); }
  std::vector<int> ports() const;
  Occupancy& occupancy() { return occupancy_; }

 private:
  using Handler = void (Impl::*)(const Request&, CivetConnection*);
  struct Page {
    std::string_view path;
    Handler handler;
  };

  static Impl* Of(const mg_connection* connection) {
    return static_cast<Impl*>(mg_get_user_data(mg_get_context(connection)));
  }
  static int OnRequest(mg_connection* connection) noexcept;
  static int OnError(mg_connection* connection, int status, const char* message) noexcept;
  static int OnLogMessage(const mg_connection* connection, const char* message) noexcept;

  void Serve(const Request& request, CivetConnection* client);
  void TurnAway(Occupancy::Entry entry, const Request& request, CivetConnection* client);
  void ServeScrape(Scraper& scraper, const Request& request, CivetConnection* client);
  void ServeReload(const Request& request, CivetConnection* client);
  void ServeStatus(const Request& request, CivetConnection* client);
  void ServeMetrics(const Request& request, CivetConnection* client);
  void ServeHealthy(const Request& request, CivetConnection* client);
  void ServeReady(const Request& request, CivetConnection* client);
  void ServeLanding(const Request& request, CivetConnection* client);

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
  mg_context* context_ = nullptr;
};

bool Server::Impl::Start(std::string* error) {
  std::string listen;
  for (const std::string& address : options_.listen_addresses) {
    // civetweb knows ":PORT" as "PORT".
    listen.append(listen.empty() ? "" : ",").append(address, address.front() == ':' ? 1 : 0);
  }
  const std::string threads = std::to_string(options_.max_requests + kSpareThreads);
  const std::string patience = std::to_string(options_.client_patience.count());
  // No document_root: there are no files to serve. The rest switches off what is on by default.
  const std::vector<const char*> settings = {"listening_ports",
                                             listen.c_str(),
                                             "num_threads",
                                             threads.c_str(),
                                             "request_timeout_ms",
                                             patience.c_str(),
                                             "max_request_size",
                                             "8192",
                                             "tcp_nodelay",
                                             "1",
                                             "enable_keep_alive",
                                             "no",
                                             "enable_directory_listing",
                                             "no",
                                             "decode_url",
                                             "no",
                                             "index_files",
                                             "",
                                             "cgi_pattern",
                                             "",
                                             "ssi_pattern",
                                             "",
                                             "access_control_allow_origin",
                                             "",
                                             "access_control_allow_methods",
                                             "",
                                             "access_control_allow_headers",
                                             "",
                                             nullptr};
  mg_callbacks callbacks{};
  callbacks.begin_request = &Impl::OnRequest;
  callbacks.http_error = &Impl::OnError;
  callbacks.log_message = &Impl::OnLogMessage;
  std::array<char, 256> problem{};
  mg_init_data init{};
  init.callbacks = &callbacks;
  init.user_data = this;
  init.configuration_options = const_cast<const char**>(settings.data());
  mg_error_data why{};
  why.text = problem.data();
  why.text_buffer_size = problem.size();
  std::string said;
  start_message = &said;
  context_ = mg_start2(&init, &why);
  start_message = nullptr;
  if (context_ != nullptr) return true;
  // Only what it logs says why ("cannot bind to ...: 98 (Address already in use)").
  *error = "Cannot listen on " + listen + ": " + (said.empty() ? problem.data() : said) + ".";
  return false;
}

// civetweb looks whether it is to stop only when somebody connects, or after two seconds: so
// somebody connects, until it has stopped.
void Server::Impl::Stop() {
  const std::string& address = options_.listen_addresses.front();
  const std::string host = address.substr(0, address.rfind(':'));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(ports().front()));
  if (inet_pton(AF_INET, host.c_str(), &to.sin_addr) != 1 || to.sin_addr.s_addr == INADDR_ANY)
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::jthread waker([to](const std::stop_token& stopped) {
    while (!stopped.stop_requested()) {
      const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (socket < 0) return;
      // Whether it worked does not matter: the next one may.
      (void)connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      close(socket);
    }
  });
  mg_stop(context_);
}

std::vector<int> Server::Impl::ports() const {
  std::array<mg_server_port, 64> found{};
  const int count = mg_get_server_ports(context_, static_cast<int>(found.size()), found.data());
  std::vector<int> ports;
  ports.reserve(found.size());
  for (int i = 0; i < count; ++i) ports.push_back(found[static_cast<size_t>(i)].port);
  return ports;
}

// The one callback that serves: its positive result tells civetweb that nothing is left to do, so
// that none of its own handling of files, options and uploads is ever reached.
int Server::Impl::OnRequest(mg_connection* connection) noexcept {
  constexpr int kHandled = 200;
  try {
    CivetConnection client(connection);
    Of(connection)->Serve(ToRequest(*mg_get_request_info(connection)), &client);
  } catch (...) {  // out of memory, most likely: the connection closes without an answer
  }
  return kHandled;
}

// What civetweb refuses before a request reaches OnRequest: too large, malformed, too slow.
int Server::Impl::OnError(mg_connection* connection, int status, const char*) noexcept {
  try {
    CivetConnection client(connection);
    Request request;
    SendSentence(&client, request, status, "The request cannot be served as it was sent.");
  } catch (...) {
  }
  return 0;
}

// What goes wrong while serving is a broken client's doing, and no line in the log.
int Server::Impl::OnLogMessage(const mg_connection*, const char* message) noexcept {
  if (start_message != nullptr && start_message->empty()) *start_message = message;
  return 1;
}

void Server::Impl::Serve(const Request& request, CivetConnection* client) {
  if (const Refusal refusal = CheckRequest(request); refusal.status != 0) {
    const bool is_method = refusal.status == 405;
    SendSentence(client, request, refusal.status, refusal.message,
                 is_method ? "Allow: " + std::string(refusal.allow) + "\r\n" : "");
    return;
  }
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

void Server::Impl::TurnAway(Occupancy::Entry entry, const Request& request,
                            CivetConnection* client) {
  if (entry == Occupancy::Entry::kDraining) {
    SendSentence(client, request, 503, "The exporter is shutting down.");
    return;
  }
  ScrapeRecord record;
  record.outcome = ScrapeOutcome::kBusy;
  record.status = 503;
  record.route = request.path;
  record.limit = "max_requests";
  record.message = "Too many scrapes are running (--web.max-requests).";
  SendSentence(client, request, record.status, record.message, "Retry-After: 1\r\n");
  metrics_.Record(record);
  scrape_log_.Record(record);
}

void Server::Impl::ServeScrape(Scraper& scraper, const Request& request, CivetConnection* client) {
  const Occupancy::Entry entry = occupancy_.Enter(options_.max_requests);
  if (entry != Occupancy::Entry::kAdmitted) return TurnAway(entry, request, client);
  const OccupancyGuard guard{occupancy_};
  const std::string_view header = request.Header("X-Prometheus-Scrape-Timeout-Seconds");
  client->SetDeadline(steady_clock::now() + ScrapeTimeout(header, scraper.route()) + kSendGrace);
  metrics_.AddRunning(1);
  ScrapeRecord record;
  scraper.Scrape(request, client, &record);
  metrics_.AddRunning(-1);
  metrics_.Record(record);
  metrics_.SetUnused(record.route, scraper.Status().unused.size());
  scrape_log_.Record(record);
}

void Server::Impl::ServeReload(const Request& request, CivetConnection* client) {
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

void Server::Impl::ServeStatus(const Request& request, CivetConnection* client) {
  SendPage(client, request, 200, "application/json", StatusJson(Status()));
}

void Server::Impl::SetRoutes(std::shared_ptr<const RouteSet> routes) {
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

void Server::Impl::ServeMetrics(const Request& request, CivetConnection* client) {
  SendPage(client, request, 200, kTextFormat, metrics_.Serialize());
}

void Server::Impl::ServeHealthy(const Request& request, CivetConnection* client) {
  SendSentence(client, request, 200, "The exporter is healthy.");
}

void Server::Impl::ServeReady(const Request& request, CivetConnection* client) {
  if (occupancy_.draining()) {
    SendSentence(client, request, 503, "The exporter is shutting down.");
  } else {
    SendSentence(client, request, 200, "The exporter is ready.");
  }
}

void Server::Impl::ServeLanding(const Request& request, CivetConnection* client) {
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
  return started.Start(error) ? std::move(server) : nullptr;
}

void Server::SetRoutes(std::shared_ptr<const RouteSet> routes) {
  impl_->SetRoutes(std::move(routes));
}

void Server::RecordReload(bool successful) { impl_->metrics().RecordReload(successful); }

std::vector<int> Server::ports() const { return impl_->ports(); }

void Server::BeginDrain() { impl_->occupancy().BeginDrain(); }

bool Server::WaitUntilIdle(std::chrono::milliseconds patience) {
  return impl_->occupancy().WaitUntilIdle(patience);
}

}  // namespace metrishift::http
