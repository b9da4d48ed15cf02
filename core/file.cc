#include "core/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

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

}  // namespace

std::optional<std::string> ReadFile(const std::string& path, std::string* error) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0) {
    *error = ErrnoText();
    return std::nullopt;
  }
  if (S_ISDIR(info.st_mode)) {
    *error = "is a folder";
    return std::nullopt;
  }
  std::string bytes;
  if (S_ISREG(info.st_mode))
    bytes.reserve(std::min(static_cast<size_t>(info.st_size), kMaxFileBytes));
  // Not on the stack: civetweb's threads have 100 KB of it.
  std::string chunk(size_t{1} << 16U, '\0');
  for (;;) {
    const ssize_t n = ::read(file.get(), chunk.data(), chunk.size());
    if (n == 0) return bytes;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      *error = ErrnoText();
      return std::nullopt;
    }
    bytes.append(chunk, 0, static_cast<size_t>(n));
    if (bytes.size() > kMaxFileBytes) {
      *error = "is larger than " + std::to_string(kMaxFileBytes >> 20) + " MiB";
      return std::nullopt;
    }
  }
}

}  // namespace metrishift
