#ifndef METRISHIFT_REWRITER_REWRITE_MODE_H_
#define METRISHIFT_REWRITER_REWRITE_MODE_H_

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/mapping.h"
#include "rewriter/promql/ast.h"
#include "rewriter/rewrite/conversion.h"
#include "rewriter/rewrite/edit.h"
#include "rewriter/rewrite/plan.h"
#include "rewriter/rewrite/tree.h"

namespace metrishift::rewrite {

// One deprecated name at one place of an expression, and all that a mode needs to know of the
// place.
struct Rename {
  enum class Kind {
    kName,         // the name of a selector: x, {"x"}, {__name__="x"}
    kAlternative,  // one of {__name__=~"x|y"}
    kExclusion,    // {__name__!="x"}, or one of {__name__!~"x|y"}
  };
  Kind kind = Kind::kName;
  const promql::Expr* selector = nullptr;  // null when RenamedExpr::root is
  QuerySpan span;                          // the bytes of the name
  Mapping::Match match;                    // the first one, where there are several
  // Empty where nothing but the name changes. Several where the old series had become several:
  // each gives some of them.
  std::vector<Conversion> conversions;
  // Those conversions give some of the old series; the others are there under the old name, still.
  bool rest = false;
  // kAlternative and kExclusion: what has to be put at `addition_at` so that the new name is there,
  // too ...
  size_t addition_at = 0;
  std::string addition;
  // ... unless it is there already; and if so right at `addition_at`, these are the bytes that say
  // it.
  bool has_new = false;
  QuerySpan repeated;
  // Bytes to take away instead of renaming, where the new name stands elsewhere in the same list.
  QuerySpan removal;

  bool Converts() const { return !conversions.empty(); }
};

// An expression that was parsed, with the renames found in it. Spans are of `text`.
struct RenamedExpr {
  std::string_view text;
  promql::Dialect dialect = promql::Dialect::kPrometheus;
  const promql::Expr* root = nullptr;  // null: `text` is a regular expression on metric names, as
                                       // in Grafana's metrics(x|y)
  // A place where only a selector may stand (Grafana's label_values): there, and only there, a
  // union is {__name__=~"new|old"}, since nothing is added up.
  bool selector_only = false;
  std::vector<Rename> renames;  // in order of their spans
};

// The edits of kReplace and kFinalize: old becomes new, and `new or old`, in either order and any
// layout, becomes one of the two. So does absent(new) and absent(old). Parentheses that the union
// needed go with it. Where more than the name changes, labels and values are what they were before,
// wherever the expression looks at them; see label_flow.h and conversion.h.
// `findings` gets what there is to say of each rename.
std::vector<QueryEdit> ReplaceEdits(const RenamedExpr& expr, bool keep_labels,
                                    std::vector<QueryFinding>& findings);

// The edits of kUnion; `findings` gets one for each rename.
//
// Where the union goes, with the reason (prometheus/prometheus promql/engine.go, functions.go):
//   x{..} offset 5m  ->  (new{..} offset 5m or x{..} offset 5m)
//       matchers and modifiers belong to each side
//   rate(x[5m])      ->  (rate(new[5m]) or rate(x[5m]))
//       a range cannot be a union, so the call that takes it is written twice
//   x[5m:1m]         ->  (new or x)[5m:1m]
//       a subquery can
//   sum(x)           ->  sum(new or x)
//       inside: outside it would undercount a mixed fleet
//   absent(x{..})    ->  (absent(new{..}) and absent(x{..}))
//       the labels of the alert come from a bare selector
//   timestamp(x)     ->  (timestamp(new) or timestamp(x))
//       special for a bare selector only
// with parentheses only where the surroundings need them. Where more than the name changes, the new
// side is given the labels and values of the old one, so that series of both meet. What already is
// a union is left alone.
std::vector<QueryEdit> UnionEdits(const RenamedExpr& expr, std::vector<QueryFinding>& findings);

// The edits that put the old side in place of each union that UnionEdits has made of a rename that
// converts: the text is what it was before. Others are left alone.
QueryEditSet TakeBackUnions(const RenamedExpr& expr);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_MODE_H_
