#ifndef METRISHIFT_REWRITER_REWRITE_ENDPOINT_PLAN_H_
#define METRISHIFT_REWRITER_REWRITE_ENDPOINT_PLAN_H_

#include <string>
#include <string_view>
#include <vector>

#include "core/mapping_entry.h"
#include "core/span.h"
#include "rewriter/rewrite/flag_step.h"

namespace metrishift::rewrite {

// A path of an HTTP interface that a table has an entry for.
struct EndpointChange {
  const EndpointEntry* entry = nullptr;  // the first that applies
  const MappingTable* table = nullptr;   // where that stands
  FileSpan span;         // the bytes of the path that change; of a path that is gone, all of it
  std::string new_path;  // in their place; empty for one that is gone
};

// Every path in `text` that one of the entries is for: behind a host and a port, behind a variable,
// or at the beginning of a word. Of the entries of a table the longest counts, and tables apply one
// after the other; with kUnion only those whose new side is known before the upgrade, or of which
// there is none. In order of their places; linear for each entry.
std::vector<EndpointChange> FindEndpoints(std::string_view text, const ProgramTables& program,
                                          Mode mode);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_ENDPOINT_PLAN_H_
