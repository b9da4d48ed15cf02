#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_FALSIFIED_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_FALSIFIED_H_

#include <string>
#include <vector>

#include "core/mapping_entry.h"

namespace metrishift::e2e {

// An entry that says something that is not so.
struct Falsified {
  std::string what;  // "scale", "label pod_name"; for people
  MappingEntry entry;
};

// `entry` with one thing wrong that it says, for each: its new name, its factor and summand, each
// label, value and aggregated label, its expression. Whoever judges entries must notice all.
std::vector<Falsified> FalsifiedOf(const MappingEntry& entry);

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_FALSIFIED_H_
