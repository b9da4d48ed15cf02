// HTTPS, users and headers by a web configuration, from outside.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "exporter/http/basic_auth.h"
#include "exporter/http/relay.h"
#include "tests/exporter/http/fake_upstream.h"
#include "tests/exporter/http/test_certificates.h"
#include "tests/exporter/http/test_client.h"
#include "tests/exporter/http/test_server.h"

namespace metrishift::http {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPair =
    "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";
constexpr const char* kUsers =  // alice:U*U
    "basic_auth_users: {alice: $2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW}\n";

// Of this process.
std::vector<int> ListeningPorts() {
  std::vector<int> ports;
  for (int fd = 0; fd < 1024; ++fd) {
    int listens = 0;
    socklen_t size = sizeof listens;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) continue;
    sockaddr_in address{};
    size = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    ports.push_back(ntohs(address.sin_port));
  }
  return ports;
}

class TlsTest : public testing::Test {
 protected:
  TlsTest() : authority_(MakeCertificate("authority", "", nullptr)) {
    upstream_.SetReply(WholeReply("new 1\n"));
    folder_.Write("ca.pem", authority_.CertificatePem());
    WritePair("server", "IP:127.0.0.1,IP:::1", &authority_);
  }

  void WritePair(const std::string& name, const std::string& sans, const TestCertificate* issuer) {
    const TestCertificate made = MakeCertificate(name, sans, issuer);
    folder_.Write(name + ".pem", made.CertificatePem());
    folder_.Write(name + ".key", made.KeyPem());
  }

  void Start(const std::string& web, Options options = {}) {
    options.web_config_file = folder_.Write("web.yml", web);
    exporter_.emplace(upstream_.url(), options);
  }

  ClientOptions Https(const std::string& certificate = "") const {
    ClientOptions options;
    options.ca_file = folder_.Path("ca.pem");
    if (certificate.empty()) return options;
    options.cert_file = folder_.Path(certificate + ".pem");
    options.key_file = folder_.Path(certificate + ".key");
    return options;
  }

  ClientResult Scrape(const ClientOptions& options) {
    return Get(exporter_->port(), "/metrics", options);
  }

  const TestFolder folder_;
  const TestCertificate authority_;
  FakeUpstream upstream_;
  std::optional<TestServer> exporter_;
};

TEST_F(TlsTest, AScrape) {
  Start(kPair);
  const ClientResult result = Scrape(Https());
  EXPECT_EQ(result.code, CURLE_OK);
  EXPECT_EQ(result.status, 200);
  EXPECT_THAT(result.body, EndsWith("old 1\n"));
  // In plain it is not served.
  EXPECT_NE(Scrape({}).code, CURLE_OK);
}

TEST_F(TlsTest, ABodyThatIsCutShows) {
  Start(kPair);
  upstream_.SetReply(
      {"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
       "Content-Length: 100\r\n\r\nnew 1\n",
       milliseconds(0), ""});
  EXPECT_NE(Scrape(Https()).code, CURLE_OK);
}

TEST_F(TlsTest, LargeBodiesAreWhole) {
  Start(kPair);
  std::string body;
  for (int i = 0; body.size() < (size_t{20} << 20U); ++i)
    body += "x{i=\"" + std::to_string(i) + "\"} 1\n";
  upstream_.SetReply(WholeReply(body));
  const ClientResult result = Scrape(Https());
  EXPECT_EQ(result.code, CURLE_OK);
  EXPECT_TRUE(result.body == body) << result.body.size();
}

TEST_F(TlsTest, Versions) {
  Start(std::string(kPair) + "  min_version: TLS13\n");
  ClientOptions options = Https();
  options.tls_versions = long{CURL_SSLVERSION_TLSv1_2} | long{CURL_SSLVERSION_MAX_TLSv1_2};
  EXPECT_EQ(Scrape(options).code, CURLE_SSL_CONNECT_ERROR);
  options.tls_versions = CURL_SSLVERSION_TLSv1_3;
  EXPECT_EQ(Scrape(options).status, 200);
  exporter_.reset();
  Start(std::string(kPair) + "  max_version: TLS12\n");
  EXPECT_EQ(Scrape(options).code, CURLE_SSL_CONNECT_ERROR);
  options.tls_versions = CURL_SSLVERSION_TLSv1_2;
  EXPECT_EQ(Scrape(options).status, 200);
}

TEST_F(TlsTest, ClientCertificates) {
  const TestCertificate other = MakeCertificate("other", "", nullptr);
  WritePair("client", "DNS:one,IP:10.0.0.1", &authority_);
  WritePair("stranger", "DNS:one,IP:10.0.0.1", &other);
  struct Row {
    std::string type;
    bool none, stranger, client;
  };
  const std::string ca = "\n  client_ca_file: ca.pem";
  for (const Row& row : std::vector<Row>{
           {"NoClientCert", true, true, true},
           {"RequestClientCert", true, true, true},
           {"RequireAnyClientCert", false, true, true},
           {"VerifyClientCertIfGiven" + ca, true, false, true},
           {"RequireAndVerifyClientCert" + ca, false, false, true},
           {"RequireAndVerifyClientCert" + ca + "\n  client_allowed_sans: [10.0.0.1]", false, false,
            true},
           {"RequireAndVerifyClientCert" + ca + "\n  client_allowed_sans: [two, one]", false, false,
            true},
           {"RequireAndVerifyClientCert" + ca + "\n  client_allowed_sans: [two]", false, false,
            false},
       }) {
    Start(std::string(kPair) + "  client_auth_type: " + row.type + "\n");
    const size_t asked = upstream_.requests().size();
    EXPECT_EQ(Scrape(Https()).status == 200, row.none) << row.type;
    EXPECT_EQ(Scrape(Https("stranger")).status == 200, row.stranger) << row.type;
    EXPECT_EQ(Scrape(Https("client")).status == 200, row.client) << row.type;
    EXPECT_EQ(upstream_.requests().size() - asked,
              static_cast<size_t>(row.none + row.stranger + row.client))
        << row.type;
    exporter_.reset();
  }
}

// More than a read takes: what is left of a record in OpenSSL does not wake anybody.
TEST_F(TlsTest, HeadsOfManyKilobytesAreAnswered) {
  Start(kPair);
  for (const size_t size : {3000, 9000, 14000}) {
    ClientOptions options = Https();
    options.headers = {"X-Long: " + std::string(size, 'x')};
    EXPECT_EQ(Scrape(options).status, size < 4096 ? 200 : 400) << size;
  }
}

TEST_F(TlsTest, CertificatesAreExchangedWhileItRuns) {
  Start(kPair);
  EXPECT_EQ(Scrape(Https()).status, 200);
  const TestCertificate next = MakeCertificate("next", "", nullptr);
  const TestCertificate server = MakeCertificate("server", "IP:127.0.0.1", &next);
  folder_.Write("next.pem", next.CertificatePem());
  ClientOptions by_next = Https();
  by_next.ca_file = folder_.Path("next.pem");
  folder_.Write("server.pem", server.CertificatePem());
  EXPECT_EQ(Scrape(Https()).status, 200) << "between certificate and key the old ones serve";
  folder_.Write("server.key", server.KeyPem());
  EXPECT_EQ(Scrape(by_next).status, 200);
  EXPECT_EQ(Scrape(Https()).code, CURLE_PEER_FAILED_VERIFICATION);
  const std::string log = exporter_->StopAndTakeLog();
  EXPECT_THAT(log, HasSubstr("the old one stays"));
  EXPECT_THAT(log, HasSubstr("was read again"));
}

// One handshake for many scrapes, each of them whole; but none beyond the certificates of its time.
TEST_F(TlsTest, ConnectionsAreKeptUntilCertificatesChange) {
  Start(kPair);
  ClientOptions options = Https();
  options.kept.reset(curl_easy_init(), curl_easy_cleanup);
  for (int i = 0; i < 20; ++i) {
    options.head = i % 5 == 4;
    const ClientResult result = Scrape(options);
    EXPECT_EQ(result.code, CURLE_OK);
    EXPECT_EQ(result.connections, i == 0 ? 1 : 0) << i;
    EXPECT_EQ(result.body.ends_with("old 1\n"), !options.head);
  }
  WritePair("server", "IP:127.0.0.1", &authority_);
  long connections = 0;  // the last response may be over before the change or after it
  for (int i = 0; i < 3; ++i) connections += Scrape(options).connections;
  EXPECT_EQ(connections, 1);
}

TEST_F(TlsTest, ACutBodyEndsAKeptConnection) {
  Start(kPair);
  ClientOptions options = Https();
  options.kept.reset(curl_easy_init(), curl_easy_cleanup);
  EXPECT_EQ(Scrape(options).code, CURLE_OK);
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: 100\r\n\r\n";
  upstream_.SetReply({head + "new 1\n", milliseconds(300)});
  const ClientResult cut = Scrape(options);
  EXPECT_NE(cut.code, CURLE_OK);
  EXPECT_EQ(cut.connections, 0);
  upstream_.SetReply(WholeReply("new 1\n"));
  EXPECT_EQ(Scrape(options).connections, 1);
}

// rate_limit of exporter-toolkit is for all requests together, before anybody's password is looked
// at; it is lifted as everything else in that file changes.
TEST_F(TlsTest, RateLimit) {
  Start("rate_limit: {interval: 1h, burst: 3}\n" + std::string(kUsers));
  ClientOptions known;
  known.user = "alice:U*U";
  EXPECT_EQ(Scrape({}).status, 401);
  EXPECT_EQ(Scrape(known).status, 200);
  EXPECT_EQ(Get(exporter_->port(), "/-/healthy", known).status, 200);
  const ClientResult refused = Scrape(known);
  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.head, HasSubstr("429 Too Many Requests\r\n"));
  EXPECT_THAT(refused.head, HasSubstr("Retry-After: 3600\r\n"));
  EXPECT_EQ(Get(exporter_->port(), "/nowhere", known).status, 429);
  folder_.Write("web.yml", "");
  EXPECT_EQ(Scrape({}).status, 200);
  const std::string metrics = exporter_->OwnMetrics();
  EXPECT_THAT(metrics, HasSubstr("limits_reached_total{limit=\"rate_limit\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("code=\"429\",outcome=\"busy\",route=\"/metrics\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("code=\"401\",outcome=\"unauthorized\",route=\"/metrics\"} 1\n"));
  const std::string log = exporter_->StopAndTakeLog();
  EXPECT_THAT(log, HasSubstr("rate_limit in --web.config.file"));
  EXPECT_THAT(log, HasSubstr("A client of 127.0.0.1 has no right password."));
}

TEST_F(TlsTest, Users) {
  Start(std::string(kPair) + kUsers);
  const size_t asked = upstream_.requests().size();
  ClientOptions options = Https();
  for (const char* user : {"", "alice:x", "bob:U*U", ":"}) {
    options.user = user;
    for (const char* path : {"/metrics", "/", "/-/metrics", "/-/healthy", "/api/v1/status", "/x"}) {
      const ClientResult result = Get(exporter_->port(), path, options);
      EXPECT_EQ(result.status, 401) << user << path;
      EXPECT_THAT(result.head, HasSubstr("\r\nWWW-Authenticate: Basic realm=")) << user;
    }
  }
  EXPECT_EQ(upstream_.requests().size(), asked);
  options.user = "alice:U*U";
  EXPECT_EQ(Scrape(options).status, 200);
  EXPECT_EQ(Get(exporter_->port(), "/x", options).status, 404);
  // The client's password is not the upstream's business.
  for (const std::string& request : upstream_.requests())
    EXPECT_THAT(request, Not(HasSubstr("Authorization")));
}

TEST_F(TlsTest, UsersAndHeadersAreExchangedWhileItRuns) {
  Start(kUsers);
  ClientOptions options;
  options.user = "alice:U*U";
  EXPECT_EQ(Scrape(options).status, 200);
  EXPECT_EQ(Scrape({}).status, 401);
  folder_.Write("web.yml", "http_server_config: {headers: {X-Frame-Options: deny}}\n");
  const ClientResult result = Scrape({});
  EXPECT_EQ(result.status, 200);
  EXPECT_THAT(result.head, HasSubstr("\r\nX-Frame-Options: deny\r\n"));
  EXPECT_THAT(Get(exporter_->port(), "/x").head, HasSubstr("\r\nX-Frame-Options: deny\r\n"));
  EXPECT_THAT(Exchange(exporter_->port(), "nonsense\r\n\r\n"), HasSubstr("X-Frame-Options: deny"));
  folder_.Write("web.yml", "nonsense: 1\n");
  EXPECT_EQ(Scrape({}).status, 200);
  EXPECT_THAT(exporter_->OwnMetrics(), HasSubstr("config_last_reload_successful 0\n"));
  EXPECT_THAT(exporter_->server().ReloadWeb(), HasSubstr("web.yml:1:1: error: unknown key"));
  folder_.Write("web.yml", kPair);
  EXPECT_EQ(Scrape({}).status, 200) << "TLS is not switched on while it runs";
  folder_.Write("web.yml", kUsers);
  EXPECT_EQ(Scrape({}).status, 401);
}

TEST_F(TlsTest, ManyAtOnce) {
  WritePair("client", "DNS:one", &authority_);
  Options options;
  options.max_requests = 64;
  Start(std::string(kPair) + "  client_auth_type: RequireAndVerifyClientCert\n" +
            "  client_ca_file: ca.pem\n" + kUsers,
        options);
  std::string body;
  for (int i = 0; i < 3000; ++i) body += "x{i=\"" + std::to_string(i) + "\"} 1\n";
  upstream_.SetReply(WholeReply(body + "new 1\n"));
  const std::string expected =
      body +
      "new 1\n# HELP old Deprecated: use new instead; this name is gone from version 3.5.0 "
      "on.\nold 1\n";
  std::atomic<int> whole = 0;
  ClientOptions client = Https("client");
  client.user = "alice:U*U";
  EXPECT_EQ(Scrape(client).status, 200);  // from now on the password is known
  std::vector<std::jthread> clients;
  for (int i = 0; i < 50; ++i)
    clients.emplace_back([&] { whole += Scrape(client).body == expected ? 1 : 0; });
  clients.clear();
  EXPECT_EQ(whole, 50);
}

// One line a minute for each reason, and none for those who only look whether somebody listens.
TEST_F(TlsTest, FailedHandshakesAreSaidOnce) {
  Start(std::string(kPair) +
        "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n");
  close(Connect(exporter_->port(), ""));
  for (int i = 0; i < 5; ++i) EXPECT_NE(Scrape(Https()).code, CURLE_OK);
  const std::string log = exporter_->StopAndTakeLog();
  const size_t first = log.find("A TLS connection failed.");
  ASSERT_NE(first, log.npos) << log;
  EXPECT_EQ(log.find("A TLS connection failed.", first + 1), log.npos) << log;
  EXPECT_THAT(log, HasSubstr("reason=\"peer did not return a certificate\" client=127.0.0.1\n"));
}

// The port between relay and civetweb is on this machine for whoever finds it.
TEST_F(TlsTest, NobodyGetsPastTheHandshake) {
  Start(kPair);
  const size_t asked = upstream_.requests().size();
  const std::vector<int> ports = ListeningPorts();
  ASSERT_EQ(ports.size(), 3U) << "the upstream's, the relay's, civetweb's";
  for (const int port : ports) {
    if (port == exporter_->port() || port == upstream_.port()) continue;
    EXPECT_EQ(Exchange(port, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), "");
    EXPECT_EQ(Exchange(port, "GET http://x/metrics HTTP/1.1\r\nHost: x\r\n\r\n"), "");
  }
  EXPECT_EQ(upstream_.requests().size(), asked);
}

// Hundreds that never finish their handshake take no thread of those who scrape.
TEST_F(TlsTest, SlowClientsHoldNobodyUp) {
  Options options;
  options.max_requests = 1;
  options.client_patience = milliseconds(1500);
  Start(kPair, options);
  std::vector<std::unique_ptr<StuckClient>> slow;
  for (int i = 0; i < 200; ++i)
    slow.push_back(std::make_unique<StuckClient>(exporter_->port(), i % 2 == 0 ? "" : "\x16\x03"));
  const ClientResult result = Scrape(Https());
  EXPECT_EQ(result.status, 200);
  // And more than it takes wait until these are given up.
  for (int i = 0; i < 100; ++i)
    slow.push_back(std::make_unique<StuckClient>(exporter_->port(), ""));
  EXPECT_EQ(Scrape(Https()).status, 200);
}

// Nor do those for whom there is no place left, however patient it is with them.
TEST_F(TlsTest, NewClientsGetThePlacesOfSlowOnes) {
  Options options;
  options.client_patience = milliseconds(600'000);
  Start(kPair, options);
  std::vector<std::unique_ptr<StuckClient>> slow;
  for (size_t i = 0; i < Relay::kMostConnections + 20; ++i)
    slow.push_back(std::make_unique<StuckClient>(exporter_->port(), ""));
  EXPECT_EQ(Scrape(Https()).status, 200);
}

// One address that guesses keeps nobody else from proving who he is; through the relay all come
// from this machine, and must not pass for one.
TEST_F(TlsTest, GuessersAreToldApart) {
  Start(
      std::string(kPair) +
      // bcrypt's cost is 12: some 200 ms.
      "basic_auth_users: {guide: $2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay}\n");
  std::atomic<int> busy = 0;
  std::vector<std::jthread> guessers;
  for (int i = 0; i < 3 * PasswordChecker::kMostWaiting; ++i) {
    guessers.emplace_back([this, i, &busy] {
      ClientOptions guess = Https();
      guess.user = "guide:" + std::to_string(i);
      busy += Scrape(guess).status == 503 ? 1 : 0;
    });
  }
  while (busy == 0) std::this_thread::sleep_for(milliseconds(5));
  ClientOptions right = Https();
  right.user = "guide:test";
  right.source = "127.0.0.2";
  EXPECT_EQ(Scrape(right).status, 200);
}

}  // namespace
}  // namespace metrishift::http
