#ifndef METRISHIFT_CORE_REVERSE_H_
#define METRISHIFT_CORE_REVERSE_H_

#include <string>
#include <vector>

#include "core/diagnostic.h"
#include "core/mapping_entry.h"

namespace metrishift {

// "file:line:col (x{a="b"} -> y, gauge)": an entry in a message about several tables.
std::string DescribeEntry(const MappingEntry& entry);

// The way back of one step; see Mapping::Reversed. What has none is left out, and `warnings` gets a
// sentence for each.
MappingTable ReverseTable(const MappingTable& table, std::vector<Diagnostic>& warnings);

// A warning that `entry` has no way back, and why.
Diagnostic NoWayBack(const MappingEntry& entry, const std::string& why);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_REVERSE_H_
