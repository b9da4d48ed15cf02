#include "rewriter/cli/write_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "core/file.h"

namespace metrishift::cli {
namespace {

namespace fs = std::filesystem;

std::string ErrnoText() { return std::generic_category().message(errno); }

// A file that is being written, and removed again unless it is kept.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& beside) : path_(beside + ".metrishift-XXXXXX") {
    fd_ = ::mkostemp(path_.data(), O_CLOEXEC);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (fd_ >= 0) ::close(fd_);
    if (fd_ >= 0 && !kept_) ::unlink(path_.c_str());
  }

  // Each returns false with errno set.
  bool ok() const { return fd_ >= 0; }

  bool Write(const std::string& text) {
    for (size_t at = 0; at < text.size();) {
      const ssize_t n = ::write(fd_, text.data() + at, text.size() - at);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return false;
      at += static_cast<size_t>(n);
    }
    return true;
  }

  // Only root may give a file away; a file that was already ours needs no change.
  bool TakeOwnerAndMode(const struct stat& like) {
    struct stat mine {};
    if (::fstat(fd_, &mine) != 0) return false;
    if ((like.st_uid != mine.st_uid || like.st_gid != mine.st_gid) &&
        ::fchown(fd_, like.st_uid, like.st_gid) != 0) {
      return false;
    }
    return ::fchmod(fd_, like.st_mode & 07777) == 0;
  }

  // What a file has that a program makes.
  bool TakeUsualMode() {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return ::fchmod(fd_, 0666 & ~mask) == 0;
  }

  bool RenameTo(const std::string& path) {
    if (::fsync(fd_) != 0 || ::rename(path_.c_str(), path.c_str()) != 0) return false;
    kept_ = true;
    return true;
  }

 private:
  std::string path_;
  int fd_ = -1;
  bool kept_ = false;
};

// While it lives, what ends a program from outside (Ctrl-C) waits: no file is left behind.
class SignalsWait {
 public:
  SignalsWait() {
    sigset_t ends;
    ::sigemptyset(&ends);
    for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) ::sigaddset(&ends, signal);
    ::pthread_sigmask(SIG_BLOCK, &ends, &before_);
  }
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;
  ~SignalsWait() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

void SyncFolder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;  // the rename holds; only its durability is the file system's business then
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

std::optional<std::string> ReplaceFile(const std::string& path, const std::string& expected,
                                       const std::string& text) {
  std::error_code error;
  const std::string target = fs::canonical(path, error).string();
  if (error) return error.message();
  struct stat before {};
  if (::stat(target.c_str(), &before) != 0) return ErrnoText();
  if (!S_ISREG(before.st_mode)) return "is no regular file";
  const SignalsWait wait;
  TemporaryFile file(target);
  if (!file.ok() || !file.Write(text)) return "cannot write beside it: " + ErrnoText();
  if (!file.TakeOwnerAndMode(before)) return "cannot keep its owner and mode: " + ErrnoText();
  std::string why;
  const std::optional<std::string> now = ReadFile(target, &why);
  if (!now) return why;
  if (*now != expected) return "changed since it was read";
  if (!file.RenameTo(target)) return ErrnoText();
  SyncFolder(fs::path(target).parent_path().string());
  return std::nullopt;
}

std::optional<std::string> WriteFile(const std::string& path, const std::string& text) {
  struct stat before {};
  if (::stat(path.c_str(), &before) == 0) {
    std::string why;
    if (!S_ISREG(before.st_mode)) return "is no regular file";
    const std::optional<std::string> now = ReadFile(path, &why);
    if (!now) return why;
    return *now == text ? std::nullopt : ReplaceFile(path, *now, text);
  }
  if (errno != ENOENT) return ErrnoText();
  const SignalsWait wait;
  TemporaryFile file(path);
  if (!file.ok() || !file.Write(text)) return "cannot write beside it: " + ErrnoText();
  if (!file.TakeUsualMode() || !file.RenameTo(path)) return ErrnoText();
  SyncFolder(fs::path(path).parent_path().string());
  return std::nullopt;
}

}  // namespace metrishift::cli
