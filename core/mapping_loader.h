#ifndef METRISHIFT_CORE_MAPPING_LOADER_H_
#define METRISHIFT_CORE_MAPPING_LOADER_H_

#include <string>
#include <string_view>

#include "core/diagnostic.h"
#include "core/mapping.h"

namespace metrishift {

// Reads one mapping table (YAML, or JSON, which YAML contains). mappings/README.md describes the
// schema. Every problem found is a diagnostic with its place in `text`, not only the first; any
// error means no value. Errors: not YAML, several documents, an unknown, repeated or missing key, a
// value of the wrong kind, an empty table, an invalid metric name, an old name equal to its new
// name, two entries that claim the same old or the same new series, a type that contradicts the
// name's suffix, a version that does not parse. Thread-safe.
// `path` names the text in MappingEntry::place.
Outcome<MappingTable> LoadMappingTable(std::string_view text, const std::string& path = "");

}  // namespace metrishift

#endif  // METRISHIFT_CORE_MAPPING_LOADER_H_
