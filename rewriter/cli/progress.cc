#include "rewriter/cli/progress.h"

#include <cmath>
#include <ostream>

namespace metrishift::cli {
namespace {

std::string Rounded(double number) { return std::to_string(std::llround(number)); }

}  // namespace

std::string ProgressText(size_t done, size_t total, std::chrono::duration<double> elapsed) {
  std::string text = std::to_string(done) + " of " + std::to_string(total) + " files";
  if (done == 0 || elapsed.count() <= 0) return text;
  const double rate = static_cast<double>(done) / elapsed.count();
  const double left = static_cast<double>(total - done) / rate;
  text += ", " + (rate < 10 ? Rounded(rate * 60) + " a minute" : Rounded(rate) + " a second");
  return text + ", " + (left < 90 ? Rounded(left) + " s" : Rounded(left / 60) + " min") + " left";
}

Progress::Progress(std::ostream& terminal, bool shown) : terminal_(terminal), shown_(shown) {}

Progress::~Progress() { Clear(); }

void Progress::Begin(size_t total) {
  Clear();
  total_ = total;
  done_ = 0;
  begin_ = Clock::now();
  next_ = begin_ + std::chrono::seconds(1);
}

void Progress::Step() {
  ++done_;
  if (!shown_) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  Clear();
  terminal_ << ProgressText(done_, total_, now - begin_) << std::flush;
  visible_ = true;
  next_ = now + std::chrono::milliseconds(200);
}

void Progress::Clear() {
  if (visible_) terminal_ << "\r\x1b[K" << std::flush;
  visible_ = false;
}

}  // namespace metrishift::cli
