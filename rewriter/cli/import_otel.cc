#include <algorithm>
#include <map>
#include <ostream>
#include <set>

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
  const bool digit = !name.empty() && name.front() >= '0' && name.front() <= '9';
  std::string out = digit || name.empty() ? "_" : "";
  for (const char c : name) out += IsMetricNameChar(c) && c != ':' ? c : '_';
  return out;
}

using Renames = std::map<std::string, std::string, std::less<>>;

// A metric that becomes several, one for each value of an attribute.
struct Split {
  std::string metric;
  std::string attribute;
  Renames values;  // by new metric
};

// What one version of a schema says of metrics.
struct Changes {
  Renames metrics;
  std::map<std::string, Renames> labels;  // by the metric's old name, or "" for every metric
  Renames of_all;                         // attributes of spans, logs, metrics and all the rest
  std::vector<Split> splits;

  bool OfNames() const { return !metrics.empty() || !splits.empty(); }
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
      if (const auto section = tree_.Find(value, "all")) {
        Changes general;
        Read(*section, general);
        changes.of_all = std::move(general.labels[""]);
      }
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
      if (const auto split = tree_.Find(item, "split")) AddSplit(*split, changes);
    }
  }

  void AddSplit(NodeId node, Changes& changes) const {
    const std::optional<NodeId> metric = tree_.Find(node, "apply_to_metric");
    const std::optional<NodeId> attribute = tree_.Find(node, "by_attribute");
    const std::optional<NodeId> values = tree_.Find(node, "metrics_from_attributes");
    if (!metric || !attribute || !values) return;
    changes.splits.push_back(
        {std::string(tree_[*metric].value), std::string(tree_[*attribute].value), Pairs(*values)});
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

// Of several attributes that become one, the one with the metric's own `prefix`: a metric has one
// of them. Where that does not tell, none, and their new names are added to `open`.
void KeepOneEach(const std::string& prefix, Renames& labels, std::set<std::string>& open) {
  std::map<std::string, std::vector<std::string>> by_new;
  for (const auto& [from, to] : labels) by_new[Underscored(to)].push_back(from);
  for (auto& [to, all] : by_new) {
    if (all.size() == 1) continue;
    const auto own = [&](const std::string& from) { return from.starts_with(prefix); };
    const bool told = std::ranges::count_if(all, own) == 1;
    for (const std::string& from : all) {
      if (!told || !own(from)) labels.erase(from);
    }
    if (!told) open.insert(to);
  }
}

class Entries {
 public:
  explicit Entries(const Changes& changes) : changes_(changes) {}

  std::vector<DraftEntry> Run() {
    for (const Split& split : changes_.splits) {
      for (const auto& [to, value] : split.values) AddSplit(split, to, value);
    }
    for (const auto& [from, to] : changes_.metrics) Add(from, to);
    for (const auto& changed : changes_.labels) {
      const std::string& metric = changed.first;
      const bool named = std::ranges::any_of(changes_.metrics, [&](const auto& rename) {
        return rename.first == metric || rename.second == metric;
      });
      if (!metric.empty() && !named) Add(metric, metric);
    }
    return std::move(entries_);
  }

 private:
  void Add(const std::string& from, const std::string& to) {
    std::set<std::string> open;
    const std::string labels = LabelList(LabelsOf(from, to, open));
    if (Underscored(from) == Underscored(to) && labels.empty()) return;
    if (!old_names_.insert(Underscored(from)).second) return;
    DraftEntry entry{{{"old", YamlScalar(Underscored(from))},
                      {"new", YamlScalar(Underscored(to))},
                      {"type", "untyped"}},
                     ""};
    if (!new_names_.insert(Underscored(to)).second) {
      entry.comment = "another metric becomes the same: only one can be had back";
      entry.keys.emplace_back("expr", YamlScalar(Underscored(to)));
    } else if (!labels.empty()) {
      entry.keys.emplace_back("labels", labels);
    }
    for (const std::string& label : open) {
      entry.comment += entry.comment.empty() ? "" : "; ";
      entry.comment += "several attributes become " + label + ": say which one this metric has";
    }
    entries_.push_back(std::move(entry));
  }

  void AddSplit(const Split& split, const std::string& to, const std::string& value) {
    const std::string label = YamlScalar(Underscored(split.attribute));
    if (!new_names_.insert(Underscored(to)).second) return;
    old_names_.insert(Underscored(split.metric));
    entries_.push_back({{{"old", YamlScalar(Underscored(split.metric))},
                         {"new", YamlScalar(Underscored(to))},
                         {"type", "untyped"},
                         {"when", "{" + label + ": " + YamlScalar(value) + "}"},
                         {"new_labels", "{" + label + ": \"\"}"}},
                        ""});
  }

  // Attributes may be renamed of a metric under its old name or its new one, and of all of them.
  Renames LabelsOf(const std::string& from, const std::string& to,
                   std::set<std::string>& open) const {
    Renames labels;
    for (const std::string& name : {from, to, std::string()}) {
      const auto found = changes_.labels.find(name);
      if (found != changes_.labels.end()) labels.insert(found->second.begin(), found->second.end());
    }
    // Most of those are no metric's: the ones with its prefix are taken for its own.
    const std::string prefix = from.substr(0, from.find('.')) + ".";
    for (const auto& label : changes_.of_all) {
      if (label.first.starts_with(prefix)) labels.insert(label);
    }
    KeepOneEach(prefix, labels, open);
    return labels;
  }

  const Changes& changes_;
  std::vector<DraftEntry> entries_;
  std::set<std::string> old_names_;
  std::set<std::string> new_names_;
};

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
    if (!version.empty() ? name != version : !changes.OfNames()) continue;
    const std::vector<DraftEntry> entries = Entries(changes).Run();
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
