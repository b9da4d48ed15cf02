#include "exporter/http/activation.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <string_view>

namespace metrishift::http {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr int kMostSockets = 64;

// What the environment says under `name`; -1: no number.
int NumberFrom(const char* name) {
  const char* const value = std::getenv(name);
  const std::string_view text = value != nullptr ? value : "";
  int number = -1;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size() ? number : -1;
}

bool Listens(int fd) {
  int listens = 0;
  int type = 0;
  socklen_t size = sizeof listens;
  return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0 &&
         getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

// Empty for a family that is not served.
std::string AddressOf(int fd) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (own.ss_family == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(own);
    inet_ntop(AF_INET, &ipv4.sin_addr, text.data(), text.size());
    return std::string(text.data()) + ":" + std::to_string(ntohs(ipv4.sin_port));
  }
  if (own.ss_family == AF_INET6) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(own);
    inet_ntop(AF_INET6, &ipv6.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(ipv6.sin6_port));
  }
  if (own.ss_family != AF_UNIX) return {};
  const auto& local = reinterpret_cast<const sockaddr_un&>(own);
  std::string path(local.sun_path, size - offsetof(sockaddr_un, sun_path));
  if (path.starts_with('\0')) return "@" + path.substr(1);  // an abstract one, as systemd writes it
  return path.substr(0, path.find('\0'));
}

}  // namespace

std::vector<InheritedSocket> TakeActivationSockets(std::string* error) {
  const int count = NumberFrom("LISTEN_PID") == getpid() ? NumberFrom("LISTEN_FDS") : 0;
  for (const char* const name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) unsetenv(name);
  if (count < 1 || count > kMostSockets) {
    *error = "systemd has handed over no sockets";
    return {};
  }
  std::vector<InheritedSocket> sockets;
  for (int fd = kFirst; fd < kFirst + count; ++fd) {
    const std::string address = Listens(fd) ? AddressOf(fd) : "";
    const int flags = fcntl(fd, F_GETFL);
    if (address.empty() || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
      *error = "descriptor " + std::to_string(fd) +
               " is no stream socket of IPv4, IPv6 or a path that listens (Accept=no)";
      return {};
    }
    sockets.push_back({fd, address});
  }
  return sockets;
}

}  // namespace metrishift::http
