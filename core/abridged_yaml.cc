#include "core/abridged_yaml.h"

#include <algorithm>

namespace metrishift {
namespace {

// The line at `at` without its line end; false when it has none.
bool TakeLine(std::string_view text, size_t at, std::string_view* line) {
  const size_t end = text.find('\n', at);
  if (end == text.npos) return false;
  *line = text.substr(at, end - at);
  return true;
}

size_t IndentOf(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

// Not 0 iff `c` is not printed as it stands in one line. Without branches.
unsigned char IsOdd(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const int is_control = int{byte < 0x20} & int{byte != '\t'} & int{byte != '\n'};
  return static_cast<unsigned char>(is_control | int{byte >= 0x7f});
}

// True iff nothing in `text` is decoded but as it stands. Compilers make vectors of a loop of so
// many turns.
bool IsPrintable(std::string_view text) {
  constexpr size_t kBlock = 64;
  while (text.size() >= kBlock) {
    unsigned char any = 0;
    for (size_t i = 0; i < kBlock; ++i) any |= IsOdd(text[i]);
    if (any != 0) return false;
    text.remove_prefix(kBlock);
  }
  return std::ranges::none_of(text, [](char c) { return IsOdd(c) != 0; });
}

// True iff the bar at `bar` is behind ": " or "- " and has nothing but a chomping indicator behind
// it; then `first` is where the next line begins.
bool IsHeader(std::string_view text, size_t bar, size_t* first) {
  if (bar < 2 || text[bar - 1] != ' ' || (text[bar - 2] != ':' && text[bar - 2] != '-')) {
    return false;
  }
  size_t at = bar + 1;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  *first = at + 1;
  return at < text.size() && text[at] == '\n';
}

// A block from its first line on.
struct Block {
  size_t indent = 0;
  size_t end = 0;
  FileSpan run;  // the longest that may be left out
};

// The block whose first line begins at `first`; without indentation where it is none that we read.
// `printable`: that is known of all lines.
Block ReadBlock(std::string_view text, size_t first, bool printable) {
  Block block;
  std::string_view line;
  if (!TakeLine(text, first, &line)) return block;
  const size_t indent = IndentOf(line);
  if (indent == 0 || indent == line.size()) return block;
  block.indent = indent;
  const std::string_view margin = line.substr(0, indent);
  size_t at = first + line.size() + 1;
  FileSpan run{at, at};      // up to its last line that is not blank
  bool after_blank = false;  // where a run cannot begin: what is shown would end in blank lines
  const auto end_run = [&block, &run](size_t next) {
    if (run.size() > block.run.size()) block.run = run;
    run = {next, next};
  };
  for (; TakeLine(text, at, &line); at += line.size() + 1) {
    const size_t next = at + line.size() + 1;
    const bool is_blank = line.empty() || (line.back() == ' ' && IndentOf(line) == line.size());
    if (!is_blank && !line.starts_with(margin)) break;
    const bool stays = is_blank ? !line.empty() : after_blank || (!printable && !IsPrintable(line));
    if (stays) {
      end_run(next);
      after_blank = is_blank;
    } else if (!is_blank) {
      run.end = next;
    }
  }
  end_run(at);
  block.end = at;
  return block;
}

// What lines of a block say. The last one has no line end.
std::string Dedent(std::string_view lines, size_t indent) {
  std::string text;
  text.reserve(lines.size());
  while (true) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    text += line.substr(std::min(indent, line.size()));
    if (end == lines.size()) return text;
    text += '\n';
    lines.remove_prefix(end + 1);
  }
}

}  // namespace

AbridgedYaml Abridge(std::string_view whole, size_t percent) {
  AbridgedYaml abridged;
  const bool printable = IsPrintable(whole);
  size_t left_out = 0;
  for (size_t at = 0; (at = whole.find('|', at)) != whole.npos;) {
    const size_t bar = at++;
    size_t first = 0;
    if (!IsHeader(whole, bar, &first)) continue;
    const Block block = ReadBlock(whole, first, printable);
    if (block.indent == 0) continue;
    at = block.end;
    if (block.run.empty()) continue;
    abridged.cuts.push_back({bar - left_out, first, block.run, block.indent});
    left_out += block.run.size();
  }
  if (abridged.cuts.empty() || 100 * left_out < percent * whole.size()) return {};
  abridged.text.reserve(whole.size() - left_out);
  size_t at = 0;
  for (const LiteralCut& cut : abridged.cuts) {
    abridged.text += whole.substr(at, cut.lines.begin - at);
    at = cut.lines.end;
  }
  abridged.text += whole.substr(at);
  return abridged;
}

std::optional<std::string> Restore(std::string_view whole, const LiteralCut& cut,
                                   std::string_view value) {
  const auto lines = [&](size_t begin, size_t end) {
    return Dedent(whole.substr(begin, end - 1 - begin), cut.indent);
  };
  std::string restored = lines(cut.block, cut.lines.begin);
  if (!value.starts_with(restored)) return std::nullopt;
  const std::string_view rest = value.substr(restored.size());
  restored.append("\n").append(lines(cut.lines.begin, cut.lines.end)).append(rest);
  return restored;
}

size_t WholePlace::Of(size_t at) {
  const auto place = [this](size_t cut) {  // in the abridged text
    return cuts_[cut].lines.begin - left_out_;
  };
  while (passed_ < cuts_.size() && place(passed_) <= at) {
    left_out_ += cuts_[passed_++].lines.size();
  }
  while (passed_ > 0) {
    const size_t before = left_out_ - cuts_[passed_ - 1].lines.size();
    if (cuts_[passed_ - 1].lines.begin - before <= at) break;
    left_out_ = before;
    --passed_;
  }
  return at + left_out_;
}

}  // namespace metrishift
