#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_METRIC_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_METRIC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/e2e/equivalence/labels.h"

namespace metrishift::e2e {

// The hour that every fleet has measured, in seconds of Unix time. Fixed, so that a failure can be
// repeated; at the start of a two-hour block of Prometheus.
inline constexpr int64_t kBegin = 1'700'006'400;
inline constexpr int64_t kEnd = kBegin + 3600;
inline constexpr int64_t kScrapeInterval = 15;

// One process of a fleet: one of three instances of one of two jobs. One comes late, one leaves
// early.
struct Process {
  int instance = 0;
  int job = 0;

  std::string Name() const;     // "n0b"
  std::string Version() const;  // not the same in all
  Labels Target() const;        // instance and job
  uint64_t Number() const { return static_cast<uint64_t>(instance * 2 + job); }
  // Another distribution in each job: what is matched by instance alone meets both sides.
  bool Upgraded() const { return (instance + job) % 2 == 1; }
  bool RunsAt(int64_t t) const;
  int64_t StartedAt(int64_t t) const;  // the last start of the process
};

// How the values of a series go on.
enum class Shape : uint8_t {
  kGauge,         // anywhere between two numbers
  kWhole,         // whole numbers, multiples of eight, each for a minute
  kCounter,       // grows by up to so much, from 0 at each start
  kWholeCounter,  // the same in whole numbers, multiples of eight
  kBucket,        // a counter that counts what the buckets below it count, and more
  kUptime,        // seconds since the process was started
  kOne,
};

// One series that every process has, as it was before the upgrade. No two of one metric have the
// same value at one time: topk has to choose.
struct Series {
  Shape shape = Shape::kGauge;
  std::string name;
  Labels
      labels;  // without those of the target; in a value "%" is the process' name, "#" its version
  double low = 0;
  double high = 0;
  uint64_t rank = 0;  // among the series of its metric
  uint64_t seed = 0;  // its own

  Labels LabelsOf(const Process& process) const;
  // At `t`, when `previous` was the value at the scrape before.
  double Value(const Process& process, int64_t t, double previous) const;
};

// A histogram or a summary.
struct Distribution {
  std::string name;
  std::string label;  // "le" or "quantile"
  std::vector<std::string> values;
  double unit = 1;  // what is one second
};

// Adds the series of `distribution` with `labels`.
void AddDistribution(const Distribution& distribution, const Labels& labels,
                     std::vector<Series>& out);

// Gives each series a seed of its own.
void Number(std::vector<Series>& series);

// A series of the new side that no table tells how to make of old ones: what an expression reads,
// the buckets that a summary had not. Each stands beside what becomes of an old series `old_name`,
// and has its labels and `labels`.
struct ByHand {
  std::string old_name;
  std::string new_name;
  Labels labels;
  double (*value)(double old, int64_t t);
};

// What is measured, and when.
struct Scene {
  std::vector<Process> processes;
  std::vector<Series> series;  // of each process
  std::vector<ByHand> by_hand;
  int64_t begin = kBegin;  // half-open with `end`; by the clock of the processes
  int64_t end = kEnd;
  int64_t interval = kScrapeInterval;
  // How much later than by that clock all of it is: scenes one after another share a Prometheus,
  // and none sees the other.
  int64_t delay = 0;
};

// The hour of e2e.equivalence: every kind of mapping.
Scene EveryKind();

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_METRIC_H_
