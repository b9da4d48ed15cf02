#ifndef METRISHIFT_CORE_TEXT_TREE_H_
#define METRISHIFT_CORE_TEXT_TREE_H_

#include <cstdint>
#include <optional>
#include <span>
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
  kPlain,        // the five styles of YAML 1.1; inside of brackets or braces the first of them
  kFlowPlain,    // has fewer characters to itself
  kSingleQuoted,
  kDoubleQuoted,
  kLiteral,
  kFolded,
  kGoString,  // "..." in an action of a template, by the Go specification
  kGoRaw,     // `...`
  kVerbatim,  // its bytes and nothing around them: a block of code in Markdown
};

inline bool IsPlain(ScalarStyle style) {
  return style == ScalarStyle::kPlain || style == ScalarStyle::kFlowPlain;
}

// Nodes refer to each other by their number in the tree. A YAML alias is the number of the node
// that its anchor names, so one node may have several parents; there are no cycles.
using NodeId = uint32_t;

// A look at one node; the views point into the tree and the text it was read from.
struct TextNode {
  enum class Kind : uint8_t { kScalar, kMapping, kSequence };
  using Member = std::pair<NodeId, NodeId>;  // key and value

  Kind kind = Kind::kScalar;
  ScalarStyle style = ScalarStyle::kPlain;
  bool aliased = false;  // an alias leads here as well
  // Scalars: the whole token, quotes or block header included. Mappings and sequences: from the
  // first byte of the node to the last byte that belongs to it.
  FileSpan span;
  // Scalars: the decoded text.
  std::string_view value;
  // Mappings, in file order, duplicates included.
  std::span<const Member> members;
  // Sequences, in file order.
  std::span<const NodeId> items;
};

// The structure of a YAML or JSON text, each node with its place in the file. Kept small: a scalar
// whose value stands in the text as it is takes 8 bytes, other nodes 20; so the text must outlive
// the tree. Immutable but for its assembler.
class TextTree {
 public:
  size_t size() const { return nodes_.size(); }

  // REQUIRES: id < size().
  TextNode operator[](NodeId id) const;

  // The value of the last member of mapping `id` whose key is the scalar `key`; nothing when there
  // is none or `id` is no mapping. (The last wins: as in Prometheus' and Grafana's readers.)
  std::optional<NodeId> Find(NodeId id, std::string_view key) const;

  // True iff a walk may come to a node more than once, and then out of order: by an alias, or by a
  // merge key.
  bool repeats() const { return repeats_; }

  std::vector<NodeId> documents;  // the root of each, in file order

 private:
  friend class TextTreeAssembler;

  // `first` and `count`: of a scalar, bytes of values_, or of the text; of the others, elements of
  // members_ or items_.
  struct Extent {
    uint32_t end = 0;
    uint32_t first : 31 = 0;
    uint32_t in_text : 1 = 0;
    uint32_t count = 0;
  };
  static_assert(sizeof(Extent) == 12);

  // Of a scalar that is in_text, `rest` is the size of its token, which is its value and the quotes
  // around it; of all others it is the number of its extent.
  struct Stored {
    uint32_t begin = 0;
    uint32_t rest : 24 = 0;
    TextNode::Kind kind : 2 = TextNode::Kind::kScalar;
    ScalarStyle style : 4 = ScalarStyle::kPlain;
    bool in_text : 1 = false;
    bool aliased : 1 = false;
  };
  static_assert(sizeof(Stored) == 8);
  static constexpr size_t kMaxRest = (size_t{1} << 24) - 1;

  std::string_view text_;
  std::vector<Stored> nodes_;
  std::vector<Extent> extents_;
  std::vector<TextNode::Member> members_;
  std::vector<NodeId> items_;
  std::string values_;  // those that do not stand in the text as they are
  bool repeats_ = false;
};

// The deepest nesting, the most nodes and the longest text that the readers accept; other input is
// refused with a diagnostic. The largest public dashboards have a thousandth of the nodes.
inline constexpr size_t kMaxTreeDepth = 200;
inline constexpr size_t kMaxTreeNodes = 5'000'000;
inline constexpr size_t kMaxTreeText = size_t{1} << 31;

// Puts a tree together from what a reader reports: scalars, and beginnings and ends of collections.
// What a node belongs to is the collection that is open at that time. Not thread-safe.
class TextTreeAssembler {
 public:
  explicit TextTreeAssembler(std::string_view text) { tree_.text_ = text; }

  // Makes room for that many nodes.
  void Reserve(size_t nodes) { tree_.nodes_.reserve(nodes); }

  // Adds a scalar to the collection that is open. REQUIRES: `span` lies within the text.
  NodeId AddScalar(FileSpan span, ScalarStyle style, std::string_view value);

  // Adds a collection and opens it; what comes until Close() belongs to it.
  NodeId Open(TextNode::Kind kind, FileSpan span);

  // Closes the collection that was opened last; `end` is where its last byte ends. REQUIRES: one is
  // open.
  void Close(size_t end);

  // Adds a node that is there already, as an alias does. REQUIRES: !IsOpen(id).
  void AddAlias(NodeId id);

  // Returns true iff `id` is a collection that has not been closed.
  bool IsOpen(NodeId id) const;

  // What is wrong with the size of the tree, at `span`; nothing while it is within the limits.
  std::optional<Diagnostic> CheckLimits(FileSpan span) const;

  TextTree Take() { return std::move(tree_); }

 private:
  struct OpenNode {
    NodeId id;
    size_t children;  // where they begin in children_
  };

  TextTree::Extent Keep(FileSpan span, ScalarStyle style, std::string_view value);
  NodeId Push(TextTree::Stored node);
  NodeId Push(TextTree::Stored node, TextTree::Extent extent);
  void Attach(NodeId id);

  TextTree tree_;
  std::vector<OpenNode> open_;
  std::vector<NodeId> children_;  // of the open ones: keys and values in turn, or items
};

}  // namespace metrishift

#endif  // METRISHIFT_CORE_TEXT_TREE_H_
