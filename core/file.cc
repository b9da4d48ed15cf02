#include "core/file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

namespace metrishift {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string ErrnoText() { return std::generic_category().message(errno); }

std::string TooLarge() { return "is larger than " + std::to_string(kMaxFileBytes >> 20) + " MiB"; }

constexpr size_t kChunk = size_t{1} << 16U;

// What the caller has handed to the program: /dev/stdin, and /dev/fd/63 of <(...).
bool IsOwnDescriptor(std::string_view path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

// Why there is no end to wait for in what `info` is about; "" otherwise.
std::string_view WhyEndless(const std::string& path, const struct stat& info) {
  if (S_ISSOCK(info.st_mode)) return "is a socket";
  const bool device = S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode);
  return device && path != "/dev/null" && !IsOwnDescriptor(path) ? "is a device" : "";
}

// Those who write to a FIFO that was opened without waiting for them.
class Writers {
 public:
  explicit Writers(bool awaited) : came_(!awaited) {}

  // Waits a little. False when what has been read is all there is: they have gone, or nobody has
  // come for three seconds.
  bool MayWrite(int fd) {
    if (came_) return false;
    constexpr int kStep = 10;  // milliseconds; who has come and says nothing yet is no event
    pollfd wait{fd, POLLIN, 0};
    came_ = ::poll(&wait, 1, kStep) > 0;
    return came_ || ++steps_ < 3000 / kStep;
  }
  void Came() { came_ = true; }
  bool came() const { return came_; }

 private:
  bool came_;
  int steps_ = 0;
};

// As read(2), for as long as there may be something.
ssize_t ReadSome(int fd, std::span<char> to, Writers* writers) {
  for (;;) {
    const ssize_t n = ::read(fd, to.data(), to.size());
    const bool nothing_yet = n < 0 && errno == EAGAIN;
    if (n > 0 || nothing_yet) writers->Came();
    if (nothing_yet) {
      pollfd wait{fd, POLLIN, 0};
      ::poll(&wait, 1, -1);
    } else if (n == 0 ? !writers->MayWrite(fd) : n > 0 || errno != EINTR) {
      return n;
    }
  }
}

std::optional<std::string> ReadAll(int fd, std::string* error, bool await_writer = false) {
  Writers writers(await_writer);
  const auto fail = [error](std::string why) {
    *error = std::move(why);
    return std::nullopt;
  };
  struct stat info {};
  if (fd < 0 || ::fstat(fd, &info) != 0) return fail(ErrnoText());
  if (S_ISDIR(info.st_mode)) return fail("is a folder");
  // One byte more than there should be: so the end is seen without a second look. What the kernel
  // makes up as it is read has no size.
  size_t expected = 0;
  if (S_ISREG(info.st_mode)) expected = static_cast<size_t>(info.st_size);
  if (expected > kMaxFileBytes) return fail(TooLarge());
  std::string bytes(expected > 0 ? expected + 1 : kChunk, '\0');
  for (size_t size = 0;;) {
    const ssize_t n = ReadSome(fd, std::span(bytes).subspan(size), &writers);
    if (n < 0) return fail(ErrnoText());
    if (!writers.came()) return fail("is a pipe that nobody writes to");
    size += static_cast<size_t>(n);
    if (size > kMaxFileBytes) return fail(TooLarge());
    if (n == 0 || (size == expected && expected > 0)) {
      bytes.resize(size);
      return bytes;
    }
    if (size == bytes.size()) bytes.resize(size + std::max(size, kChunk));
  }
}

}  // namespace

std::optional<std::string> ReadFile(const std::string& path, std::string* error) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    *error = WhyEndless(path, info);
    if (!error->empty()) return std::nullopt;
  }
  const bool fifo = S_ISFIFO(info.st_mode);
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | (fifo ? O_NONBLOCK : 0)));
  return ReadAll(file.get(), error, fifo && !IsOwnDescriptor(path));
}

std::optional<std::string> ReadStandardInput(std::string* error) {
  return ReadAll(STDIN_FILENO, error);
}

}  // namespace metrishift
