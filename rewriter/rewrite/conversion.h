#ifndef METRISHIFT_REWRITER_REWRITE_CONVERSION_H_
#define METRISHIFT_REWRITER_REWRITE_CONVERSION_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "rewriter/promql/ast.h"
#include "rewriter/rewrite/edit.h"

namespace metrishift::rewrite {

// A difference between the labels of an old series and of the new one for it.
struct LabelChange {
  enum class Kind : uint8_t {
    kFixed,   // the new side's `new_label` has one value, the old side's `old_value` ("": no label)
    kMapped,  // another name, or other values, or both
    kBounds,  // a histogram's le, in another unit
    kExtra,   // the new side has `new_label` with several values for one old series: an aggregate
    kName,    // the metric's own name
  };
  Kind kind = Kind::kFixed;
  std::string old_label;
  std::string new_label;
  std::string old_value;
  std::string new_value;
  std::optional<LabelValues> to_old;  // kMapped: how to have the old values back
  bool revalued = false;    // kMapped: the values change, whether or not there is a way back
  double scale = 1;         // kBounds: old bound = scale * new bound
  std::string aggregation;  // kExtra: sum, max, ...
  bool asked = false;       // kFixed: the query asks for `old_value` with "="

  friend bool operator==(const LabelChange&, const LabelChange&) = default;
};

// What one entry makes of one selector.
struct Conversion {
  Mapping::Match match;
  QueryEditSet edits;        // of the selector: its name and its matchers
  QueryEditSet union_edits;  // the same, for the new side of a union
  // For an entry that keeps the name: what has to be added to the old selector so that it no longer
  // finds the new series. Empty otherwise.
  QueryEditSet guard;
  std::vector<LabelChange> labels;
  std::vector<std::string> added;  // labels that the new selector asks for, and both sides have
  // True iff the selector has `guard` already: it is the old side of a union, or meant to be.
  bool guarded = false;
  // True iff more than a metric's name stands in its place: an expression, of which there is no
  // range.
  bool computed = false;
  // The loosest operator of what stands in place of the selector, kEnd for a selector.
  promql::TokenKind op = promql::TokenKind::kEnd;
  // True iff the value of a matcher on a label whose values change is a variable: its values are
  // not known here.
  bool variable_values = false;
};

// Why an entry says nothing of a selector, or cannot be applied to it.
enum class Unfit : uint8_t {
  kNotMeant,  // the matchers contradict the labels that the entry is for
  kMigrated,  // the entry keeps the name, and the matchers are those of the new side
  kOpaque,    // a matcher on a label whose values change cannot be translated
  kVariable,  // a variable decides whether the entry is meant
  kClock,     // its expression reads the clock, which nobody can ask for another time
};

struct ConversionResult {
  std::optional<Conversion> conversion;
  Unfit unfit = Unfit::kNotMeant;  // meaningful without a conversion
  QuerySpan at;                    // the matcher that is to blame
};

// Makes the selector of the new series out of `selector` (a node of the tree of `text`), whose
// metric name has its bytes, without quotes, at `name`. Regular expressions are anchored and
// decided with RE2. Pure.
ConversionResult Convert(std::string_view text, const promql::Expr& selector, QuerySpan name,
                         const Mapping::Match& match);

// The edits that take Conversion::guard out of a selector again.
QueryEditSet RemoveGuard(std::string_view text, const promql::VectorSelector& selector,
                         QuerySpan name, const MappingEntry& entry);

// The shortest text that gives `number` again, and `text` as a string literal, as PromQL has them.
std::string NumberText(double number);
std::string Quote(std::string_view text);

// Text to put around an expression; `op` is the loosest operator in it that is not inside of
// parentheses, kEnd for none.
struct Wrapping {
  std::string before;
  std::string after;
  promql::TokenKind op = promql::TokenKind::kEnd;
};

// old = scale * new + offset, for what an expression gives.
struct Affine {
  double scale = 1;
  double offset = 0;
  friend bool operator==(const Affine&, const Affine&) = default;
};

// What `function` over a range of series that are in another unit gives; an empty name stands for
// the bare selector. Nothing where no factor makes up for it: a counter with an offset, an order
// that is turned around.
// The functions' definitions: https://prometheus.io/docs/prometheus/latest/querying/functions/
std::optional<Affine> ThroughFunction(std::string_view function, Affine value);

// The text that turns what the new selector gives into what the old one gave: the aggregate, the
// labels for which `undo` is set (one for each of `conversion.labels`), the value. Nothing where a
// label cannot be had back.
std::optional<Wrapping> Undo(const Conversion& conversion, const std::vector<bool>& undo,
                             Affine value);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_CONVERSION_H_
