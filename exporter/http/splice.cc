#include "exporter/http/splice.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace metrishift::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kPipeBytes = 256 << 10;

// Until `to` takes something again. False at `end`.
bool AwaitRoom(int to, steady_clock::time_point end) {
  const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
  pollfd room{to, POLLOUT, 0};
  return left.count() > 0 && poll(&room, 1, static_cast<int>(left.count())) > 0;
}

}  // namespace

Splice::~Splice() {
  if (read_end_ >= 0) close(read_end_);
  if (write_end_ >= 0) close(write_end_);
}

bool Splice::Open() {
  if (read_end_ >= 0) return true;
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  read_end_ = ends[0];
  write_end_ = ends[1];
  // Where the system allows that much. With less there are more calls.
  (void)fcntl(write_end_, F_SETPIPE_SZ, kPipeBytes);
  return true;
}

// What is in the pipe.
bool Splice::Drain(int to, size_t size, steady_clock::time_point end) {
  while (size != 0) {
    const ssize_t moved = splice(read_end_, nullptr, to, nullptr, size, SPLICE_F_MOVE);
    if (moved > 0)
      size -= static_cast<size_t>(moved);
    else if (moved == 0 || (errno != EINTR && (errno != EAGAIN || !AwaitRoom(to, end))))
      return false;
  }
  return true;
}

Splice::Result Splice::Move(int from, int to, size_t size, milliseconds patience) {
  if (!Open()) return Result::kUnsupported;
  const auto end = steady_clock::now() + patience;
  for (size_t left = size; left != 0;) {
    // The pipe is empty and the bytes are there, so this waits for nothing.
    const ssize_t moved = splice(from, nullptr, write_end_, nullptr, left, SPLICE_F_MOVE);
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return left == size ? Result::kUnsupported : Result::kFailed;
    left -= static_cast<size_t>(moved);
    if (!Drain(to, static_cast<size_t>(moved), end)) return Result::kFailed;
  }
  return Result::kMoved;
}

}  // namespace metrishift::http
