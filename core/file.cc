#include "core/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
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

std::optional<std::string> ReadAll(int fd, std::string* error) {
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
    const ssize_t n = ::read(fd, bytes.data() + size, bytes.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(ErrnoText());
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
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return ReadAll(file.get(), error);
}

std::optional<std::string> ReadStandardInput(std::string* error) {
  return ReadAll(STDIN_FILENO, error);
}

}  // namespace metrishift
