#include "exporter/http/front.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <new>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "exporter/http/civet_request.h"
#include "exporter/http/civet_socket.h"
#include "exporter/http/relay.h"
#include "exporter/http/splice.h"

namespace metrishift::http {
namespace {

using std::chrono::steady_clock;

constexpr const char* kLoopback = "127.0.0.1";

// Where civetweb's first message goes while this thread starts a server.
thread_local std::string* start_message = nullptr;

// The connections that are kept. Thread-safe.
class Places {
 public:
  bool Take() {
    if (taken_.fetch_add(1) < Front::kMostKept) return true;
    Leave();
    return false;
  }
  void Leave() { taken_.fetch_sub(1); }

 private:
  std::atomic<int> taken_ = 0;
};

// What is known of a connection of civetweb's.
struct Connection {
  static Connection* Of(const mg_connection* connection) {
    return static_cast<Connection*>(mg_get_user_connection_data(connection));
  }

  bool answered = false;      // a request of it
  bool kept = false;          // it has one of the places
  bool stays = false;         // after its last response
  uint64_t taken = 0;         // bytes of its requests; known as long as it stays
  std::optional<int> socket;  // see ClientSocket
};

// Looked for once.
int ClientSocket(const mg_connection* connection) {
  Connection* const known = Connection::Of(connection);
  const mg_request_info& info = *mg_get_request_info(connection);
  if (known == nullptr) return SocketOf(info);
  if (!known->socket) known->socket = SocketOf(info);
  return *known->socket;
}

// Whether a client has left, which shows by its having sent the end of what it sends: some do so
// and wait for their answer, for as long as `patience` while nothing comes.
class Departure {
 public:
  explicit Departure(std::chrono::milliseconds patience) : patience_(patience) {}

  void NoteSent() { since_ = steady_clock::time_point::max(); }
  bool IsDue() const { return steady_clock::now() >= next_look_; }
  bool Look(int socket) {
    const auto now = steady_clock::now();
    next_look_ = now + kPause;
    pollfd client{socket, POLLRDHUP, 0};
    if (poll(&client, 1, 0) <= 0) return false;
    since_ = std::min(since_, now);
    return (client.revents & (POLLHUP | POLLERR)) != 0 || now - since_ >= patience_;
  }

 private:
  static constexpr std::chrono::milliseconds kPause{500};

  const std::chrono::milliseconds patience_;
  steady_clock::time_point next_look_ = steady_clock::now() + kPause;
  steady_clock::time_point since_ = steady_clock::time_point::max();  // when its end was seen
};

// Sends through civetweb, in pieces large enough for a chunk, and small enough that a client which
// reads hardly anything is noticed.
class CivetConnection : public FrontConnection {
 public:
  // `places`, `relay`: who may keep it: one of them at most. `relayed`: the relay stands between
  // it and the client, and has been patient already with one that is about to leave.
  CivetConnection(mg_connection* connection, Places* places, Relay* relay,
                  std::chrono::milliseconds patience, bool relayed)
      : connection_(connection),
        places_(places),
        relay_(relay),
        patience_(patience),
        departure_(relayed ? std::chrono::milliseconds(0) : patience) {
    if (Connection* const known = Connection::Of(connection)) known->answered = true;
  }
  // A response that said "Connection: close", or was cut, must not be followed by another; and what
  // tells the relay where one ends is that civetweb closes.
  ~CivetConnection() override {
    const bool stays = keeps && whole;
    if (stays && relay_ != nullptr)
      relay_->KeepClientOf(static_cast<uint16_t>(mg_get_request_info(connection_)->remote_port));
    if (!stays || relay_ != nullptr) mg_disable_connection_keep_alive(connection_);
    if (Connection* const known = Connection::Of(connection_))
      known->stays = stays && relay_ == nullptr;
  }
  CivetConnection(const CivetConnection&) = delete;
  CivetConnection& operator=(const CivetConnection&) = delete;

  void Keep() override {
    if (relay_ != nullptr) keeps = true;
    Connection* const known = Connection::Of(connection_);
    if (known == nullptr || places_ == nullptr) return;
    known->kept = known->kept || places_->Take();
    keeps = known->kept;
  }

  bool Send(std::string_view bytes) override {
    constexpr size_t kPiece = size_t{256} << 10U;
    departure_.NoteSent();
    while (!gone_ && !bytes.empty()) {
      const std::string_view piece = bytes.substr(0, kPiece);
      const int sent = mg_write(connection_, piece.data(), piece.size());
      gone_ = sent != static_cast<int>(piece.size()) || steady_clock::now() > deadline_;
      bytes.remove_prefix(piece.size());
    }
    return !gone_;
  }

  bool SendFrom(int socket, std::string_view bytes) override {
    departure_.NoteSent();
    if (gone_) return false;
    const auto moved = splice_.Move(socket, ClientSocket(connection_), bytes.size(), patience_);
    if (moved == Splice::Result::kUnsupported) return FrontConnection::SendFrom(socket, bytes);
    gone_ = moved == Splice::Result::kFailed || steady_clock::now() > deadline_;
    return !gone_;
  }

  bool IsGone() override {
    gone_ = gone_ || (departure_.IsDue() && departure_.Look(ClientSocket(connection_)));
    return gone_;
  }

 private:
  mg_connection* const connection_;
  Places* const places_;
  Relay* const relay_;
  const std::chrono::milliseconds patience_;  // as civetweb's
  Departure departure_;
  Splice splice_;
  bool gone_ = false;
};

// civetweb looks whether it is to stop only when somebody connects or sends something, or after two
// seconds: so somebody connects, and clients are sent away, until it has stopped.
void WakeCivet(const std::string& host, const std::vector<int>& ports,
               const std::stop_token& stopped) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(ports.front()));
  if (inet_pton(AF_INET, host.c_str(), &to.sin_addr) != 1 || to.sin_addr.s_addr == INADDR_ANY)
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  while (!stopped.stop_requested()) {
    try {
      ShutDown(ports);
    } catch (const std::exception&) {  // no memory: there may be some the next time
    }
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    // Whether it worked does not matter: the next one may.
    (void)connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (socket >= 0) close(socket);
  }
}

std::vector<int> CivetPorts(const mg_context* context) {
  std::array<mg_server_port, 64> found{};
  const int count = mg_get_server_ports(context, static_cast<int>(found.size()), found.data());
  std::vector<int> ports;
  ports.reserve(found.size());
  for (int i = 0; i < count; ++i) ports.push_back(found[static_cast<size_t>(i)].port);
  return ports;
}

using CivetSettings = std::vector<std::pair<const char*, std::string>>;

CivetSettings SettingsFor(const FrontOptions& options, const std::string& listen, int threads) {
  return {
      {"listening_ports", listen},
      {"num_threads", std::to_string(threads)},
      {"request_timeout_ms", std::to_string(options.client_patience.count())},
      {"max_request_size", std::to_string(kCivetBuffer)},
      {"tcp_nodelay", "1"},
      {"enable_keep_alive", "yes"},
      // For a further head, as for the first: idle_patience is over before, see AwaitNext.
      {"keep_alive_timeout_ms", std::to_string(options.client_patience.count())},
      // No document_root: there are no files to serve. The rest switches off what is on by default.
      {"enable_directory_listing", "no"},
      {"decode_url", "no"},
      {"index_files", ""},
      {"cgi_pattern", ""},
      {"ssi_pattern", ""},
      {"access_control_allow_origin", ""},
      {"access_control_allow_methods", ""},
      {"access_control_allow_headers", ""},
  };
}

}  // namespace

class Front::Impl {
 public:
  Impl(FrontOptions options, FrontHandler* handler)
      : options_(std::move(options)), handler_(handler) {}
  ~Impl();

  bool Start(const Logger& logger, std::string* error);
  const std::vector<int>& ports() const { return ports_; }

 private:
  enum class State : uint8_t { kStarting, kServing, kStopped };

  static Impl* Of(const mg_connection* connection) {
    return static_cast<Impl*>(mg_get_user_data(mg_get_context(connection)));
  }
  static int OnOpen(const mg_connection* connection, void** known) noexcept;
  static int OnRequest(mg_connection* connection) noexcept;
  static int OnError(mg_connection* connection, int status, const char* message) noexcept;
  static void OnClose(const mg_connection* connection) noexcept;
  static int OnLogMessage(const mg_connection* connection, const char* message) noexcept;

  bool IsRelayed(const ListenAddress& address) const { return options_.has_tls || address.ipv6; }
  bool IsRelays(const mg_request_info& info) const {
    return relay_ != nullptr && info.server_port == civet_ports_.back();
  }
  std::optional<std::string> ClientOf(const mg_request_info& info) const;
  void Serve(mg_connection* connection, bool may_keep);
  void AwaitNext(mg_connection* connection);
  bool StartCivet(const std::vector<ListenAddress>& direct, bool relayed, std::string* error);
  bool StartRelay(std::vector<ListenAddress> addresses, const Logger& logger, std::string* error);
  void NotePorts();
  void SetState(State state) {
    state_ = state;
    state_.notify_all();
  }

  const FrontOptions options_;
  FrontHandler* const handler_;
  mg_context* context_ = nullptr;
  std::string civet_host_;        // of its first port
  std::vector<int> civet_ports_;  // the last one is the relay's, where there is one
  std::unique_ptr<Relay> relay_;
  std::vector<int> ports_;
  // Nothing above changes once it is serving.
  Places places_;
  std::atomic<State> state_ = State::kStarting;
  std::jthread waker_;  // once it is stopped: see WakeCivet
};

Front::Impl::~Impl() {
  SetState(State::kStopped);  // whoever waits for it goes on
  // What it has under way goes on to its end, or is cut by civetweb's.
  if (context_ != nullptr) mg_stop(context_);
}

bool Front::Impl::Start(const Logger& logger, std::string* error) {
  std::vector<ListenAddress> direct;
  std::vector<ListenAddress> relayed;
  for (const ListenAddress& address : options_.addresses)
    (IsRelayed(address) ? relayed : direct).push_back(address);
  const bool needs_relay = !relayed.empty() || !options_.inherited.empty();
  if (!StartCivet(direct, needs_relay, error)) return false;
  civet_ports_ = CivetPorts(context_);
  // Now, since at the end there may be no memory for a thread.
  waker_ = std::jthread([this](const std::stop_token& stopped) {
    state_.wait(State::kStarting);
    state_.wait(State::kServing);
    WakeCivet(civet_host_, civet_ports_, stopped);
  });
  if (needs_relay && !StartRelay(std::move(relayed), logger, error)) return false;
  NotePorts();
  SetState(State::kServing);
  return true;
}

bool Front::Impl::StartCivet(const std::vector<ListenAddress>& direct, bool relayed,
                             std::string* error) {
  std::string listen;
  const auto add = [&listen](const ListenAddress& address) {
    const std::string shown = ShowListenAddress(address);
    // civetweb knows ":PORT" as "PORT".
    listen.append(listen.empty() ? "" : ",").append(shown, shown.front() == ':' ? 1 : 0);
  };
  for (const ListenAddress& address : direct) add(address);
  if (relayed) add({kLoopback, 0, false});
  civet_host_ = direct.empty() ? kLoopback : direct.front().host;
  const int threads = options_.threads + (direct.empty() ? 0 : kMostKept);
  const CivetSettings settings = SettingsFor(options_, listen, threads);
  std::vector<const char*> flat;
  for (const auto& [name, value] : settings) flat.insert(flat.end(), {name, value.c_str()});
  flat.push_back(nullptr);
  mg_callbacks callbacks{};
  callbacks.init_connection = &Impl::OnOpen;
  callbacks.begin_request = &Impl::OnRequest;
  callbacks.http_error = &Impl::OnError;
  callbacks.connection_close = &Impl::OnClose;
  callbacks.log_message = &Impl::OnLogMessage;
  std::array<char, 256> problem{};
  mg_init_data init{};
  init.callbacks = &callbacks;
  init.user_data = this;
  init.configuration_options = flat.data();
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

bool Front::Impl::StartRelay(std::vector<ListenAddress> addresses, const Logger& logger,
                             std::string* error) {
  RelayOptions options;
  options.addresses = std::move(addresses);
  options.inherited = options_.inherited;
  options.backend_port = static_cast<uint16_t>(civet_ports_.back());
  options.client_patience = options_.client_patience;
  options.idle_patience = options_.idle_patience;
  options.tls = options_.has_tls ? options_.tls : [] { return nullptr; };
  relay_ = Relay::Start(std::move(options), logger, error);
  return relay_ != nullptr;
}

void Front::Impl::NotePorts() {
  size_t direct = 0;
  size_t relayed = 0;
  for (const ListenAddress& address : options_.addresses)
    ports_.push_back(IsRelayed(address) ? relay_->ports()[relayed++] : civet_ports_[direct++]);
}

// See Request::client. Nothing for whoever may not speak: who on this machine connects to the
// relay's port without being the relay.
std::optional<std::string> Front::Impl::ClientOf(const mg_request_info& info) const {
  if (state_ == State::kStopped) return {};
  if (!IsRelays(info)) return info.remote_addr;
  if (std::string_view(info.remote_addr) != kLoopback) return {};
  return relay_->ClientOf(static_cast<uint16_t>(info.remote_port));
}

int Front::Impl::OnOpen(const mg_connection*, void** known) noexcept {
  *known = new (std::nothrow) Connection;
  return 0;
}

void Front::Impl::Serve(mg_connection* connection, bool may_keep) {
  state_.wait(State::kStarting);  // a client may have waited in a socket of systemd's
  const mg_request_info& info = *mg_get_request_info(connection);
  const bool relays = IsRelays(info);
  CivetConnection client(connection, may_keep && !relays ? &places_ : nullptr,
                         may_keep && relays ? relay_.get() : nullptr, options_.client_patience,
                         relays);
  std::optional<std::string> whose = ClientOf(info);
  if (!whose) return;
  Request request = ToRequest(info);
  request.client = *std::move(whose);
  handler_->Serve(request, &client);
}

// civetweb has one time for what comes next, from an idle client's first byte to its head's end. So
// the first byte is waited for here, where its thread has nothing else to do.
void Front::Impl::AwaitNext(mg_connection* connection) {
  Connection* const known = Connection::Of(connection);
  if (known == nullptr || !known->stays) return;
  const mg_request_info& info = *mg_get_request_info(connection);
  known->taken += PlainHeadSize(info);
  // To whom the answer was just sent: what he asks for next may be here before anybody has slept.
  std::this_thread::yield();
  if (!AwaitClient(ClientSocket(connection), known->taken, options_.idle_patience))
    mg_disable_connection_keep_alive(connection);
}

// The one callback that serves: its positive result tells civetweb that nothing is left to do, so
// that none of its own handling of files, options and uploads is ever reached.
int Front::Impl::OnRequest(mg_connection* connection) noexcept {
  constexpr int kHandled = 200;
  Impl& self = *Of(connection);
  try {
    self.Serve(connection, true);
    self.AwaitNext(connection);
  } catch (...) {  // out of memory, most likely: the connection closes without an answer
    mg_disable_connection_keep_alive(connection);
  }
  return kHandled;
}

// What civetweb refuses before a request reaches OnRequest: too large, malformed, too slow.
int Front::Impl::OnError(mg_connection* connection, int status, const char*) noexcept {
  try {
    Impl& self = *Of(connection);
    CivetConnection client(connection, nullptr, nullptr, self.options_.client_patience, true);
    self.handler_->ServeError(status, &client);
  } catch (...) {
  }
  return 0;
}

// civetweb closes connections without a word whose target is in absolute form ("GET
// http://host/metrics"), unless host is a name that it has been given. Until it does, it can be
// answered; but of a connection with several requests it cannot be told whether the last one has
// been, and a kept connection may be closed.
void Front::Impl::OnClose(const mg_connection* closing) noexcept {
  const std::unique_ptr<Connection> known(Connection::Of(closing));
  if (known == nullptr) return;
  auto* const connection = const_cast<mg_connection*>(closing);
  const mg_request_info* const info = mg_get_request_info(connection);
  Impl& self = *Of(connection);
  if (!known->answered && info != nullptr && info->request_method != nullptr &&
      info->request_uri != nullptr) {
    try {
      self.Serve(connection, false);
    } catch (...) {
    }
  }
  if (known->kept) self.places_.Leave();
}

// What goes wrong while serving is a broken client's doing, and no line in the log.
int Front::Impl::OnLogMessage(const mg_connection*, const char* message) noexcept {
  if (start_message != nullptr && start_message->empty()) *start_message = message;
  return 1;
}

Front::Front(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Front::~Front() = default;

std::unique_ptr<Front> Front::Start(const FrontOptions& options, FrontHandler* handler,
                                    const Logger& logger, std::string* error) {
  auto impl = std::make_unique<Impl>(options, handler);
  if (!impl->Start(logger, error)) return nullptr;
  return std::unique_ptr<Front>(new Front(std::move(impl)));
}

const std::vector<int>& Front::ports() const { return impl_->ports(); }

}  // namespace metrishift::http
