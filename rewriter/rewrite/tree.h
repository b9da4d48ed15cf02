#ifndef METRISHIFT_REWRITER_REWRITE_TREE_H_
#define METRISHIFT_REWRITER_REWRITE_TREE_H_

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rewriter/promql/ast.h"
#include "rewriter/rewrite/edit.h"

// How the rewriting modes look at an expression and its text. Nothing here changes either.
namespace metrishift::rewrite {

template <class Node>
const Node* As(const promql::Expr* expr) {
  return expr == nullptr ? nullptr : std::get_if<Node>(&expr->node);
}

// `expr` without the parentheses around it.
const promql::Expr* StripParens(const promql::Expr* expr);

// True iff `expr` is a call of one of the functions `names`.
bool IsCallOf(const promql::Expr* expr, std::initializer_list<std::string_view> names);

// What joins the two sides of a union: that nothing is there has to be true of both names.
promql::TokenKind UnionOperator(const promql::Expr* side);

// Edits by span, so that those within a part of the text can be found and dropped.
using EditMap = std::map<QuerySpan, std::string>;

std::vector<QueryEdit> ToList(const EditMap& edits);

// The bytes of `span` with the edits that lie within it.
std::string Splice(std::string_view text, QuerySpan span, const EditMap& edits);

// The tokens of `text` on one line, without comments, a blank where there was white space.
std::string OneLine(std::string_view text, promql::Dialect dialect);

// The tokens of `text` and nothing else, to compare two texts by.
std::string Normal(std::string_view text, promql::Dialect dialect);

// The nodes of an expression by their parents. The expression has to outlive it.
class Parents {
 public:
  explicit Parents(const promql::Expr* root);

  // nullptr for the root.
  const promql::Expr* Of(const promql::Expr* expr) const;

  // Returns true iff `lhs op rhs` at the place of `expr` needs parentheses around it. Parentheses
  // that a person wrote around a place that needs some do not count: union adds its own, so that
  // finalize can tell which to take away.
  bool NeedsParens(const promql::Expr* expr, promql::TokenKind op) const;

  // The group_left or group_right that stands right before `expr`, or nullptr. Without a list of
  // its own it would take parentheses around `expr` for one.
  const promql::VectorMatching* GroupBefore(const promql::Expr* expr) const;

  // What has to be written anew to put something in the place of what `selector` gives: the
  // selector itself; or the call that takes a range of it, or looks at a bare selector (absent,
  // timestamp). nullptr where PromQL takes a single selector only.
  const promql::Expr* LiftOf(const promql::Expr* selector) const;

 private:
  std::unordered_map<const promql::Expr*, const promql::Expr*> parents_;
};

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_TREE_H_
