#ifndef METRISHIFT_REWRITER_REWRITE_LABEL_SIDE_H_
#define METRISHIFT_REWRITER_REWRITE_LABEL_SIDE_H_

#include <unordered_map>

#include "core/mapping.h"
#include "rewriter/promql/ast.h"

namespace metrishift::rewrite {

// Tells which side of a metric that keeps its name a selector was written for, by the labels that
// whoever is around it asks for: sum by (pod) (x) means the side that has `pod`. Looks at by,
// without, on, ignoring and group_left of what `x` is in, at the arguments of label_replace and
// label_join there, and at the matchers of what it has to match label by label. The matchers of the
// selector itself are Convert()'s. The expression has to outlive it.
class LabelSide {
 public:
  explicit LabelSide(const promql::Expr& root) : root_(root) {}

  // True iff labels that only the new side of `entry` has are asked for around `selector`, and none
  // that only the old one has. Linear in the expression for each entry that is asked about, without
  // recursion.
  bool IsNew(const promql::Expr& selector, const MappingEntry& entry);

 private:
  struct Asked {
    bool old_label = false;
    bool new_label = false;
  };
  using Around = std::unordered_map<const promql::Expr*, Asked>;

  static Asked In(const promql::Expr& expr, const MappingEntry& entry);
  Around Look(const MappingEntry& entry) const;

  const promql::Expr& root_;
  std::unordered_map<const MappingEntry*, Around> looked_;
};

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_LABEL_SIDE_H_
