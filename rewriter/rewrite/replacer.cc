#include "rewriter/rewrite/replacer.h"

#include <algorithm>
#include <functional>

#include "rewriter/promql/walk.h"
#include "rewriter/rewrite/convert_replace.h"

namespace metrishift::rewrite {

using promql::BinaryExpr;
using promql::Expr;
using promql::ParenExpr;

std::vector<QuerySpan> AroundKept(const RenamedExpr& expr, const Parents& parents,
                                  const Expr& union_expr, const Expr& kept) {
  std::vector<QuerySpan> spans;
  const promql::TokenKind op = As<BinaryExpr>(&union_expr)->op;
  QuerySpan outer = union_expr.span;
  const Expr* parent = parents.Of(&union_expr);
  const bool atom = As<BinaryExpr>(&kept) == nullptr && As<promql::UnaryExpr>(&kept) == nullptr;
  if (atom && As<ParenExpr>(parent) != nullptr && parents.NeedsParens(parent, op)) {
    outer = parent->span;
    const promql::VectorMatching* group = parents.GroupBefore(parent);
    if (group != nullptr && group->include &&
        expr.text.substr(group->include->span.begin, group->include->span.size()) == kEmptyList)
      spans.push_back(group->include->span);
  }
  spans.push_back({outer.begin, kept.span.begin});
  spans.push_back({kept.span.end, outer.end});
  return spans;
}

Replacer::Replacer(const RenamedExpr& expr, const Parents& parents, bool keep_labels)
    : expr_(expr), parents_(parents) {
  bool converts = false;
  for (const Rename& rename : expr.renames) {
    converts = converts || rename.Converts();
    if (rename.Converts()) continue;
    if (rename.removal.empty()) {
      edits_[rename.span] = rename.match.NewSeries();
    } else {
      edits_[rename.removal] = "";
    }
    if (!rename.repeated.empty()) edits_[rename.repeated] = "";
  }
  if (converts || expr.text.find("__name__") != std::string_view::npos)
    ConvertInPlace(expr, parents, keep_labels, edits_, findings_);
  if (expr.root == nullptr || expr.renames.empty()) return;
  if (expr.selector_only) CollapseNameRegex();
  CollapseUnions();
}

const Expr* Replacer::UnionOf(const Rename& rename) const {
  const auto outermost =
      std::ranges::lower_bound(outermost_, rename.span.begin, std::ranges::greater(),
                               [](const Expr* expr) { return expr->span.begin; });
  if (outermost == outermost_.end() || !(*outermost)->span.Contains(rename.span)) return nullptr;
  const Expr* at = rename.selector;
  while (!unions_.contains(at)) at = parents_.Of(at);
  return at;
}

// Inner ones first, since an outer one is recognised by what is left of them.
void Replacer::CollapseUnions() {
  std::vector<const Expr*> binaries;
  promql::Walk(*expr_.root, [&binaries](const Expr& node, const Expr*) {
    if (As<BinaryExpr>(&node) != nullptr) binaries.push_back(&node);
  });
  for (auto it = binaries.rbegin(); it != binaries.rend(); ++it) {
    if (IsUnion(**it)) Collapse(**it);
  }
}

bool Replacer::IsUnion(const Expr& expr) const {
  const BinaryExpr& binary = *As<BinaryExpr>(&expr);
  const Expr* lhs = StripParens(binary.lhs.get());
  const Expr* rhs = StripParens(binary.rhs.get());
  if (binary.matching != nullptr || binary.op != UnionOperator(lhs) ||
      binary.op != UnionOperator(rhs))
    return false;
  if (!HasRename(expr.span)) return false;
  // The sides of a union are about equally long. A long chain of other things is not compared
  // again and again.
  const size_t shorter = std::min(lhs->span.size(), rhs->span.size());
  const size_t longer = std::max(lhs->span.size(), rhs->span.size());
  if (longer > 4 * shorter + 256) return false;
  if (Normal(Slice(lhs->span), expr_.dialect) == Normal(Slice(rhs->span), expr_.dialect))
    return false;
  return Normal(Splice(expr_.text, lhs->span, edits_), expr_.dialect) ==
         Normal(Splice(expr_.text, rhs->span, edits_), expr_.dialect);
}

bool Replacer::HasRename(QuerySpan span) const {
  const auto first =
      std::ranges::lower_bound(expr_.renames, QuerySpan{span.begin, span.begin}, {}, &Rename::span);
  return first != expr_.renames.end() && span.Contains(first->span);
}

// Keeps the side with the old name: it is the one that the union was made from, with its comments
// and spacing.
void Replacer::Collapse(const Expr& expr) {
  const BinaryExpr& binary = *As<BinaryExpr>(&expr);
  const Expr* kept = HasRename(binary.rhs->span) ? binary.rhs.get() : binary.lhs.get();
  for (const QuerySpan span : AroundKept(expr_, parents_, expr, *kept)) Delete(span, kept->span);
  unions_.insert(&expr);
  while (!outermost_.empty() && expr.span.Contains(outermost_.back()->span)) outermost_.pop_back();
  outermost_.push_back(&expr);
}

void Replacer::Delete(QuerySpan span, QuerySpan kept) {
  if (span.empty()) return;
  auto it = edits_.lower_bound({span.begin, span.begin});
  while (it != edits_.end() && it->first.end <= span.end) {
    it = kept.Contains(it->first) ? std::next(it) : edits_.erase(it);
  }
  edits_[span] = "";
}

// {__name__=~"new|old",a="b"} -> new{a="b"}: the union of a place that takes a selector only.
void Replacer::CollapseNameRegex() {
  const auto* selector = As<promql::VectorSelector>(expr_.root);
  if (selector == nullptr || selector->name || selector->matchers.empty() ||
      expr_.renames.size() != 1)
    return;
  const promql::LabelMatcher& first = selector->matchers.front();
  const Mapping::Match& match = expr_.renames.front().match;
  if (first.name.text != "__name__" || first.type != promql::MatchType::kRegexp) return;
  if (first.value.text != match.NewSeries() + "|" + match.OldSeries()) return;
  const bool alone = selector->matchers.size() == 1;
  const size_t end = alone ? selector->braces->end : selector->matchers[1].span.begin;
  Delete({selector->braces->begin, end}, {end, expr_.root->span.end});
  edits_[{selector->braces->begin, end}] = match.NewSeries() + (alone ? "" : "{");
}

}  // namespace metrishift::rewrite
