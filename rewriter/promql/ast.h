#ifndef METRISHIFT_REWRITER_PROMQL_AST_H_
#define METRISHIFT_REWRITER_PROMQL_AST_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/span.h"

namespace metrishift::promql {

// DRAFT: the shape that rewrite/ is being written against.

struct StringToken {
  QuerySpan span;    // with its quotes
  std::string text;  // decoded
};

// A name as it stands in the query: an identifier, or a quoted string inside braces or a label list.
struct NameToken {
  QuerySpan span;  // quoted: with its quotes
  std::string text;
  bool quoted = false;
};

enum class MatchType { kEqual, kNotEqual, kRegexp, kNotRegexp };

struct LabelMatcher {
  QuerySpan span;
  NameToken name;
  QuerySpan op_span;
  MatchType type = MatchType::kEqual;
  StringToken value;
};

struct VectorSelector {
  std::optional<NameToken> name;  // before the braces, or quoted inside them
  std::vector<LabelMatcher> matchers;
};

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_AST_H_
