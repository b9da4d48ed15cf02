#ifndef METRISHIFT_REWRITER_FORMATS_JSON_H_
#define METRISHIFT_REWRITER_FORMATS_JSON_H_

#include <string_view>

#include "core/diagnostic.h"
#include "core/text_tree.h"

namespace metrishift::formats {

// Reads one JSON text (RFC 8259) with nlohmann_json and records where each of its tokens stands:
// strings with their quotes, numbers and words as written, objects and arrays with their brackets,
// all as half-open ranges of bytes of `text`. A byte order mark before the text is allowed. Keys
// are nodes as well; duplicate keys are kept in file order. Strings hold decoded text, numbers and
// words their bytes.
//
// When the text is no JSON, or nested deeper than kMaxTreeDepth, there is no value but one error
// that covers the offending token (empty, at the end of the text, when the text stops too early). A
// number beyond the range of a double is such an error too: the library refuses it. Strict: no
// comments, no trailing commas, no second text. `text` must outlive the tree. Thread-safe.
Outcome<TextTree> ParseJson(std::string_view text);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_JSON_H_
