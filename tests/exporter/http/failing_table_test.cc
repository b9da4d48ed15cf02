// Every way in which a scrape can fail, through a real exporter, before an upstream of raw bytes,
// judged by libcurl.

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <chrono>
#include <string_view>
#include <thread>

#include "exporter/http/response.h"
#include "tests/exporter/http/fake_upstream.h"
#include "tests/exporter/http/test_certificates.h"
#include "tests/exporter/http/test_client.h"
#include "tests/exporter/http/test_server.h"

namespace {

constexpr std::chrono::milliseconds kTooLong{3000};
constexpr const char* kSlowHost = "slow.invalid";

}  // namespace

// Stands before the C library's, which libcurl asks.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto next = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (host != nullptr && std::string_view(host) == kSlowHost) {
    std::this_thread::sleep_for(kTooLong);
    return EAI_AGAIN;
  }
  return next(host, service, hints, result);
}

namespace metrishift::http {
namespace {

using std::chrono::milliseconds;

constexpr const char* kImpatient = "X-Prometheus-Scrape-Timeout-Seconds: 0.4";  // granted: 0.2

const std::string kType = "Content-Type: text/plain; version=0.0.4\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\n" + kType;
const std::string kAlias =
    "# HELP old Deprecated: use new instead; this name is gone from version 3.5.0 on.\nold 1\n";

enum class Way : uint8_t { kPlain, kHttps };  // the second by the relay

// One upstream for all rows, and one exporter for each way: stopping one takes seconds.
class FailingTable : public testing::TestWithParam<Way> {
 protected:
  static void SetUpTestSuite() {
    upstream_ = new FakeUpstream;
    plain_ = new TestServer(upstream_->url());
    folder_ = new TestFolder;
    const TestCertificate server = MakeCertificate("server", "IP:127.0.0.1", nullptr);
    folder_->Write("server.pem", server.CertificatePem());
    folder_->Write("server.key", server.KeyPem());
    Options options;
    options.web_config_file = folder_->Write(
        "web.yml", "tls_server_config: {cert_file: server.pem, key_file: server.key}\n");
    https_ = new TestServer(upstream_->url(), options);
  }
  static void TearDownTestSuite() {
    delete https_;
    delete folder_;
    delete plain_;
    delete upstream_;
  }

  static ClientResult Scrape(FakeReply reply, ClientOptions options = {}) {
    upstream_->SetReply(std::move(reply));
    const bool https = GetParam() == Way::kHttps;
    if (https) options.ca_file = folder_->Path("server.pem");
    return Get((https ? https_ : plain_)->port(), "/metrics", options);
  }

  static inline FakeUpstream* upstream_ = nullptr;
  static inline TestFolder* folder_ = nullptr;
  static inline TestServer* plain_ = nullptr;
  static inline TestServer* https_ = nullptr;
};

struct Row {
  const char* what;
  FakeReply reply;
  long status;
  std::string body;   // of a status other than 200: a part of it
  bool whole = true;  // false: the connection ends before the response does
  std::vector<std::string> headers = {};
};

std::vector<Row> Rows() {
  return {
      {"length", {kOk + "Content-Length: 6\r\n\r\nnew 1\n"}, 200, "new 1\n" + kAlias},
      {"chunked",
       {kOk + "Transfer-Encoding: chunked\r\n\r\n3\r\nnew\r\n3\r\n 1\n\r\n0\r\n\r\n"},
       200,
       "new 1\n" + kAlias},
      {"late but in time",
       {kOk + "Content-Length: 6\r\n\r\nnew", milliseconds(50), " 1\n"},
       200,
       "new 1\n" + kAlias},
      {"no Content-Type",
       {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nnew 1\n"},
       200,
       "new 1\n" + kAlias},
      {"another format",
       {"HTTP/1.1 200 OK\r\nContent-Type: application/openmetrics-text; version=2.0.0\r\n"
        "Content-Length: 12\r\n\r\nnew 1\n# EOF\n"},
       200,
       "new 1\n# EOF\n"},
      {"OpenMetrics",
       {"HTTP/1.1 200 OK\r\nContent-Type: application/openmetrics-text; version=1.0.0\r\n"
        "Content-Length: 12\r\n\r\nnew 1\n# EOF\n"},
       200,
       "new 1\n" + kAlias + "# EOF\n"},
      {"an interim response",
       {"HTTP/1.1 103 Early Hints\r\nContent-Encoding: gzip\r\n\r\n" + kOk +
        "Content-Length: 6\r\n\r\nnew 1\n"},
       200,
       "new 1\n" + kAlias},

      {"404",
       {"HTTP/1.1 404 Not Found\r\n" + kType + "Content-Length: 6\r\n\r\nnew 1\n"},
       404,
       "new 1\n"},
      {"500 without a body", {"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"}, 500, ""},
      {"503 without an end", {"HTTP/1.0 503 Busy\r\n\r\nbusy"}, 503, "busy"},
      {"an unusual status", {"HTTP/1.1 599 Odd\r\nContent-Length: 3\r\n\r\nodd"}, 599, "odd"},

      {"not HTTP", {"SSH-2.0-OpenSSH_9.2\r\n"}, 502, "could not be read"},
      {"closed at once", {""}, 502, "could not be read"},
      {"reset at once", {"", {}, "", true}, 502, "could not be read"},
      {"closed in the head", {"HTTP/1.1 200 OK\r\nContent-"}, 502, ""},
      {"a head without an end",
       {"HTTP/1.1 200 OK\r\nX: " + std::string(1'000'000, 'x')},
       502,
       "could not be read"},
      {"a chunk of less than nothing",
       {kOk + "Transfer-Encoding: chunked\r\n\r\n-6\r\nnew 1\n\r\n0\r\n\r\n"},
       502,
       "could not be read"},
      {"a chunk larger than can be",
       {kOk + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nnew 1\n\r\n0\r\n\r\n"},
       502,
       "could not be read"},
      {"an empty body", {kOk + "Content-Length: 0\r\n\r\n"}, 502, "empty body"},
      {"an empty chunked body",
       {kOk + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
       502,
       "empty body"},
      {"an empty body without an end", {kOk + "\r\n"}, 502, "neither Content-Length nor chunked"},
      {"a Content-Type with a control byte",
       {"HTTP/1.1 200 OK\r\nContent-Type: text/plain;\x01\r\nContent-Length: 6\r\n\r\nnew 1\n"},
       502,
       "Content-Type is not well-formed"},
      {"the same of an error",
       {"HTTP/1.1 500 Oops\r\nContent-Type: text/plain;\x01\r\nContent-Length: 6\r\n\r\nnew 1\n"},
       502,
       "Content-Type is not well-formed"},
      {"a body without an end", {kOk + "\r\nnew 1\n"}, 502, "neither Content-Length nor chunked"},
      // libcurl reads all of these to the connection's end, where a cut does not show.
      {"a length that is too large",
       {kOk + "Content-Length: 99999999999999999999999\r\n\r\nnew 1\n"},
       502,
       "neither Content-Length nor chunked"},
      {"another transfer coding with a length",
       {kOk + "Transfer-Encoding: identity\r\nContent-Length: 60\r\n\r\nnew 1\n"},
       502,
       "neither Content-Length nor chunked"},
      {"two lengths",
       {kOk + "Content-Length: 60\r\nContent-Length: 6\r\n\r\nnew 1\n"},
       502,
       "neither Content-Length nor chunked"},
      {"204", {"HTTP/1.1 204 No Content\r\n\r\n"}, 502, "status 204"},
      {"206",
       {"HTTP/1.1 206 Partial Content\r\nContent-Length: 6\r\n\r\nnew 1\n"},
       502,
       "status 206"},
      {"304", {"HTTP/1.1 304 Not Modified\r\n\r\n"}, 502, "status 304"},
      {"a redirect",
       {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n"},
       502,
       "redirects to \"http://127.0.0.1:1/x\""},
      {"a redirect with a secret",
       {"HTTP/1.1 302 Found\r\nLocation: /x?token=secret\r\nContent-Length: 0\r\n\r\n"},
       502,
       "/x\", and"},
      {"zstd unasked",
       {kOk + "Content-Encoding: zstd\r\nContent-Length: 6\r\n\r\nnew 1\n"},
       502,
       "compressed its body"},
      {"gzip unasked, in a second header",
       {kOk + "Content-Encoding: identity\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\n"
              "new 1\n"},
       502,
       "compressed its body"},
      {"zstd unasked, of an error",
       {"HTTP/1.1 404 Not Found\r\nContent-Encoding: zstd\r\nContent-Length: 3\r\n\r\nxyz"},
       502,
       "compressed its body"},

      {"slow to answer", {"", kTooLong, ""}, 504, "took too long", true, {kImpatient}},
      {"slow after its head",
       {kOk + "Content-Length: 6\r\n\r\n", kTooLong, ""},
       504,
       "took too long",
       true,
       {kImpatient}},

      {"a short body", {kOk + "Content-Length: 100\r\n\r\nnew 1\n"}, 200, "new 1\n", false},
      {"chunks without the last",
       {kOk + "Transfer-Encoding: chunked\r\n\r\n6\r\nnew 1\n\r\n"},
       200,
       "new 1\n",
       false},
      {"a chunk cut",
       {kOk + "Transfer-Encoding: chunked\r\n\r\n60\r\nnew 1\n"},
       200,
       "new 1\n",
       false},
      {"chunks that are none",
       {kOk + "Transfer-Encoding: chunked\r\n\r\n6\r\nnew 1\n\r\nzz\r\n"},
       200,
       "new 1\n",
       false},
      {"reset in the body",
       {kOk + "Content-Length: 100\r\n\r\nnew 1\n", milliseconds(100), "", true},
       200,
       "new 1\n",
       false},
      {"slow in the body",
       {kOk + "Content-Length: 100\r\n\r\nnew 1\n", kTooLong, ""},
       200,
       "new 1\n",
       false,
       {kImpatient}},
  };
}

TEST_P(FailingTable, Http11) {
  for (const Row& row : Rows()) {
    for (const bool gzip : {false, true}) {
      const ClientResult result = Scrape(row.reply, {.gzip = gzip, .headers = row.headers});
      EXPECT_EQ(result.status, row.status) << row.what;
      EXPECT_EQ(result.code == CURLE_OK, row.whole) << row.what;
      if (row.status == 502 || row.status == 504) {
        EXPECT_NE(result.body.find(row.body), std::string::npos) << row.what << ": " << result.body;
      } else if (row.whole) {
        EXPECT_EQ(result.body, row.body) << row.what;
      } else {
        EXPECT_TRUE(row.body.starts_with(result.body)) << row.what;
      }
    }
  }
}

// Without chunks there is nothing to tell a cut body by, so it must not be begun.
TEST_P(FailingTable, Http10) {
  for (const Row& row : Rows()) {
    const ClientResult result = Scrape(row.reply, {.http_1_0 = true, .headers = row.headers});
    EXPECT_EQ(result.code, CURLE_OK) << row.what;
    EXPECT_EQ(result.head.find("chunked"), std::string::npos) << row.what;
    if (row.whole) {
      EXPECT_EQ(result.status, row.status) << row.what;
    } else {
      EXPECT_TRUE(result.status == 502 || result.status == 504) << row.what << result.status;
    }
    if (row.status < 500 && row.whole) {
      EXPECT_EQ(result.body, row.body) << row.what;
    }
  }
}

TEST_P(FailingTable, Head) {
  for (const Row& row : Rows()) {
    const ClientResult result = Scrape(row.reply, {.head = true, .headers = row.headers});
    EXPECT_EQ(result.code, CURLE_OK) << row.what;
    EXPECT_EQ(result.body, "") << row.what;
    if (row.whole) {
      EXPECT_EQ(result.status, row.status) << row.what;
    } else {
      EXPECT_TRUE(result.status == 502 || result.status == 504) << row.what;
    }
  }
}

// What is empty is no scrape in gzip either, whatever case gzip is written in (RFC 9110 section
// 8.4.1).
TEST_P(FailingTable, EmptyGzip) {
  const std::string empty("\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0", 20);
  for (const std::string coding : {"gzip", "GZIP", "X-Gzip"}) {
    std::string head = kOk;
    head.append("Content-Encoding: ").append(coding).append("\r\nContent-Length: 20\r\n\r\n");
    const ClientResult result = Scrape({head + empty}, {.gzip = true});
    EXPECT_EQ(result.status, 502) << coding;
    EXPECT_EQ(result.body, "The upstream answered 200 with an empty body.\n") << coding;
  }
}

TEST_P(FailingTable, HeadersDescribeTheBody) {
  const std::string ok = kOk + "ETag: \"x\"\r\nSet-Cookie: a=b\r\nContent-Length: 6\r\n\r\nnew 1\n";
  const ClientResult plain = Scrape({ok});
  EXPECT_NE(plain.head.find("Content-Type: text/plain; version=0.0.4\r\n"), std::string::npos);
  EXPECT_NE(plain.head.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(plain.head.find("ETag"), std::string::npos);
  EXPECT_EQ(plain.head.find("Set-Cookie"), std::string::npos);
  EXPECT_EQ(plain.head.find("gzip"), std::string::npos);
  const ClientResult gzip = Scrape({ok}, {.gzip = true});
  EXPECT_NE(gzip.head.find("Content-Encoding: gzip\r\n"), std::string::npos);
  const ClientResult refused = Scrape({ok}, {.headers = {"Accept-Encoding: gzip;q=0, identity"}});
  EXPECT_EQ(refused.body, "new 1\n" + kAlias);
  const ClientResult none = Scrape({"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nnew 1\n"});
  EXPECT_EQ(none.head.find("\nContent-Type"), std::string::npos);
  const ClientResult blank =
      Scrape({"HTTP/1.1 200 OK\r\nContent-Type:\r\nContent-Length: 6\r\n\r\nnew 1\n"});
  EXPECT_EQ(blank.head.find("\nContent-Type"), std::string::npos) << blank.head;
}

TEST_P(FailingTable, WhatTheUpstreamIsAsked) {
  const size_t before = upstream_->requests().size();
  Scrape(WholeReply("new 1\n"),
         {.headers = {"X-Prometheus-Scrape-Timeout-Seconds: 7.5", "Accept: application/json",
                      "Cookie: a=b", "Authorization: Basic eDp5"}});
  const std::vector<std::string> requests = upstream_->requests();
  ASSERT_EQ(requests.size(), before + 1);
  const std::string& request = requests.back();
  EXPECT_TRUE(request.starts_with("GET /metrics HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("\r\nAccept: text/plain;version=0.0.4\r\n"), std::string::npos);
  EXPECT_NE(request.find("\r\nAccept-Encoding: identity\r\n"), std::string::npos);
  EXPECT_NE(request.find("\r\nX-Prometheus-Scrape-Timeout-Seconds: 7.000\r\n"), std::string::npos);
  EXPECT_EQ(request.find("Cookie"), std::string::npos);
  EXPECT_EQ(request.find("Authorization"), std::string::npos);
}

TEST_P(FailingTable, ConnectionsToTheUpstreamAreUsedAgain) {
  Scrape(WholeReply("new 1\n"));
  const int before = upstream_->connections();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Scrape(WholeReply("new 1\n")).body, "new 1\n" + kAlias);
  EXPECT_EQ(upstream_->connections(), before);
}

// Servers end connections that they keep, often enough when the next request is on its way.
TEST_P(FailingTable, AConnectionThatHasEndedIsReplaced) {
  FakeReply reply = WholeReply("new 1\n");
  reply.once = true;
  const int before = upstream_->connections();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Scrape(reply).body, "new 1\n" + kAlias) << i;
  EXPECT_GE(upstream_->connections(), before + 19);
}

TEST_P(FailingTable, LargeBodiesPassByteForByte) {
  std::string body;
  for (int i = 0; i < 200'000; ++i) body += "x{i=\"" + std::to_string(i) + "\"} 1\n";
  for (const bool gzip : {false, true}) {
    const ClientResult result = Scrape(WholeReply(body + "new 1\n"), {.gzip = gzip});
    EXPECT_EQ(result.code, CURLE_OK);
    EXPECT_TRUE(result.body == body + "new 1\n" + kAlias);
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, FailingTable, testing::Values(Way::kPlain, Way::kHttps),
                         [](const auto& way) { return way.index == 0 ? "Plain" : "Https"; });

TEST(FailingUpstream, Refused) {
  int port = 0;
  { port = FakeUpstream().port(); }
  TestServer exporter("http://u:secret@127.0.0.1:" + std::to_string(port) +
                      "/metrics?token=secret");
  for (int i = 0; i < 3; ++i) {
    const ClientResult result = Get(exporter.port(), "/metrics");
    EXPECT_EQ(result.status, 502);
    EXPECT_NE(result.body.find("http://127.0.0.1:" + std::to_string(port) + "/metrics"),
              std::string::npos)
        << result.body;
    EXPECT_EQ(result.body.find("secret"), std::string::npos) << result.body;
  }
  const std::string metrics = exporter.OwnMetrics();
  EXPECT_NE(metrics.find(
                "scrapes_total{code=\"502\",outcome=\"upstream_failed\",route=\"/metrics\"} 3\n"),
            std::string::npos);
  const std::string log = exporter.StopAndTakeLog();
  const size_t first = log.find("could not be read");
  EXPECT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find("could not be read", first + 1), std::string::npos) << log;  // said once
  EXPECT_EQ(log.find("secret"), std::string::npos) << log;
}

TEST(FailingUpstream, UnknownHost) {
  TestServer exporter("http://no..such..host/metrics");
  const ClientResult result = Get(exporter.port(), "/metrics");
  EXPECT_EQ(result.status, 502);
  EXPECT_NE(result.body.find("could not be read"), std::string::npos);
}

// A resolver that does not answer must not hold a scrape beyond its timeout.
TEST(FailingUpstream, SlowResolver) {
  TestServer exporter(std::string("http://") + kSlowHost + "/metrics");
  const auto start = std::chrono::steady_clock::now();
  const ClientResult result = Get(exporter.port(), "/metrics", {.headers = {kImpatient}});
  EXPECT_EQ(result.status, 504);
  EXPECT_LT(std::chrono::steady_clock::now() - start, kTooLong);
}

TEST(FailingUpstream, UnframedBodiesWhenAllowed) {
  FakeUpstream upstream;
  Options options;
  options.route.allow_unframed = true;
  TestServer exporter(upstream.url(), options);
  upstream.SetReply({kOk + "\r\nnew 1\n"});
  EXPECT_EQ(Get(exporter.port(), "/metrics").body, "new 1\n" + kAlias);
  upstream.SetReply({kOk + "\r\nnew 1\nnew{a=\"1\"} 12"});  // of 12345
  EXPECT_NE(Get(exporter.port(), "/metrics").code, CURLE_OK);
  upstream.SetReply({kOk + "\r\n"});
  EXPECT_EQ(Get(exporter.port(), "/metrics").status, 502);
}

TEST(FailingUpstream, Ceilings) {
  FakeUpstream upstream;
  Options options;
  options.route.limits = {.max_line_bytes = 100, .max_alias_bytes = 1000};
  TestServer exporter(upstream.url(), options);
  std::string many_aliases;
  for (int i = 0; i < 200; ++i) many_aliases += "new{i=\"" + std::to_string(i) + "\"} 1\n";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"new 1\n# " + std::string(100, 'x') + "\n", "line_bytes"},
      {"new 1\n# " + std::string(100, 'x'), "line_bytes"},
      {many_aliases, "alias_bytes"},
  };
  std::string sent;  // before the ceiling is reached
  while (sent.size() <= 2 * StreamedResponse::kChunkBytes) sent += "x{} 12345\n";
  for (const auto& [body, limit] : rows) {
    upstream.SetReply(WholeReply(sent + body));
    EXPECT_NE(Get(exporter.port(), "/metrics").code, CURLE_OK) << limit;
    upstream.SetReply(WholeReply(body));
    const ClientResult refused = Get(exporter.port(), "/metrics");
    EXPECT_EQ(refused.status, 502) << limit;
    EXPECT_NE(refused.body.find("(limit " + limit + ")"), std::string::npos) << refused.body;
    EXPECT_EQ(Get(exporter.port(), "/metrics", {.http_1_0 = true}).status, 502) << limit;
    EXPECT_EQ(Get(exporter.port(), "/metrics", {.head = true}).status, 502) << limit;
  }
  upstream.SetReply(WholeReply("new 1\n"));
  EXPECT_EQ(Get(exporter.port(), "/metrics").body, "new 1\n" + kAlias);
  const std::string metrics = exporter.OwnMetrics();
  EXPECT_NE(metrics.find("limits_reached_total{limit=\"line_bytes\"} 8\n"), std::string::npos);
  EXPECT_NE(metrics.find("limits_reached_total{limit=\"alias_bytes\"} 4\n"), std::string::npos);
  EXPECT_NE(metrics.find("scrapes_cut_total 3\n"), std::string::npos) << metrics;
}

TEST(FailingUpstream, FlawedFamiliesAreCountedAndSaidOnce) {
  FakeUpstream upstream;
  TestServer exporter(upstream.url());
  upstream.SetReply(WholeReply("new oops\n"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Get(exporter.port(), "/metrics").body, "new oops\n");
  const std::string metrics = exporter.OwnMetrics();
  EXPECT_NE(
      metrics.find("aliases_impossible_total{old_name=\"old\",reason=\"unreadable_line\"} 3\n"),
      std::string::npos)
      << metrics;
  const std::string log = exporter.StopAndTakeLog();
  EXPECT_NE(log.find("An old name cannot be added: a line of the family cannot be read."),
            std::string::npos)
      << log;
  const size_t first = log.find("reason=unreadable_line");
  EXPECT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find("reason=unreadable_line", first + 1), std::string::npos) << log;
}

}  // namespace
}  // namespace metrishift::http
