#ifndef METRISHIFT_EXPORTER_EXPOSITION_NAME_FILTER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_NAME_FILTER_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/mapping.h"

namespace metrishift::exposition {

// Says cheaply that a name has nothing to do with a Mapping, so that the many families of a body
// which are not renamed cost one hash each. A Bloom filter with one hash function. Immutable;
// several threads may read it.
class NameFilter {
 public:
  explicit NameFilter(const Mapping& mapping);

  // False only if neither `name`, nor `name` with or without a suffix of a histogram or summary, is
  // an old or a new name of the mapping. True for about one of sixteen other names.
  bool MayConcern(std::string_view name) const;

 private:
  void Add(std::string_view name);
  size_t Slot(std::string_view name) const;

  std::vector<bool> bits_;  // its size is a power of two
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_NAME_FILTER_H_
