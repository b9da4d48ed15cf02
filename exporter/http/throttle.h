#ifndef METRISHIFT_EXPORTER_HTTP_THROTTLE_H_
#define METRISHIFT_EXPORTER_HTTP_THROTTLE_H_

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace metrishift::http {

// Says which occurrences of a problem are worth a line in the log: the first, and from then on one
// a minute. Knows up to kMostProblems at a time; whatever is beyond that counts as one problem, so
// that no input can fill memory or the log. Thread-safe.
class Throttle {
 public:
  using Clock = std::chrono::steady_clock;

  // Nothing: this one is not worth a line. Otherwise how many there were since the last line.
  std::optional<size_t> Admit(std::string_view problem, Clock::time_point now = Clock::now());

  static constexpr std::chrono::seconds kInterval{60};
  static constexpr size_t kMostProblems = 200;

 private:
  struct Problem {
    Clock::time_point said;
    size_t repeated = 0;
  };

  void ForgetOld(Clock::time_point now);

  std::mutex mutex_;
  std::map<std::string, Problem, std::less<>> problems_;  // guarded by mutex_
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_THROTTLE_H_
