#ifndef METRISHIFT_CORE_REPLACEMENT_H_
#define METRISHIFT_CORE_REPLACEMENT_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace metrishift {

// A text with references to the groups of a regular expression: "$1", "${1}"; "$$" is a "$". Read
// as Prometheus' relabelling reads it (https://pkg.go.dev/regexp#Regexp.Expand): without braces a
// name is as long as it can be, so that "$1_total" is the group called "1_total". Only numbers are
// groups here.
struct Replacement {
  struct Piece {
    std::string text;
    std::optional<size_t> group;  // instead of `text`
  };
  std::vector<Piece> pieces;
  std::string problem;  // the first reference that is none, for people; such a one expands to ""

  // The number of the highest group, or 0.
  size_t HighestGroup() const;

  // `groups[0]` is the whole match; a group that is not there is "".
  std::string Expand(std::span<const std::string_view> groups) const;
};
Replacement ParseReplacement(std::string_view text);

// `text` as ParseReplacement reads it back: each "$" twice.
std::string EscapeForReplacement(std::string_view text);

// A piece of a simple pattern: literal text, or what stands between the parentheses of a group.
struct PatternPiece {
  std::string text;  // decoded, or a regular expression where `group`
  bool group = false;
};

// The pieces of a regular expression that is nothing but literal text (with escapes, "\.") and
// groups that have no groups inside. Nothing for any other. REQUIRES: RE2 compiles `pattern`.
std::optional<std::vector<PatternPiece>> SplitPattern(std::string_view pattern);

// `text` as a regular expression that matches just it.
std::string EscapeForPattern(std::string_view text);

struct PatternAndReplacement {
  std::string pattern;
  std::string replacement;
};

// The way back, anchored as the way there: "cpu(.+)" -> "$1" gives "(.+)" -> "cpu$1". Nothing where
// SplitPattern gives nothing, where the replacement does not name each group exactly once, or where
// one text could be read in two ways: with several groups, each but the last must end, on either
// side, at a character that it cannot have itself. REQUIRES: RE2 compiles `pattern`.
std::optional<PatternAndReplacement> InvertPattern(const PatternAndReplacement& forward);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_REPLACEMENT_H_
