#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_RESULT_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_RESULT_H_

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace metrishift::e2e {

// What Prometheus answers to one query, without the order of the series and without __name__: the
// one label that a renaming may change. Series that differ in nothing else are one series, as long
// as they have no sample at the same time.
struct Result {
  std::string error;  // Prometheus' own words, or those of libcurl; there are no series then
  std::string type;   // "vector", "matrix", "scalar", "string"
  std::map<std::string, std::map<double, double>> series;  // labels -> time -> value

  // The sum of the samples of all series.
  size_t samples() const;
};

// `answer` as it comes from /api/v1/query or query_range.
Result ReadResult(const nlohmann::json& answer);

// "" when both results say the same (values to a relative 1e-9), else what differs, a line for each
// series.
std::string Difference(const Result& expected, const Result& actual);

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_RESULT_H_
