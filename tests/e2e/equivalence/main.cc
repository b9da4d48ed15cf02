// equivalence measurements FLEET TABLE...
//   prints what a fleet has measured, for promtool tsdb create-blocks-from openmetrics
// equivalence random FIRST_SEED COUNT OLD_URL NEW_URL BOTH_URL MIXED_URL TABLE...
//   the same with random expressions
// equivalence compare EXPRESSIONS OLD_URL NEW_URL BOTH_URL MIXED_URL TABLE...
//   rewrites each expression and asks the Prometheus of each fleet; see run.sh

#include <array>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "core/file.h"
#include "mappings/catalog.h"
#include "rewriter/rewrite/plan.h"
#include "tests/e2e/equivalence/expressions.h"
#include "tests/e2e/equivalence/fleet.h"
#include "tests/e2e/equivalence/random_expression.h"
#include "tests/e2e/equivalence/server.h"

namespace metrishift::e2e {
namespace {

using rewrite::Mode;

constexpr size_t kLeastRows = 200;

// Late enough for a range of ten minutes and an offset; one process comes late, and the last time
// is after another one has left.
constexpr std::array kWhens = {When{kBegin + 1200}, When{kBegin + 1815}, When{kBegin + 3540},
                               When{kBegin + 600, kBegin + 3600, 75}};

// An expression as `mode` rewrites it.
struct Rewriting {
  std::string text;
  std::string problem;  // what the rewriter could not do; "" for nothing
};

Rewriting Rewrite(const std::string& expr, const Mapping& mapping, Mode mode) {
  const rewrite::QueryPlan plan =
      rewrite::PlanQuery(expr, formats::QueryKind::kPromQL, mapping, mode);
  if (plan.error) return {expr, plan.error->message};
  for (const rewrite::QueryFinding& finding : plan.findings) {
    if (finding.disposition == rewrite::Disposition::kNeedsPerson) return {expr, finding.message};
  }
  return {plan.edits.Splice(expr), ""};
}

// Rewrites every row and compares what the four fleets answer.
class Comparison {
 public:
  Comparison(const Mapping& mapping, std::span<char* const> urls)
      : mapping_(mapping),
        servers_{Server(urls[0]), Server(urls[1]), Server(urls[2]), Server(urls[3])} {}

  void Compare(const Row& row) {
    const std::string problem = row.wrong.empty() ? RowProblem(row) : ControlProblem(row);
    const bool known = !row.differs.empty();
    if (problem.empty() == !known) return;
    ++failures_;
    std::cout << "expressions.txt:" << row.line << ": " << row.expr << "\n"
              << (known ? "  marked as different, but it is not any more\n" : problem);
  }

  // A random expression may have no meaning, or nothing to rewrite.
  void CompareRandom(uint32_t seed) {
    Row row;
    row.expr = RandomExpression(seed);
    const Rewriting replaced = Rewrite(row.expr, mapping_, Mode::kReplace);
    if (replaced.problem.empty() && replaced.text == row.expr) return;
    for (const When& when : kWhens) {
      const Result expected = Ask(Fleet::kOld, row.expr, when);
      if (!expected.error.empty()) return;
      row.empty = row.empty || expected.samples() > 0;
    }
    row.empty = !row.empty;
    ++(row.empty ? empty_ : compared_);
    const std::string problem = RowProblem(row);
    if (problem.empty()) return;
    ++failures_;
    std::cout << "random " << seed << ": " << row.expr << "\n" << problem;
  }

  size_t compared() const { return compared_; }
  size_t empty() const { return empty_; }
  size_t failures() const { return failures_; }
  size_t queries() const { return queries_; }

 private:
  Result Ask(Fleet fleet, const std::string& expr, const When& when) {
    ++queries_;
    return servers_.at(static_cast<size_t>(fleet)).Query(expr, when);
  }

  std::string RowProblem(const Row& row) {
    const Rewriting replaced = Rewrite(row.expr, mapping_, Mode::kReplace);
    const Rewriting united = Rewrite(row.expr, mapping_, Mode::kUnion);
    if (!replaced.problem.empty()) return "  replace: " + replaced.problem + "\n";
    if (!united.problem.empty()) return "  union: " + united.problem + "\n";
    std::string problem = TextProblem(row, replaced.text, united.text);
    size_t samples = 0;
    std::array<Result, kWhens.size()> expected;
    for (size_t i = 0; i < kWhens.size(); ++i) {
      expected.at(i) = Ask(Fleet::kOld, row.expr, kWhens.at(i));
      const std::string& error = expected.at(i).error;
      if (!error.empty()) return "  the expression itself: " + error + "\n";
      samples += expected.at(i).samples();
    }
    for (const Fleet fleet : kFleets)
      problem += FleetProblem("union", united.text, fleet, expected);
    problem += FleetProblem("replace", replaced.text, Fleet::kNew, expected);
    if (samples == 0 && !row.empty) problem += "  gives nothing at any time: proves nothing\n";
    if (samples > 0 && row.empty) problem += "  marked as empty, but gives something\n";
    return problem;
  }

  std::string TextProblem(const Row& row, const std::string& replaced, const std::string& united) {
    const auto check = [&](const char* what, const std::string& text, Mode mode,
                           const std::string& expected) -> std::string {
      const Rewriting again = Rewrite(text, mapping_, mode);
      if (again.problem.empty() && again.text == expected) return "";
      return std::string("  ") + what + "\n    of       " + text + "\n    gives    " + again.text +
             "\n    and not  " + expected + "\n" +
             (again.problem.empty() ? "" : "    " + again.problem + "\n");
    };
    return (replaced == row.expr ? "  replace changes nothing\n" : std::string()) +
           (united == row.expr && !row.already ? "  union changes nothing\n" : "") +
           (united != row.expr && row.already ? "  marked as a union, but not left alone\n" : "") +
           check("finalize", united, Mode::kFinalize, replaced) +
           check("finalize", replaced, Mode::kFinalize, replaced) +
           check("union", united, Mode::kUnion, united) +
           check("replace", replaced, Mode::kReplace, replaced);
  }

  // The first difference of the fleet, and how many more there are: one mistake tends to show
  // always.
  std::string FleetProblem(const std::string& what, const std::string& rewritten, Fleet fleet,
                           const std::array<Result, kWhens.size()>& expected) {
    std::string problem;
    size_t differing = 0;
    for (size_t i = 0; i < kWhens.size(); ++i) {
      const When& when = kWhens.at(i);
      const std::string difference = Difference(expected.at(i), Ask(fleet, rewritten, when));
      if (difference.empty() || ++differing > 1) continue;
      problem = "  " + what + ", fleet " + std::string(FleetName(fleet)) + ", " + when.Describe() +
                ": " + rewritten + "\n" + difference;
    }
    if (differing > 1)
      problem += "    and in " + std::to_string(differing - 1) + " other queries\n";
    return problem;
  }

  // A rewriting that is known to be wrong: a comparison that does not see it sees nothing.
  std::string ControlProblem(const Row& row) {
    for (const When& when : kWhens) {
      const Result expected = Ask(Fleet::kOld, row.expr, when);
      if (!expected.error.empty()) return "  the expression itself: " + expected.error + "\n";
      for (const Fleet fleet : kFleets) {
        if (!Difference(expected, Ask(fleet, row.wrong, when)).empty()) return "";
      }
    }
    return "  no fleet shows that this is wrong: " + row.wrong + "\n";
  }

  const Mapping& mapping_;
  std::array<Server, kFleets.size()> servers_;
  size_t failures_ = 0;
  size_t queries_ = 0;
  size_t compared_ = 0;  // random expressions that give something
  size_t empty_ = 0;     // random expressions that give nothing
};

int Compare(const std::string& path, std::span<char* const> urls, const Mapping& mapping) {
  std::string why;
  const std::optional<std::string> text = ReadFile(path, &why);
  if (!text) {
    std::cerr << path << ": " << why << "\n";
    return 2;
  }
  const std::vector<Row> rows = ReadRows(*text);
  size_t failures = 0;
  for (const std::string& missing : MissingFromRows(rows)) {
    ++failures;
    std::cout << "expressions.txt: not in it: " << missing << "\n";
  }
  if (rows.size() < kLeastRows) {
    ++failures;
    std::cout << "expressions.txt: only " << rows.size() << " expressions\n";
  }
  Comparison comparison(mapping, urls);
  for (const Row& row : rows) comparison.Compare(row);
  failures += comparison.failures();
  std::cout << rows.size() << " expressions, " << comparison.queries() << " queries, " << failures
            << " failures\n";
  return failures == 0 ? 0 : 1;
}

int CompareRandom(uint32_t first, uint32_t count, std::span<char* const> urls,
                  const Mapping& mapping) {
  Comparison comparison(mapping, urls);
  for (uint32_t i = 0; i < count; ++i) comparison.CompareRandom(first + i);
  std::cout << count << " random expressions: " << comparison.compared() << " compared, "
            << comparison.empty()
            << " compared but empty, the rest without a meaning or a deprecated name; "
            << comparison.failures() << " failures\n";
  return comparison.failures() == 0 && comparison.compared() > 0 ? 0 : 1;
}

int Main(std::span<char* const> args) {
  const auto mapping_of = [](std::span<char* const> tables) {
    const CatalogResult loaded =
        LoadMappings(std::vector<std::string>(tables.begin(), tables.end()));
    std::cerr << loaded.error;
    return loaded;
  };
  if (args.size() >= 3 && args[0] == std::string_view("measurements")) {
    const std::optional<Fleet> fleet = FindFleet(args[1]);
    const CatalogResult loaded = mapping_of(args.subspan(2));
    if (!fleet || !loaded.error.empty()) return 2;
    std::cout << Measurements(*fleet, loaded.mapping) << std::flush;
    return std::cout ? 0 : 2;
  }
  if (args.size() >= 7 && args[0] == std::string_view("compare")) {
    const CatalogResult loaded = mapping_of(args.subspan(6));
    return loaded.error.empty() ? Compare(args[1], args.subspan(2, 4), loaded.mapping) : 2;
  }
  if (args.size() >= 8 && args[0] == std::string_view("random")) {
    const CatalogResult loaded = mapping_of(args.subspan(7));
    if (!loaded.error.empty()) return 2;
    const auto number = [&args](size_t i) { return static_cast<uint32_t>(std::stoul(args[i])); };
    return CompareRandom(number(1), number(2), args.subspan(3, 4), loaded.mapping);
  }
  std::cerr << "see the head of main.cc\n";
  return 2;
}

}  // namespace
}  // namespace metrishift::e2e

int main(int argc, char** argv) {
  return metrishift::e2e::Main(std::span(argv, static_cast<size_t>(argc)).subspan(1));
}
