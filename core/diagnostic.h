#ifndef METRISHIFT_CORE_DIAGNOSTIC_H_
#define METRISHIFT_CORE_DIAGNOSTIC_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"

namespace metrishift {

enum class Severity { kError, kWarning, kInfo };

// One sentence about one place in one file.
struct Diagnostic {
  Severity severity = Severity::kError;
  FileSpan span;
  std::string message;  // what is wrong, without a final full stop
  std::string hint;     // what to do about it; may be empty
};

// A value, or the diagnostics that say why there is none. Warnings may come with a value.
template <class T>
struct [[nodiscard]] Outcome {
  std::optional<T> value;
  std::vector<Diagnostic> diagnostics;

  explicit operator bool() const { return value.has_value(); }
  T& operator*() { return *value; }
  const T& operator*() const { return *value; }
  T* operator->() { return &*value; }
  const T* operator->() const { return &*value; }
};

// Where a byte lies. Both count from 1; columns count code points, so that they agree with what an
// editor shows.
struct LineColumn {
  size_t line = 1;
  size_t column = 1;
  friend bool operator==(const LineColumn&, const LineColumn&) = default;
};

// A named text with an index of its lines. Lines end at "\n"; a "\r" before it belongs to the line
// end. The text, of up to 4 GiB, must outlive the SourceText. Immutable once built, so several
// threads may read it.
class SourceText {
 public:
  SourceText(std::string path, std::string_view text);

  const std::string& path() const { return path_; }
  std::string_view text() const { return text_; }

  // The position of the byte at `offset`; offsets past the end give the end.
  LineColumn Locate(size_t offset) const;

  // The number of lines; the text after the last line end counts as a line unless it is empty.
  size_t line_count() const;

  // The bytes of line `line` (from 1), with its line end. REQUIRES: 1 <= line <= line_count().
  FileSpan LineSpan(size_t line) const;

  // Where its text begins: behind a byte order mark, which has no width and no column.
  size_t ShownFrom(size_t line) const;

  // The line (from 1) that holds the byte at `offset`.
  size_t LineOf(size_t offset) const;

 private:
  // The code points that begin before `offset`, or of the bytes of one line; constant time.
  size_t CodePointsBefore(size_t offset) const;
  size_t CodePointsBetween(size_t begin, size_t end) const;

  std::string path_;
  std::string_view text_;
  std::vector<uint32_t> line_starts_;
  // Those before each block of the text: a minified file has all its places on one line. Empty
  // where every line is shorter than a block.
  std::vector<size_t> code_points_;
};

// `text` for a terminal: control characters, which could move its cursor or change its state, are
// "?". A tab stays. For what comes from files: their names, their lines, their words in messages.
std::string Printable(std::string_view text);

// Renders as compilers do:
//   rules.yml:7:15: error: MESSAGE
//         expr: rate(x[5m]
//               ^~~~~~~~~~
//     hint: HINT
// The caret line repeats the tabs of the source line; everything is Printable(), so that a hostile
// file cannot drive the terminal; lines longer than 160 bytes are cut around the caret. Ends with a
// newline.
std::string RenderDiagnostic(const SourceText& source, const Diagnostic& diagnostic, bool color);

// The source line and the caret line of the above, each indented by `indent`.
std::string RenderSnippet(const SourceText& source, FileSpan span, std::string_view indent,
                          bool color);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_DIAGNOSTIC_H_
