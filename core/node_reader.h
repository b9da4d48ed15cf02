#ifndef METRISHIFT_CORE_NODE_READER_H_
#define METRISHIFT_CORE_NODE_READER_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/diagnostic.h"
#include "core/metric_type.h"
#include "core/text_tree.h"

namespace metrishift {

// Reads nodes of a TextTree as what a mapping table needs, and says what is wrong with them and
// where. After an error each function gives some harmless value. The tree and the diagnostics must
// outlive it. Not thread-safe.
class NodeReader {
 public:
  NodeReader(const TextTree& tree, std::vector<Diagnostic>& diagnostics)
      : tree_(tree), diagnostics_(diagnostics) {}

  // A key of a mapping, whether it must be there, and what reads its value.
  struct Field {
    std::string_view key;
    bool required;
    std::function<void(NodeId)> read;
  };

  // Reads mapping `id` key by key. `what` names it in messages.
  void Read(NodeId id, std::span<const Field> fields, const std::string& what);

  // The keys and values of mapping `id`, whose keys are for the table's author to choose.
  std::vector<std::pair<NodeId, NodeId>> Members(NodeId id, const std::string& what);

  // The items of list `id`. An empty one is an error where `filled`.
  std::vector<NodeId> Items(NodeId id, const std::string& what, bool filled);

  std::string Text(NodeId id);        // not empty
  std::string AnyText(NodeId id);     // a scalar
  bool Bool(NodeId id);               // true or false
  double Number(NodeId id);           // decimal, finite
  std::string Version(NodeId id);     // digits and dots: 3.5, v1.16.0, 2.0.0-alpha.1
  std::string MetricName(NodeId id);  // by the classic rule
  std::string LabelName(NodeId id);   // [a-zA-Z_][a-zA-Z0-9_]*, but not __name__
  MetricType Type(NodeId id);
  std::vector<std::string> VersionList(NodeId id);

  TextNode operator[](NodeId id) const { return tree_[id]; }

  void Error(FileSpan span, std::string message, std::string hint = "");
  void Info(FileSpan span, std::string message, std::string hint = "");
  // Says that the mapping or entry at `span` lacks `key`.
  void Lacks(FileSpan span, const std::string& what, std::string_view key);

  // An alias (*x) makes one node many, so that a short text may stand for more than fits in memory.
  // Counts `amount` (about bytes) towards the most that a table may stand for; false, and an error
  // once, when that is reached. Everything above calls it for what it reads.
  bool Spend(size_t amount);

 private:
  // A value as messages name it.
  static std::string Shown(const TextNode& node);

  const TextTree& tree_;
  std::vector<Diagnostic>& diagnostics_;
  size_t spent_ = 0;
};

}  // namespace metrishift

#endif  // METRISHIFT_CORE_NODE_READER_H_
