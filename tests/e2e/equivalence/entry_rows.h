#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_ENTRY_ROWS_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_ENTRY_ROWS_H_

#include <vector>

#include "core/mapping_entry.h"
#include "tests/e2e/equivalence/expressions.h"

namespace metrishift::e2e {

// The expressions over the old series of `entry` by which it is judged, and what must become of
// each: by its type, by the labels that it speaks of, and by how equivalent it says it is. At least
// one.
std::vector<Row> RowsOf(const MappingEntry& entry);

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_ENTRY_ROWS_H_
