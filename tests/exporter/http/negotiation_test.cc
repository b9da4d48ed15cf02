// What is asked of the upstream, and what becomes of each format and each coding of its answer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/exporter/http/fake_upstream.h"
#include "tests/exporter/http/test_client.h"
#include "tests/exporter/http/test_server.h"

namespace metrishift::http {
namespace {

using testing::HasSubstr;

const std::string kHelp =
    "# HELP old Deprecated: use new instead; this name is gone from version 3.5.0 on.\n";
const std::string kOpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

std::string Gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

FakeReply Reply(const std::string& type, const std::string& body, bool gzip = false) {
  const std::string bytes = gzip ? Gzip(body) : body;
  return {"HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\n" +
          (gzip ? "Content-Encoding: gzip\r\n" : "") +
          "Content-Length: " + std::to_string(bytes.size()) + "\r\n\r\n" + bytes};
}

class Negotiation : public testing::Test {
 protected:
  ClientResult Scrape(FakeReply reply, const ClientOptions& options = {}) {
    upstream_.SetReply(std::move(reply));
    return Get(exporter_.port(), "/metrics", options);
  }
  std::string LastRequest() const { return upstream_.requests().back(); }

  FakeUpstream upstream_;
  TestServer exporter_{upstream_.url()};
};

// What is asked for on a kept connection is what is asked for on a new one, whatever came before.
TEST_F(Negotiation, ARequestOwesNothingToTheOneBefore) {
  const ClientOptions text;
  const ClientOptions gzip{.gzip = true};
  const ClientOptions open_metrics{.headers = {"Accept: " + kOpenMetrics}};
  const ClientOptions hasty{.headers = {"X-Prometheus-Scrape-Timeout-Seconds: 3"}};
  const std::vector<ClientOptions> clients = {text, text, text,         gzip,  text, open_metrics,
                                              gzip, gzip, open_metrics, hasty, text, text};
  FakeReply last = WholeReply("new 1\n");
  last.keep_alive = false;
  for (const ClientOptions& client : clients) Scrape(last, client);
  const std::vector<std::string> on_new = upstream_.requests();
  ASSERT_EQ(upstream_.connections(), static_cast<int>(clients.size()));
  for (const ClientOptions& client : clients) Scrape(WholeReply("new 1\n"), client);
  EXPECT_EQ(upstream_.connections(), static_cast<int>(clients.size()) + 1);
  std::vector<std::string> expected = on_new;
  expected.insert(expected.end(), on_new.begin(), on_new.end());
  EXPECT_EQ(upstream_.requests(), expected);
}

// The environment's proxies are for what leaves the house.
TEST_F(Negotiation, NoProxyIsAsked) {
  upstream_.SetReply(WholeReply("new 1\n"));
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  const std::string got = Exchange(exporter_.port(), "GET /metrics HTTP/1.0\r\n\r\n");
  unsetenv("http_proxy");
  EXPECT_THAT(got, testing::StartsWith("HTTP/1.1 200 "));
}

TEST_F(Negotiation, TheUpstreamIsAskedForWhatTheClientTakes) {
  const FakeReply reply = WholeReply("new 1\n");
  Scrape(reply, {.headers = {"Accept: " + kOpenMetrics + ";q=0.8,text/html,*/*;q=0.1"}});
  EXPECT_NE(LastRequest().find("\r\nAccept: " + kOpenMetrics +
                               ";q=0.8,text/plain;version=0.0.4;q=0.1\r\n"),
            std::string::npos)
      << LastRequest();
  EXPECT_NE(LastRequest().find("\r\nAccept-Encoding: identity\r\n"), std::string::npos);
  Scrape(reply, {.gzip = true});
  EXPECT_NE(LastRequest().find("\r\nAccept-Encoding: gzip\r\n"), std::string::npos);
  Scrape(reply, {.http_1_0 = true, .gzip = true});  // nothing tells a cut body in HTTP/1.0
  EXPECT_NE(LastRequest().find("\r\nAccept-Encoding: identity\r\n"), std::string::npos);
}

TEST_F(Negotiation, EveryFormatInEveryCoding) {
  const std::string delimited =
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
      "encoding=delimited";
  // A MetricFamily: name "new", type GAUGE, one metric whose gauge is 1.
  using std::string_literals::operator""s;
  const std::string gauge = "\x22\x0b\x12\x09\x09\0\0\0\0\0\0\xf0\x3f"s;
  const std::string family = "\x14\x0a\x03new\x18\x01"s + gauge;
  // The same, called "old", with HELP.
  const std::string help = kHelp.substr(11, kHelp.size() - 12);
  const std::string alias = static_cast<char>(0x16 + help.size()) + "\x0a\x03old\x12"s +
                            static_cast<char>(help.size()) + help + "\x18\x01" + gauge;
  struct {
    std::string type;
    std::string body;
    std::string translated;
  } const rows[] = {
      {"text/plain; version=0.0.4", "new 1\n", "new 1\n" + kHelp + "old 1\n"},
      {"text/plain; version=1.0.0; escaping=underscores", "new 1\n", "new 1\n" + kHelp + "old 1\n"},
      {kOpenMetrics, "new 1\n# EOF\n", "new 1\n" + kHelp + "old 1\n# EOF\n"},
      {delimited, family, family + alias},
  };
  for (const auto& row : rows) {
    for (const bool upstream_gzip : {false, true}) {
      for (const bool client_gzip : {false, true}) {
        const ClientResult result =
            Scrape(Reply(row.type, row.body, upstream_gzip), {.gzip = client_gzip});
        const std::string what =
            row.type + (upstream_gzip ? " gzip" : "") + (client_gzip ? " to gzip" : "");
        if (upstream_gzip && !client_gzip) {
          EXPECT_EQ(result.status, 502) << what;
          continue;
        }
        EXPECT_EQ(result.code, CURLE_OK) << what;
        EXPECT_EQ(result.body, row.translated) << what;
        EXPECT_NE(result.head.find("\r\nContent-Type: " + row.type + "\r\n"), std::string::npos);
        EXPECT_EQ(result.head.find("\r\nContent-Encoding: gzip\r\n") != std::string::npos,
                  client_gzip);
        EXPECT_NE(result.head.find("\r\nVary: Accept, Accept-Encoding\r\n"), std::string::npos);
      }
    }
  }
}

// What comes compressed goes out as it came, and the aliases behind it.
TEST_F(Negotiation, GzipIsSpliced) {
  std::string body;
  for (int i = 0; i < 10'000; ++i) body += "x{i=\"" + std::to_string(i * 7919) + "\"} 1\n";
  body += "new 1\n";
  const std::string compressed = Gzip(body);
  upstream_.SetReply(Reply("text/plain; version=0.0.4", body, true));
  const std::string got = Exchange(
      exporter_.port(), "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  // The last block is told to be no longer the last, its CRC goes, and chunks lie between: a piece
  // from the middle must be there as it was.
  EXPECT_NE(got.find(compressed.substr(2000, 1000)), std::string::npos);
}

// Whether its length is that of the whole or, as a proxy would have it, of the part.
TEST_F(Negotiation, ACutGzipBodyIsNeverWhole) {
  std::string body;
  for (int i = 0; i < 100'000; ++i) body += "x{i=\"" + std::to_string(i * 7919) + "\"} 1\n";
  for (const std::string& bytes : {Gzip("new 1\n"), Gzip(body)}) {
    for (const size_t size : {size_t{2}, size_t{12}, bytes.size() / 2, bytes.size() - 1}) {
      for (const size_t length : {size, bytes.size()}) {
        upstream_.SetReply({"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                            std::to_string(length) + "\r\n\r\n" + bytes.substr(0, size)});
        const std::string got = Exchange(
            exporter_.port(), "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
        EXPECT_TRUE(got.starts_with("HTTP/1.1 502 ") || !got.ends_with("\r\n0\r\n\r\n"))
            << size << " of " << bytes.size() << ", said to be " << length;
      }
    }
  }
}

// It passes, for the scraper to refuse; but who looks for the old names is told why there are none.
TEST_F(Negotiation, ABodyWithoutItsEndIsUntranslated) {
  const std::string open_metrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
  const std::string body = "# TYPE new gauge\nnew 1\n";
  EXPECT_THAT(Scrape(Reply(open_metrics, body + "# EOF\n", false), {}).body,
              HasSubstr("\nold 1\n"));
  for (const bool gzip : {false, true}) {
    const ClientResult result = Scrape(Reply(open_metrics, body, gzip), {.gzip = gzip});
    EXPECT_EQ(result.status, 200);
    EXPECT_EQ(result.body, body);
  }
  EXPECT_THAT(exporter_.OwnMetrics(),
              HasSubstr("{code=\"200\",outcome=\"untranslated\",route=\"/metrics\"} 2\n"));
  EXPECT_THAT(exporter_.StopAndTakeLog(), HasSubstr("does not end as its format demands"));
}

TEST_F(Negotiation, CeilingsOfInflation) {
  const ClientResult result =
      Scrape(Reply("text/plain; version=0.0.4", std::string(8U << 20U, '\n') + "new 1\n", true),
             {.gzip = true});
  EXPECT_EQ(result.status, 502);
  EXPECT_NE(exporter_.OwnMetrics().find("limit=\"inflate_ratio\"} 1"), std::string::npos)
      << exporter_.OwnMetrics();
}

}  // namespace
}  // namespace metrishift::http
