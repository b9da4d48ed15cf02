#ifndef METRISHIFT_REWRITER_CLI_PROGRESS_H_
#define METRISHIFT_REWRITER_CLI_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <string>

namespace metrishift::cli {

// "1200 of 5000 files, 600 a second, 7 s left"; without the latter two when no time has passed or
// nothing is done yet.
std::string ProgressText(size_t done, size_t total, std::chrono::duration<double> elapsed);

// A line on a terminal that says how far a run is, from its second second on. It is to be cleared
// before anything else is printed. Not thread-safe.
class Progress {
 public:
  // Prints nothing unless `shown`.
  Progress(std::ostream& terminal, bool shown);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void Begin(size_t total);
  void Step();  // one more is done
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::ostream& terminal_;
  bool shown_;
  size_t total_ = 0;
  size_t done_ = 0;
  Clock::time_point begin_;
  Clock::time_point next_;  // when the line is to be printed again
  bool visible_ = false;
};

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_PROGRESS_H_
