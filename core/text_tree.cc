#include "core/text_tree.h"

#include <algorithm>

namespace metrishift {

const TextNode* TextTree::Find(NodeId id, std::string_view key) const {
  const TextNode* found = nullptr;
  for (const auto& [name, value] : nodes[id].members) {
    const TextNode& node = nodes[name];
    if (node.kind == TextNode::Kind::kScalar && node.value == key) found = &nodes[value];
  }
  return found;
}

NodeId TextTreeAssembler::Push(TextNode node) {
  tree_.nodes.push_back(std::move(node));
  return static_cast<NodeId>(tree_.nodes.size() - 1);
}

NodeId TextTreeAssembler::AddScalar(TextNode node) {
  const NodeId id = Push(std::move(node));
  Attach(id);
  return id;
}

NodeId TextTreeAssembler::Open(TextNode node) {
  const NodeId id = Push(std::move(node));
  open_.push_back({id, std::nullopt});
  return id;
}

void TextTreeAssembler::Close(size_t end) {
  const NodeId id = open_.back().id;
  TextNode& node = tree_.nodes[id];
  node.span.end = std::max(node.span.begin, end);
  open_.pop_back();
  Attach(id);
}

bool TextTreeAssembler::IsOpen(NodeId id) const {
  return std::ranges::find(open_, id, &OpenNode::id) != open_.end();
}

std::optional<Diagnostic> TextTreeAssembler::CheckLimits(FileSpan span) const {
  std::string message;
  if (open_.size() > kMaxTreeDepth) {
    message = "nested more than " + std::to_string(kMaxTreeDepth) + " levels deep";
  } else if (tree_.nodes.size() > kMaxTreeNodes) {
    message = "more than " + std::to_string(kMaxTreeNodes) + " keys and values";
  } else {
    return std::nullopt;
  }
  return Diagnostic{Severity::kError, span, message,
                    "no dashboard or rule file has; is this the right file?"};
}

void TextTreeAssembler::Attach(NodeId id) {
  if (open_.empty()) {
    tree_.documents.push_back(id);
    return;
  }
  OpenNode& parent = open_.back();
  TextNode& node = tree_.nodes[parent.id];
  if (node.kind == TextNode::Kind::kSequence) {
    node.items.push_back(id);
  } else if (!parent.key) {
    parent.key = id;
  } else {
    node.members.emplace_back(*parent.key, id);
    parent.key.reset();
  }
}

}  // namespace metrishift
