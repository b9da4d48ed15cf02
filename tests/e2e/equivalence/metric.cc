#include "tests/e2e/equivalence/metric.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace metrishift::e2e {
namespace {

constexpr int kInstances = 3;
constexpr std::array<const char*, 2> kJobs = {"blue", "green"};

// What each fleet measures, but histograms and summaries. Several dimensions multiply.
struct Dimension {
  std::string label;
  std::vector<std::string> values;
};
struct Metric {
  Shape shape;
  const char* name;
  double low;   // gauges: at least
  double high;  // gauges: at most; counters: the largest step
  std::vector<Dimension> dimensions = {};
};

const Dimension kPods = {"pod_name", {"web-%", "db-%"}};
const Dimension kModes = {"mode", {"user", "idle", "guest", "guest_nice"}};

using enum Shape;
const Metric kMetrics[] = {
    // etcd
    {kGauge, "etcd_debugging_mvcc_db_total_size_in_bytes", 1e6, 9e6},
    {kCounter, "etcd_debugging_mvcc_put_total", 0, 40},
    {kCounter, "etcd_debugging_mvcc_delete_total", 0, 40},
    {kCounter, "etcd_debugging_mvcc_txn_total", 0, 40},
    {kCounter, "etcd_debugging_mvcc_range_total", 0, 40},
    {kGauge, "etcd_debugging_mvcc_keys_total", 100, 900},
    {kGauge, "etcd_server_quota_backend_bytes", 8e6, 9e6},
    // renamed
    {kGauge, "app_queue_depth", 1, 400},
    {kGauge, "app_load_ratio", 0.05, 0.95},
    {kCounter, "app_requests_total", 0, 60, {{"code", {"200", "404", "503"}}}},
    // in another unit
    {kWhole, "app_cache_kibibytes", 1, 50},
    {kWholeCounter, "app_sent_kibibytes_total", 0, 1e6},
    {kWhole, "app_heat_marks", 1, 9},
    {kWhole, "app_idle_shares", 1, 120},
    // split, and from a pattern
    {kWhole, "app_limit_cpu_cores", 1, 30, {{"container", {"web", "db"}}}},
    {kWhole, "app_limit_memory_bytes", 1e4, 9e4, {{"container", {"web", "db"}}}},
    {kWholeCounter, "app_mail_retries_total", 0, 1e5},
    {kWholeCounter, "app_push_retries_total", 0, 1e5},
    // under a prefix
    {kWhole, "wmi_os_processes", 1, 90},
    {kWhole, "wmi_os_handle_count", 1, 90},
    {kCounter, "wmi_cpu_time_total", 0, 15, {{"core", {"0,0", "0,1"}}, {"mode", {"user", "idle"}}}},
    {kOne, "wmi_exporter_collectors", 0, 0},
    // chosen by a label
    {kCounter, "app_cpu", 0, 15, {{"cpu", {"cpu0", "cpu1"}}, kModes}},
    {kWhole, "app_jobs", 1, 90, {{"state", {"failed", "done", "waiting"}}}},
    // with other labels, or other values of them
    {kWholeCounter, "app_pod_restarts_total", 0, 1e5, {kPods, {"container", {"main", "side"}}}},
    {kWhole, "app_pod_memory_bytes", 1e4, 9e4, {kPods, {"container_name", {"main", "side"}}}},
    {kWhole, "app_links", 1, 90, {{"from", {"a", "b"}}, {"to", {"a", "b", "c"}}}},
    {kWhole, "app_fan_rpm", 10, 90, {{"sensor", {"fan1", "fan2"}}}},
    {kWhole, "app_clock_hertz", 1, 90, {{"core", {"core0", "core1"}}}},
    {kWhole, "app_state", 1, 90, {{"state", {"up", "down", "paused"}}}},
    {kWholeCounter, "app_nic_in_kibibits_total", 0, 1e6, {{"nic", {"eth0", "eth1", "lo"}}}},
    // aggregated
    {kWhole, "app_sessions", 1, 90},
    {kWholeCounter, "app_hits_total", 0, 1e5, {{"code", {"200", "503"}}}},
    {kWholeCounter, "app_calls_total", 0, 1e5, {{"code", {"200", "503"}}}},
    {kWhole, "app_peak_bytes", 1e4, 9e4},
    // by an expression
    {kWhole, "app_memory_free_bytes", 1, 1e6},
    {kUptime, "app_uptime_seconds", 0, 0},
    {kWhole, "app_boot_stamp", 1, 90},
    // gone
    {kGauge, "app_legacy_depth", 1, 400},
    {kGauge, "app_debug_depth", 1, 400},
    {kGauge, "app_speed", 1, 400},
    // what nobody renames
    {kGauge, "app_queue_limit", 200, 500},
    {kOne, "app_build_info", 0, 0, {{"version", {"#"}}}},
    {kOne, "app_pod_info", 0, 0, {kPods, {"node", {"k1"}}}},
    {kWhole, "app_pod_quota_bytes", 1e4, 9e4, {{"pod", {"web-%", "db-%"}}}},
    {kWhole, "app_cpu_limit", 1, 90, {{"cpu", {"cpu0", "cpu1"}}}},
    {kOne, "up", 0, 0},
};

const Distribution kDistributions[] = {
    {"app_latency_seconds", "le", {"0.01", "0.05", "0.1", "0.5", "1.0", "+Inf"}, 1},
    {"app_pause_milliseconds", "le", {"5", "10", "25", "100", "1000", "2500", "+Inf"}, 1000},
    {"app_wait_seconds", "quantile", {"0.5", "0.9"}, 1},
    {"app_lag_milliseconds", "quantile", {"0.5", "0.9"}, 1000},
    {"app_batch_seconds", "quantile", {"0.5", "0.9"}, 1},
};

constexpr double kMemory = 4294967296;

double Memory(double, int64_t) { return kMemory; }
double Used(double free, int64_t) { return kMemory - free; }
double Start(double uptime, int64_t t) { return static_cast<double>(t) - uptime; }
double Half(double count, int64_t) { return std::floor(count / 2); }
double Same(double count, int64_t) { return count; }

const std::vector<ByHand> kByHand = {
    {"app_memory_free_bytes", "app_memory_limit_bytes", {}, Memory},
    {"app_memory_free_bytes", "app_memory_used_bytes", {}, Used},
    {"app_uptime_seconds", "app_start_time_seconds", {}, Start},
    {"app_boot_stamp", "app_boot_time_seconds", {}, Same},
    {"app_batch_seconds_count", "app_batch_duration_seconds_bucket", {{"le", "1"}}, Half},
    {"app_batch_seconds_count", "app_batch_duration_seconds_bucket", {{"le", "+Inf"}}, Same},
};

// In [0, 1), a function of its arguments only (splitmix64).
double Noise(uint64_t seed, uint64_t n) {
  uint64_t z = seed * 0x9E3779B97F4A7C15u + n * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

// Every choice of one value for each dimension.
std::vector<Labels> Product(const std::vector<Dimension>& dimensions) {
  std::vector<Labels> out = {{}};
  for (const Dimension& dimension : dimensions) {
    std::vector<Labels> longer;
    for (const Labels& labels : out) {
      for (const std::string& value : dimension.values)
        longer.emplace_back(labels)[dimension.label] = value;
    }
    out = std::move(longer);
  }
  return out;
}

// Three instances of two jobs.
std::vector<Process> EveryProcess() {
  std::vector<Process> out;
  for (int job = 0; job < static_cast<int>(kJobs.size()); ++job) {
    for (int instance = 0; instance < kInstances; ++instance) out.push_back({instance, job});
  }
  return out;
}

std::vector<Series> EverySeries() {
  std::vector<Series> out;
  for (const Metric& metric : kMetrics) {
    uint64_t rank = 0;
    for (const Labels& labels : Product(metric.dimensions))
      out.push_back({metric.shape, metric.name, labels, metric.low, metric.high, rank++});
  }
  for (const Distribution& distribution : kDistributions) AddDistribution(distribution, {}, out);
  Number(out);
  return out;
}

}  // namespace

void AddDistribution(const Distribution& distribution, const Labels& labels,
                     std::vector<Series>& out) {
  const std::string& name = distribution.name;
  const bool histogram = distribution.label == "le";
  const Shape shape = histogram ? Shape::kBucket : Shape::kGauge;
  uint64_t rank = 0;
  for (const std::string& value : distribution.values) {
    Labels all = labels;
    all[distribution.label] = value;
    out.push_back({shape, name + (histogram ? "_bucket" : ""), std::move(all),
                   0.1 * distribution.unit, histogram ? 9 : 3 * distribution.unit, rank++});
  }
  out.push_back({Shape::kCounter, name + "_sum", labels, 0, 12 * distribution.unit});
  out.push_back({Shape::kCounter, name + "_count", labels, 0, 30});
}

void Number(std::vector<Series>& series) {
  for (size_t i = 0; i < series.size(); ++i) series[i].seed = i + 1;
}

Scene EveryKind() { return {EveryProcess(), EverySeries(), kByHand}; }

std::string Process::Name() const {
  return "n" + std::to_string(instance) + kJobs.at(static_cast<size_t>(job))[0];
}

std::string Process::Version() const { return instance == 0 ? "1.0" : "2.0"; }

Labels Process::Target() const {
  return {{"instance", "n" + std::to_string(instance)},
          {"job", kJobs.at(static_cast<size_t>(job))}};
}

bool Process::RunsAt(int64_t t) const {
  if (instance == 1 && job == 0) return t >= kBegin + 900;
  if (instance == 2 && job == 1) return t <= kBegin + 2700;
  return true;
}

int64_t Process::StartedAt(int64_t t) const {
  const int64_t restart = kBegin + 1200 + 300 * instance;
  return t < restart ? kBegin : restart;
}

Labels Series::LabelsOf(const Process& process) const {
  Labels out = labels;
  for (auto& [label, value] : out) {
    if (const size_t at = value.find('%'); at != std::string::npos)
      value.replace(at, 1, process.Name());
    if (value == "#") value = process.Version();
  }
  return out;
}

double Series::Value(const Process& process, int64_t t, double previous) const {
  const auto scrape = static_cast<uint64_t>((t - kBegin) / kScrapeInterval);
  const uint64_t own = process.Number() + 1 + 1000 * seed;
  const double noise = Noise(own, scrape);
  // What keeps whole numbers apart: one of 64, the same at all times.
  const double number = static_cast<double>(10 * process.Number() + rank);
  const bool started = process.StartedAt(t) == t;
  switch (shape) {
    case Shape::kGauge: {
      const double wave = 0.25 + 0.25 * std::sin(static_cast<double>(t - kBegin) / 400.0);
      return low + (high - low) * (wave + 0.5 * noise);
    }
    case Shape::kWhole:
      return 8 * (64 * std::floor(low + (high - low) * Noise(own, scrape / 4)) + number);
    case Shape::kCounter:
      return (started ? 0 : previous) + high * noise;
    case Shape::kWholeCounter:
      return (started ? 8 * number : previous) + 8 * 64 * std::floor(high * noise);
    case Shape::kBucket: {
      double sum = started ? 0 : previous;
      for (uint64_t below = 0; below <= rank; ++below) {
        // Fewer and fewer: quantiles fall between bounds, not behind the last.
        const double most = high - 1.5 * static_cast<double>(rank - below);
        sum += std::floor(most * Noise(own - 1000 * below, scrape));
      }
      return sum;
    }
    case Shape::kUptime:
      return static_cast<double>(t - process.StartedAt(t));
    case Shape::kOne:
      return 1;
  }
  return 0;
}

}  // namespace metrishift::e2e
