#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_FLEET_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_FLEET_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/mapping.h"

namespace metrishift::e2e {

// Under which names a fleet exposes what it measures.
enum class Fleet : uint8_t {
  kOld,    // before the upgrade
  kNew,    // after it
  kBoth,   // every process has both names
  kMixed,  // some processes have the old names, the others the new
};

inline constexpr std::array kFleets = {Fleet::kOld, Fleet::kNew, Fleet::kBoth, Fleet::kMixed};

std::string_view FleetName(Fleet fleet);
std::optional<Fleet> FindFleet(std::string_view name);

// The hour that every fleet has measured, in seconds of Unix time. Fixed, so that a failure can be
// repeated; at the start of a two-hour block of Prometheus.
inline constexpr int64_t kBegin = 1'700'006'400;
inline constexpr int64_t kEnd = kBegin + 3600;

// What `fleet` has measured in that hour, as OpenMetrics for `promtool tsdb create-blocks-from`:
// the same values in every fleet, under old names or under those that `mapping` gives them. Three
// instances of two jobs; one comes late, one leaves early, counters are reset, and there are
// metrics that nobody renames.
std::string Measurements(Fleet fleet, const Mapping& mapping);

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_FLEET_H_
