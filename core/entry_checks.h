#ifndef METRISHIFT_CORE_ENTRY_CHECKS_H_
#define METRISHIFT_CORE_ENTRY_CHECKS_H_

#include <string>
#include <string_view>

#include "core/entry_reader.h"
#include "core/mapping_entry.h"
#include "core/node_reader.h"

namespace metrishift {

// Says everything that is wrong with one item of `metrics`: keys that are missing or exclude each
// other, labels that contradict each other, types and suffixes, values, prefixes and patterns.
// Completes its entry: `new_name`, and the equivalence that follows from its kind.
void CheckEntry(NodeReader& reader, EntryText& text);

// True iff `pattern` compiles and `replacement` names none but its groups; else says what is wrong,
// at the two spans.
bool CheckPattern(NodeReader& reader, const std::string& pattern, FileSpan pattern_span,
                  std::string_view replacement, FileSpan replacement_span);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_ENTRY_CHECKS_H_
