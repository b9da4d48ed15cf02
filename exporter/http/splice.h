#ifndef METRISHIFT_EXPORTER_HTTP_SPLICE_H_
#define METRISHIFT_EXPORTER_HTTP_SPLICE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace metrishift::http {

// Moves bytes from one socket to another without copying them to this process and back: splice(2),
// by way of a pipe. Not thread-safe.
class Splice {
 public:
  enum class Result : uint8_t {
    kMoved,        // all of them
    kUnsupported,  // none, since this system or these sockets cannot
    kFailed,       // some may have been: either socket has failed, or the patience was at an end
  };

  Splice() = default;
  ~Splice();
  Splice(const Splice&) = delete;
  Splice& operator=(const Splice&) = delete;

  // Moves `size` bytes, which have arrived at `from` already. Waits for `to`, where that does not
  // block, for `patience` altogether.
  Result Move(int from, int to, size_t size, std::chrono::milliseconds patience);

 private:
  bool Open();
  bool Drain(int to, size_t size, std::chrono::steady_clock::time_point end);

  int read_end_ = -1;
  int write_end_ = -1;
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_SPLICE_H_
