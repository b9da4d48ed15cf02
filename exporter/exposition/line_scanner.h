#ifndef METRISHIFT_EXPORTER_EXPOSITION_LINE_SCANNER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_LINE_SCANNER_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "exporter/exposition/byte_scan.h"

namespace metrishift::exposition {

// Cuts a body that arrives in chunks into lines. This is the only class that knows about chunks:
// what it hands out does not depend on where the body was cut. A line ends at "\n"; "\r" and NUL
// are ordinary bytes. Memory: at most one line. Not thread-safe.
class LineScanner {
 public:
  // Lines longer than `max_line` bytes, without the "\n", make Feed and Finish fail.
  explicit LineScanner(size_t max_line) : max_line_(max_line) {}

  // Calls `on_line(std::string_view)` for each line that `chunk` completes, without its "\n". The
  // view is valid during the call only. Returns false as soon as a line is too long; after that the
  // scanner must not be used any more.
  template <class OnLine>
  [[nodiscard]] bool Feed(std::string_view chunk, OnLine&& on_line) {
    const char* at = chunk.data();
    const char* const end = at + chunk.size();
    if (!tail_.empty()) {
      const char* const newline = Newline(at, end);
      const char* const stop = newline == nullptr ? end : newline;
      if (static_cast<size_t>(stop - at) > max_line_ - tail_.size()) return false;
      tail_.append(at, stop);
      if (newline == nullptr) return true;
      on_line(std::string_view(tail_));
      tail_.clear();
      at = newline + 1;
    }
    for (const char* block = at; block != end;) {
      // Finding them all before looking at any line is quicker than one after the other.
      const auto size = std::min(static_cast<size_t>(end - block), kFindAllBytes);
      const size_t count = FindAll({block, size}, '\n', &newlines_);
      for (size_t i = 0; i < count; ++i) {
        const char* const newline = block + newlines_[i];
        if (static_cast<size_t>(newline - at) > max_line_) return false;
        on_line(std::string_view(at, static_cast<size_t>(newline - at)));
        at = newline + 1;
      }
      block += size;
    }
    if (static_cast<size_t>(end - at) > max_line_) return false;
    tail_.assign(at, end);
    return true;
  }

  // The bytes after the last "\n": a last line that lacks its line end, or nothing.
  std::string_view tail() const { return tail_; }

 private:
  static const char* Newline(const char* begin, const char* end) {
    if (begin == end) return nullptr;  // memchr of a null pointer is undefined even for no bytes
    return static_cast<const char*>(std::memchr(begin, '\n', static_cast<size_t>(end - begin)));
  }

  const size_t max_line_;
  std::string tail_;
  FoundOffsets newlines_;  // of one block
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_LINE_SCANNER_H_
