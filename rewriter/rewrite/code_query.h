#ifndef METRISHIFT_REWRITER_REWRITE_CODE_QUERY_H_
#define METRISHIFT_REWRITER_REWRITE_CODE_QUERY_H_

#include <string_view>

#include "core/mapping.h"
#include "core/span.h"

namespace metrishift::rewrite {

// The strings of a program that are PromQL beyond doubt. Both have to outlive it; not thread-safe.
class ClearQueries {
 public:
  ClearQueries(std::string_view text, const Mapping& mapping) : text_(text), mapping_(mapping) {}

  // True iff the name at `name` stands in a string of one line that is PromQL beyond doubt, and all
  // that happens to the deprecated names in it is that they are renamed: a call, an aggregation,
  // matchers or a range, "rate(x[5m])". A name alone may be anything, "x - y" too. Strings stand in
  // quotes of any kind, with no escape but those of quotes, and behind no comment. Looks no further
  // back than some kilobytes. Names of one string are best asked for one after the other.
  bool Has(FileSpan name);

 private:
  bool IsClear(std::string_view string) const;

  std::string_view text_;
  const Mapping& mapping_;
  FileSpan last_;  // the string that was looked at last
  bool last_is_clear_ = false;
};

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_CODE_QUERY_H_
