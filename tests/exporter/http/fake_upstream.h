#ifndef METRISHIFT_TESTS_EXPORTER_HTTP_FAKE_UPSTREAM_H_
#define METRISHIFT_TESTS_EXPORTER_HTTP_FAKE_UPSTREAM_H_

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace metrishift::http {

// What a FakeUpstream does once it has read a request: exactly these bytes, with a pause in the
// middle.
struct FakeReply {
  std::string bytes = {};
  std::chrono::milliseconds pause{0};
  std::string rest = {};
  bool reset = false;       // end the connection with RST instead of FIN
  bool keep_alive = false;  // wait for another request instead of ending it
  bool once = false;        // with keep_alive: end it at the next request, without a word
};

// "HTTP/1.1 200 OK" with a Content-Type of text format 0.0.4 and a true Content-Length.
FakeReply WholeReply(const std::string& body);

// A server of raw bytes on a port of its own, for upstreams that no real server would be.
// Thread-safe.
class FakeUpstream {
 public:
  FakeUpstream();
  ~FakeUpstream();
  FakeUpstream(const FakeUpstream&) = delete;
  FakeUpstream& operator=(const FakeUpstream&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/metrics"; }

  // For every request from now on.
  void SetReply(FakeReply reply);

  // The heads of the requests so far.
  std::vector<std::string> requests() const;
  int connections() const { return connections_; }

 private:
  void Accept();
  void Serve(int socket);
  FakeReply reply() const;

  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  FakeReply reply_;                    // guarded by mutex_
  std::vector<std::string> requests_;  // guarded by mutex_
  std::vector<std::thread> serving_;   // touched by the accepting thread, then by the destructor
  std::thread accepting_;
};

}  // namespace metrishift::http

#endif  // METRISHIFT_TESTS_EXPORTER_HTTP_FAKE_UPSTREAM_H_
