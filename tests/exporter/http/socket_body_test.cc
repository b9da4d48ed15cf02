// Large bodies, which go from the upstream's socket to the client's without being copied.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>
#include <utility>
#include <vector>

#include "exporter/http/scrape.h"
#include "exporter/http/splice.h"
#include "tests/exporter/http/fake_upstream.h"
#include "tests/exporter/http/test_server.h"

namespace metrishift::http {
namespace {

using std::chrono::milliseconds;

// `lines` lines of which some are of the family that was renamed.
std::string Body(int lines) {
  std::string body = "# TYPE new gauge\n";
  for (int i = 0; i < lines; ++i) body += "new{i=\"" + std::to_string(i) + "\"} 1\n";
  body += "# TYPE other gauge\n";
  for (int i = 0; i < lines; ++i) body += "other{i=\"" + std::to_string(i) + "\"} 1\n";
  return body;
}

// `first` bytes of the body come first.
FakeReply InTwo(const std::string& body, size_t first, milliseconds pause) {
  FakeReply reply = WholeReply(body);
  first += reply.bytes.size() - body.size();
  reply.rest = reply.bytes.substr(first);
  reply.bytes.resize(first);
  reply.pause = pause;
  return reply;
}

class CountingClient : public ClientConnection {
 public:
  bool Send(std::string_view bytes) override {
    sent += bytes;
    return true;
  }
  bool SendFrom(int socket, std::string_view bytes) override {
    from_socket += bytes.size();
    return ClientConnection::SendFrom(socket, bytes);
  }

  std::string sent;
  size_t from_socket = 0;
};

// One scrape of `reply`, with a timeout of a second.
std::pair<CountingClient, ScrapeRecord> ScrapeOf(const FakeReply& reply,
                                                 const std::string& encoding = "") {
  FakeUpstream upstream;
  upstream.SetReply(reply);
  Route route;
  route.upstream.url = upstream.url();
  route.scrape_timeout = milliseconds(1000);
  Scraper scraper(route, OldAndNew());
  std::pair<CountingClient, ScrapeRecord> result;
  scraper.Scrape({"GET", "/metrics", "1.1", {{"Host", "x"}, {"Accept-Encoding", encoding}}},
                 &result.first, &result.second);
  return result;
}

TEST(SocketBody, WhichBodies) {
  const std::string body = Body(40'000);
  FakeReply open_metrics = WholeReply(body + "# EOF\n");
  const std::string text = "text/plain; version=0.0.4";
  open_metrics.bytes.replace(open_metrics.bytes.find(text), text.size(),
                             "application/openmetrics-text; version=1.0.0");
  const std::string digits = std::to_string(body.size());
  FakeReply chunked = WholeReply(body);
  const std::string length = "Content-Length: " + digits + "\r\n\r\n";
  std::array<char, 20> hex;
  std::snprintf(hex.data(), hex.size(), "%zx\r\n", body.size());
  chunked.bytes.replace(chunked.bytes.find(length), length.size(),
                        std::string("Transfer-Encoding: chunked\r\n\r\n") + hex.data());
  chunked.bytes += "\r\n0\r\n\r\n";
  struct Row {
    const char* what;
    FakeReply reply;
    const char* encoding;
    bool taken;
  };
  const std::vector<Row> rows = {
      {"large", WholeReply(body), "", true},
      {"small", WholeReply(Body(10)), "", false},
      {"to be compressed", WholeReply(body), "gzip", false},
      {"its end is held back", open_metrics, "", false},
      {"no length", chunked, "", false},
  };
  for (const Row& row : rows) {
    const auto [client, record] = ScrapeOf(row.reply, row.encoding);
    EXPECT_EQ(record.outcome, ScrapeOutcome::kTranslated) << row.what << record.message;
    EXPECT_EQ(client.from_socket > body.size() / 2, row.taken) << row.what;
    EXPECT_TRUE(row.taken || client.from_socket == 0) << row.what;
  }
}

// The same bytes as for a client of HTTP/1.0, whose body is held back; and a connection that is
// kept goes on.
TEST(SocketBody, ArrivesWhole) {
  FakeUpstream upstream;
  const TestServer server(upstream.url());
  ClientOptions keeps;
  keeps.kept = {curl_easy_init(), curl_easy_cleanup};
  for (const int lines : {10'000, 20'000, 30'001, 200'000}) {
    const std::string body = Body(lines);
    for (const size_t first : {size_t{0}, size_t{1}, body.size() / 2, body.size() - 1}) {
      upstream.SetReply(InTwo(body, first, milliseconds(30)));
      const ClientResult plain = Get(server.port(), "/metrics", keeps);
      EXPECT_EQ(plain.code, CURLE_OK);
      EXPECT_TRUE(plain.body.starts_with(body)) << lines << " " << first;
      const ClientResult held = Get(server.port(), "/metrics", {.http_1_0 = true});
      EXPECT_TRUE(plain.body == held.body) << lines << " " << first;
      EXPECT_NE(plain.body.find("old{i=\"9999\"} 1\n", body.size()), plain.body.npos);
    }
  }
}

TEST(SocketBody, WhatFails) {
  const std::string body = Body(40'000);
  FakeReply cut = InTwo(body, body.size() / 2, milliseconds(100));
  cut.rest.resize(cut.rest.size() / 2);
  cut.keep_alive = false;
  FakeReply reset = cut;
  reset.reset = true;
  struct Row {
    const char* what;
    FakeReply reply;
    ScrapeOutcome outcome;
    const char* message;
  };
  const std::vector<Row> rows = {
      {"cut", cut, ScrapeOutcome::kUpstreamFailed, "bytes too early"},
      {"reset", reset, ScrapeOutcome::kUpstreamFailed, "the connection was lost"},
      {"slow", InTwo(body, body.size() / 2, milliseconds(1500)), ScrapeOutcome::kTimeout,
       "took too long"},
  };
  for (const Row& row : rows) {
    const auto [client, record] = ScrapeOf(row.reply);
    EXPECT_EQ(record.outcome, row.outcome) << row.what;
    EXPECT_NE(record.message.find(row.message), std::string::npos) << record.message;
    EXPECT_TRUE(record.cut) << row.what;
    EXPECT_GT(client.from_socket, 0U) << row.what;
    EXPECT_FALSE(client.sent.ends_with("0\r\n\r\n")) << row.what;
  }
}

TEST(SocketBody, ForAClientThatReadsNothing) {
  FakeUpstream upstream;
  upstream.SetReply(WholeReply(Body(400'000)));
  Options options;
  options.client_patience = milliseconds(300);
  TestServer server(upstream.url(), options);
  const StuckClient stuck(server.port(), "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  for (int i = 0; i < 1000 && upstream.requests().empty(); ++i)
    std::this_thread::sleep_for(milliseconds(5));
  EXPECT_NE(server.OwnMetrics().find("outcome=\"client_gone\""), std::string::npos);
}

// Two ends of a connection, and what is to be read at the other end of it.
struct Pair {
  Pair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0); }
  ~Pair() {
    close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  std::array<int, 2> ends{};
};

TEST(Splice, MovesWhatItIsTold) {
  const Pair from;
  const Pair to;
  const std::string text(100'000, 'x');
  ASSERT_EQ(write(from.ends[0], (text + "rest").data(), text.size() + 4), ssize_t{100'004});
  Splice splice;
  EXPECT_EQ(splice.Move(from.ends[1], to.ends[0], text.size(), milliseconds(1000)),
            Splice::Result::kMoved);
  std::string got(200'000, '\0');
  EXPECT_EQ(recv(to.ends[1], got.data(), got.size(), MSG_WAITALL), ssize_t{100'000});
  EXPECT_EQ(got.substr(0, 100'000), text);
  EXPECT_EQ(read(from.ends[1], got.data(), got.size()), ssize_t{4});
}

TEST(Splice, WhatItCannotMove) {
  std::signal(SIGPIPE, SIG_IGN);
  Splice splice;
  const Pair to;
  const int no_socket = eventfd(1, 0);
  EXPECT_EQ(splice.Move(no_socket, to.ends[0], 8, milliseconds(1000)),
            Splice::Result::kUnsupported);
  close(no_socket);

  const Pair from;
  ASSERT_EQ(write(from.ends[0], "12345678", 8), 8);
  Pair gone;
  close(std::exchange(gone.ends[1], -1));
  EXPECT_EQ(splice.Move(from.ends[1], gone.ends[0], 8, milliseconds(1000)),
            Splice::Result::kFailed);

  const Pair full;
  const std::string much(1 << 16, 'x');
  while (write(full.ends[0], much.data(), much.size()) > 0) {
  }
  Splice other;
  ASSERT_EQ(write(from.ends[0], "12345678", 8), 8);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(other.Move(from.ends[1], full.ends[0], 8, milliseconds(200)), Splice::Result::kFailed);
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(200));
}

}  // namespace
}  // namespace metrishift::http
