#ifndef METRISHIFT_CORE_TEXT_TREE_H_
#define METRISHIFT_CORE_TEXT_TREE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/span.h"

namespace metrishift {

// How a scalar is written in its file; it decides how its bytes decode and how a replacement has to
// be escaped.
enum class ScalarStyle : uint8_t {
  kJsonString,   // "..." by RFC 8259
  kJsonLiteral,  // a JSON number, true, false or null
  kPlain,        // the five styles of YAML 1.1
  kSingleQuoted,
  kDoubleQuoted,
  kLiteral,
  kFolded,
};

// Nodes refer to each other by index into TextTree::nodes. A YAML alias is the index of the node
// that its anchor names, so one node may have several parents; there are no cycles.
using NodeId = uint32_t;

struct TextNode {
  enum class Kind : uint8_t { kScalar, kMapping, kSequence };

  Kind kind = Kind::kScalar;
  ScalarStyle style = ScalarStyle::kPlain;
  // Scalars: the whole token, quotes or block header included. Mappings and sequences: from the
  // first byte of the node to the last byte that belongs to it.
  FileSpan span;
  // Scalars: the decoded text.
  std::string value;
  // Mappings, in file order, duplicates included: key and value.
  std::vector<std::pair<NodeId, NodeId>> members;
  // Sequences, in file order.
  std::vector<NodeId> items;
};

// The structure of a YAML or JSON text, each node with its place in the file. Owns its strings.
struct TextTree {
  std::vector<TextNode> nodes;
  std::vector<NodeId> documents;  // root of each document, in file order

  const TextNode& operator[](NodeId id) const { return nodes[id]; }

  // The value of the last member of mapping `id` whose key is the scalar `key`; nullptr when there
  // is none or `id` is no mapping. (The last wins: as in Prometheus' and Grafana's readers.)
  const TextNode* Find(NodeId id, std::string_view key) const;
};

// The deepest nesting that the readers accept; deeper input is refused with a diagnostic.
inline constexpr size_t kMaxTreeDepth = 200;

}  // namespace metrishift

#endif  // METRISHIFT_CORE_TEXT_TREE_H_
