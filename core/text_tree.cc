#include "core/text_tree.h"

#include <algorithm>

namespace metrishift {

namespace {

// How many quotes stand before a value, and behind it.
size_t QuotesOf(ScalarStyle style) {
  return style == ScalarStyle::kJsonString || style == ScalarStyle::kSingleQuoted ||
                 style == ScalarStyle::kDoubleQuoted
             ? 1
             : 0;
}

}  // namespace

TextNode TextTree::operator[](NodeId id) const {
  const Stored& stored = nodes_[id];
  TextNode node{stored.kind, stored.style, stored.aliased, {stored.begin, 0}, {}, {}, {}};
  if (stored.in_text) {
    node.span.end = stored.begin + stored.rest;
    const size_t quotes = QuotesOf(stored.style);
    node.value = text_.substr(stored.begin + quotes, stored.rest - 2 * quotes);
    return node;
  }
  const Extent& extent = extents_[stored.rest];
  node.span.end = extent.end;
  switch (stored.kind) {
    case TextNode::Kind::kScalar:
      node.value = (extent.in_text != 0 ? text_ : values_).substr(extent.first, extent.count);
      break;
    case TextNode::Kind::kMapping:
      node.members = std::span(members_).subspan(extent.first, extent.count);
      break;
    case TextNode::Kind::kSequence:
      node.items = std::span(items_).subspan(extent.first, extent.count);
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

NodeId TextTreeAssembler::Push(TextTree::Stored node) {
  tree_.nodes_.push_back(node);
  return static_cast<NodeId>(tree_.nodes_.size() - 1);
}

NodeId TextTreeAssembler::Push(TextTree::Stored node, TextTree::Extent extent) {
  static_assert(kMaxTreeNodes < TextTree::kMaxRest);
  node.rest = static_cast<uint32_t>(tree_.extents_.size());
  tree_.extents_.push_back(extent);
  return Push(node);
}

NodeId TextTreeAssembler::AddScalar(FileSpan span, ScalarStyle style, std::string_view value) {
  TextTree::Stored node;
  node.begin = static_cast<uint32_t>(span.begin);
  node.style = style;
  const size_t quotes = QuotesOf(style);
  node.in_text = span.size() <= TextTree::kMaxRest && span.size() == value.size() + 2 * quotes &&
                 tree_.text_.substr(span.begin + quotes, value.size()) == value;
  NodeId id = 0;
  if (node.in_text) {
    node.rest = static_cast<uint32_t>(span.size());
    id = Push(node);
  } else {
    id = Push(node, Keep(span, style, value));
  }
  if (value == "<<") tree_.repeats_ = true;
  Attach(id);
  return id;
}

// A literal block of one line stands in the text as it is, behind its header and the indentation;
// most expressions of rules do.
TextTree::Extent TextTreeAssembler::Keep(FileSpan span, ScalarStyle style, std::string_view value) {
  TextTree::Extent extent;
  extent.end = static_cast<uint32_t>(span.end);
  extent.count = static_cast<uint32_t>(value.size());
  if (style == ScalarStyle::kLiteral) {
    const std::string_view token = tree_.text_.substr(span.begin, span.size());
    const size_t line = std::min(token.find('\n'), token.size());
    const size_t begin = std::min(token.find_first_not_of(' ', line + 1), token.size());
    if (token.substr(begin).starts_with(value)) {
      extent.in_text = 1;
      extent.first = static_cast<uint32_t>(span.begin + begin) & ~(uint32_t{1} << 31);
      return extent;
    }
  }
  extent.first = static_cast<uint32_t>(tree_.values_.size()) & ~(uint32_t{1} << 31);
  tree_.values_ += value;
  return extent;
}

NodeId TextTreeAssembler::Open(TextNode::Kind kind, FileSpan span) {
  TextTree::Stored node;
  node.begin = static_cast<uint32_t>(span.begin);
  node.kind = kind;
  const NodeId id = Push(node, {static_cast<uint32_t>(span.end), 0, 0});
  open_.push_back({id, children_.size()});
  return id;
}

void TextTreeAssembler::Close(size_t end) {
  const OpenNode closed = open_.back();
  open_.pop_back();
  const TextTree::Stored& node = tree_.nodes_[closed.id];
  TextTree::Extent& extent = tree_.extents_[node.rest];
  extent.end = std::max(node.begin, static_cast<uint32_t>(end));
  const auto begin = children_.begin() + static_cast<std::ptrdiff_t>(closed.children);
  const size_t count = children_.size() - closed.children;
  if (node.kind == TextNode::Kind::kSequence) {
    extent.first = static_cast<uint32_t>(tree_.items_.size());
    extent.count = static_cast<uint32_t>(count);
    tree_.items_.insert(tree_.items_.end(), begin, children_.end());
  } else {
    extent.first = static_cast<uint32_t>(tree_.members_.size());
    extent.count = static_cast<uint32_t>(count / 2);
    for (size_t i = closed.children; i + 1 < children_.size(); i += 2) {
      tree_.members_.emplace_back(children_[i], children_[i + 1]);
    }
  }
  children_.resize(closed.children);
  Attach(closed.id);
}

void TextTreeAssembler::AddAlias(NodeId id) {
  tree_.nodes_[id].aliased = true;
  tree_.repeats_ = true;
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
