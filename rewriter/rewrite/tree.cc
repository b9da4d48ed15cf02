#include "rewriter/rewrite/tree.h"

#include <algorithm>

#include "rewriter/promql/lexer.h"
#include "rewriter/promql/walk.h"

namespace metrishift::rewrite {

using promql::BinaryExpr;
using promql::Call;
using promql::Expr;
using promql::ParenExpr;
using promql::TokenKind;

const Expr* StripParens(const Expr* expr) {
  while (const auto* paren = As<ParenExpr>(expr)) expr = paren->expr.get();
  return expr;
}

bool IsCallOf(const Expr* expr, std::initializer_list<std::string_view> names) {
  const auto* call = As<Call>(expr);
  return call != nullptr && std::ranges::find(names, call->name.text) != names.end();
}

TokenKind UnionOperator(const Expr* side) {
  return IsCallOf(side, {"absent", "absent_over_time"}) ? TokenKind::kAnd : TokenKind::kOr;
}

std::vector<QueryEdit> ToList(const EditMap& edits) {
  std::vector<QueryEdit> list;
  list.reserve(edits.size());
  for (const auto& [span, text] : edits) list.push_back({span, text});
  return list;
}

std::string Splice(std::string_view text, QuerySpan span, const EditMap& edits) {
  std::string out;
  size_t at = span.begin;
  for (auto it = edits.lower_bound({span.begin, span.begin});
       it != edits.end() && it->first.end <= span.end; ++it) {
    out.append(text.substr(at, it->first.begin - at)).append(it->second);
    at = it->first.end;
  }
  return out.append(text.substr(at, span.end - at));
}

std::string OneLine(std::string_view text, promql::Dialect dialect) {
  std::string out;
  size_t end = 0;
  for (const promql::Token& token : promql::Tokenize(text, dialect)) {
    if (token.kind == TokenKind::kComment) continue;
    if (!out.empty() && token.span.begin > end) out += ' ';
    out += token.TextIn(text);
    end = token.span.end;
  }
  return out;
}

std::string Normal(std::string_view text, promql::Dialect dialect) {
  std::string out;
  for (const promql::Token& token : promql::Tokenize(text, dialect)) {
    if (token.kind == TokenKind::kComment) continue;
    out.append(token.TextIn(text)).append(" ");
  }
  return out;
}

Parents::Parents(const Expr* root) {
  if (root == nullptr) return;
  promql::Walk(*root, [this](const Expr& node, const Expr* parent) { parents_[&node] = parent; });
}

const Expr* Parents::Of(const Expr* expr) const {
  const auto found = parents_.find(expr);
  return found == parents_.end() ? nullptr : found->second;
}

bool Parents::NeedsParens(const Expr* expr, TokenKind op) const {
  const Expr* parent = Of(expr);
  if (parent == nullptr) return false;
  if (As<ParenExpr>(parent) != nullptr) return NeedsParens(parent, op);
  if (const auto* binary = As<BinaryExpr>(parent)) {
    const int outer = promql::BinaryPrecedence(binary->op);
    const int inner = promql::BinaryPrecedence(op);
    return binary->lhs.get() == expr ? outer > inner : outer >= inner;
  }
  return As<promql::UnaryExpr>(parent) != nullptr || As<promql::SubqueryExpr>(parent) != nullptr;
}

const promql::VectorMatching* Parents::GroupBefore(const Expr* expr) const {
  const Expr* child = expr;
  for (const Expr* parent = Of(child); parent != nullptr; child = parent, parent = Of(child)) {
    const auto* binary = As<BinaryExpr>(parent);
    if (binary != nullptr && binary->rhs.get() == child) {
      return binary->matching != nullptr && binary->matching->group_keyword ? binary->matching.get()
                                                                            : nullptr;
    }
    if (parent->span.begin != expr->span.begin) return nullptr;
  }
  return nullptr;
}

const Expr* Parents::LiftOf(const Expr* selector) const {
  const Expr* inner = selector;
  const Expr* at = Of(selector);
  const bool range = As<promql::MatrixSelector>(at) != nullptr;
  if (range) {
    inner = at;
    at = Of(at);
  }
  while (As<ParenExpr>(at) != nullptr) {
    inner = at;
    at = Of(at);
  }
  if (IsCallOf(at, {"info"}) && As<Call>(at)->args.front().get() != inner) return nullptr;
  if (range) return at;  // a call: a range stands nowhere else
  return IsCallOf(at, {"absent", "timestamp", "start_timestamp"}) ? at : selector;
}

}  // namespace metrishift::rewrite
