#include "rewriter/cli/diff.h"

#include <algorithm>
#include <ostream>
#include <string>

namespace metrishift::cli {
namespace {

using rewrite::FileEdit;
using Edits = std::span<const FileEdit>;

constexpr size_t kContextLines = 3;

constexpr char kContext = ' ';
constexpr char kOld = '-';
constexpr char kNew = '+';

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kCyan = "\x1b[36m";
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

// Cuts one side of a run into lines.
class Side {
 public:
  Side(char side, std::vector<DiffLine>& out) : side_(side), out_(out) {}

  void Add(std::string_view text, bool changed) {
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      if (!open_) out_.push_back({side_, {}, false});
      open_ = true;
      if (end > 0) out_.back().pieces.push_back({text.substr(0, end), changed});
      if (end == text.size()) return;
      out_.back().ends = true;
      open_ = false;
      text.remove_prefix(end + 1);
    }
  }

 private:
  char side_;
  std::vector<DiffLine>& out_;
  bool open_ = false;
};

class HunkMaker {
 public:
  HunkMaker(const SourceText& source, Edits edits, const DiffReceiver& receiver)
      : source_(source), edits_(edits), receiver_(receiver) {}

  void Make() {
    const std::vector<Run> runs = Runs();
    for (std::span<const Run> rest = runs; !rest.empty();) {
      const size_t count = HunkSize(rest);
      Hunk(rest.first(count));
      rest = rest.subspan(count);
    }
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
    DiffHunk hunk;
    hunk.old_count = end - first;
    hunk.new_count = hunk.old_count;
    for (const Run& run : runs) hunk.new_count += NewLines(run) - (run.end - run.first);
    hunk.old_first = hunk.old_count == 0 ? first - 1 : first;
    hunk.new_first = first + added_lines_ - removed_lines_ - (hunk.new_count == 0 ? 1 : 0);
    added_lines_ += hunk.new_count;
    removed_lines_ += hunk.old_count;
    receiver_.hunk(hunk);
    size_t at = first;
    for (const Run& run : runs) {
      Context(at, run.first);
      lines_.clear();
      Lines(run, kOld);
      Lines(run, kNew);
      receiver_.lines(lines_);
      at = run.end;
    }
    Context(at, end);
  }

  void Context(size_t first, size_t end) {
    lines_.clear();
    Lines({first, end, {}}, kContext);
    if (!lines_.empty()) receiver_.lines(lines_);
  }

  size_t NewLines(const Run& run) {
    lines_.clear();
    Lines(run, kNew);
    return lines_.size();
  }

  // Appends the lines of `run`, on one side, to lines_.
  void Lines(const Run& run, char sign) {
    if (run.first == run.end) return;
    Side side(sign, lines_);
    size_t at = source_.LineSpan(run.first).begin;
    for (const FileEdit& edit : run.edits) {
      side.Add(Slice({at, edit.span.begin}), false);
      side.Add(sign == kNew ? std::string_view(edit.text) : Slice(edit.span), true);
      at = edit.span.end;
    }
    side.Add(Slice({at, source_.LineSpan(run.end - 1).end}), false);
  }

  std::string_view Slice(FileSpan span) const {
    return source_.text().substr(span.begin, span.size());
  }

  const SourceText& source_;
  Edits edits_;
  const DiffReceiver& receiver_;
  std::vector<DiffLine> lines_;
  size_t added_lines_ = 0;  // of the hunks so far, on the new side and on the old
  size_t removed_lines_ = 0;
};

// A line as it is printed. The bytes that change are shown in reverse.
void AppendLine(const DiffLine& line, bool color, std::string& out) {
  const std::string_view look = line.side == kOld ? kRed : kGreen;
  const bool painted = color && line.side != kContext;
  if (painted) out += look;
  out += line.side;
  for (const DiffPiece& piece : line.pieces) {
    if (piece.changed && color)
      out.append(kReverse).append(piece.text).append(kNoReverse);
    else
      out += piece.text;
  }
  if (painted) out += kReset;
  out += line.ends ? "\n" : "\n\\ No newline at end of file\n";
}

std::string Range(size_t first, size_t count) {
  return std::to_string(first) + "," + std::to_string(count);
}

}  // namespace

void Diff(const SourceText& source, const rewrite::FileEditSet& edits,
          const DiffReceiver& receiver) {
  HunkMaker(source, edits.edits(), receiver).Make();
}

void PrintUnifiedDiff(const SourceText& source, const rewrite::FileEditSet& edits, bool color,
                      std::ostream& out) {
  if (edits.empty()) return;
  const std::string path = source.path().substr(source.path().find_first_not_of('/'));
  out << Paint("--- " + PathName("a/" + path), kBold, color) << "\n"
      << Paint("+++ " + PathName("b/" + path), kBold, color) << "\n";
  const auto hunk = [&](const DiffHunk& header) {
    const std::string text = "@@ -" + Range(header.old_first, header.old_count) + " +" +
                             Range(header.new_first, header.new_count) + " @@";
    out << Paint(text, kCyan, color) << "\n";
  };
  std::string text;
  const auto lines = [&](std::span<const DiffLine> some) {
    text.clear();
    for (const DiffLine& line : some) AppendLine(line, color, text);
    out << text;
  };
  Diff(source, edits, {hunk, lines});
}

}  // namespace metrishift::cli
