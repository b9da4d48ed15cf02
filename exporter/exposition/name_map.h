#ifndef METRISHIFT_EXPORTER_EXPOSITION_NAME_MAP_H_
#define METRISHIFT_EXPORTER_EXPOSITION_NAME_MAP_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "exporter/exposition/byte_scan.h"

namespace metrishift::exposition {

// Names come from outside; see HashKeys.
struct NameHash {
  using is_transparent = void;
  size_t operator()(std::string_view name) const { return HashBytes(name); }
};

template <class Value>
using NameMap = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;
using NameSet = std::unordered_set<std::string, NameHash, std::equal_to<>>;

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_NAME_MAP_H_
