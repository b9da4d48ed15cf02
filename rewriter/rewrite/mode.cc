#include "rewriter/rewrite/mode.h"

#include <algorithm>
#include <functional>
#include <map>

#include "rewriter/rewrite/convert_replace.h"
#include "rewriter/rewrite/replacer.h"

namespace metrishift::rewrite {
namespace {

using promql::BinaryExpr;
using promql::Expr;
using promql::ParenExpr;
using promql::TokenKind;

// What a union writes twice for a rename that converts; nullptr where there is nothing that it
// could.
const Expr* UnionLift(const Parents& parents, const Rename& rename) {
  const Expr* lift = parents.LiftOf(rename.selector);
  const bool bounds =
      rename.Converts() &&
      std::ranges::any_of(rename.conversions.front().labels, [](const LabelChange& change) {
        return change.kind == LabelChange::Kind::kBounds;
      });
  if (lift == nullptr || !bounds) return lift;
  // Bounds in two units must not meet, and an aggregation in between would undercount.
  do {
    lift = parents.Of(lift);
  } while (As<ParenExpr>(lift) != nullptr);
  return IsCallOf(lift, {"histogram_quantile"}) ? lift : nullptr;
}

// Joins old and new.
class Uniter {
 public:
  Uniter(const RenamedExpr& expr, std::vector<QueryFinding>& findings)
      : expr_(expr), parents_(expr.root), replacer_(expr, parents_, false), findings_(findings) {}

  std::vector<QueryEdit> Run() {
    for (const Rename& rename : expr_.renames) {
      if (rename.Converts()) {
        UniteConverted(rename);
      } else if (const Expr* found = replacer_.UnionOf(rename)) {
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
    const Expr* lifted = parents_.LiftOf(rename.selector);
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

  void UniteConverted(const Rename& rename) {
    const Expr* lifted = UnionLift(parents_, rename);
    if (lifted != nullptr && UnionOfOurs(expr_, parents_, rename, *lifted) != nullptr) {
      return Report(rename, Disposition::kInfo, FindingCode::kAlreadyUnion,
                    "is asked for together with the new name", "");
    }
    if (rename.conversions.front().guarded) return;  // it asks for what has not been moved
    if (const Expr* found = replacer_.UnionOf(rename)) return ReportUnion(rename, *found);
    const Conversion& conversion = rename.conversions.front();
    const MappingEntry& entry = *conversion.match.entry;
    std::string why;
    if (lifted == nullptr || expr_.selector_only) {
      why = "cannot be joined with the new series at this place";
    } else if (entry.SameName() && (conversion.guard.empty() || rename.conversions.size() > 1)) {
      why = "keeps its name, and no label says which series are new";
    } else if (conversion.variable_values) {
      why = "has other label values under its new name, and a variable asks for some of them";
    } else if (lifts_.contains(lifted->span) || !NewSideOf(expr_, rename, *lifted, {})) {
      why = "has labels or a unit under its new name that cannot be turned back here";
    }
    if (lifted == nullptr || !why.empty()) {
      return Report(rename, Disposition::kNeedsPerson, FindingCode::kNoUnion, why,
                    "replace the name once every target has the new one");
    }
    lifts_[lifted->span] = {lifted, {&rename}};
    ReportUnited(rename);
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
    for (const Rename* rename : renames) {
      if (!rename->Converts()) of_new[rename->span] = rename->match.NewSeries();
    }
    const Rename& first = *renames.front();
    std::string& side = edits_[{expr.span.begin, expr.span.begin}];
    side = (first.Converts() ? NewSideOf(expr_, first, expr, of_new)->text
                             : OneLine(Splice(expr_.text, expr.span, of_new), expr_.dialect)) +
           (op == TokenKind::kAnd ? " and " : " or ");
    if (first.Converts()) {
      for (const QueryEdit& edit : first.conversions.front().guard.edits()) AddTo(edits_, edit);
    }
    const size_t added = side.size();
    if (!parens) return added;
    side.insert(0, "(");
    edits_[{expr.span.end, expr.span.end}] += ")";
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

std::vector<QueryEdit> ReplaceEdits(const RenamedExpr& expr, bool keep_labels,
                                    std::vector<QueryFinding>& findings) {
  const Parents parents(expr.root);
  Replacer replacer(expr, parents, keep_labels);
  findings.insert(findings.end(), replacer.findings().begin(), replacer.findings().end());
  return ToList(replacer.edits());
}

std::vector<QueryEdit> UnionEdits(const RenamedExpr& expr, std::vector<QueryFinding>& findings) {
  return Uniter(expr, findings).Run();
}

QueryEditSet TakeBackUnions(const RenamedExpr& expr) {
  QueryEditSet edits;
  if (expr.root == nullptr || expr.selector_only) return edits;
  if (std::ranges::none_of(expr.renames, &Rename::Converts)) return edits;
  std::vector<QueryEdit> all;
  const Parents parents(expr.root);
  for (const Rename& rename : expr.renames) {
    if (rename.kind != Rename::Kind::kName || rename.rest) continue;
    const Expr* lift = UnionLift(parents, rename);
    if (lift == nullptr) continue;
    const Expr* found = UnionOfOurs(expr, parents, rename, *lift);
    if (found == nullptr) continue;
    for (const QuerySpan span : AroundKept(expr, parents, *found, *lift)) {
      if (!span.empty()) all.push_back({span, ""});
    }
    const auto& selector = std::get<promql::VectorSelector>(rename.selector->node);
    const QueryEditSet guard = RemoveGuard(expr.text, selector, rename.span, *rename.match.entry);
    all.insert(all.end(), guard.edits().begin(), guard.edits().end());
  }
  // What lies in the copy that goes, goes with it.
  std::ranges::stable_sort(all, std::ranges::greater(),
                           [](const QueryEdit& edit) { return edit.span.size(); });
  for (QueryEdit& edit : all) edits.Add(std::move(edit));
  return edits;
}

}  // namespace metrishift::rewrite
