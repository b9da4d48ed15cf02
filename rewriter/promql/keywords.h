#ifndef METRISHIFT_REWRITER_PROMQL_KEYWORDS_H_
#define METRISHIFT_REWRITER_PROMQL_KEYWORDS_H_

#include <string_view>

#include "rewriter/promql/token.h"

namespace metrishift::promql {

// The kind of a word outside braces: a keyword in any case, kNumber for inf and nan, else
// kIdentifier. Source: prometheus/prometheus promql/parser/lex.go, `key`, v3.14.
TokenKind FindKeyword(std::string_view word);

// The keyword of `kind` as it is usually written, or the operator's characters: "sum",
// "group_left", ">=". Empty for kinds without a fixed spelling. Static storage.
std::string_view SpellingOf(TokenKind kind);

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_KEYWORDS_H_
