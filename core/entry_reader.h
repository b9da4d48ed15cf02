#ifndef METRISHIFT_CORE_ENTRY_READER_H_
#define METRISHIFT_CORE_ENTRY_READER_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.h"
#include "core/mapping_entry.h"
#include "core/node_reader.h"

namespace metrishift {

// An item of `metrics` as it is written: an entry, or what stands for many.
struct EntryText {
  MappingEntry entry;  // without `new_name`; without `old_name` for a prefix or a pattern
  std::string old_prefix;
  std::string new_prefix;
  std::string old_pattern;
  std::string new_text;  // `new`: a name, or for a pattern one with references to its groups
  struct Name {
    std::string text;
    FileSpan span;
  };
  std::vector<Name> names;
  std::vector<Name> except;
  std::map<std::string_view, NodeId> at;  // the value of each key that is there

  bool Has(std::string_view key) const { return at.contains(key); }
  bool IsExact() const { return Has("old"); }
};

// The most labels that `when`, `new_labels`, `labels` or `label_values` of one entry may have.
inline constexpr size_t kMaxLabelsOfEntry = 30;

// Reads item `id` of `metrics`; CheckEntry says what its keys demand of each other. `source` names
// the place.
EntryText ReadEntry(NodeReader& reader, NodeId id, const SourceText& source);

// Reads a list `evidence`: what an entry rests on. It is kept in the table for its readers, not in
// memory.
void ReadEvidence(NodeReader& reader, NodeId id);

// "file:line:col" of `span`, or "" for a text without a path.
std::string PlaceOf(const SourceText& source, FileSpan span);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_ENTRY_READER_H_
