#include "exporter/http/front.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <stop_token>
#include <thread>
#include <utility>

#include "exporter/http/relay.h"

namespace metrishift::http {
namespace {

using std::chrono::steady_clock;

constexpr const char* kLoopback = "127.0.0.1";

// Where civetweb's first message goes while this thread starts a server.
thread_local std::string* start_message = nullptr;

// The path of a target as it was sent, without scheme, authority (RFC 9112 section 3.2.2: they say
// nothing that Host could not) and query.
std::string_view PathOf(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const size_t path = target.find_first_of("/?", scheme.size());
    target = path == target.npos || target[path] == '?' ? "/" : target.substr(path);
    break;
  }
  return target.substr(0, target.find('?'));
}

Request ToRequest(const mg_request_info& info) {
  Request request;
  request.method = info.request_method != nullptr ? info.request_method : "";
  request.path = PathOf(info.request_uri != nullptr ? info.request_uri : "");
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
class CivetConnection : public FrontConnection {
 public:
  explicit CivetConnection(mg_connection* connection) : connection_(connection) {
    // The response says "Connection: close", and a cut one must not be followed by another.
    mg_disable_connection_keep_alive(connection);
  }

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
  bool gone_ = false;
};

// civetweb looks whether it is to stop only when somebody connects, or after two seconds: so
// somebody connects, until it has stopped.
void StopCivet(mg_context* context, const std::string& host, int port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
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
  mg_stop(context);
}

std::vector<int> CivetPorts(const mg_context* context) {
  std::array<mg_server_port, 64> found{};
  const int count = mg_get_server_ports(context, static_cast<int>(found.size()), found.data());
  std::vector<int> ports;
  ports.reserve(found.size());
  for (int i = 0; i < count; ++i) ports.push_back(found[static_cast<size_t>(i)].port);
  return ports;
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
  static int OnRequest(mg_connection* connection) noexcept;
  static int OnError(mg_connection* connection, int status, const char* message) noexcept;
  static void OnClose(const mg_connection* connection) noexcept;
  static int OnLogMessage(const mg_connection* connection, const char* message) noexcept;

  bool IsRelayed(const ListenAddress& address) const { return options_.has_tls || address.ipv6; }
  bool MaySpeak(const mg_request_info& info) const;
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
  std::atomic<State> state_ = State::kStarting;
};

Front::Impl::~Impl() {
  SetState(State::kStopped);  // whoever waits for it goes on
  // What it has under way goes on to its end, or is cut by civetweb's.
  if (context_ != nullptr) StopCivet(context_, civet_host_, civet_ports_.front());
}

bool Front::Impl::Start(const Logger& logger, std::string* error) {
  std::vector<ListenAddress> direct;
  std::vector<ListenAddress> relayed;
  for (const ListenAddress& address : options_.addresses)
    (IsRelayed(address) ? relayed : direct).push_back(address);
  const bool needs_relay = !relayed.empty();
  if (!StartCivet(direct, needs_relay, error)) return false;
  civet_ports_ = CivetPorts(context_);
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
  const std::string threads = std::to_string(options_.threads);
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
  callbacks.connection_close = &Impl::OnClose;
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

bool Front::Impl::StartRelay(std::vector<ListenAddress> addresses, const Logger& logger,
                             std::string* error) {
  RelayOptions options;
  options.addresses = std::move(addresses);
  options.backend_port = static_cast<uint16_t>(civet_ports_.back());
  options.client_patience = options_.client_patience;
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

// False for whoever on this machine connects to the relay's port without being the relay.
bool Front::Impl::MaySpeak(const mg_request_info& info) const {
  state_.wait(State::kStarting);
  if (state_ == State::kStopped) return false;
  if (relay_ == nullptr || info.server_port != civet_ports_.back()) return true;
  return std::string_view(info.remote_addr) == kLoopback &&
         relay_->IsOwn(static_cast<uint16_t>(info.remote_port));
}

// The one callback that serves: its positive result tells civetweb that nothing is left to do, so
// that none of its own handling of files, options and uploads is ever reached.
int Front::Impl::OnRequest(mg_connection* connection) noexcept {
  constexpr int kHandled = 200;
  try {
    CivetConnection client(connection);
    const mg_request_info& info = *mg_get_request_info(connection);
    Impl& self = *Of(connection);
    mg_set_user_connection_data(connection, &self);  // answered: see OnClose
    if (self.MaySpeak(info)) self.handler_->Serve(ToRequest(info), &client);
  } catch (...) {  // out of memory, most likely: the connection closes without an answer
  }
  return kHandled;
}

// What civetweb refuses before a request reaches OnRequest: too large, malformed, too slow.
int Front::Impl::OnError(mg_connection* connection, int status, const char*) noexcept {
  try {
    CivetConnection client(connection);
    Impl& self = *Of(connection);
    mg_set_user_connection_data(connection, &self);
    self.handler_->ServeError(status, &client);
  } catch (...) {
  }
  return 0;
}

// civetweb closes connections without a word whose target is in absolute form ("GET
// http://host/metrics"), unless host is a name that it has been given. Until it does, it can be
// answered.
void Front::Impl::OnClose(const mg_connection* connection) noexcept {
  if (mg_get_user_connection_data(connection) != nullptr) return;
  const mg_request_info* const info = mg_get_request_info(connection);
  if (info == nullptr || info->request_method == nullptr || info->request_uri == nullptr) return;
  OnRequest(const_cast<mg_connection*>(connection));
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
