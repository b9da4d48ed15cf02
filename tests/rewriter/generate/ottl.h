#ifndef METRISHIFT_TESTS_REWRITER_GENERATE_OTTL_H_
#define METRISHIFT_TESTS_REWRITER_GENERATE_OTTL_H_

#include <list>
#include <map>
#include <string>
#include <vector>

// As much of the OpenTelemetry Transformation Language, and of the processors that use it, as
// generated configurations need: written after open-telemetry/opentelemetry-collector-contrib,
// pkg/ottl/grammar.go, processor/transformprocessor and processor/filterprocessor, since no
// collector is at hand in tests.
namespace metrishift::ottl {

struct DataPoint {
  std::map<std::string, std::string> attributes;
  double value = 0;
  friend auto operator<=>(const DataPoint&, const DataPoint&) = default;
};

struct Metric {
  std::string name;
  std::vector<DataPoint> points;
};

// A list: copies go to its end while statements run over it, and are run over, too.
using Metrics = std::list<Metric>;

// Sends `metrics` through the processors of a collector's configuration, in its order. Returns what
// it does not understand, or what would never end; empty if all went well.
std::string Run(const std::string& configuration, Metrics& metrics);

}  // namespace metrishift::ottl

#endif  // METRISHIFT_TESTS_REWRITER_GENERATE_OTTL_H_
