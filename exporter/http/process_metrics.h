#ifndef METRISHIFT_EXPORTER_HTTP_PROCESS_METRICS_H_
#define METRISHIFT_EXPORTER_HTTP_PROCESS_METRICS_H_

#include <prometheus/metric_family.h>

#include <vector>

namespace metrishift::http {

// What every client library says of its process (process_cpu_seconds_total, process_open_fds, ...),
// as Linux' /proc has it now. What cannot be read is left out.
// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
std::vector<prometheus::MetricFamily> ProcessMetrics();

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_PROCESS_METRICS_H_
