#ifndef METRISHIFT_EXPORTER_EXPOSITION_NUMBER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_NUMBER_H_

#include <string>

namespace metrishift::exposition {

// The shortest text that reads back to the same double, in the form of Go's FormatFloat('g', -1),
// which is what readers see from Go programs: "0.001", "123456", "1e+06", "+Inf", "NaN".
std::string FormatNumber(double value);

// The same with ".0" after a whole number: bounds in OpenMetrics are written so.
std::string FormatBound(double value);

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_NUMBER_H_
