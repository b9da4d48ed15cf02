#ifndef METRISHIFT_REWRITER_REWRITE_LABEL_FLOW_H_
#define METRISHIFT_REWRITER_REWRITE_LABEL_FLOW_H_

#include <span>
#include <vector>

#include "rewriter/promql/ast.h"
#include "rewriter/rewrite/conversion.h"
#include "rewriter/rewrite/edit.h"

namespace metrishift::rewrite {

// Where series with other labels than before come into an expression, and which those are.
struct LabelSource {
  const promql::Expr* expr = nullptr;  // what gives them
  std::span<const LabelChange> changes;
  // The old name is the new one, too: who asks for the new label has been moved already.
  bool same_name = false;
};

// What has to happen for the expression's result to stay what it was.
struct LabelFlow {
  // For each source and each of its changes: true iff it has to be undone where it comes in, since
  // somebody further up would see it.
  std::vector<std::vector<bool>> undo;
  // For each source: true iff one of `edits` is for its sake.
  std::vector<bool> touched;
  // For each source: true iff somebody asks for one of its labels by an old name.
  std::vector<bool> asked_old;
  // Of label lists and of the arguments of label_replace and label_join: an old label's name
  // becomes the new one, or a new label joins those that are left out.
  std::vector<QueryEdit> edits;
  // Calls of histogram_quantile whose result is in the new unit of `le`.
  struct Scaled {
    const promql::Expr* call;
    double scale;  // old = scale * new
  };
  std::vector<Scaled> scaled;
  // Where somebody asks for the metric's name as a label.
  std::vector<QuerySpan> name_labels;
  // Sources whose changes cannot be kept from showing, or with `migrated` need not be: nothing else
  // in this flow holds until they are left out.
  struct Refusal {
    size_t source;
    QuerySpan at;  // who would see it
    bool migrated;
  };
  std::vector<Refusal> refused;
  // Renamed or revalued labels that the result of the whole expression shows.
  struct Shown {
    const LabelChange* change;
    size_t source;
  };
  std::vector<Shown> shown;
};

// Follows the changed labels of each source up the tree, to those who look at labels: by, without,
// on, ignoring, group_left, label_replace, ... A change that nobody sees is dropped there; a label
// under a new name is asked for by its new name, if all that meets there has it; what would be seen
// otherwise is to be undone. With `keep_labels` the whole expression's result is seen, too; without
// it, renamed labels and mapped values may show there. One pass over the tree, without recursion.
// Which labels an operation looks at and keeps:
// https://prometheus.io/docs/prometheus/latest/querying/operators/ and prometheus/prometheus
// promql/engine.go (resultMetric, aggregation, VectorBinop).
LabelFlow FollowLabels(const promql::Expr& root, std::span<const LabelSource> sources,
                       bool keep_labels);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_LABEL_FLOW_H_
