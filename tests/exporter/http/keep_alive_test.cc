// Connections with more than one request: what is kept, what is closed, and that idle ones cost
// nobody anything.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "exporter/http/front.h"
#include "exporter/http/relay.h"
#include "tests/exporter/http/fake_upstream.h"
#include "tests/exporter/http/test_client.h"
#include "tests/exporter/http/test_server.h"

namespace metrishift::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kGet = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kLastChunk = "\r\n0\r\n\r\n";

size_t Count(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++count;
  return count;
}

size_t Responses(const std::string& text) { return Count(text, "HTTP/1.1 "); }

// A connection for one request after the other.
class KeptClient {
 public:
  explicit KeptClient(int port) : socket_(Connect(port, "")) {}
  ~KeptClient() { close(socket_); }
  KeptClient(const KeptClient&) = delete;
  KeptClient& operator=(const KeptClient&) = delete;

  // The response to `bytes` until `end` has come, or everything when the server closes before.
  std::string Ask(std::string_view bytes, std::string_view end = kLastChunk) {
    EXPECT_EQ(send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    std::string got;
    std::array<char, 4096> buffer;
    while (!got.ends_with(end)) {
      const ssize_t size = recv(socket_, buffer.data(), buffer.size(), 0);
      if (size <= 0) break;
      got.append(buffer.data(), static_cast<size_t>(size));
    }
    return got;
  }

  // True iff the server closes within `patience`.
  bool IsClosedWithin(milliseconds patience) const {
    pollfd ready{socket_, POLLIN, 0};
    char byte = 0;
    return poll(&ready, 1, static_cast<int>(patience.count())) > 0 &&
           recv(socket_, &byte, 1, 0) <= 0;
  }

 private:
  const int socket_;
};

// Straight to civetweb, or through the relay.
class KeepAlive : public testing::TestWithParam<const char*> {
 protected:
  KeepAlive() {
    options_.listen_addresses = {GetParam()};
    upstream_.SetReply(WholeReply("new 1\n"));
    options_.client_patience = milliseconds(1000);
    options_.max_requests = 2;
  }

  void SetUp() override {
    if (IsRelayed() && !HasIpv6()) GTEST_SKIP() << "this machine has no IPv6";
  }

  static bool IsRelayed() { return std::string_view(GetParam()).starts_with("["); }
  void Start() { exporter_ = std::make_unique<TestServer>(upstream_.url(), options_); }
  int port() const { return exporter_->port(); }

  // What comes in one piece, how many responses it gets, and how the last one begins: the
  // connection closes after that.
  struct Row {
    std::string bytes;
    size_t responses;
    std::string last;
  };
  void ExpectResponses(const Row& row) const {
    const std::string got = Exchange(port(), row.bytes);
    EXPECT_EQ(Responses(got), row.responses) << row.bytes << "\n" << got;
    EXPECT_THAT(got.substr(std::min(got.size(), got.rfind("HTTP/1.1 "))),
                StartsWith("HTTP/1.1 " + row.last))
        << row.bytes;
  }

  FakeUpstream upstream_;
  Options options_;
  std::unique_ptr<TestServer> exporter_;
};

TEST_P(KeepAlive, OneRequestAfterTheOther) {
  Start();
  KeptClient client(port());
  for (size_t asked = 1; asked <= 3; ++asked) {
    const std::string got = client.Ask(kGet);
    EXPECT_THAT(got, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(got, HasSubstr("\r\nConnection: keep-alive\r\n"));
    EXPECT_EQ(Count(got, "\nold 1\n"), 1U) << got;
    EXPECT_EQ(upstream_.requests().size(), asked);
  }
  EXPECT_THAT(client.Ask("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(client.Ask("GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n", "healthy.\n"),
              HasSubstr("\r\nContent-Length: "));
  EXPECT_THAT(client.Ask("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", "what there is.\n"),
              StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(client.Ask(kGet), StartsWith("HTTP/1.1 200 "));
}

TEST_P(KeepAlive, Pipelines) {
  Start();
  const std::string open = "GET /metrics HTTP/1.1\r\nHost: x\r\n";
  const std::string healthy = "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto filled = [&open](const std::string& end) {
    return "A: " + std::string(8192 - open.size() - 3 - end.size(), 'a') + end;
  };
  const std::vector<Row> rows = {
      {kGet + kGet, 2, "200"},
      {kGet + healthy + kGet + "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n" + kGet, 5, "200"},
      {open + "Connection: Keep-Alive\r\n\r\n" + kGet, 2, "200"},
      {open + "Content-Length: 0\r\n\r\n" + kGet, 2, "200"},
      {kGet + "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n" + kGet, 3, "200"},
      // Whoever closes is not asked twice.
      {open + "Connection: close\r\n\r\n" + kGet, 1, "200"},
      {open + "Connection: keep-alive, close\r\n\r\n" + kGet, 1, "200"},
      {open + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n" + kGet, 1, "200"},
      {"GET /metrics HTTP/1.0\r\n\r\n" + kGet, 1, "200"},
      {"GET /metrics HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + kGet, 1, "200"},
      // What the gate refuses, with whatever follows.
      {open + "Content-Length: 5\r\n\r\n" + kGet, 1, "400"},
      {open + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kGet, 1, "400"},
      {"POST /metrics HTTP/1.1\r\nHost: x\r\n\r\n" + kGet, 1, "405"},
      {kGet + "nonsense\r\n\r\n" + kGet, 2, "400"},
      {kGet + open + "Host: y\r\n\r\n" + kGet, 2, "400"},
      // The end of the request, or a header of it, is not where another server sees it: what it
      // takes for the body must not be read as a request.
      {open + " folded\r\nContent-Length: " + std::to_string(kGet.size()) + "\r\n\r\n" + kGet, 1,
       "200"},
      {open + "\xff: y\r\nContent-Length: " + std::to_string(kGet.size()) + "\r\n\r\n" + kGet, 1,
       "200"},
      {"GET /metrics HTTP/1.1\nHost: x\n\n" + kGet, 1, "200"},
      {"GET /metrics HTTP/1.1\r\nHost: x\n\n" + kGet, 1, "200"},
      {"GET /metrics HTTP/1.1\r\nHost: x\r\n\n" + kGet, 1, "200"},
      {"GET /metrics HTTP/1.1\r\nHost: x\n\r\n" + kGet, 1, "200"},
      {"GET /metrics HTTP/1.1\r\nHost: x\nA: b\r\n\r\n" + kGet, 1, "200"},
      {"GET /metrics HTTP/1.1\nHost: x\r\n\r\n" + kGet, 1, "200"},
      // In absolute form: answered at the end of a connection, but not of a kept one.
      {"GET http://x/metrics HTTP/1.1\r\nHost: x\r\n\r\n" + kGet, 1, "200"},
      {kGet + "GET http://x/metrics HTTP/1.1\r\nHost: x\r\n\r\n" + kGet,
       IsRelayed() ? size_t{2} : size_t{1}, "200"},
      // As long as can be: behind the second nothing more belongs to the buffer.
      {open + filled("\r\n\r\n") + kGet, 2, "200"},
      {open + filled("\n\n") + kGet, 1, "200"},
      {open + filled("\r\n\n") + kGet, 1, "200"},
  };
  for (const Row& row : rows) ExpectResponses(row);
}

// As above, where civetweb has each request in the buffer of the one before.
TEST_P(KeepAlive, WhatComesAfterARequest) {
  if (IsRelayed()) GTEST_SKIP() << "each request has a connection of its own";
  Start();
  for (const Row& row : std::vector<Row>{
           {kGet + "GET /metr", 2, "400"},
           // What stands before a request could make civetweb read on in what another has left.
           {kGet + "\r\n" + kGet, 2, "400"},
           {kGet + " \n\n" + kGet, 2, "400"},
           {kGet + std::string(16, ' ') + kGet, 2, "400"},
       }) {
    ExpectResponses(row);
  }
}

// A response without its end is the connection's last, whatever its head said.
TEST_P(KeepAlive, ACutBodyCloses) {
  Start();
  upstream_.SetReply(
      {"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nx 1\n",
       milliseconds(100)});
  const std::string got = Exchange(port(), kGet + kGet);
  EXPECT_EQ(Responses(got), 1U) << got;
  EXPECT_THAT(got, HasSubstr("\r\nx 1\n"));
  EXPECT_THAT(got, testing::Not(EndsWith(std::string(kLastChunk))));
}

// A failure before the first byte is a whole response.
TEST_P(KeepAlive, AFailureBeforeTheBodyKeeps) {
  Start();
  upstream_.SetReply({"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
  KeptClient client(port());
  EXPECT_THAT(client.Ask(kGet, "empty body.\n"), StartsWith("HTTP/1.1 502 "));
  upstream_.SetReply(WholeReply("new 1\n"));
  EXPECT_THAT(client.Ask(kGet), StartsWith("HTTP/1.1 200 "));
}

TEST_P(KeepAlive, AnIdleClientIsSentAway) {
  options_.idle_patience = milliseconds(300);
  Start();
  KeptClient client(port());
  client.Ask(kGet);
  EXPECT_TRUE(client.IsClosedWithin(milliseconds(10'000)));
}

// An idle client has longer than one whose head is on its way, however its requests came.
TEST_P(KeepAlive, AnIdleClientStays) {
  options_.client_patience = milliseconds(200);
  Start();
  KeptClient client(port());
  client.Ask(kGet + "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n", "is healthy.\n");
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(client.IsClosedWithin(milliseconds(600)));
    EXPECT_THAT(client.Ask(kGet), StartsWith("HTTP/1.1 200 "));
  }
}

// Slowness within a further request is no idleness.
TEST_P(KeepAlive, AFurtherHeadHasToCome) {
  options_.client_patience = milliseconds(300);
  Start();
  KeptClient client(port());
  client.Ask(kGet);
  const auto start = steady_clock::now();
  const std::string got = client.Ask("GET /met", "never");
  EXPECT_EQ(Count(got, " 200 OK"), 0U) << got;
  EXPECT_LT(steady_clock::now() - start, milliseconds(10'000));
}

// However many are idle, all scrapes that may run at once do; who finds no place is told so, and
// places come back.
TEST_P(KeepAlive, IdleClientsTakeNothingFromOthers) {
  if (IsRelayed()) GTEST_SKIP() << "the relay has places for all: see below";
  Start();
  std::vector<std::unique_ptr<KeptClient>> idle;
  for (int i = 0; i < Front::kMostKept; ++i) {
    idle.push_back(std::make_unique<KeptClient>(port()));
    EXPECT_THAT(idle.back()->Ask(kGet), HasSubstr("\r\nConnection: keep-alive\r\n"));
  }
  for (int i = 0; i < 20; ++i) {
    KeptClient late(port());
    EXPECT_THAT(late.Ask(kGet), HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_TRUE(late.IsClosedWithin(milliseconds(10'000)));
  }
  EXPECT_TRUE(exporter_->server().WaitUntilIdle(milliseconds(0))) << "they count as scrapes";
  idle.front() = nullptr;
  std::string got;
  while (got.find("keep-alive") == got.npos) got = KeptClient(port()).Ask(kGet);
  EXPECT_THAT(idle.back()->Ask(kGet), StartsWith("HTTP/1.1 200 "));
}

// More than the relay has places for: the longest idle goes first, and no thread waits for any.
TEST_P(KeepAlive, TheLongestIdleMakesRoom) {
  if (!IsRelayed()) GTEST_SKIP() << "civetweb has another way: see above";
  options_.max_requests = 16;  // a scrape may be over a little later than its response
  Start();
  std::vector<std::unique_ptr<KeptClient>> idle;
  for (size_t i = 0; i < Relay::kMostConnections; ++i) {
    idle.push_back(std::make_unique<KeptClient>(port()));
    EXPECT_THAT(idle.back()->Ask(kGet), HasSubstr("\r\nConnection: keep-alive\r\n"));
    // The relay sees the ends of responses a little later, and not always in their order.
    if (i == 1) std::this_thread::sleep_for(milliseconds(200));
  }
  EXPECT_THAT(idle.front()->Ask(kGet), StartsWith("HTTP/1.1 200 "));  // now it is the latest
  EXPECT_THAT(KeptClient(port()).Ask(kGet), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(idle[1]->IsClosedWithin(milliseconds(10'000)));
  EXPECT_THAT(idle.front()->Ask(kGet), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(idle.back()->Ask(kGet), StartsWith("HTTP/1.1 200 "));
}

// civetweb alone looks every two seconds whether it is to end.
TEST_P(KeepAlive, TheEndDoesNotWaitForIdleClients) {
  auto shortest = steady_clock::duration::max();
  for (int i = 0; i < 3; ++i) {
    Start();
    const KeptClient silent(port());
    KeptClient client(port());
    client.Ask(kGet);
    const auto start = steady_clock::now();
    exporter_->StopAndTakeLog();
    shortest = std::min(shortest, steady_clock::now() - start);
    EXPECT_TRUE(client.IsClosedWithin(milliseconds(0)));
  }
  EXPECT_LT(shortest, milliseconds(1000));
}

TEST_P(KeepAlive, NobodyIsKeptOnceItDrains) {
  Start();
  KeptClient client(port());
  client.Ask(kGet);
  exporter_->server().BeginDrain();
  const std::string got = client.Ask(kGet, "shutting down.\n");
  EXPECT_THAT(got, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(got, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client.IsClosedWithin(milliseconds(10'000)));
}

INSTANTIATE_TEST_SUITE_P(Ways, KeepAlive, testing::Values("127.0.0.1:0", "[::]:0"),
                         [](const auto& way) { return way.index == 0 ? "Civetweb" : "Relay"; });

}  // namespace
}  // namespace metrishift::http
