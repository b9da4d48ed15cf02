#ifndef METRISHIFT_EXPORTER_EXPOSITION_SPARE_POOL_H_
#define METRISHIFT_EXPORTER_EXPOSITION_SPARE_POOL_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace metrishift::exposition {

// Objects that nobody needs at present, to be used again. Thread-safe.
template <class T>
class SparePool {
 public:
  // At most `most` are kept, unless KeepAtLeast says more.
  explicit SparePool(size_t most) : most_(most) {}

  // nullptr when there is none.
  std::unique_ptr<T> Take() {
    const std::scoped_lock lock(mutex_);
    if (spares_.empty()) return nullptr;
    std::unique_ptr<T> spare = std::move(spares_.back());
    spares_.pop_back();
    return spare;
  }

  void KeepAtLeast(size_t most) {
    const std::scoped_lock lock(mutex_);
    most_ = std::max(most_, most);
  }

  // Destructors call it: what finds no memory is not kept.
  void Give(std::unique_ptr<T> spare) noexcept {
    const std::scoped_lock lock(mutex_);
    if (spares_.size() >= most_) return;
    try {
      spares_.push_back(std::move(spare));
    } catch (const std::bad_alloc&) {
    }
  }

 private:
  std::mutex mutex_;
  size_t most_;
  std::vector<std::unique_ptr<T>> spares_;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_SPARE_POOL_H_
