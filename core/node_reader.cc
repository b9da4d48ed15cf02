#include "core/node_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "core/version.h"

namespace metrishift {
namespace {

constexpr size_t kMaxSpent = size_t{64} << 20;

std::string Keys(std::span<const NodeReader::Field> fields) {
  std::string keys;
  for (const NodeReader::Field& field : fields)
    keys += (keys.empty() ? "" : ", ") + std::string(field.key);
  return keys;
}

}  // namespace

void NodeReader::Error(FileSpan span, std::string message, std::string hint) {
  diagnostics_.push_back({Severity::kError, span, std::move(message), std::move(hint)});
}

void NodeReader::Info(FileSpan span, std::string message, std::string hint) {
  diagnostics_.push_back({Severity::kInfo, span, std::move(message), std::move(hint)});
}

void NodeReader::Lacks(FileSpan span, const std::string& what, std::string_view key) {
  Error({span.begin, span.begin}, what + " lacks the key \"" + std::string(key) + "\"",
        "add it; mappings/README.md describes each key");
}

bool NodeReader::Spend(size_t amount) {
  if (spent_ > kMaxSpent) return false;
  spent_ += amount + 1;
  if (spent_ <= kMaxSpent) return true;
  Error({}, "the table stands for more than 64 MB", "split it, or use fewer aliases and names");
  return false;
}

std::string NodeReader::Shown(const TextNode& node) {
  switch (node.kind) {
    case TextNode::Kind::kScalar:
      return "\"" + std::string(node.value) + "\"";
    case TextNode::Kind::kMapping:
      return "a mapping";
    case TextNode::Kind::kSequence:
      return "a list";
  }
  return "";
}

void NodeReader::Read(NodeId id, std::span<const Field> fields, const std::string& what) {
  const TextNode& node = tree_[id];
  if (node.kind != TextNode::Kind::kMapping) {
    Error(node.span, what + " must be a mapping of keys to values");
    return;
  }
  std::set<std::string_view> seen;
  for (const auto& [key_id, value_id] : Members(id, what)) {
    const TextNode& key = tree_[key_id];
    const auto field = std::ranges::find(fields, key.value, &Field::key);
    if (field == fields.end()) {
      Error(key.span, "unknown key \"" + std::string(key.value) + "\" in " + what,
            "known keys: " + Keys(fields));
    } else if (seen.insert(field->key).second) {
      field->read(value_id);
    }
  }
  for (const Field& field : fields) {
    if (field.required && !seen.contains(field.key)) Lacks(node.span, what, field.key);
  }
}

std::vector<std::pair<NodeId, NodeId>> NodeReader::Members(NodeId id, const std::string& what) {
  const TextNode& node = tree_[id];
  std::vector<std::pair<NodeId, NodeId>> members;
  if (node.kind != TextNode::Kind::kMapping)
    Error(node.span, what + " must be a mapping of keys to values");
  std::set<std::string_view> seen;
  for (const auto& member : node.members) {
    const TextNode& key = tree_[member.first];
    if (!Spend(key.value.size())) break;
    if (!seen.insert(key.value).second) {
      Error(key.span, "key \"" + std::string(key.value) + "\" stands twice in " + what,
            "delete one of the two");
    } else {
      members.push_back(member);
    }
  }
  return members;
}

std::vector<NodeId> NodeReader::Items(NodeId id, const std::string& what, bool filled) {
  const TextNode& node = tree_[id];
  if (node.kind != TextNode::Kind::kSequence)
    Error(node.span, what + " must be a list");
  else if (filled && node.items.empty())
    Error(node.span, what + " must be a list with at least one item");
  if (!Spend(node.items.size())) return {};
  return {node.items.begin(), node.items.end()};
}

std::string NodeReader::AnyText(NodeId id) {
  const TextNode& node = tree_[id];
  if (node.kind != TextNode::Kind::kScalar) Error(node.span, "a text is expected here");
  return Spend(node.value.size()) ? std::string(node.value) : "";
}

std::string NodeReader::Text(NodeId id) {
  const TextNode& node = tree_[id];
  if (node.kind == TextNode::Kind::kScalar && node.value.empty())
    Error(node.span, "a text is expected here");
  return AnyText(id);
}

bool NodeReader::Bool(NodeId id) {
  const TextNode& node = tree_[id];
  if (node.value != "true" && node.value != "false")
    Error(node.span, "true or false is expected here");
  return node.value == "true";
}

double NodeReader::Number(NodeId id) {
  const TextNode& node = tree_[id];
  double number = 1;
  const char* end = node.value.data() + node.value.size();
  const auto [rest, error] = std::from_chars(node.value.data(), end, number);
  if (error == std::errc() && rest == end && std::isfinite(number)) return number;
  Error(node.span, Shown(node) + " is no finite number",
        "write a decimal number: 1000, 0.001, 1e-9");
  return 1;
}

std::string NodeReader::Version(NodeId id) {
  const TextNode& node = tree_[id];
  if (!IsVersion(node.value)) {
    Error(node.span, Shown(node) + " is no version", "write numbers with dots, quoted: \"3.5.0\"");
  }
  return Spend(node.value.size()) ? std::string(node.value) : "";
}

std::string NodeReader::MetricName(NodeId id) {
  const TextNode& node = tree_[id];
  if (!IsMetricName(node.value)) {
    Error(node.span, Shown(node) + " is no metric name",
          "a name has letters, digits, '_' and ':' and does not begin with a digit");
  }
  return Spend(node.value.size()) ? std::string(node.value) : "";
}

std::string NodeReader::LabelName(NodeId id) {
  const TextNode& node = tree_[id];
  if (node.value == "__name__") {
    Error(node.span, "__name__ is the metric's name, which `old` and `new` say");
  } else if (!IsLabelName(node.value)) {
    Error(node.span, Shown(node) + " is no label name",
          "a label has letters, digits and '_' and does not begin with a digit");
  }
  return Spend(node.value.size()) ? std::string(node.value) : "";
}

MetricType NodeReader::Type(NodeId id) {
  const TextNode& node = tree_[id];
  const std::optional<MetricType> type = ParseMetricType(node.value);
  if (!type) {
    Error(node.span, Shown(node) + " is no metric type",
          "one of counter, gauge, histogram, summary, untyped, info, stateset, gaugehistogram");
  }
  return type.value_or(MetricType::kUntyped);
}

std::vector<std::string> NodeReader::VersionList(NodeId id) {
  const TextNode& node = tree_[id];
  std::vector<std::string> versions;
  if (node.kind != TextNode::Kind::kSequence || node.items.empty()) {
    Error(node.span, "a list of versions is expected here", "write [\"3.4.0\"]");
    return versions;
  }
  for (const NodeId item : Items(id, "a list of versions", true)) versions.push_back(Version(item));
  return versions;
}

}  // namespace metrishift
