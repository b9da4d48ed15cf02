#ifndef METRISHIFT_REWRITER_FORMATS_PLACE_WALKER_H_
#define METRISHIFT_REWRITER_FORMATS_PLACE_WALKER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/diagnostic.h"
#include "core/text_tree.h"
#include "rewriter/formats/places.h"

namespace metrishift::formats {

// A node of a tree at one of the places: a scalar, or of a passage any node. A query that belongs
// to a datasource other than Prometheus, or is in another language, is a foreign passage.
struct Hit {
  NodeId node = 0;
  std::variant<QueryPlace, Nested, RecordPlace, PassageKind> what;
  uint32_t way = 0;  // the last of the steps that lead to it
  // Nothing says that the datasource is Prometheus, and nothing that it is something else.
  bool assumed = false;
  std::optional<NodeId> record;  // what names the result
  NodeId from = 0;               // where the row of the table begins
};

// Hits of a tree, and the ways that lead to them.
struct FoundPlaces {
  // A step of a way: behind the one before it, to a member or an item.
  struct Step {
    uint32_t before = kNoStep;
    uint32_t to = 0;  // the key of the member, or the number of the item
    bool is_item = false;
  };
  static constexpr uint32_t kNoStep = UINT32_MAX;

  // For people: "groups[0].rules[2].expr". `tree` is the one that they were found in.
  std::string PlaceOf(const TextTree& tree, const Hit& hit) const;

  std::vector<Hit> hits;
  std::vector<Step> steps;
};

// Gives `take` the hits of all documents of `tree`, in file order: one per node, however many
// places and aliases lead to it; where several places do, the first row of the table counts. Empty
// scalars, and JSON's numbers and words, are none. What is left alone as a whole is one foreign
// passage. A large file has tens of thousands of hits, so they come some at a time; but all at once
// where nodes are repeated (TextTree::repeats). Returns an error, and has given none, when aliases
// nest the tree too deep. Takes time linear in the size of the tree. Thread-safe.
std::optional<Diagnostic> FindPlaces(const TextTree& tree,
                                     const std::function<void(const FoundPlaces&)>& take);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_PLACE_WALKER_H_
