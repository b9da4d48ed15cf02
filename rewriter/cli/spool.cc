#include "rewriter/cli/spool.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ostream>
#include <vector>

namespace metrishift::cli {
namespace {

constexpr size_t kPiece = size_t{1} << 18;

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

bool Spool::CopyTo(std::ostream& out) const {
  std::vector<char> piece(kPiece);
  for (size_t at = 0; at < in_file_;) {
    const ssize_t n = ::pread(::fileno(file_.get()), piece.data(),
                              std::min(piece.size(), in_file_ - at), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    out.write(piece.data(), n);
    at += static_cast<size_t>(n);
  }
  out << rest_;
  return true;
}

}  // namespace metrishift::cli
