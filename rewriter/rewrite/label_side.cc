#include "rewriter/rewrite/label_side.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "rewriter/promql/walk.h"
#include "rewriter/rewrite/tree.h"

namespace metrishift::rewrite {
namespace {

using promql::BinaryExpr;
using promql::Expr;

// `a == b` matches all labels of its sides, unless it says which.
bool MatchesAll(const BinaryExpr& binary) {
  const bool set = binary.op == promql::TokenKind::kAnd || binary.op == promql::TokenKind::kOr ||
                   binary.op == promql::TokenKind::kUnless;
  return !set && (!binary.matching || !binary.matching->matching_keyword);
}

// The labels that an operation names, but those of matchers.
std::vector<std::string_view> LabelsIn(const Expr& expr) {
  std::vector<std::string_view> labels;
  const auto add = [&labels](const promql::LabelList& list) {
    for (const promql::NameToken& token : list.labels) labels.push_back(token.text);
  };
  if (const auto* aggregate = As<promql::AggregateExpr>(&expr)) {
    if (aggregate->grouping) add(aggregate->grouping->labels);
  } else if (const auto* binary = As<BinaryExpr>(&expr)) {
    if (binary->matching) add(binary->matching->matching_labels);
    if (binary->matching && binary->matching->include) add(*binary->matching->include);
  } else if (const auto* call = As<promql::Call>(&expr);
             call != nullptr && IsCallOf(&expr, {"label_replace", "label_join"})) {
    for (const promql::ExprPtr& arg : call->args) {
      if (const auto* string = As<promql::StringLiteral>(arg.get()))
        labels.push_back(string->token.text);
    }
  }
  return labels;
}

}  // namespace

bool LabelSide::IsNew(const Expr& selector, const MappingEntry& entry) {
  if (!entry.SameName() || entry.labels.empty()) return false;
  const auto [found, first] = looked_.try_emplace(&entry);
  if (first) found->second = Look(entry);
  const Asked asked = found->second[&selector];
  return asked.new_label && !asked.old_label;
}

LabelSide::Asked LabelSide::In(const Expr& expr, const MappingEntry& entry) {
  Asked asked;
  for (const std::string_view label : LabelsIn(expr)) {
    asked.old_label |= std::ranges::count(entry.labels, label, &LabelRename::old_name) > 0;
    asked.new_label |= std::ranges::count(entry.labels, label, &LabelRename::new_name) > 0;
  }
  return asked;
}

LabelSide::Around LabelSide::Look(const MappingEntry& entry) const {
  std::vector<std::pair<const Expr*, const Expr*>> nodes;  // with their parents, which come first
  promql::Walk(
      root_, [&nodes](const Expr& node, const Expr* parent) { nodes.emplace_back(&node, parent); });
  Around matched;  // by the matchers within
  for (auto it = nodes.rbegin(); it != nodes.rend(); ++it) {
    const auto [node, parent] = *it;
    Asked& asked = matched[node];
    if (const auto* selector = As<promql::VectorSelector>(node)) {
      for (const promql::LabelMatcher& matcher : selector->matchers) {
        const std::string& label = matcher.name.text;
        asked.old_label |= std::ranges::count(entry.labels, label, &LabelRename::old_name) > 0;
        asked.new_label |= std::ranges::count(entry.labels, label, &LabelRename::new_name) > 0;
      }
    }
    const Asked below = asked;
    if (parent == nullptr || IsCallOf(parent, {"scalar"})) continue;
    matched[parent].old_label |= below.old_label;
    matched[parent].new_label |= below.new_label;
  }
  Around around;
  for (const auto& [node, parent] : nodes) {
    if (parent == nullptr) continue;
    Asked asked = IsCallOf(parent, {"scalar"}) ? Asked() : around[parent];  // has no labels
    const auto add = [&asked](const Asked& more) {
      asked.old_label |= more.old_label;
      asked.new_label |= more.new_label;
    };
    add(In(*parent, entry));
    const auto* binary = As<BinaryExpr>(parent);
    if (binary != nullptr && MatchesAll(*binary))
      add(matched[binary->lhs.get() == node ? binary->rhs.get() : binary->lhs.get()]);
    around[node] = asked;
  }
  return around;
}

}  // namespace metrishift::rewrite
