#ifndef METRISHIFT_CORE_MAPPING_H_
#define METRISHIFT_CORE_MAPPING_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.h"
#include "core/mapping_entry.h"
#include "core/metric_type.h"

namespace metrishift {

struct Steps;
enum class Conflicts;

// The tables of one run, indexed by old and by new name. A table is a step from one version to
// another: its entries apply all at once, and the steps of one component one after the other by
// version, so that a -> b and then b -> c give a -> c, with labels, values and factors composed.
// Immutable to its users; several threads may read it. Copies share their contents.
class Mapping {
 public:
  // A series name, understood: `entry`'s family followed by `suffix` ("" or one of
  // SeriesSuffixes(entry->type)).
  struct Match {
    const MappingEntry* entry = nullptr;
    std::string_view suffix;  // points to static storage

    std::string OldSeries() const { return entry->old_name + std::string(suffix); }
    // Meaningful where HasNewSeries().
    std::string NewSeries() const { return entry->new_name + std::string(suffix); }
    // False where the entry has no new name, or a family of the new type no series of this suffix.
    // (A histogram with other buckets has its _bucket; see MappingEntry::buckets.)
    bool HasNewSeries() const;
    // The factor and the summand of this series' value: a histogram's _bucket and _count and the
    // time in _created are not in the unit of what is measured; sums and quantiles are.
    double Scale() const;
    double Offset() const;
  };

  Mapping() = default;

  // Composes `tables`. Fails with a message that names both culprits when two tables say different
  // things of one old name or give one metric two types, when steps lead back to a name (a -> b,
  // then b -> a), or when one step cannot follow another: it changes more than the name of what an
  // aggregate or an expression is over, is an expression for what has changed more than its name,
  // maps the values of one label a second time, or chooses with `when` among series that the other
  // has chosen with its own. `tables` may be empty: the identity.
  static Outcome<Mapping> FromTables(std::vector<MappingTable> tables);

  // The same for tables that nobody has chosen one by one, and so of programs that need not all be
  // there: an old name of several components is no contradiction. It gets an entry in place of
  // theirs that says nothing but that (kSemantics, with the tables in its note).
  static Outcome<Mapping> OfManyComponents(std::vector<MappingTable> tables);

  // The way back: new names to old ones, table by table and from the last step to the first, so
  // that c leads to a where a led to b and then to c. Versions and notes stay as they are. What has
  // no way back (its kind loses something, or two entries make one series) is left out; a warning
  // for each says which and why. Reversed twice, what is left is the same again, but that scales
  // may be rounded, and that a `when` for a label that is not there goes where the other side has
  // the label. A prefix has a way back, too, and a pattern where it can be read off it.
  Outcome<Mapping> Reversed() const;

  // This mapping and one more table, as its last step. Conflicts are dealt with as they were: with
  // an error, or in a mapping that was turned round, with a warning for each of both.
  Outcome<Mapping> With(MappingTable table) const;

  // The entries for series `name` (as written in a query: "x", or "x_bucket" for a histogram x), in
  // the order of their table; more than one where `when` chooses among them. At most one is without
  // `when`: it is for what the others do not choose. An entry for the name goes before patterns,
  // and the first pattern that matches before the others. What a pattern gives is kept, so that
  // memory grows with the number of names that were asked for and matched. Matches, and the entries
  // they point to, stay valid as long as this Mapping or a copy of it lives.
  std::span<const Match> FindAllOld(std::string_view name) const;

  // True iff every name that there are entries for has an underscore: nearly all names of metrics
  // have one, and little else in a file has.
  bool NamesHaveUnderscores() const;

  // The first of them, for those who need to know only that there is one.
  std::optional<Match> FindOld(std::string_view name) const;

  // The entries whose new family name is `family` (as in a TYPE line of text format 0.0.4), in
  // table order: several where steps were composed (c has been b and, before, a) or where labels
  // tell apart what had names of its own. Without what patterns stand for; Reversed() finds that.
  std::span<const MappingEntry* const> FindNewFamily(std::string_view family) const;

  // True iff `name` is a series that an entry maps something to, or could be one by a pattern.
  bool IsNewSeries(std::string_view name) const;

  // What the tables say of the function `name` of PromQL; null where they say nothing of it. Valid
  // as long as this Mapping or a copy of it lives.
  const FunctionEntry* FindFunction(std::string_view name) const;

  // Old names of functions, in no order.
  std::vector<std::string_view> OldFunctions() const;

  // Every composed entry, in the order of steps and of the tables' texts; without what patterns
  // stand for, which has no end.
  std::span<const MappingEntry> entries() const;

  // The patterns of all tables, in the order of steps, each as its table has it: what FindAllOld
  // gives for a name has been through the later steps, too.
  std::span<const MappingPattern> patterns() const;

  // In the order of steps.
  std::span<const MappingTable> tables() const;

 private:
  struct Index;

  static Outcome<Mapping> Compose(std::vector<MappingTable> tables, Conflicts conflicts);

  std::shared_ptr<const Index> index_;
};

}  // namespace metrishift

#endif  // METRISHIFT_CORE_MAPPING_H_
