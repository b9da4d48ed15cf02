#ifndef METRISHIFT_EXPORTER_HTTP_FRONT_H_
#define METRISHIFT_EXPORTER_HTTP_FRONT_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/http/listen_address.h"
#include "exporter/http/log.h"
#include "exporter/http/request.h"
#include "exporter/http/response.h"
#include "exporter/http/tls_context.h"

namespace metrishift::http {

// The way back to a client that may be given up on.
class FrontConnection : public ClientConnection {
 public:
  // The client may send another request once it has this response as a whole, if there is room for
  // one more connection that is kept. To be called for requests that have passed the gate and say
  // who asks, before anything is sent.
  virtual void Keep() = 0;

  // Sending later than this fails.
  void SetDeadline(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }

 protected:
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
};

// What is called for requests, on threads of the front with 100 KB of stack. Thread-safe.
class FrontHandler {
 public:
  virtual ~FrontHandler() = default;
  virtual void Serve(const Request& request, FrontConnection* client) = 0;
  // A request that is too large, malformed or too slow, and so not known.
  virtual void ServeError(int status, FrontConnection* client) = 0;
};

struct FrontOptions {
  std::vector<ListenAddress> addresses;
  std::vector<int> inherited;  // see RelayOptions
  int threads = 1;
  std::chrono::milliseconds client_patience{5000};
  std::chrono::milliseconds idle_patience{75'000};  // for the next request of a kept connection
  bool has_tls = false;
  std::function<std::shared_ptr<const TlsContext>()> tls;  // for a new connection, with has_tls
};

// Everything that listens. civetweb reads requests, with everything switched off that is not needed
// here. It listens itself where it can: without TLS, on IPv4. For the rest a Relay stands before
// it; then it has one more port, on 127.0.0.1, and answers nobody else there.
//
// A connection that civetweb keeps for another request holds a thread meanwhile. At most kMostKept
// are kept (a body has one or two who scrape it), and as many threads are there beyond
// FrontOptions::threads: idle clients can take nothing from the others. Who comes when all places
// are taken gets "Connection: close". The relay's connections take no thread while they are idle;
// they are kept for as long as it has room.
class Front {
 public:
  // Returns nullptr, and a sentence in `error`, when it cannot listen. The others must outlive it.
  static std::unique_ptr<Front> Start(const FrontOptions& options, FrontHandler* handler,
                                      const Logger& logger, std::string* error);
  // Stops at once: what still runs is cut.
  ~Front();

  // The ports listened on, in the order of FrontOptions::addresses.
  const std::vector<int>& ports() const;

  static constexpr int kMostKept = 8;

 private:
  class Impl;
  explicit Front(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_FRONT_H_
