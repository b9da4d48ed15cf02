#include "core/diagnostic.h"

#include <algorithm>

namespace metrishift {
namespace {

constexpr size_t kMaxSnippetColumns = 160;
constexpr size_t kBlockBytes = 4096;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsContinuationByte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

size_t CodePoints(std::string_view text) {
  return text.size() - static_cast<size_t>(std::ranges::count_if(text, IsContinuationByte));
}

struct SeverityLook {
  std::string_view word;
  std::string_view color;
};

SeverityLook Look(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return {"error", "\x1b[1;31m"};
    case Severity::kWarning:
      return {"warning", "\x1b[1;33m"};
    case Severity::kInfo:
      return {"info", "\x1b[1;36m"};
  }
  return {};
}

std::string Paint(std::string_view text, std::string_view color, bool on) {
  if (!on) return std::string(text);
  return std::string(color) + std::string(text) + "\x1b[0m";
}

// Moves `offset` back to the first byte of the code point that it lies in.
size_t CodePointStart(std::string_view line, size_t offset) {
  while (offset > 0 && offset < line.size() && IsContinuationByte(line[offset])) --offset;
  return offset;
}

}  // namespace

SourceText::SourceText(std::string path, std::string_view text)
    : path_(std::move(path)), text_(text), line_starts_{0} {
  size_t longest = 0;
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    longest = std::max(longest, at - line_starts_.back());
    line_starts_.push_back(static_cast<uint32_t>(at + 1));
  }
  longest = std::max(longest, text.size() - line_starts_.back());
  if (line_starts_.size() > 1 && line_starts_.back() == text.size()) line_starts_.pop_back();
  line_starts_.shrink_to_fit();
  if (longest <= kBlockBytes) return;
  code_points_.push_back(0);
  for (size_t at = 0; at + kBlockBytes <= text.size(); at += kBlockBytes)
    code_points_.push_back(code_points_.back() + CodePoints(text.substr(at, kBlockBytes)));
}

size_t SourceText::CodePointsBefore(size_t offset) const {
  const size_t block = offset / kBlockBytes;
  return code_points_[block] + CodePoints(text_.substr(block * kBlockBytes, offset % kBlockBytes));
}

size_t SourceText::CodePointsBetween(size_t begin, size_t end) const {
  return code_points_.empty() ? CodePoints(text_.substr(begin, end - begin))
                              : CodePointsBefore(end) - CodePointsBefore(begin);
}

size_t SourceText::line_count() const { return text_.empty() ? 0 : line_starts_.size(); }

size_t SourceText::LineOf(size_t offset) const {
  const auto after = std::ranges::upper_bound(line_starts_, offset);
  return static_cast<size_t>(after - line_starts_.begin());
}

FileSpan SourceText::LineSpan(size_t line) const {
  const size_t end = line < line_starts_.size() ? line_starts_[line] : text_.size();
  return {line_starts_[line - 1], end};
}

size_t SourceText::ShownFrom(size_t line) const {
  return line == 1 && text_.starts_with(kByteOrderMark) ? kByteOrderMark.size()
                                                        : line_starts_[line - 1];
}

LineColumn SourceText::Locate(size_t offset) const {
  offset = std::min(offset, text_.size());
  const size_t line = LineOf(offset);
  return {line, CodePointsBetween(std::min(ShownFrom(line), offset), offset) + 1};
}

std::string Printable(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    // U+0080 to U+009F do what an escape and a letter do.
    const bool two_bytes = byte == 0xC2 && at + 1 < text.size() &&
                           static_cast<unsigned char>(text[at + 1]) >= 0x80 &&
                           static_cast<unsigned char>(text[at + 1]) < 0xA0;
    const bool control = (byte < 0x20 && byte != '\t') || byte == 0x7F || two_bytes;
    out += control ? '?' : text[at];
    if (two_bytes) ++at;
  }
  return out;
}

std::string RenderSnippet(const SourceText& source, FileSpan span, std::string_view indent,
                          bool color) {
  const size_t number = source.LineOf(std::min(span.begin, source.text().size()));
  const FileSpan line_span{source.ShownFrom(number), source.LineSpan(number).end};
  const size_t begin = std::clamp(span.begin, line_span.begin, source.text().size());
  std::string_view line = source.text().substr(line_span.begin, line_span.size());
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);

  size_t from = std::min(begin - line_span.begin, line.size());
  size_t to =
      std::clamp(span.end < line_span.begin ? from : span.end - line_span.begin, from, line.size());
  std::string lead;
  // Bytes stand in for columns here: a cut that is a little early does no harm, one in the middle
  // of a code point would.
  if (line.size() > kMaxSnippetColumns) {
    if (from > kMaxSnippetColumns / 2) {
      const size_t cut = CodePointStart(line, from - kMaxSnippetColumns / 2);
      line.remove_prefix(cut);
      from -= cut;
      to -= cut;
      lead = "...";
    }
    line = line.substr(0, CodePointStart(line, std::min(line.size(), kMaxSnippetColumns)));
    from = std::min(from, line.size());
    to = std::clamp(to, from, line.size());
  }

  const std::string before = lead + Printable(line.substr(0, from));
  const std::string marked = Printable(line.substr(from, to - from));
  std::string caret_line;
  for (const char c : before) {
    if (!IsContinuationByte(c)) caret_line += c == '\t' ? '\t' : ' ';
  }
  std::string caret = "^";
  const size_t width = CodePoints(marked);
  if (width > 1) caret.append(width - 1, '~');

  std::string out(indent);
  out += before + Paint(marked, "\x1b[1m", color && !marked.empty()) + Printable(line.substr(to)) +
         "\n";
  out += std::string(indent) + caret_line + Paint(caret, "\x1b[1;32m", color) + "\n";
  return out;
}

std::string RenderDiagnostic(const SourceText& source, const Diagnostic& diagnostic, bool color) {
  const SeverityLook look = Look(diagnostic.severity);
  const LineColumn at = source.Locate(diagnostic.span.begin);
  std::string out = Paint(Printable(source.path()) + ":" + std::to_string(at.line) + ":" +
                              std::to_string(at.column) + ":",
                          "\x1b[1m", color);
  out += " " + Paint(std::string(look.word) + ":", look.color, color) + " " +
         Printable(diagnostic.message) + "\n";
  if (source.line_count() > 0) out += RenderSnippet(source, diagnostic.span, "  ", color);
  if (!diagnostic.hint.empty()) out += "  hint: " + Printable(diagnostic.hint) + "\n";
  return out;
}

}  // namespace metrishift
