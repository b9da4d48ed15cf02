#ifndef METRISHIFT_REWRITER_REWRITE_NAME_REGEX_H_
#define METRISHIFT_REWRITER_REWRITE_NAME_REGEX_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "rewriter/promql/template.h"

// Which deprecated series a regular expression on metric names reaches. Regular expressions are
// anchored, as in Prometheus (model/labels/regexp.go), and decided with RE2.
namespace metrishift::rewrite {

// True iff `regex` is nothing but names with '|' between them.
bool IsAlternationOfNames(std::string_view regex);

// A name with variables as a regular expression: what is fixed is quoted if `literal`, a variable
// may become anything.
std::string TemplateRegex(std::string_view text, promql::Dialect dialect,
                          promql::TemplateContext context, bool literal);

// The deprecated series that a regular expression reaches.
struct Reached {
  std::vector<Mapping::Match> lost;      // their new names are not reached, or there are none
  std::vector<Mapping::Match> kept;      // their new names are reached, too
  const MappingPattern* open = nullptr;  // it may reach names of this one, which has no list
};

// Nothing when RE2 cannot read `regex`.
std::optional<Reached> Reach(const std::string& regex, const Mapping& mapping);

// "a" / "a and b" / "a, b and 3 more". REQUIRES: `matches` is not empty.
std::string NameSome(const std::vector<Mapping::Match>& matches,
                     std::string (Mapping::Match::*name)() const);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_NAME_REGEX_H_
