#include "rewriter/rewrite/mode.h"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "rewriter/promql/lexer.h"
#include "rewriter/promql/walk.h"

namespace metrishift::rewrite {
namespace {

using promql::BinaryExpr;
using promql::Call;
using promql::Expr;
using promql::ParenExpr;
using promql::TokenKind;

// Edits by span, so that those within a part of the text can be found and dropped.
using EditMap = std::map<QuerySpan, std::string>;

// What a union puts behind a bare group_left. Nobody writes it like this, so finalize knows it
// again.
constexpr std::string_view kEmptyList = "( )";

template <class Node>
const Node* As(const Expr* expr) {
  return expr == nullptr ? nullptr : std::get_if<Node>(&expr->node);
}

const Expr* StripParens(const Expr* expr) {
  while (const auto* paren = As<ParenExpr>(expr)) expr = paren->expr.get();
  return expr;
}

bool IsCallOf(const Expr* expr, std::initializer_list<std::string_view> names) {
  const auto* call = As<Call>(expr);
  return call != nullptr && std::ranges::find(names, call->name.text) != names.end();
}

// What joins the two sides of a union: that nothing is there has to be true of both names.
TokenKind UnionOperator(const Expr* side) {
  return IsCallOf(side, {"absent", "absent_over_time"}) ? TokenKind::kAnd : TokenKind::kOr;
}

std::vector<QueryEdit> ToList(const EditMap& edits) {
  std::vector<QueryEdit> list;
  list.reserve(edits.size());
  for (const auto& [span, text] : edits) list.push_back({span, text});
  return list;
}

// The bytes of `span` with the edits that lie within it.
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

// The tokens of `text` on one line, without comments, a blank where there was white space.
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

// The tokens of `text` and nothing else, to compare two texts by.
std::string Normal(std::string_view text, promql::Dialect dialect) {
  std::string out;
  for (const promql::Token& token : promql::Tokenize(text, dialect)) {
    if (token.kind == TokenKind::kComment) continue;
    out.append(token.TextIn(text)).append(" ");
  }
  return out;
}

// The nodes of an expression by their parents.
class Parents {
 public:
  explicit Parents(const Expr* root) {
    if (root == nullptr) return;
    promql::Walk(*root, [this](const Expr& node, const Expr* parent) { parents_[&node] = parent; });
  }

  const Expr* Of(const Expr* expr) const {
    const auto found = parents_.find(expr);
    return found == parents_.end() ? nullptr : found->second;
  }

  // Returns true iff `lhs op rhs` at the place of `expr` needs parentheses around it. Parentheses
  // that a person wrote around a place that needs some do not count: union adds its own, so that
  // finalize can tell which to take away.
  bool NeedsParens(const Expr* expr, TokenKind op) const {
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

  // The group_left or group_right that stands right before `expr`, or nullptr. Without a list of
  // its own it would take parentheses around `expr` for one.
  const promql::VectorMatching* GroupBefore(const Expr* expr) const {
    const Expr* child = expr;
    for (const Expr* parent = Of(child); parent != nullptr; child = parent, parent = Of(child)) {
      const auto* binary = As<BinaryExpr>(parent);
      if (binary != nullptr && binary->rhs.get() == child) {
        return binary->matching != nullptr && binary->matching->group_keyword
                   ? binary->matching.get()
                   : nullptr;
      }
      if (parent->span.begin != expr->span.begin) return nullptr;
    }
    return nullptr;
  }

 private:
  std::unordered_map<const Expr*, const Expr*> parents_;
};

// Renames, and collapses what thereby says the same twice.
class Replacer {
 public:
  Replacer(const RenamedExpr& expr, const Parents& parents) : expr_(expr), parents_(parents) {
    for (const Rename& rename : expr.renames) {
      if (rename.removal.empty()) {
        edits_[rename.span] = rename.match.NewSeries();
      } else {
        edits_[rename.removal] = "";
      }
      if (!rename.repeated.empty()) edits_[rename.repeated] = "";
    }
    if (expr.root == nullptr || expr.renames.empty()) return;
    if (expr.selector_only) CollapseNameRegex();
    CollapseUnions();
  }

  const EditMap& edits() const { return edits_; }

  // The innermost union that `rename` lies in, or nullptr. Most names lie in none, and to say so
  // must not take a climb through the whole tree.
  const Expr* UnionOf(const Rename& rename) const {
    const auto outermost =
        std::ranges::lower_bound(outermost_, rename.span.begin, std::ranges::greater(),
                                 [](const Expr* expr) { return expr->span.begin; });
    if (outermost == outermost_.end() || !(*outermost)->span.Contains(rename.span)) return nullptr;
    const Expr* at = rename.selector;
    while (!unions_.contains(at)) at = parents_.Of(at);
    return at;
  }

 private:
  // Inner ones first, since an outer one is recognised by what is left of them.
  void CollapseUnions() {
    std::vector<const Expr*> binaries;
    promql::Walk(*expr_.root, [&binaries](const Expr& node, const Expr*) {
      if (As<BinaryExpr>(&node) != nullptr) binaries.push_back(&node);
    });
    for (auto it = binaries.rbegin(); it != binaries.rend(); ++it) {
      if (IsUnion(**it)) Collapse(**it);
    }
  }

  bool IsUnion(const Expr& expr) const {
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

  bool HasRename(QuerySpan span) const {
    const auto first = std::ranges::lower_bound(expr_.renames, QuerySpan{span.begin, span.begin},
                                                {}, &Rename::span);
    return first != expr_.renames.end() && span.Contains(first->span);
  }

  // Keeps the side with the old name: it is the one that the union was made from, with its comments
  // and spacing.
  void Collapse(const Expr& expr) {
    const BinaryExpr& binary = *As<BinaryExpr>(&expr);
    const Expr* kept = HasRename(binary.rhs->span) ? binary.rhs.get() : binary.lhs.get();
    QuerySpan outer = expr.span;
    const Expr* parent = parents_.Of(&expr);
    const bool atom = As<BinaryExpr>(kept) == nullptr && As<promql::UnaryExpr>(kept) == nullptr;
    if (atom && As<ParenExpr>(parent) != nullptr && parents_.NeedsParens(parent, binary.op)) {
      outer = parent->span;
      const promql::VectorMatching* group = parents_.GroupBefore(parent);
      if (group != nullptr && group->include && Slice(group->include->span) == kEmptyList)
        Delete(group->include->span);
    }
    Delete({outer.begin, kept->span.begin});
    Delete({kept->span.end, outer.end});
    unions_.insert(&expr);
    while (!outermost_.empty() && expr.span.Contains(outermost_.back()->span))
      outermost_.pop_back();
    outermost_.push_back(&expr);
  }

  void Delete(QuerySpan span) {
    if (span.empty()) return;
    auto it = edits_.lower_bound({span.begin, span.begin});
    while (it != edits_.end() && it->first.end <= span.end) it = edits_.erase(it);
    edits_[span] = "";
  }

  // {__name__=~"new|old",a="b"} -> new{a="b"}: the union of a place that takes a selector only.
  void CollapseNameRegex() {
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
    Delete({selector->braces->begin, end});
    edits_[{selector->braces->begin, end}] = match.NewSeries() + (alone ? "" : "{");
  }

  std::string_view Slice(QuerySpan span) const {
    return expr_.text.substr(span.begin, span.size());
  }

  const RenamedExpr& expr_;
  const Parents& parents_;
  EditMap edits_;
  std::unordered_set<const Expr*> unions_;
  std::vector<const Expr*> outermost_;  // of those, in descending order of their places
};

// Joins old and new.
class Uniter {
 public:
  Uniter(const RenamedExpr& expr, std::vector<QueryFinding>& findings)
      : expr_(expr), parents_(expr.root), replacer_(expr, parents_), findings_(findings) {}

  std::vector<QueryEdit> Run() {
    for (const Rename& rename : expr_.renames) {
      if (const Expr* found = replacer_.UnionOf(rename)) {
        ReportUnion(rename, *found);
      } else if (rename.kind == Rename::Kind::kName) {
        UniteName(rename);
      } else if (rename.kind == Rename::Kind::kAlternative && expr_.root != nullptr &&
                 !expr_.selector_only) {
        Report(
            rename, Disposition::kNeedsPerson, FindingCode::kNoUnion,
            "in a regular expression cannot be joined with the new name: series would count twice",
            "write the selector once for each name, the two joined with \"or\"");
      } else if (rename.has_new) {
        Report(rename, Disposition::kInfo, FindingCode::kAlreadyUnion,
               "is asked for together with the new name", "");
      } else {
        edits_[{rename.addition_at, rename.addition_at}] = rename.addition;
        ReportUnited(rename);
      }
    }
    size_t added = 0;
    for (const auto& [span, lift] : lifts_) {
      added += Join(*lift.expr, lift.renames);
      if (added > kMaxAddedBytes) return GiveUp();
    }
    return ToList(edits_);
  }

 private:
  struct Lift {
    const Expr* expr;
    std::vector<const Rename*> renames;
  };

  // Smaller spans first: what is copied to the side of the new name has its own unions in it.
  struct BySize {
    bool operator()(const QuerySpan& a, const QuerySpan& b) const {
      return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
  };

  void UniteName(const Rename& rename) {
    if (expr_.selector_only) return UniteBySelector(rename);
    const Expr* lifted = LiftOf(rename.selector);
    if (lifted == nullptr) {
      return Report(rename, Disposition::kNeedsPerson, FindingCode::kNoUnion,
                    "stands where PromQL takes a single selector only",
                    "replace the name once every target has the new one");
    }
    Lift& lift = lifts_[lifted->span];
    lift.expr = lifted;
    lift.renames.push_back(&rename);
    ReportUnited(rename);
  }

  // The expression that has to be written twice; nullptr where none can be.
  const Expr* LiftOf(const Expr* selector) const {
    const Expr* inner = selector;
    const Expr* at = parents_.Of(selector);
    const bool range = As<promql::MatrixSelector>(at) != nullptr;
    if (range) {
      inner = at;
      at = parents_.Of(at);
    }
    while (As<ParenExpr>(at) != nullptr) {
      inner = at;
      at = parents_.Of(at);
    }
    if (IsCallOf(at, {"info"}) && As<Call>(at)->args.front().get() != inner) return nullptr;
    if (range) return at;  // a call: a range stands nowhere else
    return IsCallOf(at, {"absent", "timestamp", "start_timestamp"}) ? at : selector;
  }

  // Calls within calls that are each written twice grow exponentially.
  static constexpr size_t kMaxAddedBytes = size_t{1} << 20;

  std::vector<QueryEdit> GiveUp() {
    findings_.clear();
    for (const Rename& rename : expr_.renames) {
      Report(rename, Disposition::kNeedsPerson, FindingCode::kNoUnion,
             "stands in so many calls within calls that the union would be too long",
             "record the inner calls by rules of their own");
    }
    return {};
  }

  // A union that a person wrote. It is left alone, but not every one is right.
  void ReportUnion(const Rename& rename, const Expr& found) {
    for (const Expr* at = rename.selector; at != &found; at = parents_.Of(at)) {
      if (As<promql::AggregateExpr>(at) == nullptr) continue;
      return Report(rename, Disposition::kNeedsPerson, FindingCode::kNoUnion,
                    "is joined with the new name outside of an aggregation: while some targets "
                    "have one name and some "
                    "the other, only one of the two is counted",
                    "put the \"or\" inside the aggregation");
    }
    const Expr* outer = parents_.Of(&found);
    while (As<ParenExpr>(outer) != nullptr) outer = parents_.Of(outer);
    const bool bare =
        As<promql::VectorSelector>(StripParens(As<BinaryExpr>(&found)->rhs.get())) != nullptr;
    if (bare && IsCallOf(outer, {"absent", "timestamp", "start_timestamp"})) {
      return Report(rename, Disposition::kNeedsPerson, FindingCode::kNoUnion,
                    "is joined with the new name inside of a function that wants a bare selector",
                    "write the function once for each name");
    }
    Report(rename, Disposition::kInfo, FindingCode::kAlreadyUnion,
           "is asked for together with the new name", "");
  }

  // Writes `expr` twice. Returns how many bytes that adds.
  size_t Join(const Expr& expr, const std::vector<const Rename*>& renames) {
    const TokenKind op = UnionOperator(&expr);
    const bool parens = parents_.NeedsParens(&expr, op);
    EditMap of_new(edits_.lower_bound({expr.span.begin, expr.span.begin}),
                   edits_.lower_bound({expr.span.end, expr.span.end}));
    for (const Rename* rename : renames) of_new[rename->span] = rename->match.NewSeries();
    std::string& side = edits_[{expr.span.begin, expr.span.begin}];
    side = OneLine(Splice(expr_.text, expr.span, of_new), expr_.dialect) +
           (op == TokenKind::kAnd ? " and " : " or ");
    const size_t added = side.size();
    if (!parens) return added;
    side.insert(0, "(");
    edits_[{expr.span.end, expr.span.end}] = ")";
    const promql::VectorMatching* group = parents_.GroupBefore(&expr);
    if (group != nullptr && !group->include) {
      edits_[{group->group_keyword->end, group->group_keyword->end}] = kEmptyList;
    }
    return added;
  }

  // x{a="b"} -> {__name__=~"new|x",a="b"}
  void UniteBySelector(const Rename& rename) {
    const auto& selector = std::get<promql::VectorSelector>(expr_.root->node);
    if (!selector.name || selector.name->quoted) {
      return Report(rename, Disposition::kNeedsPerson, FindingCode::kNoUnion,
                    "stands in braces already",
                    "write {__name__=~\"" + rename.match.NewSeries() + "|" +
                        rename.match.OldSeries() + "\"}");
    }
    edits_[{rename.span.begin, rename.span.begin}] =
        "{__name__=~\"" + rename.match.NewSeries() + "|";
    const QuerySpan rest{rename.span.end,
                         selector.braces ? selector.braces->begin + 1 : rename.span.end};
    edits_[rest] = !selector.braces ? "\"}" : selector.matchers.empty() ? "\"" : "\",";
    ReportUnited(rename);
  }

  void ReportUnited(const Rename& rename) {
    Report(rename, Disposition::kChanged, FindingCode::kRenamed,
           "joined with " + rename.match.NewSeries(), "");
  }

  void Report(const Rename& rename, Disposition disposition, FindingCode code,
              const std::string& message, std::string hint) {
    findings_.push_back({disposition, code, rename.span,
                         "deprecated " + rename.match.OldSeries() + " " + message, std::move(hint),
                         rename.match.entry});
  }

  const RenamedExpr& expr_;
  Parents parents_;
  Replacer replacer_;
  std::vector<QueryFinding>& findings_;
  EditMap edits_;
  std::map<QuerySpan, Lift, BySize> lifts_;
};

}  // namespace

std::vector<QueryEdit> ReplaceEdits(const RenamedExpr& expr) {
  const Parents parents(expr.root);
  return ToList(Replacer(expr, parents).edits());
}

std::vector<QueryEdit> UnionEdits(const RenamedExpr& expr, std::vector<QueryFinding>& findings) {
  return Uniter(expr, findings).Run();
}

}  // namespace metrishift::rewrite
