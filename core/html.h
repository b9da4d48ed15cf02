#ifndef METRISHIFT_CORE_HTML_H_
#define METRISHIFT_CORE_HTML_H_

#include <string>
#include <string_view>

namespace metrishift {

// `text` as it has to stand in HTML, between tags or in a quoted attribute; any bytes.
// https://html.spec.whatwg.org/multipage/parsing.html#escapingString
std::string EscapeHtml(std::string_view text);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_HTML_H_
