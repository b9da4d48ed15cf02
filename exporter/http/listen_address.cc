#include "exporter/http/listen_address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace metrishift::http {
namespace {

constexpr int kBacklog = 200;

std::string LastError() { return std::generic_category().message(errno); }

bool Bind(int socket, const addrinfo& where) {
  const int on = 1;
  const int off = 0;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (where.ai_family == AF_INET6) setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  return bind(socket, where.ai_addr, where.ai_addrlen) == 0 && listen(socket, kBacklog) == 0;
}

uint16_t PortOf(int socket) {
  sockaddr_in6 bound{};  // the port is at the same place for both families
  socklen_t size = sizeof bound;
  getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  return ntohs(bound.sin6_port);
}

}  // namespace

std::string ParseListenAddress(const std::string& text, ListenAddress* address) {
  const size_t colon = text.rfind(':');
  if (colon == text.npos || text.find(',') != text.npos)
    return "must be HOST:PORT, [HOST]:PORT or :PORT";
  const std::string port = text.substr(colon + 1);
  if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != port.npos ||
      std::stoul(port) > 65535) {
    return "needs a port from 0 to 65535";
  }
  std::string host = text.substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  if (host.find_first_of("[]") != host.npos || (!brackets && host.find(':') != host.npos) ||
      (brackets && host.find(':') == host.npos)) {
    return "needs brackets around an address of IPv6, as [::1]:9000";
  }
  *address = {host, static_cast<uint16_t>(std::stoul(port)), brackets};
  return {};
}

std::string ShowListenAddress(const ListenAddress& address) {
  const std::string host = address.ipv6 ? "[" + address.host + "]" : address.host;
  return host + ":" + std::to_string(address.port);
}

int OpenListener(const ListenAddress& address, uint16_t* port, std::string* error) {
  addrinfo hints{};
  hints.ai_family = address.ipv6 ? AF_INET6 : AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                               std::to_string(address.port).c_str(), &hints, &found);
  if (code != 0) {
    *error = gai_strerror(code);
    return -1;
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> where(found, freeaddrinfo);
  const int socket =
      ::socket(where->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (socket >= 0 && Bind(socket, *where)) {
    *port = PortOf(socket);
    return socket;
  }
  *error = LastError();
  if (socket >= 0) close(socket);
  return -1;
}

}  // namespace metrishift::http
