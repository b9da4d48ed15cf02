#ifndef METRISHIFT_EXPORTER_EXPOSITION_LINE_SCANNER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_LINE_SCANNER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "exporter/exposition/byte_scan.h"

namespace metrishift::exposition {

// Lines that are in memory one after the other, each with its "\n". Does not own them.
class LineQueue {
 public:
  // The first line begins at `at`; the lines end at `base` + each of `newlines`.
  LineQueue(const char* at, const char* base, std::span<const uint16_t> newlines)
      : at_(at), base_(base), next_(newlines.data()), end_(next_ + newlines.size()) {}

  bool empty() const { return next_ == end_; }

  // Without its "\n". REQUIRES: !empty().
  std::string_view Front() const { return {at_, static_cast<size_t>(base_ + *next_ - at_)}; }
  void Pop() { at_ = base_ + *next_++ + 1; }

  // Where the next line would begin.
  const char* at() const { return at_; }

 private:
  const char* at_;
  const char* base_;
  const uint16_t* next_;
  const uint16_t* end_;
};

// Cuts a body that arrives in chunks into lines. This is the only class that knows about chunks:
// what it hands out does not depend on where the body was cut. A line ends at "\n"; "\r" and NUL
// are ordinary bytes. Memory: at most one line. Not thread-safe.
class LineScanner {
 public:
  // Lines longer than `max_line` bytes, without the "\n", make Feed and Finish fail.
  explicit LineScanner(size_t max_line) : max_line_(max_line) {}

  // Calls `on_line(std::string_view line, LineQueue* more)` for each line that `chunk` completes,
  // without its "\n". What `on_line` takes from `more`, the lines behind it, it does not get again;
  // those may be longer than allowed. Views are valid during the call only. Returns false as soon
  // as a line is too long; after that the scanner must not be used any more.
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
      LineQueue none(at, at, {});
      on_line(std::string_view(tail_), &none);
      tail_.clear();
      at = newline + 1;
    }
    for (const char* block = at; block != end;) {
      // Finding them all before looking at any line is quicker than one after the other.
      const auto size = std::min(static_cast<size_t>(end - block), kFindAllBytes);
      const size_t count = FindAll({block, size}, '\n', &newlines_);
      LineQueue lines(at, block, std::span(newlines_).first(count));
      while (!lines.empty()) {
        const std::string_view line = lines.Front();
        if (line.size() > max_line_) return false;
        lines.Pop();
        on_line(line, &lines);
      }
      at = lines.at();
      block += size;
    }
    if (static_cast<size_t>(end - at) > max_line_) return false;
    tail_.assign(at, end);
    return true;
  }

  size_t max_line() const { return max_line_; }

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
