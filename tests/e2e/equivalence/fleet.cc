#include "tests/e2e/equivalence/fleet.h"

#include <cmath>
#include <cstdio>
#include <functional>
#include <vector>

namespace metrishift::e2e {
namespace {

constexpr int64_t kScrapeInterval = 15;
constexpr int kInstances = 3;
constexpr std::array<std::string_view, 2> kJobs = {"blue", "green"};

// One process of a fleet.
struct Process {
  int instance = 0;
  int job = 0;

  std::string Labels() const {
    return "instance=\"n" + std::to_string(instance) + "\",job=\"" +
           std::string(kJobs[static_cast<size_t>(job)]) + "\"";
  }
  uint64_t Seed() const { return static_cast<uint64_t>(instance * 2 + job + 1); }
  // Another distribution in each job: what is matched by instance alone meets both names.
  bool Upgraded() const { return (instance + job) % 2 == 1; }
  bool RunsAt(int64_t t) const {
    if (instance == 1 && job == 0) return t >= kBegin + 900;
    if (instance == 2 && job == 1) return t <= kBegin + 2700;
    return true;
  }
  bool RestartsAt(int64_t t) const { return (t - kBegin) == 1200 + 300 * instance; }
};

// In [0, 1), a function of its arguments only (splitmix64).
double Noise(uint64_t seed, uint64_t n) {
  uint64_t z = seed * 0x9E3779B97F4A7C15u + n * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

// Writes the samples of one process under the names that its fleet uses.
class Writer {
 public:
  Writer(Fleet fleet, const Mapping& mapping, std::string& out)
      : fleet_(fleet), mapping_(mapping), out_(out) {}

  void Series(const Process& process, std::string_view name, const std::string& more_labels,
              const std::function<double(int64_t)>& value) {
    const auto match = mapping_.FindOld(name);
    const bool as_new = fleet_ == Fleet::kNew || fleet_ == Fleet::kBoth ||
                        (fleet_ == Fleet::kMixed && process.Upgraded());
    const bool as_old = !as_new || fleet_ == Fleet::kBoth;
    const std::string labels = "{" + process.Labels() + more_labels + "} ";
    std::vector<std::string> samples;
    for (int64_t t = kBegin; t < kEnd; t += kScrapeInterval) {
      // Asked for each scrape, running or not: a counter counts on.
      const double v = value(t);
      if (!process.RunsAt(t)) continue;
      std::array<char, 64> sample;
      std::snprintf(sample.data(), sample.size(), "%.17g %lld\n", v, static_cast<long long>(t));
      samples.emplace_back(sample.data());
    }
    if (as_old || !match) Write(std::string(name) + labels, samples);
    if (as_new && match) Write(match->NewSeries() + labels, samples);
  }

  void Gauge(const Process& process, std::string_view name, double low, double high,
             const std::string& labels = "", uint64_t salt = 0) {
    Series(process, name, labels, [=](int64_t t) {
      const double wave = 0.25 + 0.25 * std::sin(static_cast<double>(t - kBegin) / 400.0);
      return low + (high - low) * (wave + 0.5 * Noise(process.Seed() + 1000 * salt, Tick(t)));
    });
  }

  void Counter(const Process& process, std::string_view name, double step,
               const std::string& labels = "", uint64_t salt = 0) {
    Series(process, name, labels, [=, sum = 0.0](int64_t t) mutable {
      if (process.RestartsAt(t)) sum = 0;
      return sum += step * Noise(process.Seed() + 1000 * salt, Tick(t));  // no ties for topk
    });
  }

 private:
  static uint64_t Tick(int64_t t) { return static_cast<uint64_t>((t - kBegin) / kScrapeInterval); }

  void Write(const std::string& series, const std::vector<std::string>& samples) {
    for (const std::string& sample : samples) out_.append(series).append(sample);
  }

  Fleet fleet_;
  const Mapping& mapping_;
  std::string& out_;
};

void WriteEtcd(Writer& writer, const Process& process) {
  writer.Gauge(process, "etcd_debugging_mvcc_db_total_size_in_bytes", 1e6, 9e6);
  uint64_t salt = 10;
  for (const char* name : {"put", "delete", "txn", "range"}) {
    writer.Counter(process, "etcd_debugging_mvcc_" + std::string(name) + "_total", 40, "", ++salt);
  }
  writer.Gauge(process, "etcd_debugging_mvcc_keys_total", 100, 900, "", 20);
  writer.Gauge(process, "etcd_server_quota_backend_bytes", 8e6, 9e6, "", 21);
}

void WriteHistogram(Writer& writer, const Process& process) {
  constexpr std::array<const char*, 6> kBounds = {"0.01", "0.05", "0.1", "0.5", "1.0", "+Inf"};
  for (size_t i = 0; i < kBounds.size(); ++i) {
    const std::string le = std::string(",le=\"") + kBounds[i] + "\"";
    // Cumulative: each bucket counts what the ones below it count, and more.
    writer.Series(process, "app_latency_seconds_bucket", le, [=, sum = 0.0](int64_t t) mutable {
      if (process.RestartsAt(t)) sum = 0;
      for (size_t j = 0; j <= i; ++j)
        sum += std::floor(9 * Noise(process.Seed() + 50 + j, static_cast<uint64_t>(t)));
      return sum;
    });
  }
  writer.Counter(process, "app_latency_seconds_sum", 12, "", 31);
  writer.Counter(process, "app_latency_seconds_count", 30, "", 32);
}

void WriteApp(Writer& writer, const Process& process) {
  writer.Gauge(process, "app_queue_depth", 1, 400, "", 40);
  writer.Gauge(process, "app_load_ratio", 0.05, 0.95, "", 41);
  uint64_t salt = 50;
  for (const char* code : {"200", "404", "503"}) {
    writer.Counter(process, "app_requests_total", 60, std::string(",code=\"") + code + "\"",
                   ++salt);
  }
  for (const char* quantile : {"0.5", "0.9"}) {
    writer.Gauge(process, "app_wait_seconds", 0.1, 3, std::string(",quantile=\"") + quantile + "\"",
                 ++salt);
  }
  writer.Counter(process, "app_wait_seconds_sum", 20, "", 60);
  writer.Counter(process, "app_wait_seconds_count", 20, "", 61);
  writer.Gauge(process, "app_queue_limit", 200, 500, "", 62);
  writer.Series(process, "app_build_info",
                process.instance == 0 ? ",version=\"1.0\"" : ",version=\"2.0\"",
                [](int64_t) { return 1.0; });
  writer.Series(process, "up", "", [](int64_t) { return 1.0; });
}

}  // namespace

std::string_view FleetName(Fleet fleet) {
  switch (fleet) {
    case Fleet::kOld:
      return "old";
    case Fleet::kNew:
      return "new";
    case Fleet::kBoth:
      return "both";
    case Fleet::kMixed:
      return "mixed";
  }
  return "";
}

std::optional<Fleet> FindFleet(std::string_view name) {
  for (const Fleet fleet : kFleets) {
    if (FleetName(fleet) == name) return fleet;
  }
  return std::nullopt;
}

std::string Measurements(Fleet fleet, const Mapping& mapping) {
  std::string out;
  Writer writer(fleet, mapping, out);
  for (int job = 0; job < static_cast<int>(kJobs.size()); ++job) {
    for (int instance = 0; instance < kInstances; ++instance) {
      const Process process{instance, job};
      WriteEtcd(writer, process);
      WriteHistogram(writer, process);
      WriteApp(writer, process);
    }
  }
  return out + "# EOF\n";
}

}  // namespace metrishift::e2e
