#include "core/mapping_loader.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

#include "core/text_tree.h"
#include "core/yaml.h"

namespace metrishift {
namespace {

// Digits and dots, with an optional "v" before and a pre-release after: 3.5,
// v1.16.0, 2.0.0-alpha.1.
bool IsVersion(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  const std::string_view numbers = text.substr(0, text.find('-'));
  if (Printable(text) != text) return false;
  if (numbers.empty() || numbers.size() > 18 || numbers.front() == '.' || numbers.back() == '.')
    return false;
  if (numbers.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(numbers, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

// Table names are typed on command lines and become file names.
bool IsTableName(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

class Loader {
 public:
  Loader(const TextTree& tree, const SourceText& source, std::vector<Diagnostic>& diagnostics)
      : tree_(tree), source_(source), diagnostics_(diagnostics) {}

  MappingTable Load(NodeId root) {
    MappingTable table;
    const std::array<Field, 7> fields = {
        Field{"name", true, [&](NodeId id) { table.name = Name(id); }},
        Field{"title", true, [&](NodeId id) { table.title = Text(id); }},
        Field{"component", true, [&](NodeId id) { table.component = Text(id); }},
        Field{"source", true, [&](NodeId id) { table.source = Text(id); }},
        Field{"versions", true, [&](NodeId id) { Versions(id, table); }},
        Field{"metrics", true, [&](NodeId id) { Metrics(id, table); }},
        Field{"note", false, [&](NodeId id) { Text(id); }},
    };
    Read(root, fields, "a mapping table");
    for (MappingEntry& entry : table.metrics) entry.table = table.name;
    CheckClaims(table);
    return table;
  }

 private:
  // A key of a mapping, whether it must be there, and what reads its value.
  struct Field {
    std::string_view key;
    bool required;
    std::function<void(NodeId)> read;
  };

  void Error(FileSpan span, std::string message, std::string hint = "") {
    diagnostics_.push_back({Severity::kError, span, std::move(message), std::move(hint)});
  }

  // Reads mapping `id` key by key. `what` names it in messages.
  void Read(NodeId id, std::span<const Field> fields, const std::string& what) {
    const TextNode& node = tree_[id];
    if (node.kind != TextNode::Kind::kMapping) {
      Error(node.span, what + " must be a mapping of keys to values");
      return;
    }
    std::set<std::string_view> seen;
    for (const auto& [key_id, value_id] : node.members) {
      const TextNode& key = tree_[key_id];
      const auto field = std::ranges::find(fields, key.value, &Field::key);
      if (field == fields.end()) {
        Error(key.span, "unknown key \"" + key.value + "\" in " + what,
              "known keys: " + Keys(fields));
      } else if (!seen.insert(field->key).second) {
        Error(key.span, "key \"" + key.value + "\" stands twice in " + what,
              "delete one of the two");
      } else {
        field->read(value_id);
      }
    }
    for (const Field& field : fields) {
      if (!field.required || seen.contains(field.key)) continue;
      Error({node.span.begin, node.span.begin},
            what + " lacks the key \"" + std::string(field.key) + "\"",
            "add it; mappings/README.md describes each key");
    }
  }

  static std::string Keys(std::span<const Field> fields) {
    std::string keys;
    for (const Field& field : fields) keys += (keys.empty() ? "" : ", ") + std::string(field.key);
    return keys;
  }

  // A value as messages name it.
  static std::string Shown(const TextNode& node) {
    switch (node.kind) {
      case TextNode::Kind::kScalar:
        return "\"" + node.value + "\"";
      case TextNode::Kind::kMapping:
        return "a mapping";
      case TextNode::Kind::kSequence:
        return "a list";
    }
    return "";
  }

  std::string Text(NodeId id) {
    const TextNode& node = tree_[id];
    if (node.kind != TextNode::Kind::kScalar || node.value.empty())
      Error(node.span, "a text is expected here");
    return node.value;
  }

  std::string Name(NodeId id) {
    const TextNode& node = tree_[id];
    if (!IsTableName(node.value)) {
      Error(node.span, Shown(node) + " is no table name",
            "use lower-case letters, digits, '-', '_' and '.'");
    }
    return node.value;
  }

  std::string Version(NodeId id) {
    const TextNode& node = tree_[id];
    if (!IsVersion(node.value)) {
      Error(node.span, Shown(node) + " is no version",
            "write numbers with dots, quoted: \"3.5.0\"");
    }
    return node.value;
  }

  std::string MetricName(NodeId id) {
    const TextNode& node = tree_[id];
    if (!IsMetricName(node.value)) {
      Error(node.span, Shown(node) + " is no metric name",
            "a name has letters, digits, '_' and ':' and does not begin with a digit");
    }
    return node.value;
  }

  MetricType Type(NodeId id) {
    const TextNode& node = tree_[id];
    const std::optional<MetricType> type = ParseMetricType(node.value);
    if (!type) {
      Error(node.span, Shown(node) + " is no metric type",
            "one of counter, gauge, histogram, summary, untyped, info, stateset, gaugehistogram");
    }
    return type.value_or(MetricType::kUntyped);
  }

  std::vector<std::string> VersionList(NodeId id) {
    const TextNode& node = tree_[id];
    std::vector<std::string> versions;
    if (node.kind != TextNode::Kind::kSequence || node.items.empty()) {
      Error(node.span, "a list of versions is expected here", "write [\"3.4.0\"]");
    }
    for (const NodeId item : node.items) versions.push_back(Version(item));
    return versions;
  }

  void Versions(NodeId id, MappingTable& table) {
    const std::array<Field, 2> fields = {
        Field{"from", true, [&](NodeId node) { table.from_version = Version(node); }},
        Field{"to", true, [&](NodeId node) { table.to_version = Version(node); }},
    };
    Read(id, fields, "versions");
  }

  void Metrics(NodeId id, MappingTable& table) {
    const TextNode& node = tree_[id];
    if (node.kind != TextNode::Kind::kSequence || node.items.empty()) {
      Error(node.span, "metrics must be a list with at least one entry",
            "a table without entries changes nothing");
      return;
    }
    for (const NodeId item : node.items) table.metrics.push_back(Entry(item));
  }

  // What an entry rests on. Kept in the table for its readers, not in memory.
  void Evidence(NodeId id) {
    const TextNode& node = tree_[id];
    if (node.kind != TextNode::Kind::kSequence) Error(node.span, "evidence must be a list");
    for (const NodeId item : node.items) {
      const std::array<Field, 3> fields = {
          Field{"source", true, [&](NodeId value) { Text(value); }},
          Field{"verified", false, [&](NodeId value) { Bool(value); }},
          Field{"discrepancy", false, [&](NodeId value) { Text(value); }},
      };
      Read(item, fields, "evidence");
    }
  }

  void Bool(NodeId id) {
    const TextNode& node = tree_[id];
    if (node.value != "true" && node.value != "false")
      Error(node.span, "true or false is expected here");
  }

  MappingEntry Entry(NodeId id) {
    MappingEntry entry;
    entry.span = tree_[id].span;
    if (!source_.path().empty()) {
      const LineColumn at = source_.Locate(entry.span.begin);
      entry.place =
          source_.path() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
    }
    const std::array<Field, 7> fields = {
        Field{"old", true, [&](NodeId node) { entry.old_name = MetricName(node); }},
        Field{"new", true, [&](NodeId node) { entry.new_name = MetricName(node); }},
        Field{"type", true, [&](NodeId node) { entry.type = entry.new_type = Type(node); }},
        Field{"new_since", false, [&](NodeId node) { entry.new_since = VersionList(node); }},
        Field{"old_until", false, [&](NodeId node) { entry.old_until = Version(node); }},
        Field{"note", false, [&](NodeId node) { entry.note = Text(node); }},
        Field{"evidence", false, [&](NodeId node) { Evidence(node); }},
    };
    Read(id, fields, "an entry of metrics");
    if (!entry.old_name.empty() && entry.old_name == entry.new_name) {
      Error(entry.span, entry.old_name + " is renamed to itself", "delete the entry");
    }
    CheckSuffix(entry.old_name, entry);
    CheckSuffix(entry.new_name, entry);
    return entry;
  }

  // The name of a family with suffixes never ends in one of them: `type: histogram` with x_bucket
  // means series x_bucket_sum. The reverse is no rule: etcd has gauges and a histogram whose names
  // end in _total.
  void CheckSuffix(const std::string& name, const MappingEntry& entry) {
    for (const std::string_view suffix : SeriesSuffixes(entry.type)) {
      if (suffix.empty() || !name.ends_with(suffix)) continue;
      Error(entry.span,
            "type " + std::string(MetricTypeName(entry.type)) + " contradicts the name " + name +
                ", which ends in " + std::string(suffix),
            "name the family, without " + std::string(suffix) + ": its series follow");
    }
  }

  // Two entries must not rename one series, nor make one series out of two.
  void CheckClaims(const MappingTable& table) {
    std::map<std::string, const MappingEntry*> old_series;
    std::map<std::string, const MappingEntry*> new_series;
    for (const MappingEntry& entry : table.metrics) {
      if (entry.old_name.empty() || entry.new_name.empty()) continue;
      Claim(old_series, entry, entry.old_name, "renames");
      Claim(new_series, entry, entry.new_name, "makes");
    }
  }

  void Claim(std::map<std::string, const MappingEntry*>& claimed, const MappingEntry& entry,
             const std::string& family, const std::string& verb) {
    for (const std::string_view suffix : SeriesSuffixes(entry.type)) {
      const auto [other, fresh] = claimed.try_emplace(family + std::string(suffix), &entry);
      if (fresh || other->second == &entry) continue;
      Error(entry.span,
            "this entry " + verb + " " + other->first + ", and so does the entry " +
                other->second->old_name + " -> " + other->second->new_name,
            "keep one of the two");
      return;
    }
  }

  const TextTree& tree_;
  const SourceText& source_;
  std::vector<Diagnostic>& diagnostics_;
};

}  // namespace

Outcome<MappingTable> LoadMappingTable(std::string_view text, const std::string& path) {
  Outcome<TextTree> tree = ParseYaml(text);
  if (!tree) return {std::nullopt, std::move(tree.diagnostics)};
  Outcome<MappingTable> outcome;
  if (tree->documents.size() != 1) {
    const size_t at = tree->documents.empty() ? 0 : (*tree)[tree->documents[1]].span.begin;
    outcome.diagnostics.push_back({Severity::kError,
                                   {at, at},
                                   "a mapping table is exactly one YAML document",
                                   "see mappings/README.md"});
    return outcome;
  }
  const SourceText source(path, text);
  MappingTable table = Loader(*tree, source, outcome.diagnostics).Load(tree->documents[0]);
  if (outcome.diagnostics.empty()) outcome.value = std::move(table);
  return outcome;
}

}  // namespace metrishift
