#include "core/text_tree.h"

namespace metrishift {

const TextNode* TextTree::Find(NodeId id, std::string_view key) const {
  const TextNode* found = nullptr;
  for (const auto& [name, value] : nodes[id].members) {
    const TextNode& node = nodes[name];
    if (node.kind == TextNode::Kind::kScalar && node.value == key) found = &nodes[value];
  }
  return found;
}

}  // namespace metrishift
