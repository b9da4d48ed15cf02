#include "rewriter/cli/spool.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace metrishift::cli {
namespace {

constexpr size_t kPiece = size_t{1} << 16;

}  // namespace

Spool::Spool() : file_(std::tmpfile()) {}

void Spool::Add(std::string_view text) {
  rest_ += text;
  while (file_ != nullptr && !full_ && rest_.size() >= kPiece) {
    const ssize_t n =
        ::pwrite(::fileno(file_.get()), rest_.data(), rest_.size(), static_cast<off_t>(in_file_));
    if (n < 0 && errno == EINTR) continue;
    full_ = n <= 0;
    const size_t written = full_ ? 0 : static_cast<size_t>(n);
    in_file_ += written;
    rest_.erase(0, written);
  }
}

std::streamsize Spool::xsputn(const char* text, std::streamsize size) {
  Add({text, static_cast<size_t>(size)});
  return size;
}

int Spool::overflow(int c) {
  if (c != traits_type::eof()) Add(std::string(1, static_cast<char>(c)));
  return traits_type::not_eof(c);
}

bool Spool::Give(const std::function<void(std::string_view)>& take) const {
  std::vector<char> piece(kPiece);
  for (size_t at = 0; at < in_file_;) {
    const ssize_t n = ::pread(::fileno(file_.get()), piece.data(),
                              std::min(piece.size(), in_file_ - at), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    take({piece.data(), static_cast<size_t>(n)});
    at += static_cast<size_t>(n);
  }
  take(rest_);
  return true;
}

}  // namespace metrishift::cli
