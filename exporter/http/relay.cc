#include "exporter/http/relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <list>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "exporter/http/relay_connection.h"

namespace metrishift::http {
namespace {

using Clock = RelayConnection::Clock;

// Small, so that what civetweb has sent is nearly what the client has taken.
constexpr int kBackendBuffer = 256 << 10;
constexpr std::chrono::milliseconds kNoDescriptorPause{20};

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

class Relay::Impl {
 public:
  Impl(RelayOptions options, const Logger& logger)
      : options_(std::move(options)), logger_(logger), wake_(eventfd(0, EFD_CLOEXEC)) {}
  ~Impl();

  bool Start(std::string* error);
  const std::vector<uint16_t>& ports() const { return ports_; }
  bool IsOwn(uint16_t port) const {
    const std::lock_guard lock(mutex_);
    return own_.contains(port);
  }

 private:
  struct Client {
    RelayConnection connection;
    uint16_t backend_port = 0;
  };

  void Run(const std::stop_token& stopped);
  std::vector<pollfd> Awaited() const;
  int Timeout() const;
  void Accept(int listener);
  void StepAll(const std::vector<pollfd>& ready);
  bool StepSafely(Client& client);
  bool StepOne(Client& client);
  bool Connect(Client& client);
  void Forget(const Client& client);

  const RelayOptions options_;
  const Logger& logger_;
  const Socket wake_;
  std::vector<Socket> listeners_;
  std::vector<uint16_t> ports_;
  std::list<Client> clients_;  // the relay's thread's
  mutable std::mutex mutex_;
  std::set<uint16_t> own_;  // guarded by mutex_
  std::jthread thread_;
};

Relay::Impl::~Impl() {
  thread_.request_stop();
  (void)eventfd_write(wake_.fd(), 1);
}

bool Relay::Impl::Start(std::string* error) {
  for (const ListenAddress& address : options_.addresses) {
    uint16_t port = 0;
    std::string why;
    const int listener = OpenListener(address, &port, &why);
    if (listener < 0) {
      *error = "Cannot listen on " + ShowListenAddress(address) + ": " + why + ".";
      return false;
    }
    listeners_.emplace_back(listener);
    ports_.push_back(port);
  }
  thread_ = std::jthread([this](const std::stop_token& stopped) { Run(stopped); });
  return true;
}

void Relay::Impl::Run(const std::stop_token& stopped) {
  while (!stopped.stop_requested()) {
    std::vector<pollfd> awaited = Awaited();
    if (poll(awaited.data(), awaited.size(), Timeout()) < 0) continue;
    StepAll(awaited);
    for (size_t i = 0; i < listeners_.size(); ++i) {
      if (awaited[i].revents != 0) Accept(listeners_[i].fd());
    }
  }
  clients_.clear();
}

// The listeners, what wakes, and two for each client.
std::vector<pollfd> Relay::Impl::Awaited() const {
  std::vector<pollfd> awaited;
  const bool full = clients_.size() >= kMostConnections;
  for (const Socket& listener : listeners_)
    awaited.push_back({full ? -1 : listener.fd(), POLLIN, 0});
  awaited.push_back({wake_.fd(), POLLIN, 0});
  for (const Client& client : clients_) {
    const RelayConnection& one = client.connection;
    // poll(2) reports an end even where nothing is asked for, and then would not wait.
    awaited.push_back({one.client_events() == 0 ? -1 : one.client_fd(), one.client_events(), 0});
    awaited.push_back({one.backend_events() == 0 ? -1 : one.backend_fd(), one.backend_events(), 0});
  }
  return awaited;
}

int Relay::Impl::Timeout() const {
  Clock::time_point next = Clock::time_point::max();
  for (const Client& client : clients_) next = std::min(next, client.connection.deadline());
  if (next == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 60'000));
}

void Relay::Impl::Accept(int listener) {
  while (clients_.size() < kMostConnections) {
    Socket socket(accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.fd() < 0) {
      // Without a descriptor to spare the next try would come at once.
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        std::this_thread::sleep_for(kNoDescriptorPause);
      return;
    }
    const int on = 1;
    setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // A lack of memory or threads costs this connection, which is closed, and no other.
    try {
      std::shared_ptr<const TlsContext> tls = options_.tls();
      const bool has_tls = tls != nullptr;
      clients_.push_back({RelayConnection(ClientChannel(std::move(socket), std::move(tls)), has_tls,
                                          options_.client_patience)});
    } catch (const std::exception& problem) {
      logger_.LogOften("relay", LogLevel::kError, "A connection was refused.",
                       {{"reason", problem.what()}});
      return;
    }
    if (!StepSafely(clients_.back())) clients_.pop_back();
  }
}

void Relay::Impl::StepAll(const std::vector<pollfd>& ready) {
  const Clock::time_point now = Clock::now();
  size_t at = listeners_.size() + 1;
  for (auto client = clients_.begin(); client != clients_.end(); at += 2) {
    if ((ready[at + 1].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0)
      client->connection.NoteBackendEnd(now);
    const bool due = ready[at].revents != 0 || ready[at + 1].revents != 0 ||
                     client->connection.deadline() <= now;
    client = !due || StepSafely(*client) ? std::next(client) : clients_.erase(client);
  }
}

// False: it is over, and forgotten but for its place in the list. So it is where memory is lacking.
bool Relay::Impl::StepSafely(Client& client) {
  bool goes_on = false;
  try {
    goes_on = StepOne(client);
  } catch (const std::exception& problem) {
    logger_.LogOften("relay", LogLevel::kError, "A connection was closed.",
                     {{"reason", problem.what()}});
  }
  if (!goes_on) Forget(client);
  return goes_on;
}

bool Relay::Impl::StepOne(Client& client) {
  RelayConnection& connection = client.connection;
  const bool had_fault = !connection.fault().empty();
  bool goes_on = connection.Step(Clock::now());
  if (goes_on && connection.WantsBackend())
    goes_on = Connect(client) && connection.Step(Clock::now());
  if (!had_fault && !connection.fault().empty())
    logger_.LogOften("tls " + connection.fault(), LogLevel::kWarn, "A TLS connection failed.",
                     {{"reason", connection.fault()}});
  return goes_on;
}

bool Relay::Impl::Connect(Client& client) {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUF, &kBackendBuffer, sizeof kBackendBuffer);
  sockaddr_in own = Loopback(0);
  socklen_t size = sizeof own;
  if (bind(socket.fd(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
      getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&own), &size) != 0) {
    return false;
  }
  client.backend_port = ntohs(own.sin_port);
  {
    const std::lock_guard lock(mutex_);
    own_.insert(client.backend_port);
  }
  const sockaddr_in to = Loopback(options_.backend_port);
  const bool connects =
      connect(socket.fd(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 ||
      errno == EINPROGRESS;
  client.connection.SetBackend(std::move(socket));
  return connects;
}

// Before its socket is closed: somebody else could have the port next.
void Relay::Impl::Forget(const Client& client) {
  const std::lock_guard lock(mutex_);
  own_.erase(client.backend_port);
}

Relay::Relay(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Relay::~Relay() = default;

std::unique_ptr<Relay> Relay::Start(RelayOptions options, const Logger& logger,
                                    std::string* error) {
  auto impl = std::make_unique<Impl>(std::move(options), logger);
  if (!impl->Start(error)) return nullptr;
  return std::unique_ptr<Relay>(new Relay(std::move(impl)));
}

const std::vector<uint16_t>& Relay::ports() const { return impl_->ports(); }

bool Relay::IsOwn(uint16_t port) const { return impl_->IsOwn(port); }

}  // namespace metrishift::http
