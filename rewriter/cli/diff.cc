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

// Lines [first, end) of the old text, and the edits that touch each of them or join it to the one
// before.
struct Run {
  size_t first;
  size_t end;
  Edits edits;
};

// Collects one side of a run, with the changed bytes marked, and cuts it into lines.
class Side {
 public:
  Side(const Look& look, bool color, std::string& out) : look_(look), color_(color), out_(out) {}

  void Add(std::string_view text, bool changed) {
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      const std::string_view piece = text.substr(0, end);
      pending_ = true;
      if (changed && color_ && !piece.empty())
        line_.append(kReverse).append(piece).append(kNoReverse);
      else
        line_ += piece;
      if (end == text.size()) return;
      EndLine();
      text.remove_prefix(end + 1);
    }
  }

  // What is left is a line without an end.
  void Finish() {
    if (!pending_) return;
    EndLine();
    out_ += "\\ No newline at end of file\n";
  }

  size_t lines() const { return lines_; }

 private:
  void EndLine() {
    out_ += Paint(look_.sign + line_, look_.color, color_ && !look_.color.empty()) + "\n";
    line_.clear();
    pending_ = false;
    ++lines_;
  }

  const Look& look_;
  bool color_;
  std::string& out_;
  std::string line_;
  bool pending_ = false;
  size_t lines_ = 0;
};

class DiffPrinter {
 public:
  DiffPrinter(const SourceText& source, Edits edits, bool color)
      : source_(source), edits_(edits), color_(color) {}

  std::string Print() {
    const std::string path = source_.path().substr(source_.path().find_first_not_of('/'));
    out_ = Paint("--- " + PathName("a/" + path), "\x1b[1m", color_) + "\n" +
           Paint("+++ " + PathName("b/" + path), "\x1b[1m", color_) + "\n";
    const std::vector<Run> runs = Runs();
    for (std::span<const Run> rest = runs; !rest.empty();) {
      const size_t count = HunkSize(rest);
      Hunk(rest.first(count));
      rest = rest.subspan(count);
    }
    return std::move(out_);
  }

 private:
  // Edits on the same line or on neighbouring lines share a run.
  std::vector<Run> Runs() const {
    std::vector<Run> runs;
    for (size_t i = 0; i < edits_.size(); ++i) {
      const FileSpan span = edits_[i].span;
      const size_t first = std::min(source_.LineOf(span.begin), source_.line_count());
      const size_t end = std::min(source_.LineOf(span.end), source_.line_count()) + 1;
      if (runs.empty() || first > runs.back().end) {
        runs.push_back({first, end, edits_.subspan(i, 1)});
      } else {
        runs.back().end = std::max(runs.back().end, end);
        runs.back().edits = {runs.back().edits.begin(), runs.back().edits.size() + 1};
      }
    }
    return runs;
  }

  // How many of the first runs of `runs` share a hunk: those whose contexts meet.
  static size_t HunkSize(std::span<const Run> runs) {
    size_t count = 1;
    while (count < runs.size() && runs[count].first <= runs[count - 1].end + 2 * kContextLines)
      ++count;
    return count;
  }

  void Hunk(std::span<const Run> runs) {
    const size_t touched = runs.front().first;
    const size_t first = touched > kContextLines ? touched - kContextLines : 1;
    const size_t end = std::min(runs.back().end + kContextLines, source_.line_count() + 1);
    std::string body;
    size_t new_lines = 0;
    size_t at = first;
    for (const Run& run : runs) {
      new_lines += Lines({at, run.first, {}}, kContext, body);
      Lines(run, kOld, body);
      new_lines += Lines(run, kNew, body);
      at = run.end;
    }
    new_lines += Lines({at, end, {}}, kContext, body);
    const std::string header = "@@ -" + Range(first, end - first) + " +" +
                               Range(first + added_lines_ - removed_lines_, new_lines) + " @@";
    added_lines_ += new_lines;
    removed_lines_ += end - first;
    out_ += Paint(header, "\x1b[36m", color_) + "\n" + body;
  }

  static std::string Range(size_t first, size_t count) {
    return std::to_string(count == 0 ? first - 1 : first) + "," + std::to_string(count);
  }

  // Appends the lines of `run`, on the side that `look` is for, to `body`. Returns their number.
  size_t Lines(const Run& run, const Look& look, std::string& body) const {
    if (run.first == run.end) return 0;
    Side side(look, color_, body);
    size_t at = source_.LineSpan(run.first).begin;
    for (const FileEdit& edit : run.edits) {
      side.Add(Slice({at, edit.span.begin}), false);
      side.Add(look.sign == kNew.sign ? std::string_view(edit.text) : Slice(edit.span), true);
      at = edit.span.end;
    }
    side.Add(Slice({at, source_.LineSpan(run.end - 1).end}), false);
    side.Finish();
    return side.lines();
  }

  std::string_view Slice(FileSpan span) const {
    return source_.text().substr(span.begin, span.size());
  }

  const SourceText& source_;
  Edits edits_;
  bool color_;
  std::string out_;
  size_t added_lines_ = 0;  // of the hunks so far, on the new side and on the old
  size_t removed_lines_ = 0;
};

}  // namespace

std::string UnifiedDiff(const SourceText& source, const rewrite::FileEditSet& edits, bool color) {
  if (edits.empty()) return "";
  return DiffPrinter(source, edits.edits(), color).Print();
}

}  // namespace metrishift::cli
