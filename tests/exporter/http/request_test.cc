#include "exporter/http/request.h"

#include <gtest/gtest.h>

namespace metrishift::http {
namespace {

using std::string_literals::operator""s;
using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

TEST(Request, FramingGate) {
  const std::string control = "a\0b"s;
  const Headers host = {{"Host", "x"}};
  struct Row {
    Request request;
    int status;
  };
  const std::vector<Row> rows = {
      {{"GET", "/", "1.1", host}, 0},
      {{"HEAD", "/metrics", "1.1", host}, 0},
      {{"GET", "/", "1.0", {}}, 0},
      {{"GET", "/", "1.1", {{"host", "x"}, {"Accept", "a"}, {"Accept", "b"}}}, 0},
      {{"GET", "/", "1.1", {{"Host", "x"}, {"Content-Length", "0"}}}, 0},
      {{"GET", "/", "1.1", {}}, 400},
      {{"POST", "/", "1.1", host}, 405},
      {{"OPTIONS", "/", "1.1", host}, 405},
      {{"get", "/", "1.1", host}, 405},
      {{"GET", "/", "1.1", {{"Host", "x"}, {"Host", "x"}}}, 400},
      {{"GET", "/", "1.1", {{"Host", "x"}, {"Content-Length", "5"}}}, 400},
      {{"GET", "/", "1.1", {{"Host", "x"}, {"Content-Length", "+0"}}}, 400},
      {{"GET", "/", "1.1", {{"Host", "x"}, {"Content-Length", "0"}, {"content-length", "0"}}}, 400},
      {{"GET", "/", "1.1", {{"Host", "x"}, {"Transfer-Encoding", "chunked"}}}, 400},
      {{"GET", "/", "1.1", {{"Host", "x"}, {"transfer-encoding", "identity"}}}, 400},
      {{"GET", "/", "1.1", {{"Host ", "x"}}}, 400},
      {{"GET", "/", "1.1", {{"Host", "x"}, {"", "y"}}}, 400},
      {{"GET", "/", "1.1", {{"Host", "x"}, {"A\tB", "y"}}}, 400},
      {{"GET", "/", "1.1", {{"Host", "x"}, {"A", "y\rB: z"}}}, 400},
      {{"GET", "/", "1.1", {{"Host", control}}}, 400},
      {{"GET", "metrics", "1.1", host}, 400},
      {{"GET", "*", "1.1", host}, 400},
      {{"GET", "http://x/metrics", "1.1", host}, 400},
      {{"GET", "/\x01", "1.1", host}, 400},
      {{"GET", "/", "1.1", host, true, true}, 400},
      {{"GET", "/", "1.1", Headers(kMaxHeaders + 1, {"A", "b"})}, 431},
  };
  for (size_t i = 0; i < rows.size(); ++i) {
    const Refusal refusal = CheckRequest(rows[i].request);
    EXPECT_EQ(refusal.status, rows[i].status) << "row " << i;
    EXPECT_EQ(refusal.message.empty(), refusal.status == 0) << "row " << i;
  }
}

TEST(Request, MayKeepConnection) {
  const Headers host = {{"Host", "x"}};
  const auto with = [](std::string_view value) {
    return Headers{{"Host", "x"}, {"connection", value}};
  };
  const std::vector<std::pair<Request, bool>> rows = {
      {{"GET", "/", "1.1", host}, true},
      {{"GET", "/", "1.1", with("keep-alive")}, true},
      {{"GET", "/", "1.1", with("Keep-Alive")}, true},
      {{"GET", "/", "1.1", with("close")}, false},
      {{"GET", "/", "1.1", with("keep-alive, close")}, false},
      {{"GET", "/", "1.1", with("Upgrade")}, false},
      {{"GET", "/", "1.1", host, false}, false},
      {{"GET", "/", "1.0", with("keep-alive")}, false},
      {{"GET", "/", "1.0", host}, false},
  };
  for (const auto& [request, keeps] : rows)
    EXPECT_EQ(MayKeepConnection(request), keeps)
        << request.http_version << request.Header("Connection");
}

TEST(Request, AcceptsGzip) {
  const std::vector<std::pair<std::string_view, bool>> rows = {
      {"", false},
      {"gzip", true},
      {"GZip", true},
      {"deflate, gzip;q=0.5", true},
      {"x-gzip", true},
      {"*", true},
      {"identity, *;q=0.1", true},
      {"gzip;q=0", false},
      {"gzip; q=0.000, *", false},
      {"*;q=0", false},
      {"gzip;q=oops", false},
      {"identity", false},
      {"gzipped", false},
      {",, gzip ,", true},
  };
  for (const auto& [header, accepts] : rows) EXPECT_EQ(AcceptsGzip(header), accepts) << header;
}

TEST(Request, ScrapeTimeout) {
  Route route;
  route.scrape_timeout = std::chrono::milliseconds(3000);
  route.timeout_offset = std::chrono::milliseconds(500);
  const std::vector<std::pair<std::string_view, int>> rows = {
      {"10", 9500},  {"2.5", 2000}, {" 10.000 ", 9500}, {"0.8", 400},
      {"0.5", 250},  {"0.1", 50},   {"", 3000},         {"0", 3000},
      {"-1", 3000},  {"x", 3000},   {"10s", 3000},      {"1e9", 600000},
      {"inf", 3000}, {"nan", 3000}, {"1e999", 3000},    {"1e-9", 1},
  };
  for (const auto& [header, milliseconds] : rows) {
    EXPECT_EQ(ScrapeTimeout(header, route).count(), milliseconds) << header;
  }
}

TEST(Request, AcceptForUpstream) {
  const std::string text = "text/plain;version=0.0.4";
  const std::string open_metrics = "application/openmetrics-text;version=1.0.0";
  const std::string protobuf =
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
  const std::pair<std::string, std::string> rows[] = {
      {"", text},
      {"*/*", text},
      {"text/html, application/xhtml+xml;q=0.9, */*;q=0.8", text + ";q=0.8"},
      {"image/png", text},
      {text + ";q=0.5,*/*;q=0.1", text + ";q=0.5"},
      // Prometheus 2.42.
      {open_metrics + ",application/openmetrics-text;version=0.0.1;q=0.75," + text +
           ";q=0.5,*/*;q=0.1",
       open_metrics + ",application/openmetrics-text;version=0.0.1;q=0.75," + text + ";q=0.5"},
      // Prometheus 3, with native histograms.
      {protobuf + ";escaping=allow-utf-8;q=0.6, " + open_metrics + ";escaping=underscores;q=0.5",
       protobuf + ";escaping=allow-utf-8;q=0.6," + open_metrics + ";escaping=underscores;q=0.5"},
      // What nobody here can read is not asked for.
      {"application/openmetrics-text;version=2.0.0," + text, text},
      {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
       text},
  };
  for (const auto& [accept, asked] : rows) EXPECT_EQ(AcceptForUpstream(accept), asked) << accept;
}

}  // namespace
}  // namespace metrishift::http
