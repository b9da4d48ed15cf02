#ifndef METRISHIFT_EXPORTER_HTTP_LISTEN_ADDRESS_H_
#define METRISHIFT_EXPORTER_HTTP_LISTEN_ADDRESS_H_

#include <cstdint>
#include <string>

namespace metrishift::http {

// Where to listen: 127.0.0.1:9000, localhost:9000, [::1]:9000, :9000 (every address of IPv4),
// [::]:9000 (every address of both). Port 0: the system chooses.
struct ListenAddress {
  std::string host;  // without brackets; empty: every address of IPv4
  uint16_t port = 0;
  bool ipv6 = false;  // it was in brackets
};

// Returns an empty string, or what is wrong with `text`.
std::string ParseListenAddress(const std::string& text, ListenAddress* address);

// As ParseListenAddress takes it.
std::string ShowListenAddress(const ListenAddress& address);

// A socket that listens, not blocking, or -1 and a clause in `error`. `port` receives the one that
// was taken.
int OpenListener(const ListenAddress& address, uint16_t* port, std::string* error);

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_LISTEN_ADDRESS_H_
