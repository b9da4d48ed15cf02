#include "exporter/http/config_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/file.h"
#include "core/node_reader.h"
#include "core/yaml.h"
#include "mappings/catalog.h"

namespace metrishift::http {
namespace {

using Field = NodeReader::Field;

class Reader {
 public:
  Reader(const SourceText& source, const TextTree& tree, std::vector<Diagnostic>& diagnostics)
      : source_(source),
        reader_(tree, diagnostics),
        folder_(std::filesystem::path(source.path()).parent_path()) {}

  std::vector<Route> Run(NodeId root) {
    std::vector<Route> routes;
    const std::vector<Field> fields = {{"routes", false, [&](NodeId list) {
                                          for (const NodeId item :
                                               reader_.Items(list, "routes", true))
                                            routes.push_back(ReadRoute(item, routes));
                                        }}};
    reader_.Read(root, fields, "the configuration");
    if (routes.empty()) reader_.Error(reader_[root].span, "there is no route", "add one to routes");
    return routes;
  }

 private:
  Route ReadRoute(NodeId id, const std::vector<Route>& others) {
    Route route;
    route.path.clear();
    const std::vector<Field> fields = {
        {"path", false, [&](NodeId node) { route.path = Path(node, others); }},
        {"upstream", false, [&](NodeId node) { Url(node, route.upstream); }},
        {"mapping", false,
         [&](NodeId node) {
           route.mappings = Mappings(node);
           route.tables_place = RenderDiagnostic(
               source_, {Severity::kError, reader_[node].span, "these tables cannot be used", ""},
               false);
         }},
        {"from", false, [&](NodeId node) { route.from_version = reader_.Version(node); }},
        {"to", false, [&](NodeId node) { route.to_version = reader_.Version(node); }},
        {"direction", false, [&](NodeId node) { ReadDirection(node, route.direction); }},
        FileAt("unix_socket", route.upstream.unix_socket),
        {"tls_config", false, [&](NodeId node) { Tls(node, route.upstream); }},
        FileAt("bearer_token_file", route.upstream.bearer_token_file),
        FileAt("basic_auth_file", route.upstream.basic_auth_file),
        Flag("follow_redirects", route.upstream.follow_redirects),
        Flag("allow_unframed", route.allow_unframed),
        Seconds("scrape_timeout", route.scrape_timeout, 0.001),
        Seconds("timeout_offset", route.timeout_offset, 0),
        {"limits", false, [&](NodeId node) { Limits(node, route.limits); }},
    };
    reader_.Read(id, fields, "a route");
    const auto lacks = [&](const char* key, const char* hint) {
      const FileSpan at{reader_[id].span.begin, reader_[id].span.begin};
      reader_.Error(at, std::string("a route lacks the key \"") + key + "\"", hint);
    };
    if (!route.upstream.bearer_token_file.empty() && !route.upstream.basic_auth_file.empty())
      reader_.Error(reader_[id].span, "a route has one of bearer_token_file and basic_auth_file",
                    "delete one of the two");
    if (route.path.empty()) lacks("path", "as path: /metrics/etcd");
    if (route.upstream.url.empty()) lacks("upstream", "as upstream: http://127.0.0.1:2379/metrics");
    if (route.mappings.empty()) lacks("mapping", "as mapping: [etcd-3.5]");
    return route;
  }

  std::string Path(NodeId id, const std::vector<Route>& others) {
    std::string path = reader_.Text(id);
    if (const std::string why = CheckPath(path); !why.empty())
      reader_.Error(reader_[id].span, "the path " + why, "as path: /metrics/etcd");
    if (std::ranges::count(others, path, &Route::path) > 0)
      reader_.Error(reader_[id].span, "two routes have this path", "give each one of its own");
    return path;
  }

  void Url(NodeId id, UpstreamOptions& upstream) {
    upstream.url = reader_.Text(id);
    if (const std::string why = NormalizeUpstream(&upstream); !why.empty())
      reader_.Error(reader_[id].span, "the upstream " + why, "as http://127.0.0.1:2379/metrics");
    // A file is for trying the exporter; whoever can write a configuration is not always whom it
    // should show this machine's files.
    if (upstream.url.starts_with("file:"))
      reader_.Error(reader_[id].span, "a file can only be named on the command line",
                    "use --upstream");
  }

  // Names of built-in tables, and files beside the configuration.
  std::vector<std::string> Mappings(NodeId id) {
    std::vector<std::string> names;
    for (const NodeId item : reader_.Items(id, "mapping", true)) {
      std::string name = reader_.Text(item);
      const bool file =
          name.find('/') != name.npos || name.ends_with(".yaml") || name.ends_with(".yml");
      names.push_back(file && FindBuiltinTable(name) == nullptr ? Resolved(name) : name);
    }
    return names;
  }

  void ReadDirection(NodeId id, exposition::Direction& direction) {
    if (!ParseDirection(reader_.Text(id), &direction))
      reader_.Error(reader_[id].span, "the direction is old, new or both",
                    "old makes old names from new ones");
  }

  void Tls(NodeId id, UpstreamOptions& upstream) {
    const std::vector<Field> fields = {FileAt("ca_file", upstream.ca_file),
                                       FileAt("cert_file", upstream.cert_file),
                                       FileAt("key_file", upstream.key_file),
                                       Flag("insecure_skip_verify", upstream.insecure_skip_verify)};
    reader_.Read(id, fields, "tls_config");
    if (upstream.cert_file.empty() != upstream.key_file.empty())
      reader_.Error(reader_[id].span, "a certificate needs its key", "set cert_file and key_file");
  }

  void Limits(NodeId id, exposition::Limits& limits) {
    const std::vector<Field> fields = {
        Count("line_bytes", limits.max_line_bytes),
        Count("message_bytes", limits.max_message_bytes),
        Count("alias_bytes", limits.max_alias_bytes),
        Count("families", limits.max_families),
        Count("inflated_bytes", limits.max_inflated_bytes),
        Count("inflate_ratio", limits.max_inflate_ratio),
    };
    reader_.Read(id, fields, "limits");
  }

  Field FileAt(std::string_view key, std::string& target) {
    return {key, false, [this, &target](NodeId id) {
              const std::string text = reader_.AnyText(id);
              target = text.empty() ? "" : Resolved(text);
            }};
  }

  Field Flag(std::string_view key, bool& target) {
    return {key, false, [this, &target](NodeId id) { target = reader_.Bool(id); }};
  }

  Field Seconds(std::string_view key, std::chrono::milliseconds& target, double least) {
    return {key, false, [this, &target, least](NodeId id) {
              const double seconds = reader_.Number(id);
              if (seconds >= least && seconds <= 600) {
                target = std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
              } else {
                reader_.Error(reader_[id].span, "these are no seconds up to 600", "as 2.5");
              }
            }};
  }

  Field Count(std::string_view key, size_t& target) {
    return {key, false, [this, &target](NodeId id) {
              constexpr double kMost = 1e12;
              const double count = reader_.Number(id);
              if (count >= 1 && count <= kMost && count == std::floor(count)) {
                target = static_cast<size_t>(count);
              } else {
                reader_.Error(reader_[id].span, "a limit is a whole number above 0", "");
              }
            }};
  }

  std::string Resolved(const std::string& path) const { return (folder_ / path).string(); }

  const SourceText& source_;
  NodeReader reader_;
  const std::filesystem::path folder_;
};

}  // namespace

ConfigFile ReadConfigFile(const std::string& path) {
  ConfigFile config;
  std::string reason;
  const std::optional<std::string> text = ReadFile(path, &reason);
  if (!text) {
    config.error = "error: " + Printable(path) + " cannot be read: " + reason + "\n";
    return config;
  }
  const SourceText source(path, *text);
  Outcome<TextTree> tree = ParseYaml(*text);
  std::vector<Diagnostic> diagnostics = std::move(tree.diagnostics);
  if (tree && tree->documents.size() == 1) {
    Reader reader(source, *tree, diagnostics);
    config.routes = reader.Run(tree->documents.front());
  } else if (tree) {
    diagnostics.push_back({Severity::kError, {}, "a configuration is one document", ""});
  }
  for (const Diagnostic& diagnostic : diagnostics)
    config.error += RenderDiagnostic(source, diagnostic, false);
  if (!config.error.empty()) config.routes.clear();
  return config;
}

}  // namespace metrishift::http
