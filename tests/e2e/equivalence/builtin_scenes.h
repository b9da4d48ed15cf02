#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_BUILTIN_SCENES_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_BUILTIN_SCENES_H_

#include <span>
#include <vector>

#include "core/mapping_entry.h"
#include "tests/e2e/equivalence/metric.h"
#include "tests/e2e/equivalence/server.h"

// How every built-in table is judged (e2e.equivalence_tables):
//
//   - Each table is put on stage in a quarter of an hour of its own (a Scene), so that all of them
//     share one Prometheus for each fleet and none sees the others. Two processes have, in two sets
//     of labels, the old series of all its entries (entry_series.h). Entries that cannot be on
//     stage together (two that add up the same new series in two ways, a new name that is also
//     another's old one) get scenes of their own.
//   - What the new side has instead is made by the oracle from the fields of the entries, without
//     the rewriter, and with decoys: the same series with another value of each label that says
//     which are meant. What an `expr` reads is made by hand (builtin_scenes.cc).
//   - Each entry has some expressions, by type and kind (entry_rows.h). They are rewritten by the
//     table, each way, and must mean the same in all fleets, as everything does that Comparison
//     compares; what is exact must lead back, too. What an entry's kind leaves to a person has to
//     be left, with the code for it.
//   - An expression that cannot fail proves nothing: each entry is judged again with each thing
//     that it says made wrong in turn (falsified.h), and some of its expressions must notice.
//
// No entry is left out, and what has come of each table is printed (builtin_judge.cc). Whether what
// a table says is so in the programs themselves is not asked here; see tests/mappings.

namespace metrishift::e2e {

// Entries of one table that are on stage together.
struct BuiltinScene {
  const MappingTable* table = nullptr;
  std::vector<MappingEntry> entries;  // an open pattern's with an old name made up for it
  Scene scene;

  std::vector<When> Whens() const;  // when its expressions are asked
};

// The scenes of all entries of `tables`, which must outlive them, one after another.
std::vector<BuiltinScene> BuiltinScenes(std::span<const MappingTable> tables);

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_BUILTIN_SCENES_H_
