#ifndef METRISHIFT_CORE_STEP_H_
#define METRISHIFT_CORE_STEP_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/diagnostic.h"
#include "core/mapping_entry.h"
#include "core/name_pattern.h"

namespace metrishift {

// Looks up a string_view without making a string of it: every word of a file and every family of a
// scrape is asked for.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class Value>
using StringMap = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

// What one table does, all at once. Immutable; several threads may read it.
class Step {
 public:
  // An entry that a series belongs to: it is the family, followed by `suffix`.
  struct Part {
    MappingEntry entry;
    std::string_view suffix;               // static storage
    const MappingEntry* source = nullptr;  // where `entry` stands in the table; null by a pattern
  };

  // `table` must outlive the step and stay where it is.
  explicit Step(const MappingTable& table);

  const MappingTable& table() const { return *table_; }

  // The entries that say something of the old series `name`: those of that name, or else those that
  // come of patterns.
  std::vector<Part> Find(std::string_view name) const;

  // Those of patterns only: of the first that matches, and of the others with the same regular
  // expression. With `family` for a family of that name and type instead of a series.
  std::vector<Part> FindByPattern(std::string_view name,
                                  std::optional<MetricType> family = std::nullopt) const;

  // True iff `name` may be the new name of a series by a pattern.
  bool MayMakeByPattern(std::string_view name) const;

  // What becomes of an entry of earlier steps: itself, where this one says nothing of what it
  // makes; else what this one makes of it, which is several entries where `when` chooses, and none
  // where all is as it was at first.
  struct Advanced {
    std::vector<MappingEntry> entries;
    std::string problem;          // why it cannot be said; then there is a culprit
    bool contradiction = false;   // the tables are at odds; else they are only beyond us
    std::optional<Part> culprit;  // of this step
  };
  Advanced Advance(const MappingEntry& earlier) const;

 private:
  struct Series {
    const MappingEntry* entry;
    std::string_view suffix;
  };

  // What this step says of what `earlier` makes; or a problem.
  std::vector<Part> PartsOf(const MappingEntry& earlier, Advanced& problem) const;
  Advanced AdvanceFate(const MappingEntry& earlier) const;
  Advanced AdvanceExpr(const MappingEntry& earlier) const;

  const MappingTable* table_;
  StringMap<std::vector<Series>> by_series_;
  std::vector<NamePattern> patterns_;
};

}  // namespace metrishift

#endif  // METRISHIFT_CORE_STEP_H_
