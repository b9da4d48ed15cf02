#include "tests/e2e/equivalence/entry_series.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "tests/e2e/equivalence/oracle.h"

namespace metrishift::e2e {
namespace {

constexpr size_t kSets = 2;  // of labels, for each entry

// Values that patterns of tables are for, two of each kind.
constexpr std::array<std::array<const char*, kSets>, 2> kProbes = {
    {{"cpu0", "cpu1"}, {"3.4.5", "3.5.6"}}};

// Old values of a label whose values change, and perhaps one that does not.
std::string OldValue(const LabelValues& values, size_t set) {
  if (values.pattern.empty())
    return set == 0 || values.values.size() == 1 ? values.values[0].first : "unheard-of";
  for (const auto& probes : kProbes) {
    if (values.ToNew(probes[set]) != probes[set]) return probes[set];
  }
  return "no value is known that " + values.pattern + " matches";
}

Labels OldLabels(const MappingEntry& entry, size_t set) {
  const std::string letter(1, static_cast<char>('a' + set));
  Labels labels = {{kKept, letter}};
  for (const LabelRename& rename : entry.labels) labels[rename.old_name] = "v" + letter;
  for (const LabelValues& values : entry.label_values) labels[values.label] = OldValue(values, set);
  for (const Label& label : entry.new_labels) {
    const bool dropped = label.value.empty() && !labels.contains(label.name);
    if (dropped) labels[label.name] = "dropped";
  }
  for (const Label& label : entry.when) {
    labels[label.name] = label.value;
    if (label.value.empty()) labels.erase(label.name);
  }
  return labels;
}

// The largest value of a gauge. Where a zero point moves far, values are far from it, too: a
// difference of two large numbers is none to compare.
double Largest(const MappingEntry& entry) { return std::max(400.0, std::abs(entry.offset) / 100); }

void AddSeries(const MappingEntry& entry, const Labels& labels, std::vector<Series>& out) {
  if (entry.type == MetricType::kHistogram) {
    std::vector<std::string> bounds = {"+Inf"};
    for (const double bound : {5.0, 0.5, 0.05})
      bounds.insert(bounds.begin(), GoNumber(bound * entry.scale));
    AddDistribution({entry.old_name, "le", bounds, entry.scale}, labels, out);
  } else if (entry.type == MetricType::kSummary) {
    AddDistribution({entry.old_name, "quantile", {"0.5", "0.9"}, entry.scale}, labels, out);
  } else if (entry.aggregate && entry.aggregate->op == "count") {
    // As many as the oracle makes of one.
    out.push_back({Shape::kGauge, entry.old_name, labels, 3, 3});
  } else if (ReadsClock(entry)) {
    // A time of day and a difference to it: whole numbers, to be exact.
    out.push_back({Shape::kWhole, entry.old_name, labels, 1, Largest(entry)});
  } else if (IsCounter(entry)) {
    out.push_back({Shape::kCounter, entry.old_name, labels, 0, 60 * std::abs(entry.scale)});
  } else {
    out.push_back({Shape::kGauge, entry.old_name, labels, 1, Largest(entry)});
  }
}

}  // namespace

std::vector<Labels> OldLabels(const MappingEntry& entry) {
  std::vector<Labels> out;
  for (size_t set = 0; set < kSets; ++set) out.push_back(OldLabels(entry, set));
  return out;
}

std::string OldBound(const MappingEntry& entry) { return GoNumber(0.5 * entry.scale); }

bool IsCounter(const MappingEntry& entry) {
  return entry.type == MetricType::kCounter || entry.new_type == MetricType::kCounter ||
         entry.old_name.ends_with("_total");
}

bool ReadsClock(const MappingEntry& entry) {
  return entry.expr.find("time()") != std::string::npos;
}

double Middle(const MappingEntry& entry) {
  if (entry.type == MetricType::kHistogram) return 0.3 * std::abs(entry.scale);
  if (entry.type == MetricType::kSummary) return std::abs(entry.scale);
  if (entry.aggregate && entry.aggregate->op == "count") return 2;
  if (ReadsClock(entry)) return 256 * Largest(entry);  // see Shape::kWhole
  return IsCounter(entry) ? std::abs(entry.scale) : 0.5 * Largest(entry);
}

std::vector<Series> OldSeries(std::span<const MappingEntry> entries) {
  std::vector<Series> out;
  std::set<std::string> chosen;  // names whose series have one more beside them
  for (const MappingEntry& entry : entries) {
    for (const Labels& labels : OldLabels(entry)) AddSeries(entry, labels, out);
    if (entry.when.empty() || !chosen.insert(entry.old_name).second) continue;
    Labels labels = OldLabels(entry, 0);
    for (const Label& label : entry.when) labels[label.name] = "otherwise";
    AddSeries(entry, labels, out);
  }
  Number(out);
  return out;
}

}  // namespace metrishift::e2e
