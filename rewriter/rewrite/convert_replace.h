#ifndef METRISHIFT_REWRITER_REWRITE_CONVERT_REPLACE_H_
#define METRISHIFT_REWRITER_REWRITE_CONVERT_REPLACE_H_

#include <optional>
#include <string>
#include <vector>

#include "rewriter/rewrite/mode.h"

namespace metrishift::rewrite {

// The factor and summand that make up for the new unit of what `lift` gives, for a selector of
// `match` that is `lift` or in it; nothing where none do.
std::optional<Affine> ValueOf(const Conversion& conversion, const promql::Expr* lift);

// The label changes that show in what `lift` gives.
std::vector<LabelChange> ChangesOf(const Conversion& conversion, const promql::Expr* lift);

// The old selector's series had from the new ones, whatever looks at them: text to put in place of
// `lift`, all on one line, and its loosest operator. `edits` are those that hold inside of `lift`.
// Nothing where it cannot be.
struct NewSide {
  std::string text;
  promql::TokenKind op;
};
std::optional<NewSide> NewSideOf(const RenamedExpr& expr, const Rename& rename,
                                 const promql::Expr& lift, const EditMap& edits);

// The union that UnionEdits has made of `rename`, whose old side is `lift`; nullptr for none.
const promql::Expr* UnionOfOurs(const RenamedExpr& expr, const Parents& parents,
                                const Rename& rename, const promql::Expr& lift);

// Adds to `edits` what replaces the renames of `expr` that convert, and to `findings` one for each.
void ConvertInPlace(const RenamedExpr& expr, const Parents& parents, bool keep_labels,
                    EditMap& edits, std::vector<QueryFinding>& findings);

// `edit` beside what `edits` has at its place already: insertions join.
void AddTo(EditMap& edits, const QueryEdit& edit);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_CONVERT_REPLACE_H_
