#ifndef METRISHIFT_CORE_PROGRAM_READER_H_
#define METRISHIFT_CORE_PROGRAM_READER_H_

#include "core/diagnostic.h"
#include "core/mapping_entry.h"
#include "core/node_reader.h"

namespace metrishift {

// The most flags that one table may have, and the most endpoints and functions: what looks for them
// in a file looks for each.
inline constexpr size_t kMaxProgramEntries = 1000;

// Reads `program` and the items of `flags`, `endpoints` and `functions` of a table, and says what
// is wrong with them. Names, values and paths have to be of characters that stand for themselves in
// shells, in YAML and in JSON: that is what lets them be written anywhere. `source` names the
// places.
Program ReadProgram(NodeReader& reader, NodeId id);
std::vector<FlagEntry> ReadFlags(NodeReader& reader, NodeId id, const SourceText& source);
std::vector<EndpointEntry> ReadEndpoints(NodeReader& reader, NodeId id, const SourceText& source);
std::vector<FunctionEntry> ReadFunctions(NodeReader& reader, NodeId id, const SourceText& source);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_PROGRAM_READER_H_
