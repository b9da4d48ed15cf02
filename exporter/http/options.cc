#include "exporter/http/options.h"

#include <curl/curl.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <string_view>

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

constexpr const char* kExamples =
    "Examples:\n"
    "  Before an etcd 3.5, seen from this machine only:\n"
    "    metrishift-exporter --upstream=http://127.0.0.1:2379/metrics --mapping=etcd-3.5\n"
    "\n"
    "  With a table of your own, for a Prometheus on another machine:\n"
    "    metrishift-exporter --upstream=http://127.0.0.1:8080/metrics --mapping=./renames.yaml \\\n"
    "        --web.listen-address=:19797\n"
    "\n"
    "  On a saved body, to see what would be added:\n"
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
    "  /            what this is, with links       /-/healthy   200 while the process lives\n"
    "  /-/metrics   metrics of the exporter        /-/ready     200 while it takes scrapes\n"
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

// Paths that the exporter answers itself.
constexpr std::array<std::string_view, 4> kOwnPaths = {"/", "/-/metrics", "/-/healthy", "/-/ready"};

// Reading a pipe or a device may never end, and libcurl watches no clock meanwhile.
bool IsOddFile(CURLU* url) {
  char* path = nullptr;
  if (curl_url_get(url, CURLUPART_PATH, &path, CURLU_URLDECODE) != CURLUE_OK) return true;
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  curl_free(path);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

// An empty string, or why `options->upstream_url` cannot be used. Normalises it.
std::string CheckUpstream(Options* options) {
  std::string url = options->upstream_url;
  const bool is_path = url.starts_with("file:") && !url.starts_with("file://");
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  if (is_path) {
    // file:PATH, where PATH is any path of this machine: libcurl itself knows absolute ones only.
    const std::string path = std::filesystem::absolute(url.substr(5)).lexically_normal().string();
    curl_url_set(parsed.get(), CURLUPART_SCHEME, "file", 0);
    curl_url_set(parsed.get(), CURLUPART_PATH, path.c_str(), CURLU_URLENCODE);
  } else if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return "is no URL";
  }
  char* part = nullptr;
  if (curl_url_get(parsed.get(), CURLUPART_SCHEME, &part, 0) != CURLUE_OK) return "is no URL";
  const std::string scheme = part;
  curl_free(part);
  if (scheme != "http" && scheme != "https" && scheme != "file") {
    return "must start with http:, https: or file:";
  }
  if (scheme == "file" && IsOddFile(parsed.get())) return "is no regular file";
  if (curl_url_get(parsed.get(), CURLUPART_URL, &part, 0) != CURLUE_OK) return "is no URL";
  options->upstream_url = part;
  curl_free(part);
  return {};
}

std::string CheckTelemetryPath(const std::string& path) {
  if (!path.starts_with('/')) return "must start with /";
  if (path.find_first_of("?# \t") != path.npos) return "must be a plain path";
  for (const std::string_view own : kOwnPaths) {
    if (path == own) return "is a path of the exporter itself";
  }
  return {};
}

// HOST:PORT, as far as it can be checked before the system is asked. "," would separate two
// addresses for civetweb, and letters after the port are options of it.
std::string CheckAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == address.npos || address.find(',') != address.npos)
    return "must be HOST:PORT or :PORT";
  const std::string port = address.substr(colon + 1);
  if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != port.npos ||
      std::stoul(port) > 65535) {
    return "needs a port from 0 to 65535";
  }
  return {};
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
  app.add_option("--web.listen-address", options.listen_addresses,
                 "HOST:PORT to listen on, or :PORT for every address; repeatable. Port 0 lets the\n"
                 "system choose; the log says what it chose.")
      ->allow_extra_args(false)
      ->check(CheckAddress, "", "")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--web.telemetry-path", options.telemetry_path,
                 "Path of the upstream's body with the old names.")
      ->check(CheckTelemetryPath, "", "")
      ->type_name("PATH")
      ->capture_default_str();
  app.add_option("--web.max-requests", options.max_requests,
                 "Scrapes at once; more are answered with 503.")
      ->check(CLI::Range(1, 256))
      ->type_name("N")
      ->capture_default_str();
}

void AddScrapeFlags(CLI::App& app, Options& options) {
  app.add_option_function<double>(
         "--scrape-timeout", IntoMilliseconds(&options.scrape_timeout),
         "How long a scrape may take that comes without X-Prometheus-Scrape-Timeout-Seconds. [10]")
      ->check(CheckSeconds, "", "")
      ->check(CLI::Range(0.001, 600.0))
      ->type_name("SECONDS");
  app.add_option_function<double>(
         "--timeout-offset", IntoMilliseconds(&options.timeout_offset),
         "Taken off that header, so that the answer is there in time. [0.5]")
      ->check(CheckSeconds, "", "")
      ->check(CLI::Range(0.0, 600.0))
      ->type_name("SECONDS");
  app.add_option("--limit.line-bytes", options.limits.max_line_bytes,
                 "Longest line of a body; a longer one fails the scrape.")
      ->check(CLI::Range(size_t{1024}, size_t{1} << 30U))
      ->type_name("BYTES")
      ->capture_default_str();
  app.add_option("--limit.alias-bytes", options.limits.max_alias_bytes,
                 "Most bytes added under old names; more fail the scrape.")
      ->check(CLI::Range(size_t{1024}, size_t{1} << 30U))
      ->type_name("BYTES")
      ->capture_default_str();
}

void AddFlags(CLI::App& app, Options& options) {
  app.add_option(
         "--upstream", options.upstream_url,
         "Where the metrics come from: http://..., https://..., or file:PATH for a saved\nbody.")
      ->required()
      ->type_name("URL");
  app.add_option("--mapping", options.mappings,
                 "What was renamed: a built-in table (etcd-3.5) or a YAML file; repeatable.")
      ->required()
      ->allow_extra_args(false)
      ->type_name("NAME|FILE");
  AddWebFlags(app, options);
  AddScrapeFlags(app, options);
  app.add_flag("--upstream.allow-unframed", options.allow_unframed,
               "Accept an upstream that sends neither Content-Length nor chunked encoding. A body\n"
               "that was cut at a line's end then passes for a whole one.");
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
  } catch (const CLI::ParseError& error) {
    parsed.exit_code = app.exit(error) == 0 ? 0 : kUsageError;
    return parsed;
  }
  if (const std::string why = CheckUpstream(&options); !why.empty()) {
    std::fprintf(stderr, "--upstream: %s %s\n", options.upstream_url.c_str(), why.c_str());
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
