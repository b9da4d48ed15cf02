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
template <class Make>
class OrderedWork {
 public:
  using Result = decltype(std::declval<const Make&>()(size_t{0}));

  OrderedWork(size_t count, size_t jobs, const Make& make)
      : count_(count), make_(make), slots_(4 * jobs) {
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    for (size_t i = 0; i < jobs; ++i) threads_.emplace_back([this] { Work(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  OrderedWork(const OrderedWork&) = delete;
  OrderedWork& operator=(const OrderedWork&) = delete;
  ~OrderedWork() {
    {
      const std::scoped_lock lock(mutex_);
      next_ = count_;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  // Waits for the result of `i`. REQUIRES: called for each `i` in order.
  Result Take(size_t i) {
    std::unique_lock lock(mutex_);
    Slot& slot = SlotOf(i);
    changed_.wait(lock, [&slot] { return slot.result || slot.error; });
    if (slot.error) std::rethrow_exception(slot.error);
    Result result = *std::move(slot.result);
    slot.result.reset();
    taken_ = i + 1;
    changed_.notify_all();
    return result;
  }

 private:
  struct Slot {
    std::optional<Result> result;
    std::exception_ptr error;
  };

  Slot& SlotOf(size_t i) { return slots_[i % slots_.size()]; }

  void Work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return next_ == count_ || next_ < taken_ + slots_.size(); });
      if (next_ == count_) return;
      const size_t i = next_++;
      lock.unlock();
      Slot made;
      try {
        made.result.emplace(make_(i));
      } catch (...) {
        made.error = std::current_exception();
      }
      lock.lock();
      SlotOf(i) = std::move(made);
      changed_.notify_all();
    }
  }

  const size_t count_;
  const Make& make_;
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::vector<Slot> slots_;
  size_t next_ = 0;  // to be made
  size_t taken_ = 0;
  std::vector<std::thread> threads_;
};

// Calls use(i, make(i)) for each i below `count`, in order, on the thread of the caller, while
// `jobs` threads call `make`: what comes out is the same for any number of them. No more than a few
// results wait for their turn, so that memory does not grow with `count`. The threads take no
// signals, which stay with the caller. An exception of `make` or `use` ends it all and comes out
// here. REQUIRES: several threads may call `make` at once.
template <class Make, class Use>
void InOrder(size_t count, size_t jobs, const Make& make, const Use& use) {
  jobs = std::min(jobs, count);
  if (jobs <= 1) {
    for (size_t i = 0; i < count; ++i) use(i, make(i));
    return;
  }
  OrderedWork<Make> work(count, jobs, make);
  for (size_t i = 0; i < count; ++i) use(i, work.Take(i));
}

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_IN_ORDER_H_
