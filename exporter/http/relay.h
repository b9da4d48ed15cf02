#ifndef METRISHIFT_EXPORTER_HTTP_RELAY_H_
#define METRISHIFT_EXPORTER_HTTP_RELAY_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/http/listen_address.h"
#include "exporter/http/log.h"
#include "exporter/http/tls_context.h"

namespace metrishift::http {

struct RelayOptions {
  std::vector<ListenAddress> addresses;
  std::vector<int> inherited;  // sockets that listen already, not blocking; the relay closes them
  uint16_t backend_port = 0;   // on 127.0.0.1: civetweb's
  // The TLS of a new connection; nullptr: none. Called on the relay's thread.
  std::function<std::shared_ptr<const TlsContext>()> tls;
  std::chrono::milliseconds client_patience{5000};  // see Options::client_patience
  std::chrono::milliseconds idle_patience{75'000};  // for the next request of a kept connection
};

// Listens where Debian's civetweb cannot, with TLS and on IPv6, and passes what comes to civetweb
// on this machine. A connection is passed on only once its handshake is done and its request's head
// is there, so that slow or unwelcome clients take no thread of civetweb; the response is passed
// back as it comes. One thread serves all connections, at most kMostConnections; each has
//   client_patience in all for handshake and head, and for each further head,
//   idle_patience between a response and the next request's first byte,
//   client_patience without progress while a response goes out,
//   client_patience for a civetweb that is silent, once the client sends no more, and
//   kLastPatience for what is left once civetweb is done.
// When all places are taken, a new connection gets that of the one which has been without a head
// for the longest time, from kLeastStay on: clients that send nothing keep nobody out.
//
// The relay reads no responses. Each request, up to its head's empty line, goes to civetweb on a
// connection of its own, whose end is the response's. Whether it was whole, and the client's
// connection may go on with the next request, is not for these bytes to tell: KeepClientOf does. A
// connection whose TLS is no longer that of new ones does not go on.
class Relay {
 public:
  // Returns nullptr, and a sentence in `error`, when it cannot listen. `logger` must outlive it.
  static std::unique_ptr<Relay> Start(RelayOptions options, const Logger& logger,
                                      std::string* error);
  // Stops at once: what is under way is cut.
  ~Relay();

  // The ports listened on, in the order of RelayOptions::addresses.
  const std::vector<uint16_t>& ports() const;

  // Whose connection it is that comes to civetweb from this port of 127.0.0.1: an IPv4 address, or
  // the first half of an IPv6 one. Nothing where it is not the relay's: whoever else on this
  // machine connects there has passed no handshake. Thread-safe.
  std::optional<std::string> ClientOf(uint16_t port) const;

  // The response that goes to civetweb's connection from this port is whole, and says that the
  // client's connection stays. To be called before civetweb closes its own. Thread-safe.
  void KeepClientOf(uint16_t port);

  static constexpr size_t kMostConnections = 256;
  static constexpr std::chrono::milliseconds kLeastStay{500};
  static constexpr std::chrono::milliseconds kLastPatience{20'000};

 private:
  class Impl;
  explicit Relay(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_RELAY_H_
