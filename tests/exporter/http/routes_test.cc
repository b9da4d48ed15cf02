// Several routes by a configuration file, reading it again, and what is said of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "exporter/http/config_file.h"
#include "tests/exporter/http/fake_upstream.h"
#include "tests/exporter/http/test_client.h"
#include "tests/exporter/http/test_server.h"

namespace metrishift::http {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class Folder {
 public:
  Folder() {
    std::string name = testing::TempDir() + "routes-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }
  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(ConfigFile, EveryKey) {
  const Folder folder;
  const ConfigFile config = ReadConfigFile(folder.Write("config.yml", R"(
routes:
  - path: /metrics/etcd
    upstream: https://127.0.0.1:2379/metrics
    mapping: [etcd-3.5, tables/own.yaml]
    direction: both
    unix_socket: run/etcd.sock
    tls_config: {ca_file: ca.pem, cert_file: /etc/c.pem, key_file: k.pem, insecure_skip_verify: true}
    bearer_token_file: token
    follow_redirects: true
    allow_unframed: true
    scrape_timeout: 2.5
    timeout_offset: 0
    limits: {line_bytes: 4096, message_bytes: 2, alias_bytes: 3, families: 4, inflated_bytes: 5,
             inflate_ratio: 6}
  - {path: /metrics/node, upstream: "http://h:9100/metrics", mapping: [etcd-3.5], basic_auth_file: user}
)"));
  ASSERT_THAT(config.error, IsEmpty());
  ASSERT_EQ(config.routes.size(), 2U);
  const Route& etcd = config.routes[0];
  EXPECT_EQ(etcd.path, "/metrics/etcd");
  EXPECT_EQ(etcd.upstream.url, "https://127.0.0.1:2379/metrics");
  EXPECT_THAT(etcd.mappings, testing::ElementsAre("etcd-3.5", folder.path() + "/tables/own.yaml"));
  EXPECT_EQ(etcd.direction, exposition::Direction::kBoth);
  EXPECT_EQ(etcd.upstream.unix_socket, folder.path() + "/run/etcd.sock");
  EXPECT_EQ(etcd.upstream.ca_file, folder.path() + "/ca.pem");
  EXPECT_EQ(etcd.upstream.cert_file, "/etc/c.pem");
  EXPECT_EQ(etcd.upstream.key_file, folder.path() + "/k.pem");
  EXPECT_TRUE(etcd.upstream.insecure_skip_verify);
  EXPECT_EQ(etcd.upstream.bearer_token_file, folder.path() + "/token");
  EXPECT_TRUE(etcd.upstream.follow_redirects);
  EXPECT_TRUE(etcd.allow_unframed);
  EXPECT_EQ(etcd.scrape_timeout.count(), 2500);
  EXPECT_EQ(etcd.timeout_offset.count(), 0);
  EXPECT_EQ(etcd.limits.max_line_bytes, 4096U);
  EXPECT_EQ(etcd.limits.max_inflate_ratio, 6U);
  const Route& node = config.routes[1];
  EXPECT_EQ(node.upstream.basic_auth_file, folder.path() + "/user");
  EXPECT_EQ(node.scrape_timeout, Route().scrape_timeout);
  EXPECT_FALSE(node.upstream.follow_redirects);
}

TEST(ConfigFile, MistakesHaveTheirPlace) {
  const Folder folder;
  const std::string good = "path: /m, upstream: \"http://h/m\", mapping: [etcd-3.5]";
  const std::pair<std::string, std::string> rows[] = {
      {"", "configuration"},
      {"routes: []", "1:"},
      {"a: b", "\"a\""},
      {"routes: [{" + good + ", nonsense: 1}]", "\"nonsense\""},
      {"routes: [{path: /m, upstream: \"http://h/m\"}]",
       "1:10: error: a route lacks the key "
       "\"mapping\""},
      {"routes: [{path: /m, mapping: [a]}]", "lacks the key \"upstream\""},
      {"routes: [{upstream: \"http://h/m\", mapping: [a]}]", "lacks the key \"path\""},
      {"routes: [{" + good + "}, {" + good + "}]", "two routes have this path"},
      {"routes: [{path: m, upstream: \"http://h/m\", mapping: [a]}]", "the path must start with /"},
      {"routes: [{path: /-/ready, upstream: \"http://h/m\", mapping: [a]}]", "of the exporter"},
      {"routes: [{path: /m, upstream: \"ftp://h/m\", mapping: [a]}]", "the upstream must start"},
      {"routes: [{path: /m, upstream: \"file:///etc/passwd\", mapping: [a]}]",
       "a file can only be named on the command line"},
      {"routes: [{" + good + ", direction: up}]", "the direction is"},
      {"routes: [{" + good + ", scrape_timeout: -1}]", "no seconds"},
      {"routes: [{" + good + ", scrape_timeout: 601}]", "no seconds"},
      {"routes: [{" + good + ", limits: {line_bytes: 0}}]", "whole number"},
      {"routes: [{" + good + ", limits: {line_bytes: 1.5}}]", "whole number"},
      {"routes: [{" + good + ", tls_config: {cert_file: a}}]", "needs its key"},
      {"routes: [{" + good + ", bearer_token_file: a, basic_auth_file: b}]",
       "1:10: error: a route has one of"},
      {"routes: [{path: \"/m\xc3\xbc\", upstream: \"http://h/m\", mapping: [a]}]", "a plain path"},
      {"routes: [{" + good + "}]\n---\nroutes: []", "one document"},
      {"routes: [", "error"},
  };
  for (const auto& [text, part] : rows) {
    const std::string path = folder.Write("config.yml", text);
    const ConfigFile config = ReadConfigFile(path);
    EXPECT_THAT(config.error, HasSubstr(part)) << text;
    EXPECT_THAT(config.routes, IsEmpty());
  }
  // Tables are read after it, and what is wrong with them begins with where it names them.
  const std::string path = folder.Write(
      "config.yml", "routes:\n- {path: /m, upstream: \"http://h/m\", mapping: [nonsense]}");
  std::string error;
  EXPECT_EQ(LoadRoutes(ReadConfigFile(path).routes, &error), nullptr);
  EXPECT_THAT(error, StartsWith(path + ":2:47: error: these tables cannot be used\n"));
  EXPECT_THAT(error, HasSubstr("\"nonsense\" is neither"));
  EXPECT_THAT(ReadConfigFile("/nonexistent").error, HasSubstr("No such file"));
}

RouteSet* MakeSet(std::initializer_list<std::pair<const char*, std::string>> rows) {
  auto* set = new RouteSet;
  for (const auto& [path, url] : rows) {
    Route route;
    route.path = path;
    route.upstream.url = url;
    set->scrapers.push_back(std::make_unique<Scraper>(route, OldAndNew()));
  }
  return set;
}

TEST(Routes, EachHasItsUpstream) {
  FakeUpstream one;
  FakeUpstream two;
  one.SetReply(WholeReply("new 1\n"));
  two.SetReply(WholeReply("new 2\n"));
  TestServer exporter(one.url());
  exporter.server().SetRoutes(
      std::shared_ptr<const RouteSet>(MakeSet({{"/a", one.url()}, {"/b", two.url()}})));
  EXPECT_THAT(Get(exporter.port(), "/a").body, HasSubstr("\nold 1\n"));
  EXPECT_THAT(Get(exporter.port(), "/b").body, HasSubstr("\nold 2\n"));
  EXPECT_EQ(Get(exporter.port(), "/metrics").status, 404);
  EXPECT_THAT(exporter.OwnMetrics(), HasSubstr("outcome=\"translated\",route=\"/b\"} 1\n"));
}

// A gauge of a route that is gone would say for ever what was last known of it.
TEST(Routes, ThoseThatAreGoneHaveNoGauge) {
  FakeUpstream upstream;
  upstream.SetReply(WholeReply("other 1\n"));
  TestServer exporter(upstream.url());
  EXPECT_EQ(Get(exporter.port(), "/metrics").status, 200);
  EXPECT_THAT(exporter.OwnMetrics(), HasSubstr("mapping_unused{route=\"/metrics\"} 1\n"));
  exporter.server().SetRoutes(std::shared_ptr<const RouteSet>(MakeSet({{"/b", upstream.url()}})));
  EXPECT_EQ(Get(exporter.port(), "/b").status, 200);
  const std::string metrics = exporter.OwnMetrics();
  EXPECT_THAT(metrics, HasSubstr("mapping_unused{route=\"/b\"} 1\n"));
  EXPECT_THAT(metrics, Not(HasSubstr("mapping_unused{route=\"/metrics\"}")));
}

// A scrape ends by the configuration that it began with.
TEST(Routes, AReloadDoesNotCutScrapes) {
  FakeUpstream slow;
  slow.SetReply(
      {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nnew", std::chrono::milliseconds(400), " 1\n"});
  TestServer exporter(slow.url());
  ClientResult result;
  std::thread client([&] { result = Get(exporter.port(), "/metrics"); });
  while (slow.requests().empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  exporter.server().SetRoutes(std::shared_ptr<const RouteSet>(MakeSet({{"/b", slow.url()}})));
  client.join();
  EXPECT_EQ(result.code, CURLE_OK);
  EXPECT_THAT(result.body, HasSubstr("\nold 1\n"));
  EXPECT_EQ(Get(exporter.port(), "/metrics").status, 404);
}

TEST(Routes, ReloadByRequest) {
  FakeUpstream upstream;
  Options options;
  options.enable_lifecycle = true;
  std::string why;
  int reloads = 0;
  TestServer exporter(upstream.url(), options, OldAndNew(), [&](Server& server) {
    ++reloads;
    server.RecordReload(why.empty());
    return why;
  });
  const std::string post = "POST /-/reload HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_THAT(Exchange(exporter.port(), post), HasSubstr("HTTP/1.1 200 "));
  EXPECT_THAT(Exchange(exporter.port(),
                       "PUT /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: "
                       "0\r\n\r\n"),
              HasSubstr("HTTP/1.1 200 "));
  EXPECT_THAT(exporter.OwnMetrics(), HasSubstr("config_last_reload_successful 1\n"));
  why = "config.yml:1:1: error: no good";
  const std::string refused = Exchange(exporter.port(), post);
  EXPECT_THAT(refused, HasSubstr("HTTP/1.1 500 "));
  EXPECT_THAT(refused, HasSubstr(why));
  EXPECT_THAT(exporter.OwnMetrics(), HasSubstr("config_last_reload_successful 0\n"));
  EXPECT_EQ(reloads, 3);
  const std::string get = Exchange(exporter.port(), "GET /-/reload HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(get, HasSubstr("HTTP/1.1 405 "));
  EXPECT_THAT(get, HasSubstr("\r\nAllow: POST, PUT\r\n"));
  EXPECT_THAT(Exchange(exporter.port(),
                       "POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: "
                       "1\r\n\r\nx"),
              HasSubstr("HTTP/1.1 400 "));
  EXPECT_EQ(reloads, 3);
}

TEST(Routes, ReloadByRequestIsOffUnlessToldOtherwise) {
  FakeUpstream upstream;
  int reloads = 0;
  TestServer exporter(upstream.url(), {}, OldAndNew(), [&](Server&) {
    ++reloads;
    return std::string();
  });
  EXPECT_THAT(Exchange(exporter.port(), "POST /-/reload HTTP/1.1\r\nHost: x\r\n\r\n"),
              HasSubstr("HTTP/1.1 403 "));
  EXPECT_EQ(reloads, 0);
}

TEST(Status, OfEachRoute) {
  FakeUpstream upstream;
  TestServer exporter(upstream.url(), {}, exposition::TestMapping({{"old", "new"}, {"gone", "x"}}));
  const auto status = [&] {
    return nlohmann::json::parse(Get(exporter.port(), "/api/v1/status").body)["data"]["routes"][0];
  };
  nlohmann::json before = status();
  EXPECT_EQ(before["scrapes"], 0);
  EXPECT_TRUE(before["lastScrape"].is_null());
  upstream.SetReply(WholeReply("new 1\nnew{a=\"b\"} 2\n"));
  Get(exporter.port(), "/metrics");
  exporter.server().WaitUntilIdle(std::chrono::milliseconds(1000));
  nlohmann::json after = status();
  EXPECT_EQ(after["path"], "/metrics");
  EXPECT_EQ(after["upstream"], upstream.url());
  EXPECT_EQ(after["lastScrape"]["outcome"], "translated");
  EXPECT_EQ(after["lastScrape"]["upstreamBytes"], 19);
  EXPECT_EQ(after["added"][0]["name"], "old");
  EXPECT_EQ(after["added"][0]["source"], "new");
  EXPECT_EQ(after["added"][0]["samples"], 2);
  EXPECT_EQ(after["unused"], nlohmann::json::array({"gone"}));
  EXPECT_THAT(exporter.OwnMetrics(), HasSubstr("mapping_unused{route=\"/metrics\"} 1\n"));

  upstream.SetReply(WholeReply("new 1\nold 2\n"));
  Get(exporter.port(), "/metrics");
  exporter.server().WaitUntilIdle(std::chrono::milliseconds(1000));
  EXPECT_EQ(status()["suppressed"][0]["name"], "old");
  upstream.SetReply({"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"});
  Get(exporter.port(), "/metrics");
  exporter.server().WaitUntilIdle(std::chrono::milliseconds(1000));
  EXPECT_EQ(status()["lastScrape"]["outcome"], "upstream_status");
  EXPECT_EQ(status()["suppressed"][0]["name"], "old");  // what is known stays
}

TEST(Status, PagesEscapeWhatComesFromOutside) {
  RouteStatus route;
  route.path = "/<path>";
  route.upstream = "http://h/\"<u>\"";
  route.tables = {"<tables> & more"};
  route.scrapes = 1;
  route.last.outcome = ScrapeOutcome::kUpstreamUnfit;
  route.last.message = "redirects to <script>alert(1)</script>\xff";
  route.aliases.push_back({"<old>", "<new>", exposition::AliasOutcome::kAdded, {}, 1, 2});
  route.aliases.push_back({"<own>", "<new>", exposition::AliasOutcome::kSuppressed, {}, 1, 2});
  route.aliases.push_back({"<not>", "<new>", exposition::AliasOutcome::kImpossible, {}, 1, 2});
  route.unused = {"<unused>", "a_\"<x>'"};
  const std::string page = LandingPage({route});
  for (const char* bad : {"<path>", "<u>", "<tables>", "<script>", "<old>", "<new>", "<own>",
                          "<not>", "<unused>", "<x>"})
    EXPECT_THAT(page, Not(HasSubstr(bad)));
  EXPECT_THAT(page, HasSubstr("a_<wbr>&quot;&lt;x&gt;&#39;</code>"));
  // Each list says how long it is.
  for (const char* heading : {"Added", "Suppressed", "Impossible"})
    EXPECT_THAT(page, HasSubstr(std::string("<h3>") + heading + " <span class=\"dim\">1</span>"));
  EXPECT_THAT(page, HasSubstr("<h3>Unused <span class=\"dim\">2</span>"));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_TRUE(nlohmann::json::accept(StatusJson({route})));
  EXPECT_THAT(page, Not(HasSubstr("<details>")));
  route.unused.assign(30, "name");
  EXPECT_THAT(LandingPage({route}),
              HasSubstr("<details><summary>Show them</summary><p><code>name"));
}

// Secrets are read for each scrape: whoever rotates them needs no reload.
TEST(Credentials, AreReadAgain) {
  const Folder folder;
  FakeUpstream upstream;
  upstream.SetReply(WholeReply("new 1\n"));
  Options options;
  options.route.upstream.bearer_token_file = folder.Write("token", "first\n");
  TestServer exporter(upstream.url(), options);
  for (int i = 0; i < 3; ++i) {  // the later ones on the connection of the first
    EXPECT_EQ(Get(exporter.port(), "/metrics").status, 200);
    EXPECT_THAT(upstream.requests().back(), HasSubstr("\r\nAuthorization: Bearer first\r\n"));
  }
  folder.Write("token", "second");
  EXPECT_EQ(Get(exporter.port(), "/metrics").status, 200);
  EXPECT_THAT(upstream.requests().back(), HasSubstr("\r\nAuthorization: Bearer second\r\n"));
  const size_t asked = upstream.requests().size();
  for (const char* bad : {"", "a\r\nX: y", "\n"}) {
    folder.Write("token", bad);
    const ClientResult result = Get(exporter.port(), "/metrics");
    EXPECT_EQ(result.status, 502);
    EXPECT_THAT(result.body, HasSubstr("does not hold one line"));
  }
  std::filesystem::remove(options.route.upstream.bearer_token_file);
  EXPECT_THAT(Get(exporter.port(), "/metrics").body, HasSubstr("No such file"));
  EXPECT_EQ(upstream.requests().size(), asked);
}

TEST(Credentials, BasicAuth) {
  const Folder folder;
  FakeUpstream upstream;
  upstream.SetReply(WholeReply("new 1\n"));
  Options options;
  options.route.upstream.basic_auth_file = folder.Write("user", "x:y:z\n");
  TestServer exporter(upstream.url(), options);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Get(exporter.port(), "/metrics").status, 200);
    EXPECT_THAT(upstream.requests().back(), HasSubstr("\r\nAuthorization: Basic eDp5Ono=\r\n"));
  }
  folder.Write("user", "x\n");
  const ClientResult result = Get(exporter.port(), "/metrics");
  EXPECT_EQ(result.status, 502);
  EXPECT_THAT(result.body, HasSubstr("does not hold USER:PASSWORD"));
}

}  // namespace
}  // namespace metrishift::http
