#include "exporter/http/web_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

#include "exporter/http/file_stamp.h"
#include "exporter/http/web_settings.h"
#include "tests/exporter/http/test_certificates.h"

namespace metrishift::http {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kHash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

class WebConfigTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    const TestCertificate one = MakeCertificate("one", "IP:127.0.0.1", nullptr);
    const TestCertificate other = MakeCertificate("other", "IP:127.0.0.1", nullptr);
    folder_->Write("one.pem", one.CertificatePem());
    folder_->Write("one.key", one.KeyPem());
    folder_->Write("other.key", other.KeyPem());
    folder_->Write("empty.pem", "");
    const std::string pem = one.CertificatePem();
    folder_->Write("damaged.pem", pem + pem.substr(0, pem.size() / 2));
    inline_ = new std::string("tls_server_config:\n  cert: |\n" + Indented(one.CertificatePem()) +
                              "  key: |\n" + Indented(one.KeyPem()));
  }
  static void TearDownTestSuite() {
    delete inline_;
    delete folder_;
  }

  static WebConfigFile Read(const std::string& text) {
    return ReadWebConfig(folder_->Write("web.yml", text));
  }
  static std::string Indented(const std::string& text) {
    std::string out = "    ";
    for (const char c : text.substr(0, text.size() - 1))
      out.append(1, c).append(c == '\n' ? 4 : 0, ' ');
    return out + "\n";
  }

  static inline TestFolder* folder_ = nullptr;
  static inline std::string* inline_ = nullptr;
};

constexpr const char* kPair = "tls_server_config:\n  cert_file: one.pem\n  key_file: one.key\n";

// A file that could not be read may become readable without being written.
TEST_F(WebConfigTest, StampsSeeModes) {
  const std::vector<std::string> paths = {folder_->Path("one.key")};
  const std::string before = StampOf(paths);
  std::filesystem::permissions(paths[0], std::filesystem::perms::owner_read);
  EXPECT_NE(StampOf(paths), before);
}

TEST_F(WebConfigTest, Taken) {
  const std::string pair = kPair;
  const std::vector<std::pair<std::string, bool>> rows = {
      {"", false},
      {"# nothing\n", false},
      {pair, true},
      {*inline_, true},
      {pair + "  min_version: TLS13\n  max_version: TLS13\n", true},
      {pair + "  client_auth_type: NoClientCert\n", true},
      {pair + "  client_auth_type: RequestClientCert\n", true},
      {pair + "  client_auth_type: RequireClientCert\n", true},
      {pair + "  client_auth_type: RequireAnyClientCert\n", true},
      {pair + "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: one.pem\n", true},
      {pair + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: one.pem\n"
              "  client_allowed_sans: [one, 10.0.0.1]\n",
       true},
      {pair + "  cipher_suites: [TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305, TLS_AES_128_GCM_SHA256]\n",
       true},
      {pair + "  curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]\n", true},
      {pair + "  prefer_server_cipher_suites: false\nhttp_server_config: {http2: true}\n", true},
      {std::string("basic_auth_users: {alice: ") + kHash + ", \"\": " + kHash + "}\n", false},
      {"http_server_config: {headers: {X-Frame-Options: deny, X-XSS-Protection: 1}}\n", false},
      {"http_server_config:\n  headers:\n    X-Content-Type-Options: nosniff\n"
       "    Strict-Transport-Security: max-age=31536000; includeSubDomains\n"
       "    Content-Security-Policy: \"default-src 'self' *.example.net\"\n",
       false},
  };
  for (const auto& [text, tls] : rows) {
    const WebConfigFile file = Read(text);
    EXPECT_THAT(file.error, IsEmpty()) << text;
    ASSERT_NE(file.config, nullptr) << text;
    EXPECT_EQ(file.config->tls != nullptr, tls) << text;
  }
}

TEST_F(WebConfigTest, WhatItHolds) {
  const WebConfigFile file =
      Read(std::string(kPair) + "http_server_config: {headers: {X-Frame-Options: deny}}\n" +
           "basic_auth_users: {alice: " + kHash + "}\n");
  ASSERT_NE(file.config, nullptr) << file.error;
  EXPECT_EQ(file.config->header_lines, "X-Frame-Options: deny\r\n");
  EXPECT_EQ(file.config->users.at("alice"), kHash);
  EXPECT_THAT(file.files, testing::ElementsAre(folder_->Path("one.pem"), folder_->Path("one.key")));
}

// Intervals as Go's time.ParseDuration takes them.
TEST_F(WebConfigTest, RateLimit) {
  const std::vector<std::pair<std::string, double>> rows = {
      {"{interval: 1s, burst: 5}", 1},
      {"{interval: 1m30.5s, burst: 1}", 90.5},
      {"{interval: .5ms, burst: 1}", 0.0005},
      {"{interval: 20µs, burst: 1}", 0.00002},
      {"{interval: 24h, burst: 1000000000}", 86400},
      {"{interval: 0, burst: 20}", 0},
      {"{interval: 0s}", 0},
      {"{burst: 20}", 0},
      {"{}", 0},
  };
  for (const auto& [text, interval] : rows) {
    const WebConfigFile file = Read("rate_limit: " + text + "\n");
    ASSERT_NE(file.config, nullptr) << text << file.error;
    ASSERT_EQ(file.config->rate != nullptr, interval > 0) << text;
    if (interval == 0) continue;
    EXPECT_DOUBLE_EQ(file.config->rate->interval().count(), interval) << text;
  }
}

// As golang.org/x/time/rate: full at first, never more than full.
TEST(TokenBucket, Takes) {
  using std::chrono::seconds;
  TokenBucket bucket(seconds(2), 3);
  const TokenBucket::Clock::time_point start{std::chrono::hours(1)};
  const std::vector<std::pair<int, std::string>> rows = {
      {0, "yyyn"}, {1, "n"}, {2, "yn"}, {1, "n"}, {3, "n"}, {4, "yn"}, {7, "yn"}, {100, "yyyn"},
  };
  for (const auto& [second, expected] : rows) {
    std::string got;
    for (size_t i = 0; i < expected.size(); ++i)
      got += bucket.Take(start + seconds(second)) ? 'y' : 'n';
    EXPECT_EQ(got, expected) << second;
  }
}

TEST_F(WebConfigTest, Refused) {
  const std::string pair = kPair;
  const std::string hash = kHash;
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"- x\n", ":1:1: error: the web configuration must be a mapping"},
      {"tls_server_config: {\n", "error:"},
      {"a: b\n---\nc: d\n", "is one document"},
      {"rate_limits: {}\n", ":1:1: error: unknown key \"rate_limits\""},
      {"tls_server_config:\n  cert_filse: x\n", ":2:3: error: unknown key \"cert_filse\""},
      {"tls_server_config: {}\n", ":1:20: error: tls_server_config lacks cert_file"},
      {"tls_server_config:\n  cert_file: one.pem\n",
       ":2:3: error: tls_server_config lacks key_file"},
      {"tls_server_config:\n  key_file: one.key\n",
       ":2:3: error: tls_server_config lacks cert_file"},
      {"tls_server_config: {cert_file: none.pem, key_file: one.key}\n",
       ":1:32: error: cert cannot be used: " + folder_->Path("none.pem")},
      {"tls_server_config: {cert_file: one.pem, key_file: none.key}\n",
       ":1:51: error: key cannot be used: " + folder_->Path("none.key")},
      {"tls_server_config: {cert_file: empty.pem, key_file: one.key}\n", "no certificate in PEM"},
      {"tls_server_config: {cert_file: one.pem, key_file: one.pem}\n", "no key in PEM"},
      {"tls_server_config: {cert_file: one.pem, key_file: other.key}\n",
       ":1:51: error: key cannot be used: it is not the certificate's key"},
      {pair + "  cert: x\n", ":4:9: error: cert and cert_file are both there"},
      {pair + "  client_auth_type: Sometimes\n",
       ":4:21: error: \"Sometimes\" is no client_auth_type"},
      {pair + "  client_auth_type: RequireAndVerifyClientCert\n", "lacks client_ca_file"},
      {pair + "  client_ca_file: one.pem\n", "nothing verifies certificates by this authority"},
      {pair + "  client_auth_type: RequestClientCert\n  client_ca_file: one.pem\n",
       "nothing verifies"},
      {pair + "  client_allowed_sans: [x]\n", "client_allowed_sans means nothing"},
      {pair + "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: one.pem\n"
              "  client_allowed_sans: [x]\n",
       "client_allowed_sans means nothing where clients need no certificate"},
      {"tls_server_config: {cert_file: damaged.pem, key_file: one.key}\n", "or a damaged one"},
      {pair + "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: empty.pem\n",
       ":5:19: error: client_ca cannot be used: there is no certificate"},
      {pair + "  min_version: TLS14\n", ":4:16: error: \"TLS14\" is no version of TLS"},
      {pair + "  min_version: TLS13\n  max_version: TLS12\n", "min_version is above max_version"},
      {pair + "  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n",
       ":4:19: error: \"TLS_RSA_WITH_RC4_128_SHA\" is not known"},
      {pair + "  curve_preferences: [CurveP8]\n", "\"CurveP8\" is not known"},
      {"rate_limit: {interval: 1s}\n", ":1:13: error: rate_limit lets nobody in"},
      {"rate_limit: {interval: 1s, burst: 0}\n", "lets nobody in"},
      {"rate_limit: {interval: 1s, burst: 1.5}\n", "lets nobody in"},
      {"rate_limit: {interval: 1s, burst: 2e9}\n", "lets nobody in"},
      {"rate_limit: {interval: 1, burst: 1}\n", ":1:24: error: this is no interval"},
      {"rate_limit: {interval: \"\", burst: 1}\n", "this is no interval"},
      {"rate_limit: {interval: -1s, burst: 1}\n", "this is no interval"},
      {"rate_limit: {interval: 25h, burst: 1}\n", "this is no interval"},
      {"rate_limit: {interval: 1 s, burst: 1}\n", "this is no interval"},
      {"rate_limit: {interval: infs, burst: 1}\n", "this is no interval"},
      {"rate_limit: {interval: 1s, burst: 1, per: x}\n", "unknown key \"per\""},
      {"http_server_config: {http2: maybe}\n", "true or false is expected"},
      {"http_server_config: {headers: {Server: x}}\n",
       ":1:32: error: the header \"Server\" cannot be configured"},
      {"http_server_config: {headers: {X-Frame-Options: allow}}\n",
       ":1:49: error: this is no value for X-Frame-Options"},
      {"http_server_config: {headers: {X-Frame-Options: \"deny|sameorigin\"}}\n",
       "this is no value for X-Frame-Options"},
      {"http_server_config: {headers: {X-XSS-Protection: \"1\\r\\nSet-Cookie: x\"}}\n",
       "this is no value for X-XSS-Protection"},
      {"basic_auth_users: [alice]\n", "basic_auth_users must be a mapping"},
      {"basic_auth_users: {alice: secret}\n", ":1:27: error: the password is no bcrypt hash"},
      {"basic_auth_users: {alice: " + hash.substr(0, 59) + "}\n", "no bcrypt hash"},
      {"basic_auth_users: {alice: $2y$31" + hash.substr(6) + "}\n", "is not from 4 to 16"},
      {"basic_auth_users: {alice: $2y$03" + hash.substr(6) + "}\n", "is not from 4 to 16"},
      {"basic_auth_users: {alice: $2y$0x" + hash.substr(6) + "}\n", "is not from 4 to 16"},
      {"basic_auth_users: {a:b: " + hash + "}\n", "no client can send this name"},
      {"basic_auth_users: {alice: " + hash + ", alice: " + hash + "}\n", "stands twice"},
  };
  for (const auto& [text, part] : rows) {
    const WebConfigFile file = Read(text);
    EXPECT_EQ(file.config, nullptr) << text;
    EXPECT_THAT(file.error, HasSubstr(part)) << text;
    // Its lines may hold secrets.
    EXPECT_THAT(file.error, Not(HasSubstr("CCCCCCCC"))) << text;
  }
  EXPECT_THAT(ReadWebConfig(folder_->Path("nowhere.yml")).error,
              HasSubstr("nowhere.yml cannot be read: No such file"));
}

// While it lives, this process gets no descriptor.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

// Nothing in the files shows that what kept them from being read is over; so it is tried again,
// though not at once, and the log says it once.
TEST(WebSettings, WhatCouldNotBeReadIsReadLater) {
  for (const auto pause : {std::chrono::hours(0), std::chrono::hours(1)}) {
    const TestFolder folder;
    const auto write = [&folder](const std::string& value) {
      return folder.Write("web.yml",
                          "http_server_config: {headers: {X-XSS-Protection: " + value + "}}\n");
    };
    std::ostringstream log;
    const Logger logger(LogLevel::kInfo, LogFormat::kLogfmt,
                        std::make_shared<spdlog::sinks::ostream_sink_mt>(log));
    std::string error;
    const auto settings = WebSettings::Load(write("one"), logger, &error, pause);
    ASSERT_NE(settings, nullptr) << error;
    // The sanitizer of undefined behaviour looks at what logging and failing make through a pipe,
    // once: it has to do so while it can have one.
    EXPECT_FALSE(ReadWebConfig(folder.Path("nowhere.yml")).error.empty());
    write("[");
    EXPECT_THAT(settings->Current()->header_lines, HasSubstr("one"));
    write("one");
    EXPECT_THAT(settings->Current()->header_lines, HasSubstr("one"));
    log.str("");
    write("two");
    {
      const NoDescriptors scarce;
      for (int i = 0; i < 3; ++i) EXPECT_THAT(settings->Current()->header_lines, HasSubstr("one"));
    }
    EXPECT_THAT(settings->Current()->header_lines,
                HasSubstr(pause == pause.zero() ? "two" : "one"));
    write("three");
    EXPECT_THAT(settings->Current()->header_lines, HasSubstr("three"));
    const std::string said = log.str();
    const size_t first = said.find("the old one stays");
    EXPECT_NE(first, said.npos);
    EXPECT_EQ(said.find("the old one stays", first + 1), said.npos) << said;
  }
}

}  // namespace
}  // namespace metrishift::http
