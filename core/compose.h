#ifndef METRISHIFT_CORE_COMPOSE_H_
#define METRISHIFT_CORE_COMPOSE_H_

#include <optional>
#include <string>
#include <string_view>

#include "core/mapping_entry.h"

namespace metrishift {

// One entry after another.
struct Composition {
  // From the first's old series to the second's new ones, as far as the second is about them; its
  // `when` is that of both. Nothing where they have no series in common, or with a problem.
  std::optional<MappingEntry> entry;
  bool whole = false;   // the second is about everything that the first makes
  std::string problem;  // why they cannot be composed, a clause; else empty
};

// Composes `first` with `second`, an entry of a later step whose old family, followed by `suffix`,
// is the new family of `first`: "" unless what `first` makes is a single series of a family of
// `second`. REQUIRES: both are normalized, first.fate is kReplaced, and the types agree.
Composition Compose(const MappingEntry& first, const MappingEntry& second, std::string_view suffix);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_COMPOSE_H_
