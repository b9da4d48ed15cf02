#ifndef METRISHIFT_REWRITER_REWRITE_LINE_HEADS_H_
#define METRISHIFT_REWRITER_REWRITE_LINE_HEADS_H_

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace metrishift::rewrite {

// Finds how the lines of places in a text begin, which says whether they are comments. Places that
// are asked for in the order of the text cost its size together, however long its lines are; each
// step back costs as much again. Not thread-safe. The text must outlive the object.
class LineHeads {
 public:
  explicit LineHeads(std::string_view text) : text_(text) { Begin(0); }

  // The text from the first byte on that is no blank in the line of byte `at`.
  // REQUIRES: at <= the size of the text.
  std::string_view HeadOf(size_t at) {
    if (at < seen_) {
      seen_ = 0;
      Begin(0);
    }
    const size_t line = text_.substr(seen_, at - seen_).rfind('\n');
    if (line != text_.npos) Begin(seen_ + line + 1);
    seen_ = at;
    return text_.substr(first_);
  }

 private:
  void Begin(size_t line) { first_ = std::min(text_.find_first_not_of(" \t", line), text_.size()); }

  std::string_view text_;
  size_t seen_ = 0;
  size_t first_ = 0;  // that is no blank, of the line of seen_
};

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_LINE_HEADS_H_
