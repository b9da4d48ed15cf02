#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_SHIM_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_SHIM_H_

#include "core/mapping.h"

namespace metrishift::e2e {

// Until Mapping::Reversed() is there.
inline Mapping ReversedOf(const Mapping& mapping) {
  std::vector<MappingTable> tables(mapping.tables().begin(), mapping.tables().end());
  for (MappingTable& table : tables) {
    std::erase_if(table.metrics, [](const MappingEntry& entry) { return !entry.IsRename(); });
    for (MappingEntry& entry : table.metrics) std::swap(entry.old_name, entry.new_name);
    table.patterns.clear();
  }
  return *Mapping::FromTables(tables);
}

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_SHIM_H_
