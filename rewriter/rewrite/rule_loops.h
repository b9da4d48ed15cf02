#ifndef METRISHIFT_REWRITER_REWRITE_RULE_LOOPS_H_
#define METRISHIFT_REWRITER_REWRITE_RULE_LOOPS_H_

#include <span>

#include "core/mapping.h"
#include "rewriter/rewrite/recorded_names.h"

namespace metrishift::rewrite {

// The loops that `mapping` would make of `rules`, by way of new names that some of them record:
//   {record: new, expr: a:sum}  {record: a:sum, expr: sum(old)}
// A rule that records the new name of what it reads itself is none of them: its own query says so.
// A rename on the way from one loop to another counts, too. Linear in the names that rules read.
RecordedNames::Loops FindRuleLoops(std::span<const RecordingRule> rules, const Mapping& mapping);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_RULE_LOOPS_H_
