#ifndef METRISHIFT_CORE_MAPPING_H_
#define METRISHIFT_CORE_MAPPING_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.h"
#include "core/metric_type.h"

namespace metrishift {

// One renamed metric family.
struct MappingEntry {
  std::string old_name;
  std::string new_name;
  MetricType type = MetricType::kUntyped;
  std::vector<std::string>
      new_since;          // first versions with the new name; several where it was backported
  std::string old_until;  // first version without the old name; empty when not known
  std::string note;       // for people; may be empty
  std::string table;      // name of the MappingTable it comes from
  FileSpan span;          // its item in the table's text
  std::string place;      // "file:line:col" of it, where it was read from a file; for people
};

// One table file: the renames of one upgrade of one component.
struct MappingTable {
  std::string name;
  std::string title;
  std::string component;
  std::string from_version;
  std::string to_version;
  std::string source;
  std::vector<MappingEntry> metrics;
};

// The tables of one run, indexed by old and by new name. A table is a step from one version to
// another: its entries apply all at once, and the steps of one component one after the other by
// version, so that a -> b and then b -> c give a -> c. Immutable once built; several threads may
// read it. Copies share their contents.
class Mapping {
 public:
  // A series name, understood: `entry`'s family followed by `suffix` ("" or one of
  // SeriesSuffixes(entry->type)).
  struct Match {
    const MappingEntry* entry = nullptr;
    std::string_view suffix;  // points to static storage

    std::string OldSeries() const { return entry->old_name + std::string(suffix); }
    std::string NewSeries() const { return entry->new_name + std::string(suffix); }
  };

  Mapping() = default;

  // Composes `tables`. Fails with a message that names both culprits when two tables say different
  // things of one old name or give one metric two types, or when steps lead back to a name (a -> b,
  // then b -> a). `tables` may be empty: the identity.
  static Outcome<Mapping> FromTables(std::vector<MappingTable> tables);

  // The entry that renames series `name` (as written in a query: "x", or "x_bucket" for a histogram
  // x), if any. Pointers stay valid as long as this Mapping or a copy of it lives.
  std::optional<Match> FindOld(std::string_view name) const;

  // The entries whose new family name is `family` (as in a TYPE line of text format 0.0.4), in
  // table order. More than one only where steps were composed: c has been b and, before, a.
  std::span<const MappingEntry* const> FindNewFamily(std::string_view family) const;

  // True iff `name` is a series that an entry renames something to.
  bool IsNewSeries(std::string_view name) const;

  // Every composed entry, in the order of steps and of the tables' texts.
  std::span<const MappingEntry> entries() const;
  std::span<const MappingTable> tables() const;

 private:
  struct Index;
  std::shared_ptr<const Index> index_;
};

}  // namespace metrishift

#endif  // METRISHIFT_CORE_MAPPING_H_
