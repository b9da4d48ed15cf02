#ifndef METRISHIFT_EXPORTER_HTTP_UPSTREAM_H_
#define METRISHIFT_EXPORTER_HTTP_UPSTREAM_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/http/route.h"

namespace metrishift::http {

// What the upstream said before its body.
struct UpstreamHead {
  int status = 0;
  std::string content_type;      // empty when it sent none
  std::string content_encoding;  // empty when it sent none
  std::string location;          // of a redirect, as a URL that may be shown
  // True iff the end of the body shows: there is a Content-Length or chunked encoding. Otherwise
  // the body ends where the connection does, and a body that was cut looks like a whole one.
  bool framed = false;
};

// Receives one response. Called on the thread that called Fetch. A false return ends the transfer,
// and so does an exception, which then comes out of Fetch.
class UpstreamListener {
 public:
  virtual ~UpstreamListener() = default;
  virtual bool OnHead(const UpstreamHead& head) = 0;  // once, before any body
  virtual bool OnBody(std::string_view chunk) = 0;    // never empty
  virtual bool OnPause() = 0;                         // whenever nothing more has arrived yet

  // True iff the rest of the body, `left` bytes, may come by OnSocket. Asked at most once, where
  // that is much, its length is known, and it comes from a plain socket.
  virtual bool WantsSocket(uint64_t /*left*/) { return false; }
  // `bytes` is what comes next from `socket`: they have to be taken from there, all of them and no
  // more. Otherwise as OnBody.
  virtual bool OnSocket(int /*socket*/, std::string_view /*bytes*/) { return false; }
};

struct FetchResult {
  enum class Status : uint8_t {
    kComplete,  // the whole response arrived
    kTimedOut,
    kFailed,   // no connection, not HTTP, cut short, ...
    kStopped,  // by the listener or by Cancel
  };
  Status status = Status::kComplete;
  std::string message;  // a clause for people, when not complete
  int code = 0;         // tells failures apart that come of different causes; libcurl's
};

// What is asked of the upstream.
struct FetchRequest {
  std::string accept;
  bool gzip = false;  // whether the body may come in gzip; it is given to the listener as it comes
  std::chrono::milliseconds timeout{0};

  bool operator==(const FetchRequest&) const = default;
};

// An upstream, read with libcurl: nothing is decompressed, HTTP/1.1, no redirects unless told, no
// protocol but the URL's own. Connections are kept alive and used again, but for those of large
// bodies that a listener took from the socket. Thread-safe: every Fetch borrows a curl handle.
class Upstream {
 public:
  // `options`: after NormalizeUpstream.
  explicit Upstream(UpstreamOptions options);
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  // The URL without user, password, query and fragment, and the socket where it is asked for: what
  // may be shown.
  const std::string& display_url() const { return display_url_; }

  // Requests the URL and gives the response to `listener`. Returns when it is over, at the latest
  // after the timeout (and the listener's last call).
  FetchResult Fetch(const FetchRequest& request, UpstreamListener* listener);

  // Ends running transfers within about a second, and later ones at once.
  void Cancel() { cancelled_ = true; }

 private:
  class Handle;

  std::unique_ptr<Handle> Borrow();
  void Return(std::unique_ptr<Handle> handle);

  const UpstreamOptions options_;
  std::string display_url_;
  std::atomic<bool> cancelled_ = false;
  std::mutex mutex_;
  // Connections keep the certificates that they were made with, so new files need new ones.
  std::string files_;                          // guarded by mutex_
  std::vector<std::unique_ptr<Handle>> idle_;  // guarded by mutex_
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_UPSTREAM_H_
