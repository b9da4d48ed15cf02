#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_COMPARISON_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_COMPARISON_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "core/mapping.h"
#include "rewriter/rewrite/plan.h"
#include "tests/e2e/equivalence/expressions.h"
#include "tests/e2e/equivalence/fleet.h"
#include "tests/e2e/equivalence/metric.h"
#include "tests/e2e/equivalence/oracle.h"
#include "tests/e2e/equivalence/result.h"
#include "tests/e2e/equivalence/server.h"

namespace metrishift::e2e {

// When each expression is asked. Late enough for a range of ten minutes and an offset; one process
// comes late, and the last time is after another one has left. Always at a scrape: an expression
// may read the clock.
inline constexpr std::array kWhens = {When{kBegin + 1200}, When{kBegin + 1815}, When{kBegin + 3540},
                                      When{kBegin + 600, kBegin + 3585, 75}};

// Rewrites expressions and compares what the four fleets answer. What differs is printed.
class Comparison {
 public:
  // `urls`: one Prometheus for each of kFleets.
  Comparison(const Mapping& mapping, std::span<char* const> urls);

  void Compare(const Row& row);

  // A random expression may have no meaning, nothing to rewrite, or need a person.
  void CompareRandom(uint32_t seed);

  size_t compared() const { return compared_; }  // random expressions that give something
  size_t empty() const { return empty_; }        // random expressions that give nothing
  size_t left() const { return left_; }          // of both: left to a person in some way
  size_t failures() const { return failures_; }
  size_t queries() const { return queries_; }

 private:
  using Results = std::array<Result, kWhens.size()>;

  // An expression as the rewriter leaves it.
  struct Rewriting {
    std::string text;
    std::string refusal;  // what it leaves to a person; "" for nothing
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
  std::string WayBackProblem(const Row& row, const std::string& text, const Results& expected);
  std::string FleetProblem(const std::string& what, const std::string& rewritten, Fleet fleet,
                           const Results& expected, const std::set<std::string>& shown = {});

  bool KeepsName(const Row& row) const;
  Result Ask(Fleet fleet, const std::string& expr, const When& when);
  Results AskAll(Fleet fleet, const std::string& expr);

  const Mapping& mapping_;
  Mapping reversed_;
  Oracle oracle_;
  std::array<Server, kFleets.size()> servers_;
  size_t failures_ = 0;
  size_t queries_ = 0;
  size_t compared_ = 0;
  size_t empty_ = 0;
  size_t left_ = 0;
};

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_COMPARISON_H_
