// The paths, the gate and the end of the server, by raw bytes where libcurl is too polite.

#include "exporter/http/server.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/exporter/http/fake_upstream.h"
#include "tests/exporter/http/test_client.h"
#include "tests/exporter/http/test_server.h"

namespace metrishift::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n";
constexpr const char* kGet = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

class ServerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    upstream_ = new FakeUpstream;
    upstream_->SetReply(WholeReply("new 1\n"));
    Options options;
    options.client_patience = milliseconds(500);
    exporter_ = new TestServer(upstream_->url(), options);
  }
  static void TearDownTestSuite() {
    delete exporter_;
    delete upstream_;
  }
  static int port() { return exporter_->port(); }

  static inline FakeUpstream* upstream_ = nullptr;
  static inline TestServer* exporter_ = nullptr;
};

TEST_F(ServerTest, Paths) {
  const std::vector<std::tuple<std::string, long, std::string>> rows = {
      {"/metrics", 200, "old 1\n"},    {"/metrics?a=b", 200, "old 1\n"},
      {"/", 200, "href=\"/metrics\""}, {"/-/metrics", 200, "metrishift_exporter_build_info{"},
      {"/-/healthy", 200, "healthy"},  {"/-/ready", 200, "ready"},
      {"/metrics/", 404, ""},          {"/metrics/x", 404, ""},
      {"//metrics", 404, ""},          {"/%6detrics", 404, ""},
      {"/x/../metrics", 404, ""},      {"/-/", 404, ""},
      {"/etc/passwd", 404, ""},
  };
  for (const auto& [path, status, part] : rows) {
    const ClientResult head = Get(port(), path, {.head = true});
    EXPECT_EQ(head.code, CURLE_OK) << path;
    const std::string got =
        Exchange(port(), "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(got.starts_with("HTTP/1.1 " + std::to_string(status) + " ")) << path << got;
    EXPECT_NE(got.find(part), std::string::npos) << path << got;
    EXPECT_NE(got.find("\r\nConnection: keep-alive\r\n"), std::string::npos) << path;
  }
}

TEST_F(ServerTest, Gate) {
  const size_t asked = upstream_->requests().size();
  const std::string many_headers = [] {
    std::string text = "GET /metrics HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 40; ++i) text += "A" + std::to_string(i) + ": b\r\n";
    return text + "\r\n";
  }();
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", "405"},
      {"PUT /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "405"},
      {"DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "405"},
      {"OPTIONS /metrics HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\n"
       "Access-Control-Request-Method: GET\r\n\r\n",
       "405"},
      {"GET /metrics HTTP/1.1\r\n\r\n", "400"},
      {"GET /metrics HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400"},
      {"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", "400"},
      {"GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
       "0\r\n\r\n",
       "400"},
      {"GET /metrics HTTP/1.1\r\nHost : x\r\n\r\n", "400"},
      {many_headers, "431"},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", "4"},
      {"GET /metrics HTTP/3.0\r\nHost: x\r\n\r\n", "505"},
      {"nonsense\r\n\r\n", "400"},
      {"GET /metrics HTTP/1.1\r\nHost: x\r\n", "400"},  // ends too early
  };
  for (const auto& [bytes, status] : rows) {
    const std::string got = Exchange(port(), bytes);
    EXPECT_TRUE(got.starts_with("HTTP/1.1 " + status)) << bytes << "\n" << got;
    EXPECT_EQ(got.find("Access-Control"), std::string::npos) << got;
    EXPECT_EQ(got.find("\nHTTP/1.1 "), std::string::npos) << "a second response: " << got;
  }
  EXPECT_EQ(upstream_->requests().size(), asked) << "a refused request reached the upstream";
}

TEST_F(ServerTest, NeverFinishedHead) {
  const std::string got = ReadToEnd(Connect(port(), "GET /metrics HTTP/1.1\r\nHost: x\r\n"));
  EXPECT_TRUE(got.starts_with("HTTP/1.1 400")) << got;
}

TEST_F(ServerTest, BodiesComeAsTheyCome) {
  upstream_->SetReply({kOk + "Content-Length: 12\r\n\r\nnew 1\n", milliseconds(400), "x 1\nx"});
  const std::string got = Exchange(port(), kGet);
  // Two writes at least: the first chunk did not wait for the second.
  EXPECT_NE(got.find("6\r\nnew 1\n\r\n"), std::string::npos) << got;
  upstream_->SetReply(WholeReply("new 1\n"));
}

TEST_F(ServerTest, OwnMetricsOfAScrape) {
  Get(port(), "/metrics");
  const std::string metrics = exporter_->OwnMetrics();
  EXPECT_NE(metrics.find("metrishift_exporter_alias_samples_total{old_name=\"old\"} "),
            std::string::npos)
      << metrics;
  EXPECT_NE(metrics.find("metrishift_exporter_scrapes_total{code=\"200\",outcome=\"translated\","
                         "route=\"/metrics\"} "),
            std::string::npos);
  EXPECT_NE(metrics.find("metrishift_exporter_scrapes_running 0\n"), std::string::npos);
}

TEST(Server, TakenPortIsASentence) {
  FakeUpstream other;
  Options options;
  options.route.upstream.url = other.url();
  options.listen_addresses = {"127.0.0.1:" + std::to_string(other.port())};
  const Logger logger(LogLevel::kError, LogFormat::kLogfmt);
  std::string error;
  EXPECT_EQ(Server::Start(options, std::make_shared<RouteSet>(), nullptr, logger, &error), nullptr);
  EXPECT_NE(error.find("Cannot listen on 127.0.0.1:" + std::to_string(other.port())),
            std::string::npos)
      << error;
  EXPECT_NE(error.find("Address already in use"), std::string::npos) << error;
}

TEST(Server, TooManyScrapes) {
  FakeUpstream upstream;
  upstream.SetReply({kOk + "Content-Length: 6\r\n\r\n", milliseconds(1500), "new 1\n"});
  Options options;
  options.max_requests = 2;
  TestServer exporter(upstream.url(), options);
  std::vector<ClientResult> running(2);
  std::vector<std::thread> clients;
  for (ClientResult& result : running) {
    clients.emplace_back([&] { result = Get(exporter.port(), "/metrics"); });
  }
  while (upstream.requests().size() < 2) std::this_thread::sleep_for(milliseconds(5));
  const ClientResult refused = Get(exporter.port(), "/metrics");
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.head.find("Retry-After: 1\r\n"), std::string::npos);
  EXPECT_EQ(Get(exporter.port(), "/-/healthy").status, 200);
  for (std::thread& client : clients) client.join();
  for (const ClientResult& result : running) EXPECT_EQ(result.status, 200);
  EXPECT_TRUE(exporter.server().WaitUntilIdle(milliseconds(5000)));
  EXPECT_EQ(Get(exporter.port(), "/metrics").status, 200);
}

TEST(Server, DrainLetsARunningScrapeFinish) {
  FakeUpstream upstream;
  upstream.SetReply({kOk + "Content-Length: 12\r\n\r\nnew 1\n", milliseconds(600), "x 1\nx "});
  TestServer exporter(upstream.url());
  ClientResult result;
  std::thread client([&] { result = Get(exporter.port(), "/metrics"); });
  while (upstream.requests().empty()) std::this_thread::sleep_for(milliseconds(5));
  exporter.server().BeginDrain();
  EXPECT_EQ(Get(exporter.port(), "/-/ready").status, 503);
  EXPECT_EQ(Get(exporter.port(), "/-/healthy").status, 200);
  EXPECT_EQ(Get(exporter.port(), "/metrics").status, 503);
  EXPECT_TRUE(exporter.server().WaitUntilIdle(milliseconds(5000)));
  client.join();
  EXPECT_EQ(result.code, CURLE_OK);
  EXPECT_TRUE(result.body.starts_with("new 1\nx 1\nx \n# HELP old")) << result.body;
}

// A client that reads nothing holds its scrape for Options::client_patience, and not for ever.
TEST(Server, StuckClientIsCut) {
  FakeUpstream upstream;
  const std::string lines(size_t{30} << 20U, '\n');
  upstream.SetReply(WholeReply(lines));
  Options options;
  options.client_patience = milliseconds(300);
  TestServer exporter(upstream.url(), options);
  const StuckClient stuck(exporter.port(), kGet);
  while (upstream.requests().empty()) std::this_thread::sleep_for(milliseconds(5));
  const auto start = steady_clock::now();
  exporter.server().BeginDrain();
  EXPECT_TRUE(exporter.server().WaitUntilIdle(milliseconds(20'000)));
  EXPECT_LT(steady_clock::now() - start, milliseconds(10'000));
  const std::string metrics = exporter.OwnMetrics();
  EXPECT_NE(
      metrics.find("scrapes_total{code=\"200\",outcome=\"client_gone\",route=\"/metrics\"} 1\n"),
      std::string::npos)
      << metrics;
}

// The end of the server ends what still runs, whatever it waits for.
TEST(Server, StopCutsWhatStillRuns) {
  FakeUpstream upstream;
  upstream.SetReply({kOk + "Content-Length: 100\r\n\r\nnew 1\n", milliseconds(20'000), ""});
  TestServer exporter(upstream.url());
  ClientResult result;
  std::thread client([&] { result = Get(exporter.port(), "/metrics"); });
  while (upstream.requests().empty()) std::this_thread::sleep_for(milliseconds(5));
  const auto start = steady_clock::now();
  exporter.StopAndTakeLog();
  client.join();
  EXPECT_LT(steady_clock::now() - start, milliseconds(8000));
  // Where the upstream's head had not come through yet, there is still room for an error.
  EXPECT_TRUE(result.code != CURLE_OK || result.status >= 500) << result.status << result.body;
}

// Many clients, some of them gone early, and the server's end in the middle: each response is
// right, or an error that the client can see. Run under the thread sanitizer too.
TEST(Server, ManyClientsAndAnEnd) {
  FakeUpstream upstream;
  std::string body;
  for (int i = 0; i < 5000; ++i) body += "x{i=\"" + std::to_string(i) + "\"} 1\n";
  body += "new 1\n";
  upstream.SetReply(WholeReply(body));
  auto exporter = std::make_unique<TestServer>(upstream.url());
  const int port = exporter->port();
  const std::string expected =
      body +
      "# HELP old Deprecated: use new instead; this name is gone from version 3.5.0 on.\nold 1\n";
  std::atomic<bool> stop = false;
  std::atomic<int> whole = 0;
  std::atomic<int> wrong = 0;
  // civetweb does not close connections that it has accepted and not begun when it stops; the end
  // of the process does.
  constexpr long kGiveUpMs = 2000;
  std::vector<std::thread> clients;
  for (int n = 0; n < 6; ++n) {
    clients.emplace_back([&, n] {
      while (!stop) {
        if (n == 0) {
          Get(port, "/-/metrics", {.timeout_ms = kGiveUpMs});
          continue;
        }
        const ClientResult result =
            Get(port, "/metrics", {.gzip = n % 2 == 0, .timeout_ms = kGiveUpMs});
        if (result.code != CURLE_OK || result.status != 200) continue;
        ++whole;
        if (result.body != expected) ++wrong;
      }
    });
  }
  while (whole < 100) std::this_thread::sleep_for(milliseconds(5));
  exporter->server().BeginDrain();
  EXPECT_TRUE(exporter->server().WaitUntilIdle(milliseconds(20'000)));
  exporter.reset();
  stop = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace metrishift::http
