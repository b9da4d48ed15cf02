#include "exporter/http/civet_socket.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace metrishift::http {
namespace {

// Calls `visit(socket, own port, peer)` for each connection of this process over IPv4: civetweb
// does not say what its sockets are.
template <class Visit>
void ForEachConnection(const Visit& visit) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", none)) {
    const int socket = std::atoi(entry.path().filename().c_str());
    sockaddr_in own{};
    sockaddr_in peer{};
    socklen_t own_size = sizeof own;
    socklen_t peer_size = sizeof peer;
    if (getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0 &&
        getsockname(socket, reinterpret_cast<sockaddr*>(&own), &own_size) == 0 &&
        own.sin_family == AF_INET) {
      visit(socket, ntohs(own.sin_port), peer);
    }
  }
}

}  // namespace

// civetweb does not say how much it has read ahead; the kernel says how much there was to read. A
// kernel that does not, or counts the client's end, differs from `taken`.
bool AwaitClient(int socket, uint64_t taken, std::chrono::milliseconds patience) {
  tcp_info info{};
  socklen_t size = sizeof info;
  const bool known = getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
                     size >= offsetof(tcp_info, tcpi_bytes_received) + sizeof taken;
  if (!known || info.tcpi_bytes_received != taken) return true;
  pollfd client{socket, POLLIN, 0};
  return poll(&client, 1, static_cast<int>(patience.count())) != 0;
}

void ShutDown(const std::vector<int>& ports) {
  ForEachConnection([&ports](int socket, int port, const sockaddr_in&) {
    if (std::ranges::count(ports, port) > 0) shutdown(socket, SHUT_RDWR);
  });
}

int SocketOf(const mg_request_info& info) {
  in_addr client{};
  if (inet_pton(AF_INET, info.remote_addr, &client) != 1) return -1;
  int found = -1;
  ForEachConnection([&](int socket, int port, const sockaddr_in& peer) {
    if (port == info.server_port && ntohs(peer.sin_port) == info.remote_port &&
        peer.sin_addr.s_addr == client.s_addr)
      found = socket;
  });
  return found;
}

}  // namespace metrishift::http
