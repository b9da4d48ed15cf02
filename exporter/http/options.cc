#include "exporter/http/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/diagnostic.h"
#include "core/nearest_word.h"
#include "exporter/http/listen_address.h"

namespace metrishift::http {
namespace {

constexpr const char* kDescription =
    "Re-emits metrics under their old names.\n"
    "\n"
    "Stands before the /metrics of one program, passes what it exposes through byte for byte, and\n"
    "appends the families that a mapping table says were renamed once more under their old names,\n"
    "so that dashboards and rules written for the old names go on working. A name that the "
    "program\n"
    "still exposes itself is left alone.\n";

// "translate" has options of its own, see exporter/cli/; scripts/make-docs finds it in here.
constexpr const char* kExamples =
    "Subcommands:\n"
    "  translate                   Add the aliases to a body from standard input, and end.\n"
    "\n"
    "Examples:\n"
    "  Before an etcd 3.5, seen from this machine only:\n"
    "    metrishift-exporter --upstream=http://127.0.0.1:2379/metrics --mapping=etcd-3.5\n"
    "\n"
    "  With a table of your own, for a Prometheus on another machine:\n"
    "    metrishift-exporter --upstream=http://127.0.0.1:8080/metrics --mapping=./renames.yaml \\\n"
    "        --web.listen-address=:19797\n"
    "\n"
    "  What would be added to a saved body:\n"
    "    metrishift-exporter translate --mapping=etcd-3.5 --summary <saved.prom\n"
    "\n"
    "  A saved body in the place of a program:\n"
    "    metrishift-exporter --upstream=file:./saved.prom --mapping=etcd-3.5 &\n"
    "    curl http://127.0.0.1:19797/metrics\n"
    "\n"
    "Two paths answer with metrics. The path of --web.telemetry-path (/metrics) is the program's "
    "own\n"
    "body with the old names: let Prometheus scrape it instead of the program. /-/metrics is "
    "about\n"
    "the exporter itself: scrapes, failures, which old names were added. Scrape it as a job of "
    "its\n"
    "own if you want to know when nobody needs the exporter any more.\n"
    "  /            what is added, and what not    /-/healthy   200 while the process lives\n"
    "  /-/metrics   metrics of the exporter        /-/ready     200 while it takes scrapes\n"
    "  /api/v1/status  the first as JSON           /-/reload    POST: read the tables again\n"
    "\n"
    "When the program cannot be read whole, the scrape fails (502, 504, or a cut connection): it "
    "is\n"
    "never answered with an empty or a partial body. SIGTERM ends it once running scrapes are "
    "done.\n";

const std::map<std::string, LogLevel> kLevels = {{"debug", LogLevel::kDebug},
                                                 {"info", LogLevel::kInfo},
                                                 {"warn", LogLevel::kWarn},
                                                 {"error", LogLevel::kError}};
const std::map<std::string, LogFormat> kFormats = {{"logfmt", LogFormat::kLogfmt},
                                                   {"json", LogFormat::kJson}};

std::string CheckAddress(const std::string& text) {
  ListenAddress address;
  return ParseListenAddress(text, &address);
}

// CLI::Range lets "nan" through.
std::string CheckSeconds(const std::string& seconds) {
  return seconds.find_first_not_of("0123456789.") == seconds.npos ? "" : "must be seconds, as 2.5";
}

// Seconds, as the other exporters take them, into milliseconds.
std::function<void(const double&)> IntoMilliseconds(std::chrono::milliseconds* target) {
  return [target](const double& seconds) {
    *target = std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
  };
}

void AddWebFlags(CLI::App& app, Options& options) {
  app.add_option(
         "--web.listen-address", options.listen_addresses,
         "HOST:PORT to listen on, [::1]:PORT, :PORT for every address of IPv4, [::]:PORT for\n"
         "every address; repeatable. Port 0 lets the system choose; the log says what.")
      ->allow_extra_args(false)
      ->check(CheckAddress, "", "")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_flag("--web.systemd-socket", options.systemd_socket,
               "Listen on the sockets of a systemd .socket unit instead of --web.listen-address.");
  app.add_option("--web.config.file", options.web_config_file,
                 "TLS, users and headers, as for the other exporters (exporter-toolkit); see\n"
                 "exporter/README.md. Read again once it or a certificate changes.")
      ->type_name("FILE");
  app.add_option("--web.telemetry-path", options.route.path,
                 "Path of the upstream's body with the old names.")
      ->check(CheckPath, "", "")
      ->type_name("PATH")
      ->capture_default_str();
  app.add_option("--web.max-requests", options.max_requests,
                 "Scrapes at once; more are answered with 503.")
      ->check(CLI::Range(1, 256))
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--web.enable-lifecycle", options.enable_lifecycle,
               "Reload the configuration and the tables on POST /-/reload, as on SIGHUP.");
}

void AddLimitFlags(CLI::App& app, exposition::Limits& limits) {
  struct Row {
    const char* flag;
    size_t* target;
    const char* help;
    size_t least;
    size_t most;
  };
  constexpr size_t kMost = size_t{1} << 40U;
  const Row rows[] = {
      {"--limit.line-bytes", &limits.max_line_bytes, "Longest line of a body.", 1024, kMost},
      {"--limit.message-bytes", &limits.max_message_bytes,
       "Longest name, HELP or metric of a body in protobuf.", 1024, kMost},
      {"--limit.alias-bytes", &limits.max_alias_bytes, "Most bytes added under old names.", 1024,
       kMost},
      {"--limit.families", &limits.max_families, "Most families that the tables concern.", 1,
       kMost},
      {"--limit.inflated-bytes", &limits.max_inflated_bytes, "Most bytes in a body in gzip.", 1024,
       kMost},
      {"--limit.inflate-ratio", &limits.max_inflate_ratio,
       "Most bytes for one of gzip, from the first MiB on.", 2, kMost},
  };
  for (const Row& row : rows) {
    app.add_option(row.flag, *row.target, std::string(row.help) + " More fail the scrape.")
        ->check(CLI::Range(row.least, row.most))
        ->type_name("N")
        ->capture_default_str();
  }
}

void AddUpstreamFlags(CLI::App& app, Options& options) {
  UpstreamOptions& upstream = options.route.upstream;
  app.add_option(
         "--upstream", upstream.url,
         "Where the metrics come from: http://..., https://..., or file:PATH for a saved\nbody.")
      ->type_name("URL");
  const std::tuple<const char*, std::string*, const char*> files[] = {
      {"--upstream.tls-ca-file", &upstream.ca_file,
       "Certificates that vouch for the upstream, instead of the system's."},
      {"--upstream.tls-cert-file", &upstream.cert_file,
       "Certificate to show the upstream (etcd with --client-cert-auth wants one)."},
      {"--upstream.tls-key-file", &upstream.key_file, "Its key."},
      {"--upstream.bearer-token-file", &upstream.bearer_token_file, "Token to send."},
      {"--upstream.basic-auth-file", &upstream.basic_auth_file, "USER:PASSWORD to send."},
  };
  for (const auto& [flag, target, help] : files) {
    app.add_option(flag, *target, std::string(help) + " Read again once it changes.")
        ->type_name("FILE");
  }
  app.add_option("--upstream.unix-socket", upstream.unix_socket,
                 "Connect to this socket instead of the URL's host and port.")
      ->type_name("FILE");
  app.add_flag("--upstream.tls-insecure-skip-verify", upstream.insecure_skip_verify,
               "Take any certificate of the upstream.");
  app.add_flag("--upstream.follow-redirects", upstream.follow_redirects,
               "Follow redirects to http and https, at most five.");
  app.add_flag("--upstream.allow-unframed", options.route.allow_unframed,
               "Accept an upstream that sends neither Content-Length nor chunked encoding. A body\n"
               "that was cut at a line's end then passes for a whole one.");
}

void AddScrapeFlags(CLI::App& app, Options& options) {
  app.add_option_function<double>(
         "--scrape-timeout", IntoMilliseconds(&options.route.scrape_timeout),
         "How long a scrape may take that comes without X-Prometheus-Scrape-Timeout-Seconds. [10]")
      ->check(CheckSeconds, "", "")
      ->check(CLI::Range(0.001, 600.0))
      ->type_name("SECONDS");
  app.add_option_function<double>(
         "--timeout-offset", IntoMilliseconds(&options.route.timeout_offset),
         "Taken off that header, so that the answer is there in time. [0.5]")
      ->check(CheckSeconds, "", "")
      ->check(CLI::Range(0.0, 600.0))
      ->type_name("SECONDS");
  AddLimitFlags(app, options.route.limits);
}

void AddFlags(CLI::App& app, Options& options) {
  AddUpstreamFlags(app, options);
  app.add_option("--mapping", options.route.mappings,
                 "What was renamed: a built-in table (etcd-3.5), all those of a product (etcd),\n"
                 "or a YAML file; repeatable.")
      ->allow_extra_args(false)
      ->type_name("NAME|FILE");
  app.add_option("--from", options.route.from_version,
                 "Of a product's tables only those for upgrades from this version on.")
      ->type_name("VERSION");
  app.add_option("--to", options.route.to_version, "Likewise, to this version.")
      ->type_name("VERSION");
  app.add_option_function<std::string>(
         "--direction",
         [&options](const std::string& word) { ParseDirection(word, &options.route.direction); },
         "Which names are added: old ones; new ones, for rules that were rewritten already; or\n"
         "both. [old]")
      ->check(CLI::IsMember({"old", "new", "both"}).description(""))
      ->type_name("WHICH");
  app.add_option("--config.file", options.config_file,
                 "Several upstreams, each under a path of its own, instead of --upstream and "
                 "--mapping:\nsee exporter/README.md. Read again on SIGHUP.")
      ->type_name("FILE");
  app.add_flag("--config.check", options.config_check,
               "Read the configuration and the tables, say what is wrong, and exit.");
  AddWebFlags(app, options);
  AddScrapeFlags(app, options);
  app.add_option_function<std::string>(
         "--log.level",
         [&options](const std::string& level) { options.log_level = kLevels.at(level); },
         "debug, info, warn or error. [info]")
      ->check(CLI::IsMember(kLevels).description(""))
      ->type_name("LEVEL");
  app.add_option_function<std::string>(
         "--log.format",
         [&options](const std::string& format) { options.log_format = kFormats.at(format); },
         "logfmt or json, to standard error. [logfmt]")
      ->check(CLI::IsMember(kFormats).description(""))
      ->type_name("FORMAT");
}

// The first flag given that says of one route what the configuration file says of each; or "".
std::string FlagOfRoute(const CLI::App& app) {
  constexpr std::array<std::string_view, 9> kBeginnings = {
      "--upstream",           "--mapping",        "--from",           "--to",    "--direction",
      "--web.telemetry-path", "--scrape-timeout", "--timeout-offset", "--limit."};
  for (const CLI::Option* option : app.get_options()) {
    std::string name = option->get_name();
    const bool of_route = std::ranges::any_of(
        kBeginnings, [&name](std::string_view beginning) { return name.starts_with(beginning); });
    if (of_route && option->count() > 0) return name;
  }
  return {};
}

// What no flag alone can tell: an empty string, or what is wrong.
std::string CheckTogether(const CLI::App& app, Options* options) {
  Route& route = options->route;
  if (!options->config_file.empty()) {
    const std::string flag = FlagOfRoute(app);
    return flag.empty() ? "" : "--config.file says what " + flag + " says: use one of them";
  }
  const bool web_only = options->config_check && !options->web_config_file.empty();
  if (web_only && route.upstream.url.empty() && route.mappings.empty()) return "";
  if (route.upstream.url.empty()) return "--upstream is required (or --config.file)";
  if (route.mappings.empty()) return "--mapping is required";
  if (route.upstream.cert_file.empty() != route.upstream.key_file.empty())
    return "--upstream.tls-cert-file and --upstream.tls-key-file go together";
  if (!route.upstream.bearer_token_file.empty() && !route.upstream.basic_auth_file.empty())
    return "use one of --upstream.bearer-token-file and --upstream.basic-auth-file";
  const std::string url = route.upstream.url;
  const std::string why = NormalizeUpstream(&route.upstream);
  return why.empty() ? "" : "--upstream: " + url + " " + why;
}

// What to say of a word that is no flag; "" where all are.
std::string SayUnexpected(const CLI::App& app) {
  const std::vector<std::string> unknown = app.remaining();
  if (unknown.empty()) return "";
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  const std::string& word = unknown.front();
  const std::string nearest = NearestWord(std::string_view(word).substr(0, word.find('=')), flags);
  return "The following argument was not expected: " + Printable(word) + "\n" +
         (nearest.empty() ? "" : "  hint: did you mean " + nearest + "?\n") +
         "Run with --help for more information.\n";
}

}  // namespace

ParsedOptions ParseOptions(int argc, const char* const* argv) noexcept try {
  constexpr int kUsageError = 2;
  ParsedOptions parsed;
  Options options;
  CLI::App app(kDescription, "metrishift-exporter");
  app.footer(kExamples);
  app.set_version_flag("--version", "metrishift-exporter " METRISHIFT_VERSION,
                       "Print the version.");
  app.set_help_flag("-h,--help", "Print this.");
  AddFlags(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    std::fputs(SayUnexpected(app).c_str(), stderr);
    parsed.exit_code = kUsageError;
    return parsed;
  } catch (const CLI::ParseError& error) {
    parsed.exit_code = app.exit(error) == 0 ? 0 : kUsageError;
    return parsed;
  }
  if (const std::string why = CheckTogether(app, &options); !why.empty()) {
    std::fprintf(stderr, "%s\n", why.c_str());
    parsed.exit_code = kUsageError;
    return parsed;
  }
  parsed.options = std::move(options);
  return parsed;
} catch (const std::exception& error) {
  std::fprintf(stderr, "The command line could not be read: %s\n", error.what());
  return {std::nullopt, 2};
}

}  // namespace metrishift::http
