#include "rewriter/promql/ast.h"

#include <utility>

namespace metrishift::promql {

namespace {

ExprPtr* LeadingSlot(Expr& expr) {
  if (auto* e = std::get_if<BinaryExpr>(&expr.node)) return &e->lhs;
  if (auto* e = std::get_if<SubqueryExpr>(&expr.node)) return &e->expr;
  if (auto* e = std::get_if<MatrixSelector>(&expr.node)) return &e->selector;
  return nullptr;
}

ExprPtr TakeLeadingChild(Expr& expr) {
  ExprPtr* slot = LeadingSlot(expr);
  return slot != nullptr ? std::move(*slot) : nullptr;
}

}  // namespace

Expr::~Expr() {
  ExprPtr next = TakeLeadingChild(*this);
  while (next) {
    ExprPtr below = TakeLeadingChild(*next);
    next = std::move(below);
  }
}

const Expr* LeadingChild(const Expr& expr) {
  const ExprPtr* slot = LeadingSlot(const_cast<Expr&>(expr));
  return slot != nullptr ? slot->get() : nullptr;
}

}  // namespace metrishift::promql
