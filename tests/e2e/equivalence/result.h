#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_RESULT_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_RESULT_H_

#include <cstddef>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tests/e2e/equivalence/labels.h"

namespace metrishift::e2e {

using Samples = std::map<double, double>;  // time -> value

// What Prometheus answers to one query, without the order of the series and without __name__: the
// one label that a renaming may change. Series that differ in nothing else are one series, as long
// as they have no sample at the same time.
struct Result {
  std::string error;  // Prometheus' own words, or those of libcurl; there are no series then
  std::string type;   // "vector", "matrix", "scalar", "string"
  std::map<Labels, Samples> series;  // of a scalar: one without labels

  // The sum of the samples of all series.
  size_t samples() const;
};

// `answer` as it comes from /api/v1/query or query_range.
Result ReadResult(const nlohmann::json& answer);

// "" when both results say the same (values to a relative 1e-9: a factor rounds, and so does a sum
// in another order), else what differs, a line for each series.
std::string Difference(const Result& expected, const Result& actual);

// `result` with series under the labels that `shown` gives for theirs, wherever `actual` has a
// series with those.
Result WithLabels(const Result& result, const Result& actual,
                  const std::function<Labels(const Labels&)>& shown);

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_RESULT_H_
