#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_RANDOM_EXPRESSION_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_RANDOM_EXPRESSION_H_

#include <cstdint>
#include <string>

namespace metrishift::e2e {

// An expression over what the fleets measure, some of it under deprecated names. The same for the
// same seed and compiler: each has its own order of evaluating operands. Prometheus 2.42 accepts
// its grammar and types, but may find two series where it needs one.
std::string RandomExpression(uint32_t seed);

// Even seeds: nothing but names change, and all that RandomExpression(seed) can give is for the
// tool to rewrite. Odd seeds: anything may, and some of it is for a person.
constexpr bool MayNeedPerson(uint32_t seed) { return seed % 2 == 1; }

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_RANDOM_EXPRESSION_H_
