#ifndef METRISHIFT_REWRITER_FORMATS_TEXT_FIELDS_H_
#define METRISHIFT_REWRITER_FORMATS_TEXT_FIELDS_H_

#include <string_view>
#include <vector>

#include "core/span.h"
#include "core/text_tree.h"
#include "rewriter/formats/extract.h"

namespace metrishift::formats {

// A scalar in a text of which only the lines are known.
struct TextField {
  std::string_view name;  // "expr"
  FileSpan span;          // of the scalar: quotes or block header included
  ScalarStyle style = ScalarStyle::kPlain;
  QueryKind kind = QueryKind::kPromQL;
  QueryUse use = QueryUse::kEvaluated;
  // The value of a "record" beside it: of the rule that has this field. Empty when there is none.
  FileSpan record;
};

// Finds what looks like a field with a query, whatever the language around it:
//
//   expr: up == 0              - expr: |-            "expr": "up == 0"
//   query = "up"                   sum(              expr: |||          query = <<-EOT
//   expr: 'up', // jsonnet           up                up                 up
//                                  )                 |||                EOT
//
// A block, and a plain value that goes on in the next line, lasts as long as lines are indented
// more than the field's name. With `code`, also strings in backquotes and Markdown's blocks of
// PromQL; and a plain value, which would be code, is none. In order of the spans, which do not
// overlap. Linear in the size of `text`. Thread-safe.
std::vector<TextField> FindTextFields(std::string_view text, bool code);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_TEXT_FIELDS_H_
