#include <algorithm>
#include <map>
#include <ostream>

#include "core/file.h"
#include "core/version.h"
#include "core/yaml.h"
#include "rewriter/cli/import_command.h"
#include "rewriter/cli/report.h"
#include "rewriter/cli/table_draft.h"

namespace metrishift::cli {
namespace {

// As the exporters for Prometheus spell names: everything but letters, digits and '_' becomes '_'.
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
std::string Underscored(std::string_view name) {
  std::string out;
  for (const char c : name) out += IsMetricNameChar(c) && c != ':' ? c : '_';
  return out;
}

using Renames = std::map<std::string, std::string, std::less<>>;

// What one version of a schema says of metrics.
struct Changes {
  Renames metrics;
  std::map<std::string, Renames> labels;  // by the metric's old name, or "" for every metric
};

class Schema {
 public:
  explicit Schema(const TextTree& tree) : tree_(tree) {}

  std::map<std::vector<unsigned long>, std::pair<std::string, Changes>> Versions() const {
    std::map<std::vector<unsigned long>, std::pair<std::string, Changes>> versions;
    if (tree_.documents.empty()) return versions;
    const std::optional<NodeId> all = tree_.Find(tree_.documents.front(), "versions");
    if (!all) return versions;
    for (const auto& [key, value] : tree_[*all].members) {
      const std::string version(tree_[key].value);
      if (!IsVersion(version)) continue;
      Changes changes;
      if (const auto section = tree_.Find(value, "metrics")) Read(*section, changes);
      versions[VersionNumbers(version)] = {version, std::move(changes)};
    }
    return versions;
  }

 private:
  void Read(NodeId section, Changes& changes) const {
    const std::optional<NodeId> list = tree_.Find(section, "changes");
    if (!list) return;
    for (const NodeId item : tree_[*list].items) {
      if (const auto metrics = tree_.Find(item, "rename_metrics"))
        changes.metrics.merge(Pairs(*metrics));
      if (const auto labels = tree_.Find(item, "rename_attributes")) Labels(*labels, changes);
    }
  }

  void Labels(NodeId node, Changes& changes) const {
    const std::optional<NodeId> map = tree_.Find(node, "attribute_map");
    if (!map) return;
    const std::optional<NodeId> metrics = tree_.Find(node, "apply_to_metrics");
    if (!metrics) return changes.labels[""].merge(Pairs(*map));
    for (const NodeId metric : tree_[*metrics].items)
      changes.labels[std::string(tree_[metric].value)].merge(Pairs(*map));
  }

  Renames Pairs(NodeId map) const {
    Renames pairs;
    for (const auto& [key, value] : tree_[map].members)
      pairs.emplace(tree_[key].value, tree_[value].value);
    return pairs;
  }

  const TextTree& tree_;
};

std::string LabelList(const Renames& labels) {
  std::string list;
  for (const auto& [from, to] : labels) {
    if (Underscored(from) == Underscored(to)) continue;
    list += list.empty() ? "[" : ", ";
    list +=
        "{old: " + YamlScalar(Underscored(from)) + ", new: " + YamlScalar(Underscored(to)) + "}";
  }
  return list.empty() ? "" : list + "]";
}

// Attributes may be renamed of a metric under its old name or its new one, and of all of them.
std::string LabelsOf(const Changes& changes, const std::string& from, const std::string& to) {
  Renames labels;
  for (const std::string& name : {from, to, std::string()}) {
    const auto found = changes.labels.find(name);
    if (found != changes.labels.end()) labels.insert(found->second.begin(), found->second.end());
  }
  return LabelList(labels);
}

std::vector<DraftEntry> Entries(const Changes& changes) {
  std::vector<DraftEntry> entries;
  const auto add = [&](const std::string& from, const std::string& to) {
    const std::string labels = LabelsOf(changes, from, to);
    if (Underscored(from) == Underscored(to) && labels.empty()) return;
    DraftEntry entry{{{"old", YamlScalar(Underscored(from))},
                      {"new", YamlScalar(Underscored(to))},
                      {"type", "untyped"}},
                     ""};
    if (!labels.empty()) entry.keys.emplace_back("labels", labels);
    entries.push_back(std::move(entry));
  };
  for (const auto& [from, to] : changes.metrics) add(from, to);
  for (const auto& changed : changes.labels) {
    const std::string& metric = changed.first;
    const bool named = std::ranges::any_of(changes.metrics, [&](const auto& rename) {
      return rename.first == metric || rename.second == metric;
    });
    if (!metric.empty() && !named) add(metric, metric);
  }
  return entries;
}

}  // namespace

ExitCode RunImportSchema(const std::string& path, const std::string& version,
                         const Streams& streams) {
  std::string why;
  const std::optional<std::string> text = ReadFile(path, &why);
  if (!text) {
    streams.err << Printable(path) << ": error: " << why << "\n";
    return kError;
  }
  const Outcome<TextTree> tree = ParseYaml(*text);
  if (!tree) {
    for (const Diagnostic& diagnostic : tree.diagnostics)
      streams.err << RenderDiagnostic(SourceText(path, *text), diagnostic, streams.err_color);
    return kError;
  }
  const auto versions = Schema(*tree.value).Versions();
  for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
    const auto& [name, changes] = it->second;
    if (!version.empty() ? name != version : changes.metrics.empty()) continue;
    const std::vector<DraftEntry> entries = Entries(changes);
    if (entries.empty()) continue;
    std::string about = "A draft from " + path + ", version ";
    about += name;
    about += ". Schemas know neither types nor units: give each name the suffixes that";
    streams.out << RenderDraft(
        {about, "Prometheus adds (_total, _seconds), and each entry its type."},
        "https://opentelemetry.io/schemas/" + name, entries);
    return kClean;
  }
  streams.err << Printable(path) << ": error: "
              << (version.empty() ? "no version" : "no version " + Printable(version))
              << " of it renames metrics\n";
  return kError;
}

}  // namespace metrishift::cli
