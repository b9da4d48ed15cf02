#ifndef METRISHIFT_REWRITER_REWRITE_CODE_QUERY_H_
#define METRISHIFT_REWRITER_REWRITE_CODE_QUERY_H_

#include <string_view>

#include "core/mapping.h"
#include "core/span.h"

namespace metrishift::rewrite {

// True iff the name at `name` of `text`, a program, stands in a string of one line that is PromQL
// beyond doubt, and all that happens to the deprecated names in it is that they are renamed: a
// call, an aggregation, matchers or a range, "rate(x[5m])". A name alone may be anything, "x - y"
// too. Strings stand in quotes of any kind, with no escape but those of quotes, and behind no
// comment. Looks no further back than some kilobytes. Thread-safe.
bool IsInClearQuery(std::string_view text, FileSpan name, const Mapping& mapping);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_CODE_QUERY_H_
