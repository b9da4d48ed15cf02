#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_BUILTIN_JUDGE_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_BUILTIN_JUDGE_H_

#include <span>
#include <string>

#include "tests/e2e/equivalence/fleet.h"

namespace metrishift::e2e {

// What `fleet` has measured in the scenes of all built-in tables; see builtin_scenes.h.
std::string BuiltinMeasurements(Fleet fleet);

// Judges every built-in table by the Prometheus at `urls`, one for each of kFleets, and prints a
// line for each, and what differs. True iff nothing does and no entry was left out.
bool JudgeBuiltinTables(std::span<char* const> urls);

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_BUILTIN_JUDGE_H_
