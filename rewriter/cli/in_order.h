#ifndef METRISHIFT_REWRITER_CLI_IN_ORDER_H_
#define METRISHIFT_REWRITER_CLI_IN_ORDER_H_

#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace metrishift::cli {

// See InOrder.
template <class Make, class IsLarge>
class OrderedWork {
 public:
  using Result = decltype(std::declval<const Make&>()(size_t{0}));

  OrderedWork(size_t count, size_t jobs, const Make& make, const IsLarge& is_large)
      : count_(count),
        make_(make),
        is_large_(is_large),
        slots_(std::min(count, kSlots)),
        most_large_(kLargePerJob * jobs) {
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    for (size_t i = 1; i < jobs; ++i) threads_.emplace_back([this] { Work(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  OrderedWork(const OrderedWork&) = delete;
  OrderedWork& operator=(const OrderedWork&) = delete;
  ~OrderedWork() {
    {
      const std::scoped_lock lock(mutex_);
      next_ = count_;
    }
    room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  // The result of `i`. Works, too, rather than wait for it. REQUIRES: called for each `i` in order.
  Result Take(size_t i) {
    std::unique_lock lock(mutex_);
    Slot& slot = SlotOf(i);
    while (!slot.result && !slot.error) {
      if (HasRoom())
        MakeNext(lock);
      else
        made_.wait(lock);
    }
    if (slot.error) std::rethrow_exception(slot.error);
    Result result = *std::move(slot.result);
    slot.result.reset();
    taken_ = i + 1;
    const bool large = is_large_(result);
    large_ -= large;
    if (next_ - taken_ == slots_.size() / 2 || (large && large_ == most_large_ / 2))
      room_.notify_all();
    return result;
  }

 private:
  // While one file takes its time, thousands of others can be done. To wake a thread takes longer
  // than one of those: so none is woken before half of the room is free.
  static constexpr size_t kSlots = 4096;
  static constexpr size_t kLargePerJob = 8;

  struct Slot {
    std::optional<Result> result;
    std::exception_ptr error;
  };

  Slot& SlotOf(size_t i) { return slots_[i % slots_.size()]; }

  // The one that is to be taken next is never held up.
  bool HasRoom() const {
    return next_ < std::min(count_, taken_ + slots_.size()) && large_ < most_large_;
  }

  void Work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      room_.wait(lock, [this] { return next_ == count_ || HasRoom(); });
      if (next_ == count_) return;
      MakeNext(lock);
    }
  }

  // REQUIRES: HasRoom().
  void MakeNext(std::unique_lock<std::mutex>& lock) {
    const size_t i = next_++;
    lock.unlock();
    Slot made;
    try {
      made.result.emplace(make_(i));
    } catch (...) {
      made.error = std::current_exception();
    }
    const bool large = made.result && is_large_(*made.result);
    lock.lock();
    large_ += large;
    SlotOf(i) = std::move(made);
    if (i == taken_) made_.notify_one();
  }

  const size_t count_;
  const Make& make_;
  const IsLarge& is_large_;
  std::mutex mutex_;              // guards all below
  std::condition_variable made_;  // the result that is to be taken next
  std::condition_variable room_;  // for half of all, or nothing more to do
  std::vector<Slot> slots_;
  const size_t most_large_;
  size_t large_ = 0;  // results that wait to be taken
  size_t next_ = 0;   // to be made
  size_t taken_ = 0;
  std::vector<std::thread> threads_;
};

// Calls use(i, make(i)) for each i below `count`, in order, on the thread of the caller, while
// `jobs` threads, that one among them, call `make`: what comes out is the same for any number of
// them. No more than a few results that is_large(result) says yes to wait for their turn, and a few
// thousand others, so that memory does not grow with `count`.
// The other threads take no signals, which stay with the caller. An exception of `make` or `use`
// ends it all and comes out here. REQUIRES: several threads may call `make` at once.
template <class Make, class Use, class IsLarge>
void InOrder(size_t count, size_t jobs, const Make& make, const Use& use, const IsLarge& is_large) {
  jobs = std::min(jobs, count);
  if (jobs <= 1) {
    for (size_t i = 0; i < count; ++i) use(i, make(i));
    return;
  }
  OrderedWork<Make, IsLarge> work(count, jobs, make, is_large);
  for (size_t i = 0; i < count; ++i) use(i, work.Take(i));
}

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_IN_ORDER_H_
