#ifndef METRISHIFT_REWRITER_PROMQL_REGEX_SYNTAX_H_
#define METRISHIFT_REWRITER_PROMQL_REGEX_SYNTAX_H_

#include <string_view>

namespace metrishift::promql {

struct RegexVerdict {
  bool valid = true;
  bool matches_empty = false;  // meaningful when valid
  const char* error = "";      // why it is not valid; static storage
};

// What PromQL's grammar needs to know about the regular expression of a matcher: whether Prometheus
// can compile it, and whether it matches the empty string (a selector needs a matcher that does
// not). It does not match anything else: rewrite/ has RE2 for that. Syntax: Go's regexp/syntax with
// the Perl flags, anchored and with "." matching line breaks, as model/labels compiles it. The
// names of Unicode classes (\p{Greek}) are not looked up. Linear in the size of `pattern`, without
// recursion.
RegexVerdict CheckRegex(std::string_view pattern);

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_REGEX_SYNTAX_H_
