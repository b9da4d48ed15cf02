#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_EXPRESSIONS_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_EXPRESSIONS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping_entry.h"

namespace metrishift::e2e {

// What is rewritten how: the modes of the rewriter, replacing with and without the old labels in
// the result.
enum class Way : uint8_t { kReplace, kKeep, kUnion };
inline constexpr std::array kWays = {Way::kReplace, Way::kKeep, Way::kUnion};

enum class Expect : uint8_t { kNo, kYes, kEither };

// What a line of expressions.txt says of two expressions.
enum class Relation : uint8_t {
  kNone,              // there is one
  kReplacement,       // "~": the other gives in the new fleet what the first gives in the old one
  kWrongReplacement,  // "~>": it does not
  kUnion,             // "<=>": the other gives in each fleet what the first gives in the old one
  kWrongUnion,        // "=>": it does not
};

// One line of expressions.txt, whose head says what the marks mean.
struct Row {
  std::string place;  // "expressions.txt:12"; for people
  std::string expr;
  Relation relation = Relation::kNone;
  std::string other;
  bool empty = false;                            // [empty]
  bool already = false;                          // [already]
  Expect rest = Expect::kNo;                     // [rest]
  bool one_way = false;                          // [oneway]
  std::string differs;                           // [differs: REASON]
  std::array<Expect, kWays.size()> person{};     // [person...], for each way
  std::array<std::string, kWays.size()> code;    // of the finding then; "" for any
  std::array<Expect, kWays.size()> same{};       // [same...], for each way
  Equivalence least = Equivalence::kAggregated;  // [least: WORD]
  std::string problem;                           // a mark that there is not

  // Is left to a person, with a finding of this code.
  void Leave(Way way, std::string_view with) {
    person.at(static_cast<size_t>(way)) = Expect::kYes;
    code.at(static_cast<size_t>(way)) = with;
  }
  Expect Person(Way way) const { return person.at(static_cast<size_t>(way)); }
  Expect Same(Way way) const { return same.at(static_cast<size_t>(way)); }
};

// The rows of the table; lines that are empty or begin with "#" are none.
std::vector<Row> ReadRows(std::string_view text);

// The functions, operators, aggregations and modifiers of Prometheus 2.42 that no row has, as they
// are written; and what is no PromQL, after its place.
std::vector<std::string> MissingFromRows(const std::vector<Row>& rows);

// The metric names that `expr` selects by: those of its selectors, and the alternatives of their
// regular expressions. Nothing for what is no PromQL.
std::set<std::string> MetricNames(std::string_view expr);

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_EXPRESSIONS_H_
