#include "exporter/http/relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "exporter/http/relay_connection.h"

namespace metrishift::http {
namespace {

using Clock = RelayConnection::Clock;

// Small, so that what civetweb has sent is nearly what the client has taken.
constexpr int kBackendBuffer = 256 << 10;
constexpr std::chrono::milliseconds kNoDescriptorPause{20};

// See Relay::ClientOf.
std::string NetworkOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_UNIX) return "unix";
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &ipv4.sin_addr, text.data(), text.size());
  } else {
    in6_addr ipv6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&ipv6) == 0) std::fill_n(ipv6.s6_addr + 8, 8, uint8_t{0});
    inet_ntop(AF_INET6, &ipv6, text.data(), text.size());
  }
  return text.data();
}

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
  std::optional<std::string> ClientOf(uint16_t port) const {
    const std::lock_guard lock(mutex_);
    const auto found = own_.find(port);
    return found == own_.end() ? std::nullopt : std::optional(found->second.network);
  }
  void KeepClientOf(uint16_t port) {
    const std::lock_guard lock(mutex_);
    if (const auto found = own_.find(port); found != own_.end()) found->second.keeps = true;
  }

 private:
  struct Client {
    RelayConnection connection;
    std::string network;
    uint16_t backend_port = 0;
    size_t client_at = 0;  // among what is awaited; 0: not
    size_t backend_at = 0;
  };
  // What is known of a connection to civetweb.
  struct Passage {
    std::string network;
    bool keeps = false;  // see Relay::KeepClientOf
  };

  void Run(const std::stop_token& stopped);
  void Turn();
  Clock::time_point ListensFrom();
  std::list<Client>::iterator LongestWithoutHead();
  std::vector<pollfd> Awaited(bool listens);
  int Timeout(Clock::time_point now, Clock::time_point listens_from) const;
  void Accept(int listener);
  void Serve(Socket socket, std::string network);
  void StepAll(const std::vector<pollfd>& ready);
  bool StepSafely(Client& client);
  bool StepOne(Client& client);
  bool Connect(Client& client);
  bool TakeKeeps(Client& client);
  bool Answer(Client& client);

  const RelayOptions options_;
  const Logger& logger_;
  const Socket wake_;
  std::vector<Socket> listeners_;
  std::vector<uint16_t> ports_;
  std::list<Client> clients_;             // the relay's thread's: in the order of their coming
  Clock::time_point no_descriptor_till_;  // the relay's thread's
  mutable std::mutex mutex_;
  std::map<uint16_t, Passage> own_;  // guarded by mutex_: by our port to civetweb
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
  for (const int listener : options_.inherited) listeners_.emplace_back(listener);
  thread_ = std::jthread([this](const std::stop_token& stopped) { Run(stopped); });
  return true;
}

void Relay::Impl::Run(const std::stop_token& stopped) {
  while (!stopped.stop_requested()) {
    try {
      Turn();
    } catch (const std::exception& problem) {  // no memory even to look who is there
      logger_.LogOften("relay turn", LogLevel::kError, "The relay pauses.",
                       {{"reason", problem.what()}});
      std::this_thread::sleep_for(kNoDescriptorPause);
    }
  }
  clients_.clear();
}

void Relay::Impl::Turn() {
  const Clock::time_point now = Clock::now();
  const Clock::time_point listens_from = ListensFrom();
  const bool listens = listens_from <= now;
  std::vector<pollfd> awaited = Awaited(listens);
  if (poll(awaited.data(), awaited.size(), Timeout(now, listens_from)) < 0) {
    if (errno != EINTR) std::this_thread::sleep_for(kNoDescriptorPause);
    return;
  }
  StepAll(awaited);
  for (size_t i = 0; listens && i < listeners_.size(); ++i) {
    if (awaited[i + 1].revents != 0) Accept(listeners_[i].fd());
  }
}

std::list<Relay::Impl::Client>::iterator Relay::Impl::LongestWithoutHead() {
  auto longest = clients_.end();
  for (auto client = clients_.begin(); client != clients_.end(); ++client) {
    if (!client->connection.IsBeforeHead()) continue;
    if (longest == clients_.end() || client->connection.since() < longest->connection.since())
      longest = client;
  }
  return longest;
}

// When another connection may be accepted.
Clock::time_point Relay::Impl::ListensFrom() {
  if (clients_.size() < kMostConnections) return no_descriptor_till_;
  const auto oldest = LongestWithoutHead();
  if (oldest == clients_.end()) return Clock::time_point::max();
  return std::max(no_descriptor_till_, oldest->connection.since() + kLeastStay);
}

// What wakes, the listeners, and what clients wait for: nothing else, since poll(2) takes no more
// than a process may have descriptors, counts what is negative, and reports an end even where
// nothing is asked for.
std::vector<pollfd> Relay::Impl::Awaited(bool listens) {
  std::vector<pollfd> awaited = {{wake_.fd(), POLLIN, 0}};
  if (listens) {
    for (const Socket& listener : listeners_) awaited.push_back({listener.fd(), POLLIN, 0});
  }
  const auto add = [&awaited](int fd, short events) {
    if (fd < 0 || events == 0) return size_t{0};
    awaited.push_back({fd, events, 0});
    return awaited.size() - 1;
  };
  for (Client& client : clients_) {
    const RelayConnection& one = client.connection;
    client.client_at = add(one.client_fd(), one.client_events());
    client.backend_at = add(one.backend_fd(), one.backend_events());
  }
  return awaited;
}

int Relay::Impl::Timeout(Clock::time_point now, Clock::time_point listens_from) const {
  Clock::time_point next = listens_from > now ? listens_from : Clock::time_point::max();
  for (const Client& client : clients_) next = std::min(next, client.connection.deadline());
  if (next == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 60'000));
}

void Relay::Impl::Accept(int listener) {
  while (ListensFrom() <= Clock::now()) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    Socket socket(
        accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.fd() < 0) {
      // Without a descriptor to spare the next try would come at once. Who is here goes on.
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        no_descriptor_till_ = Clock::now() + kNoDescriptorPause;
      return;
    }
    if (clients_.size() >= kMostConnections) clients_.erase(LongestWithoutHead());
    const int on = 1;
    setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // A lack of memory or threads costs this connection, which is closed, and no other.
    try {
      Serve(std::move(socket), NetworkOf(peer));
    } catch (const std::exception& problem) {
      logger_.LogOften("relay", LogLevel::kError, "A connection was refused.",
                       {{"reason", problem.what()}});
      return;
    }
  }
}

void Relay::Impl::Serve(Socket socket, std::string network) {
  clients_.push_back({RelayConnection(ClientChannel(std::move(socket), options_.tls()),
                                      {options_.client_patience, options_.idle_patience}),
                      std::move(network)});
  if (!StepSafely(clients_.back())) clients_.pop_back();
}

void Relay::Impl::StepAll(const std::vector<pollfd>& ready) {
  const Clock::time_point now = Clock::now();
  const auto events = [&ready](size_t at) { return at == 0 ? short{0} : ready[at].revents; };
  for (auto client = clients_.begin(); client != clients_.end();) {
    constexpr short kEnd = POLLRDHUP | POLLHUP | POLLERR;
    const short client_events = events(client->client_at);
    const short backend_events = events(client->backend_at);
    if ((client_events & kEnd) != 0) client->connection.NoteClientEnd();
    if ((backend_events & kEnd) != 0) client->connection.NoteBackendEnd(now);
    const bool due =
        client_events != 0 || backend_events != 0 || client->connection.deadline() <= now;
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
  if (!goes_on) (void)TakeKeeps(client);
  return goes_on;
}

bool Relay::Impl::StepOne(Client& client) {
  RelayConnection& connection = client.connection;
  const bool had_fault = !connection.fault().empty();
  bool goes_on = connection.Step(Clock::now());
  while (goes_on && (connection.WantsBackend() || connection.IsAnswered())) {
    goes_on = (connection.IsAnswered() ? Answer(client) : Connect(client)) &&
              connection.Step(Clock::now());
  }
  if (!had_fault && !connection.fault().empty())
    logger_.LogOften("tls " + connection.fault(), LogLevel::kWarn, "A TLS connection failed.",
                     {{"reason", connection.fault()}, {"client", client.network}});
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
    own_.insert_or_assign(client.backend_port, Passage{client.network});
  }
  const sockaddr_in to = Loopback(options_.backend_port);
  const bool connects =
      connect(socket.fd(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 ||
      errno == EINPROGRESS;
  client.connection.SetBackend(std::move(socket));
  return connects;
}

// Forgets its port: to be called before that is closed, since somebody else could have it next.
bool Relay::Impl::TakeKeeps(Client& client) {
  const std::lock_guard lock(mutex_);
  const auto passage = own_.extract(std::exchange(client.backend_port, uint16_t{0}));
  return !passage.empty() && passage.mapped().keeps;
}

bool Relay::Impl::Answer(Client& client) {
  const Clock::time_point now = Clock::now();
  if (!TakeKeeps(client) || !client.connection.HasTls(options_.tls().get()))
    return client.connection.Finish(now);
  client.connection.GoOn(now);
  return true;
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

std::optional<std::string> Relay::ClientOf(uint16_t port) const { return impl_->ClientOf(port); }

void Relay::KeepClientOf(uint16_t port) { impl_->KeepClientOf(port); }

}  // namespace metrishift::http
