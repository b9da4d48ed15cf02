#include "rewriter/cli/diff.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

namespace metrishift::cli {
namespace {

using rewrite::FileEdit;
using Edits = std::span<const FileEdit>;

constexpr size_t kContextLines = 3;

// How the lines of one kind look. The bytes that change within a line are shown in reverse.
struct Look {
  char sign;
  std::string_view color;
};
constexpr Look kContext = {' ', ""};
constexpr Look kOld = {'-', "\x1b[31m"};
constexpr Look kNew = {'+', "\x1b[32m"};
constexpr std::string_view kReverse = "\x1b[7m";
constexpr std::string_view kNoReverse = "\x1b[27m";
constexpr std::string_view kReset = "\x1b[0m";

std::string Paint(std::string_view text, std::string_view color, bool on) {
  if (!on) return std::string(text);
  return std::string(color).append(text).append(kReset);
}

// `path` as git writes it and patch reads it: in quotes, with octal escapes, where it has control
// characters, quotes or backslashes; with a tab behind it where it has blanks.
std::string PathName(const std::string& path) {
  std::string quoted = "\"";
  bool plain = true;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool escape = byte < 0x20 || byte == 0x7F || c == '"' || c == '\\';
    plain = plain && !escape;
    const auto digit = [byte](int shift) { return static_cast<char>('0' + ((byte >> shift) & 7)); };
    quoted += escape ? std::string{'\\', digit(6), digit(3), digit(0)} : std::string{c};
  }
  if (!plain) return quoted + "\"";
  return path.find(' ') == std::string::npos ? path : path + "\t";
}

class DiffPrinter {
 public:
  DiffPrinter(const SourceText& source, Edits edits, bool color)
      : source_(source), edits_(edits), color_(color) {}

  std::string Print() {
    const std::string path = source_.path().substr(source_.path().find_first_not_of('/'));
    out_ = Paint("--- " + PathName("a/" + path), "\x1b[1m", color_) + "\n" +
           Paint("+++ " + PathName("b/" + path), "\x1b[1m", color_) + "\n";
    for (Edits rest = edits_; !rest.empty();) {
      const size_t count = HunkSize(rest);
      Hunk(rest.first(count));
      rest = rest.subspan(count);
    }
    return std::move(out_);
  }

 private:
  size_t LineOf(const FileEdit& edit) const { return source_.LineOf(edit.span.begin); }

  // How many of the first edits of `edits` share a hunk: those whose contexts meet.
  size_t HunkSize(Edits edits) const {
    size_t count = 1;
    while (count < edits.size() &&
           LineOf(edits[count]) <= LineOf(edits[count - 1]) + 2 * kContextLines + 1)
      ++count;
    return count;
  }

  void Hunk(Edits edits) {
    const size_t touched = LineOf(edits.front());
    const size_t first = touched > kContextLines ? touched - kContextLines : 1;
    const size_t last = std::min(LineOf(edits.back()) + kContextLines, source_.line_count());
    const std::string range = std::to_string(first) + "," + std::to_string(last - first + 1);
    out_ += Paint("@@ -" + range + " +" + range + " @@", "\x1b[36m", color_) + "\n";
    for (size_t line = first; line <= last;) {
      const size_t run_end = RunEnd(edits, line);
      if (run_end == line) {
        Line(line++, {}, kContext);
        continue;
      }
      const Edits run = EditsOn(edits, line, run_end);
      for (size_t at = line; at < run_end; ++at) Line(at, EditsOn(run, at, at + 1), kOld);
      for (size_t at = line; at < run_end; ++at) Line(at, EditsOn(run, at, at + 1), kNew);
      line = run_end;
    }
  }

  // The first line from `line` on that no edit touches.
  size_t RunEnd(Edits edits, size_t line) const {
    while (!EditsOn(edits, line, line + 1).empty()) ++line;
    return line;
  }

  // Those of `edits` that lie on the lines [first, end).
  Edits EditsOn(Edits edits, size_t first, size_t end) const {
    const auto begins = [this](const FileEdit& edit) { return LineOf(edit); };
    const auto from = std::ranges::lower_bound(edits, first, {}, begins);
    const auto to = std::ranges::lower_bound(edits, end, {}, begins);
    return {from, to};
  }

  void Line(size_t line, Edits edits, const Look& look) {
    const FileSpan span = source_.LineSpan(line);
    std::string text;
    size_t at = span.begin;
    for (const FileEdit& edit : edits) {
      text += Slice({at, edit.span.begin});
      const std::string_view side =
          look.sign == kNew.sign ? std::string_view(edit.text) : Slice(edit.span);
      if (color_) text += kReverse;
      text += side;
      if (color_) text += kNoReverse;
      at = edit.span.end;
    }
    text += Slice({at, span.end});
    const bool complete = text.ends_with('\n');
    if (complete) text.pop_back();
    out_ += Paint(look.sign + text, look.color, color_ && !look.color.empty()) + "\n";
    if (!complete) out_ += "\\ No newline at end of file\n";
  }

  std::string_view Slice(FileSpan span) const {
    return source_.text().substr(span.begin, span.size());
  }

  const SourceText& source_;
  Edits edits_;
  bool color_;
  std::string out_;
};

}  // namespace

std::string UnifiedDiff(const SourceText& source, const rewrite::FileEditSet& edits, bool color) {
  if (edits.empty()) return "";
  return DiffPrinter(source, edits.edits(), color).Print();
}

}  // namespace metrishift::cli
