#ifndef METRISHIFT_TESTS_REWRITER_REWRITE_KINDS_H_
#define METRISHIFT_TESTS_REWRITER_REWRITE_KINDS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/mapping.h"

namespace metrishift::rewrite {

inline MappingEntry Entry(std::string old_name, std::string new_name,
                          MetricType type = MetricType::kGauge) {
  MappingEntry entry;
  entry.old_name = std::move(old_name);
  entry.new_name = std::move(new_name);
  entry.type = entry.new_type = type;
  entry.table = "t";
  return entry;
}

// One entry of each kind, and some more; those whose bits are set in `which`.
inline Mapping Kinds(uint32_t which = ~uint32_t{0}) {
  MappingTable table;
  table.name = table.component = "t";
  auto add = [&table](MappingEntry entry) -> MappingEntry& {
    table.metrics.push_back(std::move(entry));
    return table.metrics.back();
  };
  add(Entry("cpu_cores", "requests")).new_labels = {{"resource", "cpu"}, {"unit", "core"}};
  add(Entry("mem_bytes", "requests")).new_labels = {{"resource", "memory"}, {"unit", "byte"}};
  add(Entry("usage", "usage_total")).labels = {{"pod_name", "pod"}};
  add(Entry("same", "same")).labels = {{"pod_name", "pod"}};
  add(Entry("io_ms", "io_seconds", MetricType::kCounter)).scale = 1000;
  add(Entry("sectors", "bytes", MetricType::kCounter)).scale = 0.001953125;
  MappingEntry& celsius = add(Entry("temp_f", "temp_c"));
  celsius.scale = 1.8;
  celsius.offset = 32;
  add(Entry("lat_ms", "lat_seconds", MetricType::kHistogram)).scale = 1000;
  add(Entry("freq", "freq_hertz")).label_values = {{"cpu", {}, "cpu(.+)", "$1"}};
  add(Entry("proc", "requests_by_method")).label_values = {
      {"method", {{"get_attr", "GetAttr"}, {"null", "Null"}}, "", ""}};
  MappingEntry& aggregated = add(Entry("jobs", "jobs_by_reason"));
  aggregated.aggregate = MappingEntry::Aggregate{"sum", true, {"reason"}};
  aggregated.equivalence = Equivalence::kAggregated;
  MappingEntry& uptime = add(Entry("uptime", "start_time"));
  uptime.expr = "time() - start_time";
  uptime.equivalence = Equivalence::kExact;
  MappingEntry& ratio = add(Entry("ratio", "part"));
  ratio.expr = "part{a=\"b\"} / whole";
  MappingEntry& worker = add(Entry("worker_us", "worker_seconds", MetricType::kSummary));
  worker.new_type = MetricType::kHistogram;
  worker.scale = 1000000;
  worker.equivalence = Equivalence::kSumCountOnly;
  MappingEntry& gone = add(Entry("gone", ""));
  gone.fate = MappingEntry::Fate::kRemoved;
  gone.note = "ask for something else";
  MappingEntry& near = add(Entry("near", "nearly"));
  near.equivalence = Equivalence::kApproximate;
  add(Entry("plain", "renamed"));
  MappingEntry& guest = add(Entry("cpu_time", "guest_time"));
  guest.when = {{"mode", "guest"}};
  guest.new_labels = {{"mode", "user"}};
  add(Entry("cpu_time", "cpu_seconds"));
  MappingEntry& failed = add(Entry("states", "failed_states"));
  failed.when = {{"state", "failed"}};
  failed.new_labels = {{"state", ""}};
  add(Entry("both", "both")).labels = {{"pod_name", "pod"}, {"container_name", "container"}};
  add(Entry("clock", "clock")).label_values = {{"core", {}, "core(.+)", "$1"}};
  add(Entry("stamp", "boot_time")).expr = "boot_time";
  std::vector<MappingEntry> chosen;
  for (size_t i = 0; i < table.metrics.size(); ++i) {
    if ((which >> (i % 32) & 1) != 0) chosen.push_back(std::move(table.metrics[i]));
  }
  table.metrics = std::move(chosen);
  return *Mapping::FromTables({std::move(table)});
}

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_TESTS_REWRITER_REWRITE_KINDS_H_
