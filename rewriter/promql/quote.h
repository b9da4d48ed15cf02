#ifndef METRISHIFT_REWRITER_PROMQL_QUOTE_H_
#define METRISHIFT_REWRITER_PROMQL_QUOTE_H_

#include <string>
#include <string_view>

namespace metrishift::promql {

// `text` between double quotes, fit for a one-line message: control characters and bytes that are
// no UTF-8 as \n or \x1B, and cut after about 60 bytes with "..." behind. Quotes within are left as
// they are.
std::string QuoteForMessage(std::string_view text);

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_QUOTE_H_
