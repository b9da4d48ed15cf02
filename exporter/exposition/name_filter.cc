#include "exporter/exposition/name_filter.h"

#include <bit>
#include <functional>

#include "exporter/exposition/family_tracker.h"

namespace metrishift::exposition {
namespace {

// Names meet in their stems: "x_count" and "x_bucket" in "x". A name without a suffix is its own
// stem.
std::string_view Stem(std::string_view name) {
  const std::string_view stem = WithoutSuffix(name);
  return stem.empty() ? name : stem;
}

}  // namespace

NameFilter::NameFilter(const Mapping& mapping)
    : bits_(std::bit_ceil(64 * mapping.entries().size() + 1)) {
  for (const MappingEntry& entry : mapping.entries()) {
    Add(entry.old_name);
    Add(entry.new_name);
  }
}

// A stem can end in a suffix itself (histogram "x_count" has a series "x_count_sum"), so the name
// goes in besides.
void NameFilter::Add(std::string_view name) {
  bits_[Slot(name)] = true;
  bits_[Slot(Stem(name))] = true;
}

size_t NameFilter::Slot(std::string_view name) const {
  return std::hash<std::string_view>{}(name) & (bits_.size() - 1);
}

bool NameFilter::MayConcern(std::string_view name) const {
  if (bits_[Slot(name)]) return true;
  const std::string_view stem = WithoutSuffix(name);
  return !stem.empty() && bits_[Slot(stem)];
}

}  // namespace metrishift::exposition
