#ifndef METRISHIFT_CORE_TEXT_TREE_H_
#define METRISHIFT_CORE_TEXT_TREE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/diagnostic.h"
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
  kGoString,  // "..." in an action of a template, by the Go specification
  kGoRaw,     // `...`
  kVerbatim,  // its bytes and nothing around them: a block of code in Markdown
};

// Nodes refer to each other by index into TextTree::nodes. A YAML alias is the index of the node
// that its anchor names, so one node may have several parents; there are no cycles.
using NodeId = uint32_t;

struct TextNode {
  enum class Kind : uint8_t { kScalar, kMapping, kSequence };

  Kind kind = Kind::kScalar;
  ScalarStyle style = ScalarStyle::kPlain;
  bool aliased = false;  // an alias leads here as well
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

// The deepest nesting and the most nodes that the readers accept; other input is refused with a
// diagnostic. The largest public dashboards have a thousandth of the nodes; five million take about
// a gigabyte.
inline constexpr size_t kMaxTreeDepth = 200;
inline constexpr size_t kMaxTreeNodes = 5'000'000;

// Puts a tree together from what a reader reports: scalars, and beginnings and ends of collections.
// What a node belongs to is the collection that is open at that time. Not thread-safe.
class TextTreeAssembler {
 public:
  // Adds a complete node to the collection that is open.
  NodeId AddScalar(TextNode node);

  // Adds `node` and opens it; what comes until Close() belongs to it.
  NodeId Open(TextNode node);

  // Closes the collection that was opened last; `end` is where its last byte ends. REQUIRES: one is
  // open.
  void Close(size_t end);

  // Adds a node that is there already, as an alias does. REQUIRES: !IsOpen(id).
  void AddAlias(NodeId id) {
    tree_.nodes[id].aliased = true;
    Attach(id);
  }

  // Returns true iff `id` is a collection that has not been closed.
  bool IsOpen(NodeId id) const;

  // What is wrong with the size of the tree, at `span`; nothing while it is within the limits.
  std::optional<Diagnostic> CheckLimits(FileSpan span) const;

  TextTree Take() { return std::move(tree_); }

 private:
  struct OpenNode {
    NodeId id;
    std::optional<NodeId> key;  // of a mapping: the key whose value comes next
  };

  NodeId Push(TextNode node);
  void Attach(NodeId id);

  TextTree tree_;
  std::vector<OpenNode> open_;
};

}  // namespace metrishift

#endif  // METRISHIFT_CORE_TEXT_TREE_H_
