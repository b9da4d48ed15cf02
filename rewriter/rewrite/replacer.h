#ifndef METRISHIFT_REWRITER_REWRITE_REPLACER_H_
#define METRISHIFT_REWRITER_REWRITE_REPLACER_H_

#include <string_view>
#include <unordered_set>
#include <vector>

#include "rewriter/rewrite/mode.h"

namespace metrishift::rewrite {

// What a union puts behind a bare group_left. Nobody writes it like this, so finalize knows it
// again.
inline constexpr std::string_view kEmptyList = "( )";

// The bytes that go when of the union `expr`, a BinaryExpr, only `kept` is to be left: the two
// spans around it, with the parentheses that the union needed and `kept` does not; and the list of
// a group_left, if the union brought it. Empty spans are no edits.
std::vector<QuerySpan> AroundKept(const RenamedExpr& expr, const Parents& parents,
                                  const promql::Expr& union_expr, const promql::Expr& kept);

// Renames, and collapses what thereby says the same twice.
class Replacer {
 public:
  // `expr` and `parents` have to outlive it.
  Replacer(const RenamedExpr& expr, const Parents& parents, bool keep_labels);

  const EditMap& edits() const { return edits_; }
  std::vector<QueryFinding>& findings() { return findings_; }

  // The innermost union that `rename` lies in, or nullptr. Most names lie in none, and to say so
  // must not take a climb through the whole tree.
  const promql::Expr* UnionOf(const Rename& rename) const;

 private:
  void CollapseUnions();
  bool IsUnion(const promql::Expr& expr) const;
  bool HasRename(QuerySpan span) const;
  void Collapse(const promql::Expr& expr);
  void CollapseNameRegex();
  // With the edits in there, but for what is to be put at an end of `kept`, which is beside it.
  void Delete(QuerySpan span, QuerySpan kept);
  std::string_view Slice(QuerySpan span) const {
    return expr_.text.substr(span.begin, span.size());
  }

  const RenamedExpr& expr_;
  const Parents& parents_;
  EditMap edits_;
  std::vector<QueryFinding> findings_;  // of renames that convert
  std::unordered_set<const promql::Expr*> unions_;
  std::vector<const promql::Expr*> outermost_;  // of those, in descending order of their places
};

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_REPLACER_H_
