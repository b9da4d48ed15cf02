#ifndef METRISHIFT_TESTS_REWRITER_PROMQL_QUERIES_H_
#define METRISHIFT_TESTS_REWRITER_PROMQL_QUERIES_H_

#include <string>
#include <vector>

namespace metrishift::promql {

// Valid queries, one or more for each construct of the language; the rows that properties are
// tested over.
const std::vector<std::string>& PlainQueries();

// The same with variables; valid in the Grafana dialect.
const std::vector<std::string>& GrafanaQueries();

}  // namespace metrishift::promql

#endif  // METRISHIFT_TESTS_REWRITER_PROMQL_QUERIES_H_
