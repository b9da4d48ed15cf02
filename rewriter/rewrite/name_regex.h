#ifndef METRISHIFT_REWRITER_REWRITE_NAME_REGEX_H_
#define METRISHIFT_REWRITER_REWRITE_NAME_REGEX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "rewriter/promql/template.h"

// Which deprecated series a regular expression on metric names reaches. Regular expressions are
// anchored, as in Prometheus (model/labels/regexp.go), and decided with RE2.
namespace metrishift::rewrite {

// The part of a regular expression that names of metrics are compared with. Where relabelling looks
// at several labels, their values are joined by semicolons.
enum class NamePart : uint8_t {
  kAll,
  kFirst,   // what stands before the first semicolon
  kLast,    // what stands behind the last one
  kMiddle,  // each part between two of them: which one is the name is not told
};

// What names are compared with as a whole: one side of a '|', without anchors.
struct NameAlternative {
  size_t begin = 0;
  size_t end = 0;
  bool is_name = false;  // nothing but a name
  // Another one may be put behind it with a '|' between.
  bool extensible = false;
};

// Takes `regex` apart: "a|b.*" are two alternatives, and so are "(a|b.*)" and the first part of
// "^(a|b.*);c". Nothing where `part` cannot be told.
std::optional<std::vector<NameAlternative>> SplitNameRegex(std::string_view regex, NamePart part);

// The regular expression for one of `alternatives`. REQUIRES: there is one.
std::string JoinAlternatives(std::string_view regex,
                             const std::vector<NameAlternative>& alternatives);

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

// Takes those for kept whose new names `regex` reaches.
void KeepReached(const std::string& regex, Reached& reached);

// "a" / "a and b" / "a, b and 3 more". REQUIRES: `matches` is not empty.
std::string NameSome(const std::vector<Mapping::Match>& matches,
                     std::string (Mapping::Match::*name)() const);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_NAME_REGEX_H_
