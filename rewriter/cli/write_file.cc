#include "rewriter/cli/write_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <tuple>
#include <vector>

#include "core/file.h"

namespace metrishift::cli {
namespace {

namespace fs = std::filesystem;

std::string ErrnoText() { return std::generic_category().message(errno); }

// A file that is being written, and removed again unless it is kept.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& beside)
      : path_((beside.parent_path() / ".metrishift-XXXXXX").string()) {
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

  // What it holds is on the disk then.
  bool Write(const std::string& text) {
    for (size_t at = 0; at < text.size();) {
      const ssize_t n = ::write(fd_, text.data() + at, text.size() - at);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return false;
      at += static_cast<size_t>(n);
    }
    return ::fsync(fd_) == 0;
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
    if (::rename(path_.c_str(), path.c_str()) != 0) return false;
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

// Reads it piece by piece: who asks holds the text already.
bool Holds(const std::string& path, std::string_view expected) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> piece(size_t{1} << 16);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    const std::string_view read(piece.data(), static_cast<size_t>(file.gcount()));
    if (!expected.starts_with(read)) return false;
    expected.remove_prefix(read.size());
  }
  return file.eof() && expected.empty();
}

// Nothing if the file at `path` still holds `expected`. Reading takes a while, in which it may
// change again.
std::optional<std::string> WhyNotAsBefore(const std::string& path, const std::string& expected) {
  constexpr const char* kChanged = "changed since it was read";
  struct stat before {};
  struct stat after {};
  if (::lstat(path.c_str(), &before) != 0) return ErrnoText();
  if (!S_ISREG(before.st_mode) || !Holds(path, expected)) return kChanged;
  if (::lstat(path.c_str(), &after) != 0) return ErrnoText();
  const auto key = [](const struct stat& info) {
    return std::tuple(info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec,
                      info.st_mtim.tv_nsec);
  };
  if (key(before) != key(after)) return kChanged;
  return std::nullopt;
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
  if (::faccessat(AT_FDCWD, target.c_str(), W_OK, AT_EACCESS) != 0)
    return errno == EACCES ? "is read-only" : ErrnoText();
  const SignalsWait wait;
  TemporaryFile file(target);
  if (!file.ok() || !file.Write(text)) return "cannot write beside it: " + ErrnoText();
  if (!file.TakeOwnerAndMode(before)) return "cannot keep its owner and mode: " + ErrnoText();
  if (std::optional<std::string> why = WhyNotAsBefore(target, expected)) return why;
  if (!file.RenameTo(target)) return ErrnoText();
  SyncFolder(fs::path(target).parent_path().string());
  return std::nullopt;
}

size_t OtherHardLinks(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_nlink - 1 : 0;
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
