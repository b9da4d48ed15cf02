#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_FLEET_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_FLEET_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/e2e/equivalence/metric.h"
#include "tests/e2e/equivalence/oracle.h"

namespace metrishift::e2e {

// Which side of the upgrade a fleet exposes.
enum class Fleet : uint8_t {
  kOld,    // before it
  kNew,    // after it
  kBoth,   // every process has the old side and the new; what keeps its name has both sides' labels
  kMixed,  // some processes have the old side, the others the new
};

inline constexpr std::array kFleets = {Fleet::kOld, Fleet::kNew, Fleet::kBoth, Fleet::kMixed};

std::string_view FleetName(Fleet fleet);
std::optional<Fleet> FindFleet(std::string_view name);

// What `fleet` has measured, as OpenMetrics without the end for `promtool tsdb create-blocks-from`:
// the same in every fleet, as the old side says it or as `oracle` says that the new one does, with
// decoys. Instances come late and leave early, counters are reset.
std::string Measurements(Fleet fleet, const Oracle& oracle, const Scene& scene);

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_FLEET_H_
