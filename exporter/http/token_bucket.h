#ifndef METRISHIFT_EXPORTER_HTTP_TOKEN_BUCKET_H_
#define METRISHIFT_EXPORTER_HTTP_TOKEN_BUCKET_H_

#include <algorithm>
#include <chrono>
#include <mutex>

namespace metrishift::http {

// Lets `burst` requests pass at once and one more for each `interval`: the rule of rate_limit in
// exporter-toolkit (golang.org/x/time/rate). Both must be positive. Thread-safe.
class TokenBucket {
 public:
  using Clock = std::chrono::steady_clock;

  TokenBucket(std::chrono::nanoseconds interval, int burst)
      : interval_(interval), burst_(burst), tokens_(burst) {}

  bool Take(Clock::time_point now = Clock::now()) {
    const std::lock_guard lock(mutex_);
    const auto passed = std::max(now - filled_, Clock::duration::zero());
    tokens_ = std::min(burst_, tokens_ + std::chrono::duration<double>(passed) / interval_);
    filled_ = std::max(filled_, now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

  std::chrono::duration<double> interval() const { return interval_; }

 private:
  const std::chrono::duration<double> interval_;
  const double burst_;
  std::mutex mutex_;
  double tokens_;               // guarded by mutex_
  Clock::time_point filled_{};  // guarded by mutex_
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_TOKEN_BUCKET_H_
