#include "exporter/http/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

namespace metrishift::http {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily Family(const char* name, const char* help, MetricType type, double value) {
  prometheus::ClientMetric metric;
  metric.gauge.value = value;
  metric.counter.value = value;
  return {name, help, type, {metric}};
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Field `number` (from 1) of /proc/self/stat; see proc(5). The second, a name, may have blanks.
std::optional<double> StatField(int number) {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  size_t at = line.rfind(')');
  for (int field = 2; field < number && at != line.npos; ++field) at = line.find(' ', at + 1);
  if (at == line.npos) return std::nullopt;
  return std::strtod(line.c_str() + at + 1, nullptr);
}

// When the machine started, in seconds since 1970.
std::optional<double> BootTime() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
    file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return std::nullopt;
}

}  // namespace

std::vector<MetricFamily> ProcessMetrics() {
  std::vector<MetricFamily> families;
  const auto gauge = [&families](const char* name, const char* help, double value) {
    families.push_back(Family(name, help, MetricType::Gauge, value));
  };
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    families.push_back(
        Family("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
               MetricType::Counter, Seconds(usage.ru_utime) + Seconds(usage.ru_stime)));
  }
  double pages_virtual = 0;
  double pages_resident = 0;
  if (std::ifstream file("/proc/self/statm"); file >> pages_virtual >> pages_resident) {
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", pages_virtual * page);
    gauge("process_resident_memory_bytes", "Resident memory size in bytes.", pages_resident * page);
  }
  constexpr int kStartTime = 22;
  const std::optional<double> boot = BootTime();
  const std::optional<double> start = StatField(kStartTime);
  if (boot && start) {
    gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
          *boot + *start / static_cast<double>(sysconf(_SC_CLK_TCK)));
  }
  std::error_code error;
  const std::filesystem::directory_iterator open_files("/proc/self/fd", error);
  if (!error) {
    gauge("process_open_fds", "Number of open file descriptors.",
          static_cast<double>(std::distance(begin(open_files), end(open_files))));
  }
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    gauge("process_max_fds", "Maximum number of open file descriptors.",
          static_cast<double>(files.rlim_cur));
  }
  return families;
}

}  // namespace metrishift::http
