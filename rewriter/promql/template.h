#ifndef METRISHIFT_REWRITER_PROMQL_TEMPLATE_H_
#define METRISHIFT_REWRITER_PROMQL_TEMPLATE_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "rewriter/promql/token.h"

namespace metrishift::promql {

// Variables and template actions: what they look like, and how a name or string that contains some
// falls into pieces. Syntax of Grafana's variables: packages/scenes `variableRegex` and docs
// "Variable syntax"; dialects: token.h.

// Where a variable stands. Inside a string "$1" and "${1}" are references to a regex group, and "$"
// before anything but a name is an anchor; outside strings they could be nothing but variables.
enum class TemplateContext { kBare, kString };

// The number of bytes of the variable or action that begins at `text[pos]`; 0 when none does.
// An unterminated one ("${x", "{{ .y") is none. Linear in what it returns, or in what is left of
// `text`.
size_t TemplateLength(std::string_view text, size_t pos, Dialect dialect, TemplateContext context);

struct TemplatePiece {
  QuerySpan span;  // relative to the text given
  bool variable = false;
  friend bool operator==(const TemplatePiece&, const TemplatePiece&) = default;
};

// `text` as literal and variable pieces, in order, without gaps and without empty pieces:
//   "etcd_debugging_mvcc_${op}_total"  ->  literal, variable, literal
// so that a name which is partly a variable can be matched as a pattern.
std::vector<TemplatePiece> SplitTemplate(std::string_view text, Dialect dialect,
                                         TemplateContext context = TemplateContext::kBare);

// Returns true iff `text` has at least one variable piece.
bool HasTemplate(std::string_view text, Dialect dialect, TemplateContext context);

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_TEMPLATE_H_
