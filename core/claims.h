#ifndef METRISHIFT_CORE_CLAIMS_H_
#define METRISHIFT_CORE_CLAIMS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/mapping_entry.h"

namespace metrishift {

// The most entries of one table that may have one old name, or one new name.
inline constexpr size_t kMaxEntriesOfName = 500;

// Two entries of one table that are about the same series, and so cannot both be right.
struct Clash {
  const MappingEntry* earlier = nullptr;
  const MappingEntry* later = nullptr;
  std::string series;     // what both claim
  bool too_many = false;  // more than kMaxEntriesOfName; the series are not compared any more
};

// Entries whose old series overlap, but that one without `when` may stand beside others of its old
// name. Each entry is `later` in at most one clash.
std::vector<Clash> FindOldClashes(std::span<const MappingEntry> entries);

// Entries of one step whose new series overlap. Aggregates and expressions claim none: new series
// may be of use to several of them. Each entry is `later` in at most one clash.
std::vector<Clash> FindNewClashes(std::span<const MappingEntry> entries);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_CLAIMS_H_
