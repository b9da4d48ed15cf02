#ifndef METRISHIFT_CORE_PROGRAM_READER_H_
#define METRISHIFT_CORE_PROGRAM_READER_H_

#include "core/diagnostic.h"
#include "core/mapping_entry.h"
#include "core/node_reader.h"

namespace metrishift {

// The most flags, and the most endpoints, that one table may have: what looks for them in a file
// looks for each.
inline constexpr size_t kMaxProgramEntries = 1000;

// Reads `program`, the items of `flags` and those of `endpoints` of a table, and says what is wrong
// with them. Names, values and paths have to be of characters that stand for themselves in shells,
// in YAML and in JSON: that is what lets them be written anywhere. `source` names the places.
Program ReadProgram(NodeReader& reader, NodeId id);
std::vector<FlagEntry> ReadFlags(NodeReader& reader, NodeId id, const SourceText& source);
std::vector<EndpointEntry> ReadEndpoints(NodeReader& reader, NodeId id, const SourceText& source);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_PROGRAM_READER_H_
