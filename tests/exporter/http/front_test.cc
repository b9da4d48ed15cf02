// What comes in by every way: straight to civetweb, and through the relay.

#include "exporter/http/front.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <utility>
#include <vector>

#include "tests/exporter/http/fake_upstream.h"
#include "tests/exporter/http/test_client.h"
#include "tests/exporter/http/test_server.h"

namespace metrishift::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// Of this process, accepted on a port of IPv6.
int ConnectionsOn(int port) {
  int count = 0;
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in6 own{};
    sockaddr_storage peer{};
    socklen_t own_size = sizeof own;
    socklen_t peer_size = sizeof peer;
    const bool connected = getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0;
    const bool named = getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_size) == 0;
    if (connected && named && own.sin6_family == AF_INET6 && ntohs(own.sin6_port) == port) ++count;
  }
  return count;
}

// Both families lead to the same exporter: 127.0.0.1 to a port of civetweb and to one of the relay.
class FrontTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasIpv6()) GTEST_SKIP() << "this machine has no IPv6";
    upstream_.SetReply(WholeReply("new 1\n"));
    Options options;
    options.client_patience = milliseconds(1000);
    options.max_requests = 2;
    options.listen_addresses = {"127.0.0.1:0", "[::]:0"};
    exporter_ = std::make_unique<TestServer>(upstream_.url(), options);
  }

  std::vector<int> ports() { return exporter_->server().ports(); }

  FakeUpstream upstream_;
  std::unique_ptr<TestServer> exporter_;
};

TEST_F(FrontTest, Ipv6) {
  ClientOptions options;
  options.host = "[::1]";
  EXPECT_THAT(Get(ports().at(1), "/metrics", options).body, EndsWith("old 1\n"));
}

TEST_F(FrontTest, Requests) {
  const std::string get = "GET /metrics HTTP/1.1\r\nHost: x\r\n";
  const std::vector<std::pair<std::string, testing::Matcher<std::string>>> rows = {
      {get + "\r\n", AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n0\r\n\r\n"))},
      {"GET /metrics HTTP/1.1\nHost: x\n\n", StartsWith("HTTP/1.1 200 ")},
      {get + "Connection: close\r\n\r\n", HasSubstr("\r\nConnection: close\r\n")},
      {"GET /metrics HTTP/1.0\r\n\r\n",
       AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Content-Length: "), EndsWith("\nold 1\n"))},
      {"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
       AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\n"))},
      {"HEAD /metrics HTTP/1.0\r\n\r\n", AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\n"))},
      // Absolute form: RFC 9112 section 3.2.2.
      {"GET http://host/metrics HTTP/1.1\r\nHost: x\r\n\r\n",
       AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n0\r\n\r\n"))},
      {"GET http://host/metrics?a=/b HTTP/1.1\r\nHost: x\r\n\r\n", StartsWith("HTTP/1.1 200 ")},
      {"GET https://[::1]:9/metrics HTTP/1.1\r\nHost: x\r\n\r\n", StartsWith("HTTP/1.1 ")},
      {"GET http://host/nowhere HTTP/1.1\r\nHost: x\r\n\r\n", StartsWith("HTTP/1.1 404 ")},
      {"GET http://host/ HTTP/1.1\r\nHost: x\r\n\r\n", StartsWith("HTTP/1.1 200 ")},
      {"POST http://host/metrics HTTP/1.1\r\nHost: x\r\n\r\n", StartsWith("HTTP/1.1 405 ")},
      {"GET http://host/metrics HTTP/1.1\r\n\r\n", StartsWith("HTTP/1.1 400 ")},
      {"GET http://host/metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx",
       StartsWith("HTTP/1.1 400 ")},
      {"GET http://host HTTP/1.1\r\nHost: x\r\n\r\n", StartsWith("HTTP/1.1 400 ")},
      {"GET ftp://host/metrics HTTP/1.1\r\nHost: x\r\n\r\n", StartsWith("HTTP/1.1 400 ")},
      {"GET * HTTP/1.1\r\nHost: x\r\n\r\n", StartsWith("HTTP/1.1 400 ")},
      {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", StartsWith("HTTP/1.1 405 ")},
      {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n",
       StartsWith("HTTP/1.1 4")},
  };
  for (const auto& [bytes, matcher] : rows) {
    for (const int port : ports()) {
      const std::string got = Exchange(port, bytes);
      EXPECT_THAT(got, matcher) << bytes.substr(0, 100) << port;
      EXPECT_EQ(got.find("\nHTTP/1.1 "), got.npos) << "a second response: " << got;
    }
  }
}

// A client that reads nothing holds its scrape for a while only, also behind the relay, whose own
// buffers are small.
TEST_F(FrontTest, StuckClientIsCut) {
  upstream_.SetReply(WholeReply(std::string(size_t{30} << 20U, '\n')));
  for (const int port : ports()) {
    const size_t asked = upstream_.requests().size();
    const StuckClient stuck(port, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    while (upstream_.requests().size() == asked) usleep(5000);
    EXPECT_TRUE(exporter_->server().WaitUntilIdle(milliseconds(20'000)));
  }
  EXPECT_THAT(exporter_->OwnMetrics(),
              HasSubstr("code=\"200\",outcome=\"client_gone\",route=\"/metrics\"} 2\n"));
}

// Who leaves while the upstream is silent holds his place for client_patience, and not for as long
// as a scrape may take; who only says that he sends no more has his answer.
TEST_F(FrontTest, WhoLeavesIsForgotten) {
  FakeReply reply = WholeReply("new 1\n");
  reply.rest = std::exchange(reply.bytes, "");
  const std::string get = "GET /metrics HTTP/1.1\r\nHost: x\r\n";
  for (const int way : ports()) {
    reply.pause = milliseconds(700);
    upstream_.SetReply(reply);
    EXPECT_THAT(Exchange(way, get + "\r\n"), EndsWith("\r\n0\r\n\r\n"));
    reply.pause = milliseconds(60'000);
    upstream_.SetReply(reply);
    const size_t asked = upstream_.requests().size();
    {
      const StuckClient leaving(way, get + "X-Prometheus-Scrape-Timeout-Seconds: 60\r\n\r\n");
      while (upstream_.requests().size() == asked) usleep(5000);
    }
    EXPECT_TRUE(exporter_->server().WaitUntilIdle(milliseconds(20'000)));
  }
  EXPECT_THAT(exporter_->OwnMetrics(),
              HasSubstr("outcome=\"client_gone\",route=\"/metrics\"} 2\n"));
  const int port = ports().back();
  const size_t asked = upstream_.requests().size();
  {
    const StuckClient leaving(port, get + "X-Prometheus-Scrape-Timeout-Seconds: 60\r\n\r\n");
    while (upstream_.requests().size() == asked) usleep(5000);
    EXPECT_EQ(ConnectionsOn(port), 1);
  }
  const auto start = steady_clock::now();
  while (ConnectionsOn(port) > 0 && steady_clock::now() - start < milliseconds(20'000))
    usleep(5000);
  EXPECT_EQ(ConnectionsOn(port), 0);
}

// The bound that exporter/README.md states: with all threads held by clients that never finish
// their head, a scrape waits at most two client_patience for one of them; with more clients than
// threads that often again. Behind the relay such clients hold no thread at all.
TEST_F(FrontTest, SlowHeads) {
  constexpr int kThreads = 2 + 8;
  std::vector<std::unique_ptr<StuckClient>> slow;
  for (int i = 0; i < kThreads; ++i)
    slow.push_back(std::make_unique<StuckClient>(ports().front(), "GET /metrics HT"));
  const auto start = steady_clock::now();
  EXPECT_EQ(Get(ports().front(), "/metrics").status, 200);
  EXPECT_LT(steady_clock::now() - start, milliseconds(10'000));
  slow.clear();
  for (int i = 0; i < 20 * kThreads; ++i)
    slow.push_back(std::make_unique<StuckClient>(ports().back(), "GET /metrics HT"));
  EXPECT_EQ(Get(ports().back(), "/metrics").status, 200);
}

}  // namespace
}  // namespace metrishift::http
