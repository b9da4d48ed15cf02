#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_COMPARISON_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_COMPARISON_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <ostream>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/mapping.h"
#include "rewriter/rewrite/plan.h"
#include "tests/e2e/equivalence/expressions.h"
#include "tests/e2e/equivalence/fleet.h"
#include "tests/e2e/equivalence/oracle.h"
#include "tests/e2e/equivalence/result.h"
#include "tests/e2e/equivalence/server.h"

namespace metrishift::e2e {

using Servers = std::array<Server, kFleets.size()>;  // one for each of kFleets
Servers Connect(std::span<char* const> urls);

// Rewrites expressions and compares what the four fleets answer. What differs is printed.
class Comparison {
 public:
  // Each expression is asked at each of `whens`: at scrapes, since an expression may read the
  // clock.
  Comparison(const Mapping& mapping, Servers& servers, std::vector<When> whens, std::ostream& out)
      : mapping_(mapping),
        reversed_(mapping.Reversed().value.value_or(Mapping())),
        oracle_(mapping.tables()),
        servers_(servers),
        whens_(std::move(whens)),
        out_(out) {}

  // Gives for each of kWays the code of what is left to a person, or "".
  std::array<std::string, kWays.size()> Compare(const Row& row);

  // A random expression may have no meaning, nothing to rewrite, or need a person.
  void CompareRandom(uint32_t seed);

  size_t compared() const { return compared_; }    // random expressions that give something
  size_t empty() const { return empty_; }          // random expressions that give nothing
  size_t left() const { return left_; }            // of both: left to a person in some way
  size_t ways_back() const { return ways_back_; }  // replacements that had to lead back
  size_t failures() const { return failures_; }
  size_t queries() const { return queries_; }

 private:
  using Results = std::vector<Result>;  // one for each of `whens_`

  // An expression as the rewriter leaves it.
  struct Rewriting {
    std::string text;
    std::string refusal;  // what it leaves to a person; "" for nothing
    std::string code;     // of that finding
  };
  // An expression rewritten in each of kWays.
  using Rewritings = std::array<Rewriting, kWays.size()>;

  static Rewriting Rewrite(const std::string& expr, const Mapping& mapping,
                           const rewrite::PlanOptions& options);
  Rewritings RewriteEachWay(const Row& row) const;

  // Each of these gives "" or what is wrong, in lines.
  std::string Problem(const Row& row, const Rewritings& made);
  std::string RewrittenProblem(const Row& row, const Rewritings& made, const Results& expected);
  std::string RelationProblem(const Row& row, const Results& expected);
  std::string RefusalProblem(const Row& row, Way way, const Rewriting& made) const;
  std::string TextProblem(const Row& row, const Rewritings& made) const;
  std::string ReplacementProblem(const Row& row, const Rewritings& made, const Results& expected);
  std::string WayBackProblem(const Row& row, Way way, const std::string& text,
                             const Results& expected);
  std::string FleetProblem(const std::string& what, const std::string& rewritten, Fleet fleet,
                           const Results& expected, const std::set<std::string>& shown = {});

  bool KeepsName(const Row& row) const;
  const Results& Ask(Fleet fleet, const std::string& expr);

  const Mapping& mapping_;
  Mapping reversed_;
  Oracle oracle_;
  Servers& servers_;
  std::vector<When> whens_;
  std::ostream& out_;
  std::map<std::pair<Fleet, std::string>, Results> asked_;  // for the present row
  size_t ways_back_ = 0;
  size_t failures_ = 0;
  size_t queries_ = 0;
  size_t compared_ = 0;
  size_t empty_ = 0;
  size_t left_ = 0;
};

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_COMPARISON_H_
