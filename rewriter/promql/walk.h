#ifndef METRISHIFT_REWRITER_PROMQL_WALK_H_
#define METRISHIFT_REWRITER_PROMQL_WALK_H_

#include <utility>
#include <variant>

#include "rewriter/promql/ast.h"

namespace metrishift::promql {

// Calls `visit(const Expr& child)` for each direct child of `expr`, in the order of the text.
// Durations (ranges, steps, offsets) are no children: nothing in them has a name that could be
// renamed.
template <class Visitor>
void ForEachChild(const Expr& expr, Visitor&& visit) {
  struct Children {
    Visitor& visit;
    void operator()(const VectorSelector&) const {}
    void operator()(const MatrixSelector& e) const { visit(*e.selector); }
    void operator()(const SubqueryExpr& e) const { visit(*e.expr); }
    void operator()(const AggregateExpr& e) const {
      for (const ExprPtr& arg : e.args) visit(*arg);
    }
    void operator()(const BinaryExpr& e) const {
      visit(*e.lhs);
      visit(*e.rhs);
    }
    void operator()(const Call& e) const {
      for (const ExprPtr& arg : e.args) visit(*arg);
    }
    void operator()(const UnaryExpr& e) const { visit(*e.expr); }
    void operator()(const ParenExpr& e) const { visit(*e.expr); }
    void operator()(const NumberLiteral&) const {}
    void operator()(const StringLiteral&) const {}
    void operator()(const Variable&) const {}
  };
  std::visit(Children{visit}, expr.node);
}

// Calls `visit(const Expr& expr, const Expr* parent)` for `expr` and everything below it, parents
// before children, in the order of the text; the root has no parent. Recursion is as deep as the
// tree, which the parser limits (kMaxTreeDepth).
template <class Visitor>
void Walk(const Expr& expr, Visitor&& visit, const Expr* parent = nullptr) {
  visit(expr, parent);
  ForEachChild(expr, [&](const Expr& child) { Walk(child, visit, &expr); });
}

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_WALK_H_
