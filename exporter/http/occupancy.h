#ifndef METRISHIFT_EXPORTER_HTTP_OCCUPANCY_H_
#define METRISHIFT_EXPORTER_HTTP_OCCUPANCY_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace metrishift::http {

// Counts the scrapes under way. Thread-safe.
class Occupancy {
 public:
  enum class Entry : uint8_t { kAdmitted, kFull, kDraining };

  Entry Enter(int max_scrapes) {
    const std::lock_guard lock(mutex_);
    if (draining_) return Entry::kDraining;
    if (scrapes_ >= max_scrapes) return Entry::kFull;
    ++scrapes_;
    return Entry::kAdmitted;
  }
  void Leave() {
    const std::lock_guard lock(mutex_);
    --scrapes_;
    idle_.notify_all();
  }
  void BeginDrain() {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  bool WaitUntilIdle(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, patience, [this] { return scrapes_ == 0; });
  }
  bool draining() {
    const std::lock_guard lock(mutex_);
    return draining_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable idle_;
  int scrapes_ = 0;
  bool draining_ = false;
};

// Leaves when it goes out of scope, whatever happens to the scrape.
struct OccupancyGuard {
  Occupancy& occupancy;
  ~OccupancyGuard() { occupancy.Leave(); }
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_OCCUPANCY_H_
