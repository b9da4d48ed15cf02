#include "exporter/http/options.h"

#include <gtest/gtest.h>

namespace metrishift::http {
namespace {

ParsedOptions Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "metrishift-exporter");
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

TEST(Options, Defaults) {
  const ParsedOptions parsed = Parse({"--upstream=http://127.0.0.1:2379/metrics", "--mapping=a"});
  ASSERT_TRUE(parsed.options);
  EXPECT_EQ(parsed.options->route.upstream.url, "http://127.0.0.1:2379/metrics");
  EXPECT_EQ(parsed.options->route.mappings, std::vector<std::string>{"a"});
  EXPECT_EQ(parsed.options->listen_addresses, std::vector<std::string>{"127.0.0.1:19797"});
  EXPECT_EQ(parsed.options->route.path, "/metrics");
  EXPECT_EQ(parsed.options->route.scrape_timeout.count(), 10000);
  EXPECT_EQ(parsed.options->route.timeout_offset.count(), 500);
  EXPECT_EQ(parsed.options->route.limits.max_line_bytes, size_t{1} << 20U);
  EXPECT_EQ(parsed.options->route.limits.max_alias_bytes, size_t{16} << 20U);
  EXPECT_FALSE(parsed.options->route.allow_unframed);
}

TEST(Options, EveryFlag) {
  const ParsedOptions parsed =
      Parse({"--upstream", "https://h/m", "--mapping=a", "--mapping", "b.yaml",
             "--web.listen-address=:0", "--web.listen-address=localhost:9",
             "--web.listen-address=[::1]:9", "--web.config.file=w.yml", "--web.telemetry-path=/m",
             "--web.max-requests=3", "--scrape-timeout=2.5", "--timeout-offset=0",
             "--limit.line-bytes=4096", "--limit.alias-bytes=8192", "--upstream.allow-unframed",
             "--log.level=debug", "--log.format=json"});
  ASSERT_TRUE(parsed.options);
  EXPECT_EQ(parsed.options->route.mappings, (std::vector<std::string>{"a", "b.yaml"}));
  EXPECT_EQ(parsed.options->listen_addresses,
            (std::vector<std::string>{":0", "localhost:9", "[::1]:9"}));
  EXPECT_EQ(parsed.options->web_config_file, "w.yml");
  EXPECT_EQ(parsed.options->route.path, "/m");
  EXPECT_EQ(parsed.options->max_requests, 3);
  EXPECT_EQ(parsed.options->route.scrape_timeout.count(), 2500);
  EXPECT_EQ(parsed.options->route.timeout_offset.count(), 0);
  EXPECT_EQ(parsed.options->route.limits.max_line_bytes, 4096U);
  EXPECT_EQ(parsed.options->route.limits.max_alias_bytes, 8192U);
  EXPECT_TRUE(parsed.options->route.allow_unframed);
  EXPECT_EQ(parsed.options->log_level, LogLevel::kDebug);
  EXPECT_EQ(parsed.options->log_format, LogFormat::kJson);
}

TEST(Options, AMisspeltFlagGetsAHint) {
  const auto said = [](std::vector<const char*> arguments) {
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(Parse(std::move(arguments)).exit_code, 2);
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(said({"--maping=a", "--upstream=http://a/metrics"}),
            "The following argument was not expected: --maping=a\n"
            "  hint: did you mean --mapping?\nRun with --help for more information.\n");
  EXPECT_EQ(said({"--web.listen-adress", ":1"}),
            "The following argument was not expected: --web.listen-adress\n"
            "  hint: did you mean --web.listen-address?\nRun with --help for more information.\n");
  EXPECT_EQ(said({"etcd"}),
            "The following argument was not expected: etcd\n"
            "Run with --help for more information.\n");
}

TEST(Options, AWebConfigurationCanBeCheckedAlone) {
  EXPECT_TRUE(Parse({"--config.check", "--web.config.file=w.yml"}).options);
  EXPECT_EQ(Parse({"--web.config.file=w.yml"}).exit_code, 2);
  EXPECT_EQ(Parse({"--config.check"}).exit_code, 2);
  EXPECT_EQ(Parse({"--config.check", "--web.config.file=w.yml", "--mapping=a"}).exit_code, 2);
}

TEST(Options, FilesByAnyPath) {
  const ParsedOptions absolute = Parse({"--upstream=file:///a/b.prom", "--mapping=a"});
  ASSERT_TRUE(absolute.options);
  EXPECT_EQ(absolute.options->route.upstream.url, "file:///a/b.prom");
  const ParsedOptions odd = Parse({"--upstream=file:/a/../b c#1.prom", "--mapping=a"});
  ASSERT_TRUE(odd.options);
  EXPECT_EQ(odd.options->route.upstream.url, "file:///b%20c%231.prom");
  const ParsedOptions relative = Parse({"--upstream=file:b.prom", "--mapping=a"});
  ASSERT_TRUE(relative.options);
  EXPECT_TRUE(relative.options->route.upstream.url.starts_with("file:///"));
  EXPECT_TRUE(relative.options->route.upstream.url.ends_with("/b.prom"));
}

TEST(Options, MistakesExitWith2) {
  const char* const upstream = "--upstream=http://h/m";
  const char* const mapping = "--mapping=a";
  const std::vector<std::vector<const char*>> rows = {
      {},
      {upstream},
      {mapping},
      {upstream, mapping, "--nonsense"},
      {upstream, mapping, "stray"},
      {"--upstream=ftp://h/m", mapping},
      {"--upstream=:", mapping},
      {"--upstream=file:/", mapping},
      {"--upstream=file:///dev/null", mapping},
      {"--upstream=", mapping},
      {upstream, mapping, "--web.listen-address=127.0.0.1"},
      {upstream, mapping, "--web.listen-address=127.0.0.1:65536"},
      {upstream, mapping, "--web.listen-address=127.0.0.1:80s"},
      {upstream, mapping, "--web.listen-address=127.0.0.1:80,90"},
      {upstream, mapping, "--web.telemetry-path=metrics"},
      {upstream, mapping, "--web.telemetry-path=/-/metrics"},
      {upstream, mapping, "--web.telemetry-path=/"},
      {upstream, mapping, "--web.telemetry-path=/m?x"},
      {upstream, mapping, "--web.max-requests=0"},
      {upstream, mapping, "--scrape-timeout=0"},
      {upstream, mapping, "--scrape-timeout=nan"},
      {upstream, mapping, "--timeout-offset=-1"},
      {upstream, mapping, "--timeout-offset=nan"},
      {upstream, mapping, "--upstream.bearer-token-file=t", "--upstream.basic-auth-file=b"},
      {upstream, mapping, "--web.telemetry-path=/m\xc3\xbc"},
      {upstream, mapping, "--web.telemetry-path=/m\n"},
      {upstream, mapping, "--log.level=loud"},
      {upstream, mapping, "--log.format=xml"},
  };
  for (size_t i = 0; i < rows.size(); ++i) {
    testing::internal::CaptureStderr();
    const ParsedOptions parsed = Parse(rows[i]);
    const std::string message = testing::internal::GetCapturedStderr();
    EXPECT_FALSE(message.empty()) << "row " << i;
    EXPECT_EQ(message.find("->"), std::string::npos) << message;  // a table of CLI11's
    EXPECT_FALSE(parsed.options) << "row " << i;
    EXPECT_EQ(parsed.exit_code, 2) << "row " << i;
  }
}

// What a flag says of the one route must not seem to hold for those of a file.
TEST(Options, AFileSaysAllOfItsRoutes) {
  EXPECT_TRUE(Parse({"--config.file=c.yml", "--web.max-requests=3", "--web.config.file=w.yml",
                     "--web.enable-lifecycle", "--log.level=warn", "--config.check"})
                  .options);
  for (const std::string flag :
       {"--upstream=http://h/m", "--upstream.tls-ca-file=f", "--upstream.unix-socket=s",
        "--upstream.follow-redirects", "--upstream.allow-unframed", "--mapping=a", "--from=1",
        "--to=2", "--direction=new", "--web.telemetry-path=/m", "--scrape-timeout=3",
        "--timeout-offset=1", "--limit.families=7"}) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(Parse({"--config.file=c.yml", flag.c_str()}).exit_code, 2) << flag;
    const std::string message = testing::internal::GetCapturedStderr();
    EXPECT_NE(message.find(flag.substr(0, flag.find('='))), std::string::npos) << message;
  }
}

TEST(Options, HelpAndVersionExitWith0) {
  for (const char* flag : {"--help", "-h", "--version"}) {
    testing::internal::CaptureStdout();
    const ParsedOptions parsed = Parse({flag});
    EXPECT_NE(testing::internal::GetCapturedStdout().find("metrishift-exporter"), std::string::npos)
        << flag;
    EXPECT_FALSE(parsed.options);
    EXPECT_EQ(parsed.exit_code, 0);
  }
}

}  // namespace
}  // namespace metrishift::http
