#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_EXPRESSIONS_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_EXPRESSIONS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace metrishift::e2e {

// One line of expressions.txt, whose head says what the marks mean.
struct Row {
  size_t line = 0;
  std::string expr;
  std::string wrong;     // "EXPR => WRONG": a rewriting that the comparison must find to be wrong
  bool empty = false;    // [empty]: gives nothing, in every fleet
  bool already = false;  // [already]: a union as we make it
  std::string differs;   // [differs: REASON]: known not to be equivalent
};

// The rows of the table; lines that are empty or begin with "#" are none.
std::vector<Row> ReadRows(std::string_view text);

// The functions, operators, aggregations and modifiers of Prometheus 2.42 that no row has, as they
// are written; and what is no PromQL, as "line N: ...".
std::vector<std::string> MissingFromRows(const std::vector<Row>& rows);

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_EXPRESSIONS_H_
