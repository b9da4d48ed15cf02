#include "core/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

std::optional<std::string> ReadAll(int fd, std::string* error) {
  const auto fail = [error](std::string why) {
    *error = std::move(why);
    return std::nullopt;
  };
  struct stat info {};
  if (fd < 0 || ::fstat(fd, &info) != 0) return fail(ErrnoText());
  if (S_ISDIR(info.st_mode)) return fail("is a folder");
  std::string bytes;
  if (S_ISREG(info.st_mode)) {
    if (static_cast<size_t>(info.st_size) > kMaxFileBytes) return fail(TooLarge());
    bytes.reserve(static_cast<size_t>(info.st_size));
  }
  // Not on the stack: civetweb's threads have 100 KB of it.
  std::string chunk(size_t{1} << 16U, '\0');
  for (;;) {
    const ssize_t n = ::read(fd, chunk.data(), chunk.size());
    if (n == 0) return bytes;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(ErrnoText());
    bytes.append(chunk, 0, static_cast<size_t>(n));
    if (bytes.size() > kMaxFileBytes) return fail(TooLarge());
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
