#ifndef METRISHIFT_REWRITER_PROMQL_WALK_H_
#define METRISHIFT_REWRITER_PROMQL_WALK_H_

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

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
// before children, in the order of the text; the root has no parent. Does not recurse.
template <class Visitor>
void Walk(const Expr& expr, Visitor&& visit) {
  using Visit = std::pair<const Expr*, const Expr*>;
  std::vector<Visit> pending = {{&expr, nullptr}};
  while (!pending.empty()) {
    const auto [node, parent] = pending.back();
    pending.pop_back();
    visit(*node, parent);
    const size_t first = pending.size();
    const Expr* self = node;  // clang 14 cannot capture a structured binding
    ForEachChild(*self, [&](const Expr& child) { pending.emplace_back(&child, self); });
    std::reverse(pending.begin() + static_cast<std::ptrdiff_t>(first), pending.end());
  }
}

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_WALK_H_
