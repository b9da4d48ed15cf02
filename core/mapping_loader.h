#ifndef METRISHIFT_CORE_MAPPING_LOADER_H_
#define METRISHIFT_CORE_MAPPING_LOADER_H_

#include <string>
#include <string_view>

#include "core/diagnostic.h"
#include "core/mapping.h"

namespace metrishift {

// Reads one mapping table (YAML, or JSON, which YAML contains). mappings/README.md describes the
// schema and what is refused. Every problem found is a diagnostic with its place in `text`, not
// only the first; any error means no value, and what is only worth knowing (an entry that goes
// before a prefix) comes with one. An entry or pattern whose names are a closed list comes as an
// entry for each name. What a table may stand for is limited to about 64 MB, since aliases make
// much of little. Thread-safe. `path` names the text in MappingEntry::place.
Outcome<MappingTable> LoadMappingTable(std::string_view text, const std::string& path = "");

}  // namespace metrishift

#endif  // METRISHIFT_CORE_MAPPING_LOADER_H_
