#ifndef METRISHIFT_REWRITER_PROMQL_LITERALS_H_
#define METRISHIFT_REWRITER_PROMQL_LITERALS_H_

#include <optional>
#include <string>
#include <string_view>

#include "rewriter/promql/token.h"

namespace metrishift::promql {

// The values of tokens. Each function takes the whole text of a token as the lexer found it.

// The value of a kNumber token; nothing when it is none ("0x", "1e999").
// Integers may be hexadecimal (0x1F) or, with a leading zero, octal (0755); underscores may stand
// between digits; "inf" and "nan" in any case. Source: Go's strconv.ParseInt with base 0, then
// ParseFloat.
std::optional<double> ParseNumber(std::string_view token);

// The value of a kDuration token in seconds; nothing when its units are not in the order y w d h m
// s ms, are unknown, or the sum exceeds 2^63 ns. Source: prometheus/common model.ParseDuration.
std::optional<double> ParseDurationLiteral(std::string_view token);

// The content of a kString token: escapes decoded between " and ', bytes as they are between
// backticks. Variables and actions of the dialect are copied as they stand. REQUIRES: the lexer
// accepted `token`. Source: prometheus util/strutil/quote.go.
std::string Unquote(std::string_view token, Dialect dialect);

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_LITERALS_H_
