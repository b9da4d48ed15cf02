#include "tests/e2e/equivalence/comparison.h"

#include <algorithm>
#include <vector>

#include "tests/e2e/equivalence/random_expression.h"

namespace metrishift::e2e {
namespace {

using rewrite::Mode;
using rewrite::PlanOptions;

constexpr std::string_view WayName(Way way) {
  switch (way) {
    case Way::kReplace:
      return "replace";
    case Way::kKeep:
      return "replace, keep labels";
    case Way::kUnion:
      return "union";
  }
  return "";
}

PlanOptions Options(const Row& row, Way way) {
  PlanOptions options;
  options.mode = way == Way::kUnion ? Mode::kUnion : Mode::kReplace;
  options.keep_labels = way == Way::kKeep;
  options.least = row.least;
  return options;
}

PlanOptions WithMode(PlanOptions options, Mode mode) {
  options.mode = mode;
  return options;
}

}  // namespace

Servers Connect(std::span<char* const> urls) {
  return {Server(urls[0]), Server(urls[1]), Server(urls[2]), Server(urls[3])};
}

std::array<std::string, kWays.size()> Comparison::Compare(const Row& row) {
  asked_.clear();
  const Rewritings made = RewriteEachWay(row);
  const std::string problem = Problem(row, made);
  const bool known = !row.differs.empty();
  if (problem.empty() == known) {
    ++failures_;
    out_ << row.place << ": " << row.expr << "\n"
         << (known ? "  marked as different, but it is not any more\n" : problem);
  }
  std::array<std::string, kWays.size()> codes;
  std::ranges::transform(made, codes.begin(), &Rewriting::code);
  return codes;
}

void Comparison::CompareRandom(uint32_t seed) {
  Row row;
  row.expr = RandomExpression(seed);
  // Buckets tie, and which of several equal series topk takes depends on their order.
  if (row.expr.find("topk") != std::string::npos || row.expr.find("bottomk") != std::string::npos) {
    if (row.expr.find("_bucket") != std::string::npos) return;
  }
  row.same.fill(Expect::kEither);
  row.rest = Expect::kEither;
  row.person.fill(MayNeedPerson(seed) ? Expect::kEither : Expect::kNo);
  const std::set<std::string> names = MetricNames(row.expr);
  if (std::ranges::none_of(names, [this](const auto& name) { return oracle_.IsOld(name); })) return;
  size_t samples = 0;
  asked_.clear();
  for (const Result& result : Ask(Fleet::kOld, row.expr)) {
    if (!result.error.empty()) return;
    samples += result.samples();
  }
  row.empty = samples == 0;
  const Rewritings made = RewriteEachWay(row);
  ++(row.empty ? empty_ : compared_);
  if (std::ranges::any_of(made, [](const Rewriting& way) { return !way.refusal.empty(); })) ++left_;
  const std::string problem = Problem(row, made);
  if (problem.empty()) return;
  ++failures_;
  out_ << "random " << seed << ": " << row.expr << "\n" << problem;
}

Comparison::Rewriting Comparison::Rewrite(const std::string& expr, const Mapping& mapping,
                                          const PlanOptions& options) {
  const rewrite::QueryPlan plan =
      rewrite::PlanQuery(expr, formats::QueryKind::kPromQL, mapping, options);
  if (plan.error) return {expr, plan.error->message, ""};
  Rewriting made{plan.edits.Splice(expr), "", ""};
  for (const rewrite::QueryFinding& finding : plan.findings) {
    if (finding.disposition != rewrite::Disposition::kNeedsPerson) continue;
    made.refusal = finding.message;
    made.code = rewrite::FindingCodeName(finding.code);
  }
  return made;
}

Comparison::Rewritings Comparison::RewriteEachWay(const Row& row) const {
  Rewritings made;
  for (const Way way : kWays)
    made.at(static_cast<size_t>(way)) = Rewrite(row.expr, mapping_, Options(row, way));
  return made;
}

std::string Comparison::Problem(const Row& row, const Rewritings& made) {
  const Results& expected = Ask(Fleet::kOld, row.expr);
  size_t samples = 0;
  for (const Result& result : expected) {
    if (!result.error.empty()) return "  the expression itself: " + result.error + "\n";
    samples += result.samples();
  }
  const bool wrong =
      row.relation == Relation::kWrongReplacement || row.relation == Relation::kWrongUnion;
  std::string problem;
  if (samples == 0 && !row.empty && !wrong)
    problem += "  gives nothing at any time: proves nothing\n";
  if (samples > 0 && row.empty) problem += "  marked as empty, but gives something\n";
  return problem + (row.relation == Relation::kNone ? RewrittenProblem(row, made, expected)
                                                    : RelationProblem(row, expected));
}

std::string Comparison::RewrittenProblem(const Row& row, const Rewritings& made,
                                         const Results& expected) {
  std::string problem;
  for (const Way way : kWays)
    problem += RefusalProblem(row, way, made.at(static_cast<size_t>(way)));
  problem += TextProblem(row, made) + ReplacementProblem(row, made, expected);
  const Rewriting& united = made.at(static_cast<size_t>(Way::kUnion));
  if (!united.refusal.empty()) return problem;
  for (const Fleet fleet : kFleets) problem += FleetProblem("union", united.text, fleet, expected);
  return problem;
}

// What a person has written must be right, or wrong.
std::string Comparison::RelationProblem(const Row& row, const Results& expected) {
  const bool replacement =
      row.relation == Relation::kReplacement || row.relation == Relation::kWrongReplacement;
  const bool wrong =
      row.relation == Relation::kWrongReplacement || row.relation == Relation::kWrongUnion;
  std::string problem;
  for (const Fleet fleet : kFleets) {
    if (!replacement || fleet == Fleet::kNew)
      problem += FleetProblem("by hand", row.other, fleet, expected);
  }
  if (!wrong) return problem;
  return problem.empty() ? "  no fleet shows that this is wrong: " + row.other + "\n" : "";
}

std::string Comparison::RefusalProblem(const Row& row, Way way, const Rewriting& made) const {
  const std::string what = "  " + std::string(WayName(way)) + ": ";
  if (made.refusal.empty()) {
    if (row.Person(way) == Expect::kYes)
      return what + "leaves nothing to a person: " + made.text + "\n";
    const bool same = made.text == row.expr && !(way == Way::kUnion && row.already);
    if (same && row.Same(way) == Expect::kNo) return what + "changes nothing\n";
    if (!same && row.Same(way) == Expect::kYes)
      return what + "changes what is right: " + made.text + "\n";
    return "";
  }
  if (row.Person(way) == Expect::kNo) return what + made.refusal + "\n";
  const std::string& code = row.code.at(static_cast<size_t>(way));
  if (!code.empty() && code != made.code)
    return what + "asks for a person with " + made.code + " and not " + code + "\n";
  const Expect rest = made.text == row.expr ? Expect::kNo : Expect::kYes;
  if (row.rest == rest || row.rest == Expect::kEither) return "";
  return what + "asks for a person, and makes: " + made.text + "\n";
}

// Each mode leaves alone what it has made, and the way back from a union leads to the replacement.
std::string Comparison::TextProblem(const Row& row, const Rewritings& made) const {
  const auto check = [this](const std::string& what, const std::string& text,
                            const PlanOptions& options, const std::string& expected) {
    const Rewriting again = Rewrite(text, mapping_, options);
    if (again.refusal.empty() && again.text == expected) return std::string();
    return "  " + what + "\n    of       " + text + "\n    gives    " + again.text +
           "\n    and not  " + expected + "\n" +
           (again.refusal.empty() ? "" : "    " + again.refusal + "\n");
  };
  const Rewriting& united = made.at(static_cast<size_t>(Way::kUnion));
  const PlanOptions to_union = Options(row, Way::kUnion);
  std::string problem;
  if (united.refusal.empty()) problem += check("union", united.text, to_union, united.text);
  if (row.already && united.text != row.expr)
    problem += "  marked as a union, but not left alone: " + united.text + "\n";
  for (const Way way : {Way::kReplace, Way::kKeep}) {
    const Rewriting& replaced = made.at(static_cast<size_t>(way));
    if (!replaced.refusal.empty()) continue;
    const PlanOptions options = Options(row, way);
    const PlanOptions to_finalize = WithMode(options, Mode::kFinalize);
    const std::string name(WayName(way));
    problem += check(name, replaced.text, options, replaced.text) +
               check(name + ", finalize", replaced.text, to_finalize, replaced.text);
    if (united.refusal.empty())
      problem += check(name + ", finalize the union", united.text, to_finalize, replaced.text);
  }
  return problem;
}

// With the old labels the replacement gives the same to the letter wherever there is the new side,
// and without them, in other labels. (Where one name has both sides, the old labels are in the
// way.)
std::string Comparison::ReplacementProblem(const Row& row, const Rewritings& made,
                                           const Results& expected) {
  std::string problem;
  const Rewriting& kept = made.at(static_cast<size_t>(Way::kKeep));
  if (kept.refusal.empty()) {
    const std::string name(WayName(Way::kKeep));
    problem += FleetProblem(name, kept.text, Fleet::kNew, expected) +
               WayBackProblem(row, Way::kKeep, kept.text, expected);
    if (!KeepsName(row)) problem += FleetProblem(name, kept.text, Fleet::kBoth, expected);
  }
  const Rewriting& replaced = made.at(static_cast<size_t>(Way::kReplace));
  if (!replaced.refusal.empty() || (kept.refusal.empty() && kept.text == replaced.text))
    return problem;
  return problem +
         FleetProblem(std::string(WayName(Way::kReplace)), replaced.text, Fleet::kNew, expected,
                      MetricNames(row.expr)) +
         WayBackProblem(row, Way::kReplace, replaced.text, expected);
}

bool Comparison::KeepsName(const Row& row) const {
  return std::ranges::any_of(MetricNames(row.expr),
                             [this](const auto& name) { return oracle_.KeepsName(name); });
}

std::string Comparison::WayBackProblem(const Row& row, Way way, const std::string& text,
                                       const Results& expected) {
  const std::set<std::string> names = MetricNames(row.expr);
  const auto has_way_back = [this](const std::string& name) { return oracle_.HasWayBack(name); };
  if (row.one_way || !std::ranges::all_of(names, has_way_back)) return "";
  ++ways_back_;
  const Rewriting back = Rewrite(text, reversed_, Options(row, way));
  if (!back.refusal.empty()) return "  the way back of " + text + ": " + back.refusal + "\n";
  return FleetProblem("the way back", back.text, Fleet::kOld, expected);
}

// The first difference of the fleet, and how many more there are: one mistake tends to show always.
// The result may have its labels as the new side calls them for the metrics `shown`.
std::string Comparison::FleetProblem(const std::string& what, const std::string& rewritten,
                                     Fleet fleet, const Results& expected,
                                     const std::set<std::string>& shown) {
  const auto new_labels = [&](const Labels& labels) { return oracle_.Shown(shown, labels); };
  std::string problem;
  size_t differing = 0;
  const Results& results = Ask(fleet, rewritten);
  for (size_t i = 0; i < whens_.size(); ++i) {
    const Result& actual = results.at(i);
    const std::string difference = Difference(
        shown.empty() ? expected.at(i) : WithLabels(expected.at(i), actual, new_labels), actual);
    if (difference.empty() || ++differing > 1) continue;
    problem = "  " + what + ", fleet " + std::string(FleetName(fleet)) + ", " +
              whens_.at(i).Describe() + ": " + rewritten + "\n" + difference;
  }
  if (differing > 1) problem += "    and in " + std::to_string(differing - 1) + " other queries\n";
  return problem;
}

const Comparison::Results& Comparison::Ask(Fleet fleet, const std::string& expr) {
  const auto [found, fresh] = asked_.try_emplace({fleet, expr});
  if (!fresh) return found->second;
  Server& server = servers_.at(static_cast<size_t>(fleet));
  for (const When& when : whens_) found->second.push_back(server.Query(expr, when));
  queries_ += whens_.size();
  return found->second;
}

}  // namespace metrishift::e2e
