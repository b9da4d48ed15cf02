#include "core/text_tree.h"

#include <algorithm>

namespace metrishift {

TextNode TextTree::operator[](NodeId id) const {
  const Stored& stored = nodes_[id];
  TextNode node{stored.kind, stored.style, stored.aliased, {stored.begin, stored.end}, {}, {}, {}};
  switch (stored.kind) {
    case TextNode::Kind::kScalar:
      node.value =
          (stored.in_text ? text_ : std::string_view(values_)).substr(stored.first, stored.count);
      break;
    case TextNode::Kind::kMapping:
      node.members = std::span(members_).subspan(stored.first, stored.count);
      break;
    case TextNode::Kind::kSequence:
      node.items = std::span(items_).subspan(stored.first, stored.count);
      break;
  }
  return node;
}

std::optional<NodeId> TextTree::Find(NodeId id, std::string_view key) const {
  std::optional<NodeId> found;
  for (const auto& [name, value] : (*this)[id].members) {
    const TextNode node = (*this)[name];
    if (node.kind == TextNode::Kind::kScalar && node.value == key) found = value;
  }
  return found;
}

NodeId TextTreeAssembler::Push(TextTree::Stored node, FileSpan span) {
  node.begin = static_cast<uint32_t>(span.begin);
  node.end = static_cast<uint32_t>(span.end);
  tree_.nodes_.push_back(node);
  return static_cast<NodeId>(tree_.nodes_.size() - 1);
}

NodeId TextTreeAssembler::AddScalar(FileSpan span, ScalarStyle style, std::string_view value) {
  TextTree::Stored node;
  node.style = style;
  node.count = static_cast<uint32_t>(value.size());
  // A plain scalar, or a quoted one without escapes.
  for (const size_t first : {span.begin, span.begin + 1}) {
    if (node.in_text || tree_.text_.substr(std::min(first, span.end), value.size()) != value)
      continue;
    node.in_text = true;
    node.first = static_cast<uint32_t>(first);
  }
  if (!node.in_text) {
    node.first = static_cast<uint32_t>(tree_.values_.size());
    tree_.values_ += value;
  }
  const NodeId id = Push(node, span);
  Attach(id);
  return id;
}

NodeId TextTreeAssembler::Open(TextNode::Kind kind, FileSpan span) {
  TextTree::Stored node;
  node.kind = kind;
  const NodeId id = Push(node, span);
  open_.push_back({id, children_.size()});
  return id;
}

void TextTreeAssembler::Close(size_t end) {
  const OpenNode closed = open_.back();
  open_.pop_back();
  TextTree::Stored& node = tree_.nodes_[closed.id];
  node.end = std::max(node.begin, static_cast<uint32_t>(end));
  const auto begin = children_.begin() + static_cast<std::ptrdiff_t>(closed.children);
  const size_t count = children_.size() - closed.children;
  if (node.kind == TextNode::Kind::kSequence) {
    node.first = static_cast<uint32_t>(tree_.items_.size());
    node.count = static_cast<uint32_t>(count);
    tree_.items_.insert(tree_.items_.end(), begin, children_.end());
  } else {
    node.first = static_cast<uint32_t>(tree_.members_.size());
    node.count = static_cast<uint32_t>(count / 2);
    for (size_t i = closed.children; i + 1 < children_.size(); i += 2) {
      tree_.members_.emplace_back(children_[i], children_[i + 1]);
    }
  }
  children_.resize(closed.children);
  Attach(closed.id);
}

void TextTreeAssembler::AddAlias(NodeId id) {
  tree_.nodes_[id].aliased = true;
  Attach(id);
}

bool TextTreeAssembler::IsOpen(NodeId id) const {
  return std::ranges::find(open_, id, &OpenNode::id) != open_.end();
}

std::optional<Diagnostic> TextTreeAssembler::CheckLimits(FileSpan span) const {
  std::string message;
  if (open_.size() > kMaxTreeDepth) {
    message = "nested more than " + std::to_string(kMaxTreeDepth) + " levels deep";
  } else if (tree_.nodes_.size() > kMaxTreeNodes) {
    message = "more than " + std::to_string(kMaxTreeNodes) + " keys and values";
  } else if (tree_.text_.size() > kMaxTreeText) {
    message = "larger than " + std::to_string(kMaxTreeText >> 30) + " GiB";
  } else {
    return std::nullopt;
  }
  return Diagnostic{Severity::kError, span, message,
                    "no dashboard or rule file has; is this the right file?"};
}

void TextTreeAssembler::Attach(NodeId id) {
  if (open_.empty()) {
    tree_.documents.push_back(id);
  } else {
    children_.push_back(id);
  }
}

}  // namespace metrishift
