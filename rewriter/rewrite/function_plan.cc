#include "rewriter/rewrite/function_plan.h"

#include <set>

#include "rewriter/promql/walk.h"

namespace metrishift::rewrite {
namespace {

QueryFinding FindingOf(const promql::NameToken& name, const FunctionEntry& entry, Mode mode) {
  const std::string what = "deprecated function " + entry.old_name + "()";
  QueryFinding finding;
  finding.disposition = Disposition::kNeedsPerson;
  finding.code = FindingCode::kFunction;
  finding.span = name.span;
  finding.function = &entry;
  if (entry.new_name.empty()) {
    finding.message = what + " is gone";
    finding.hint = entry.note;
  } else if (mode == Mode::kUnion) {
    finding.message = what + " has no form that works both before and after the upgrade";
    finding.hint = "use --mode replace in the moment of the upgrade: " + entry.new_name + "()";
  } else {
    finding.disposition = Disposition::kChanged;
    finding.message = what + ", use " + entry.new_name + "()";
  }
  return finding;
}

// What a table notes of a new function is not in the diff.
QueryFinding ConditionOf(const QueryFinding& changed) {
  QueryFinding condition = changed;
  condition.disposition = Disposition::kInfo;
  condition.message = "the new function " + changed.function->new_name + "() has a condition";
  condition.hint = changed.function->note;
  return condition;
}

}  // namespace

QueryPlan PlanFunctions(const promql::Expr& expr, const Mapping& mapping, Mode mode) {
  QueryPlan plan;
  std::set<const FunctionEntry*> noted;
  promql::Walk(expr, [&](const promql::Expr& node, const promql::Expr*) {
    const auto* call = std::get_if<promql::Call>(&node.node);
    if (call == nullptr || call->name.templated) return;
    const FunctionEntry* entry = mapping.FindFunction(call->name.text);
    if (entry == nullptr) return;
    const QueryFinding finding = plan.findings.emplace_back(FindingOf(call->name, *entry, mode));
    if (finding.disposition != Disposition::kChanged) return;
    plan.edits.Add({call->name.span, entry->new_name});
    if (!entry->note.empty() && noted.insert(entry).second)
      plan.findings.push_back(ConditionOf(finding));
  });
  return plan;
}

}  // namespace metrishift::rewrite
