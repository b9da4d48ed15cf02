#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <span>
#include <utility>
#include <vector>

#include "core/html.h"
#include "rewriter/cli/diff.h"
#include "rewriter/cli/html_page.h"
#include "rewriter/cli/reporter.h"
#include "rewriter/cli/spool.h"

namespace metrishift::cli {
namespace {

using rewrite::Disposition;
using rewrite::Finding;

struct Status {
  Disposition disposition;
  std::string_view id;  // of its classes and of its choice in the page
  std::string_view label;
};

constexpr Status kStatuses[] = {
    {Disposition::kChanged, "changed", "changed"},
    {Disposition::kNeedsPerson, "person", "needs a person"},
    {Disposition::kInfo, "info", "info"},
};
using Counts = std::array<size_t, std::size(kStatuses)>;

const Status& StatusOf(Disposition disposition) {
  return *std::ranges::find(kStatuses, disposition, &Status::disposition);
}

std::string Escape(std::string_view text) { return EscapeHtml(Printable(text)); }

std::string Element(std::string_view tag, std::string_view attributes, std::string_view inner) {
  std::string out = "<";
  out.append(tag).append(attributes.empty() ? "" : " ").append(attributes).append(">");
  return out.append(inner).append("</").append(tag).append(">");
}

// --- lines

// How much of the text beside a change is shown of a long line (a minified dashboard), in bytes.
constexpr size_t kKept = 60;

bool IsContinuationByte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// `text` without its middle, or without one end, if it is long.
std::string Shortened(std::string_view text, bool keep_begin, bool keep_end) {
  if (text.size() <= 3 * kKept) return Escape(text);
  size_t begin = keep_begin ? kKept : 0;
  size_t end = keep_end ? text.size() - kKept : text.size();
  while (begin > 0 && IsContinuationByte(text[begin])) --begin;
  while (end < text.size() && IsContinuationByte(text[end])) ++end;
  return Escape(text.substr(0, begin)) +
         Element("i", "", "… " + Plural(end - begin, "byte", "bytes") + " …") +
         Escape(text.substr(end));
}

std::string LineHtml(std::span<const DiffPiece> pieces, std::string_view tag) {
  std::string out;
  for (size_t i = 0; i < pieces.size(); ++i) {
    std::string_view text = pieces[i].text;
    const bool last = i + 1 == pieces.size();
    if (last && text.ends_with('\r')) text.remove_suffix(1);
    const bool whole = tag != "mark";  // all of what changes is worth reading
    out += pieces[i].changed ? Element(tag, "", whole ? Escape(text) : Shortened(text, true, true))
                             : Shortened(text, i > 0 || pieces.size() == 1, !last);
  }
  return out;
}

// The line of the file that `span` begins in, with what of it lies in the span marked.
std::string SnippetHtml(const SourceText& source, FileSpan span) {
  if (source.line_count() == 0) return "";
  const size_t at = std::min(span.begin, source.text().size() - 1);
  const size_t number = source.LineOf(at);
  const FileSpan line{std::min(source.ShownFrom(number), at), source.LineSpan(number).end};
  const auto slice = [&source](size_t begin, size_t end) {
    std::string_view text = source.text().substr(begin, end - begin);
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    return text;
  };
  const size_t end = std::clamp(span.end, at, line.end);
  const DiffPiece pieces[] = {
      {slice(line.begin, at), false}, {slice(at, end), true}, {slice(end, line.end), false}};
  return Element("pre", "", LineHtml(pieces, "mark"));
}

// --- side by side

// A table of one hunk, which goes to `page`.
class SideBySide {
 public:
  SideBySide(const DiffHunk& hunk, Spool& page)
      : old_line_(hunk.old_first), new_line_(hunk.new_first), page_(page) {
    page_.Add("<table>");
  }

  void Add(std::span<const DiffLine> lines) {
    while (!lines.empty()) lines = Rows(lines);
  }

  void End() { page_.Add("</table>"); }

 private:
  // Adds the rows of the lines that change at the head of `lines`, or that of one that does not.
  std::span<const DiffLine> Rows(std::span<const DiffLine> lines) {
    if (lines.front().side == ' ') {
      Row("same", &lines.front(), &lines.front());
      return lines.subspan(1);
    }
    const auto count = [&lines](size_t from, char side) {
      size_t n = 0;
      while (from + n < lines.size() && lines[from + n].side == side) ++n;
      return n;
    };
    const size_t olds = count(0, '-');
    const size_t news = count(olds, '+');
    for (size_t i = 0; i < std::max(olds, news); ++i)
      Row("diff", i < olds ? &lines[i] : nullptr, i < news ? &lines[olds + i] : nullptr);
    return lines.subspan(olds + news);
  }

  void Row(std::string_view kind, const DiffLine* old_line, const DiffLine* new_line) {
    const std::string cells =
        Cells("old", "del", old_line, old_line_) + Cells("new", "ins", new_line, new_line_);
    page_.Add(Element("tr", "class=" + std::string(kind), cells) + "\n");
  }

  static std::string Cells(std::string_view side, std::string_view tag, const DiffLine* line,
                           size_t& number) {
    const std::string attribute = "class=" + std::string(side) + (line == nullptr ? "-none" : "");
    if (line == nullptr) return Element("th", attribute, "") + Element("td", attribute, "");
    return Element("th", attribute, std::to_string(number++)) +
           Element("td", attribute, LineHtml(line->pieces, tag));
  }

  size_t old_line_;
  size_t new_line_;
  Spool& page_;
};

// --- the page

class HtmlReporter : public Reporter {
 public:
  HtmlReporter(Subject subject, const Streams& streams) : subject_(subject), streams_(streams) {}

  void File(const PlannedFile& file) override {
    if (file.rewrite.findings.empty()) return;
    Counts counts{};
    for (const Finding& finding : file.rewrite.findings) ++counts[Index(finding)];
    std::string classes = "file";
    std::string tags;
    for (size_t i = 0; i < counts.size(); ++i) {
      counts_[i] += counts[i];
      if (counts[i] == 0) continue;
      classes += " has-" + std::string(kStatuses[i].id);
      tags += " " + Tag(kStatuses[i], " " + std::to_string(counts[i]));
    }
    files_.Add("<details open class=\"" + classes + "\">" +
               Element("summary", "", Element("b", "", Escape(file.source.path())) + tags) +
               "<ul>");
    for (const Finding& finding : file.rewrite.findings)
      files_.Add(FindingHtml(file.source, finding));
    files_.Add("</ul>");
    AddDiff(file);
    files_.Add("</details>\n");
  }

  void Error(const std::string& path, const std::string& message) override {
    errors_ += Element("li", "", Element("b", "", Escape(path)) + ": " + Escape(message));
  }

  void End(const Tally& tally) override {
    const std::string title =
        subject_ == Subject::kCheck ? "metrishift check" : "metrishift rewrite";
    streams_.out << kHtmlHead << Element("title", "", title) << "</head><body>" << Choices()
                 << "<main>" << Element("h1", "", title) << Summary(tally) << Errors()
                 << Entries(tally);
    const bool given = files_.Give([this](std::string_view piece) { streams_.out << piece; });
    if (!given) streams_.out.setstate(std::ios::failbit);
    streams_.out << "</main></body></html>\n";
  }

 private:
  static size_t Index(const Finding& finding) {
    return static_cast<size_t>(&StatusOf(finding.disposition) - &kStatuses[0]);
  }

  static std::string Tag(const Status& status, const std::string& count = "") {
    return Element("span", "class=\"tag " + std::string(status.id) + "\"",
                   std::string(status.label) + count);
  }

  static std::string FindingHtml(const SourceText& source, const Finding& finding) {
    const Status& status = StatusOf(finding.disposition);
    const LineColumn at = source.Locate(finding.span.begin);
    std::string about(FindingCodeName(finding.code));
    if (finding.entry != nullptr && !finding.entry->table.empty())
      about += ", " + EntryPlace(*finding.entry);
    std::string inner =
        Tag(status) + " " +
        Element("code", "", std::to_string(at.line) + ":" + std::to_string(at.column)) + " " +
        Escape(finding.message) + " " + Element("small", "", "[" + Escape(about) + "]");
    if (finding.disposition != Disposition::kChanged) inner += SnippetHtml(source, finding.span);
    if (!finding.hint.empty()) inner += Element("p", "", Escape(finding.hint));
    return Element("li", "class=" + std::string(status.id), inner) + "\n";
  }

  void AddDiff(const PlannedFile& file) {
    if (file.rewrite.edits.empty()) return;
    files_.Add("<div class=\"diff changed\">");
    std::optional<SideBySide> table;
    const auto begin = [&](const DiffHunk& hunk) {
      if (table) table->End();
      table.emplace(hunk, files_);
    };
    const auto add = [&](std::span<const DiffLine> lines) { table->Add(lines); };
    Diff(file.source, file.rewrite.edits, {begin, add});
    if (table) table->End();
    files_.Add("</div>");
  }

  std::string Choices() const {
    size_t all = 0;
    for (const size_t count : counts_) all += count;
    std::string inputs = "<input type=radio name=show id=all checked>";
    std::string labels = Element("label", "for=all", "all <b>" + std::to_string(all) + "</b>");
    for (size_t i = 0; i < counts_.size(); ++i) {
      const std::string id(kStatuses[i].id);
      inputs += "<input type=radio name=show id=" + id + ">";
      labels +=
          Element("label", "for=" + id,
                  std::string(kStatuses[i].label) + " <b>" + std::to_string(counts_[i]) + "</b>");
    }
    return inputs + Element("nav", "aria-label=\"Show\"", labels);
  }

  static std::string Summary(const Tally& tally) {
    std::string lines;
    const std::string text = RenderTally(tally);
    for (std::string_view rest = text; !rest.empty();) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      lines += Element("p", "", Escape(rest.substr(0, end))) + "\n";
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return lines;
  }

  std::string Errors() const {
    return errors_.empty() ? "" : Element("ul", "class=errors", errors_);
  }

  static std::string Entries(const Tally& tally) {
    const auto cell = [](std::string_view inner) { return Element("td", "", inner); };
    std::string rows;
    for (const auto& [entry, found] : SortedEntries(tally)) {
      const auto name = [&cell](const std::string& text) {
        return cell(Element("code", "", Escape(text)));
      };
      rows += Element("tr", "",
                      name(entry->old_name) + name("→ " + entry->new_name) +
                          cell(std::to_string(found.changed) + " changed") +
                          cell(Plural(found.needs_person, "needs a person", "need a person")) +
                          cell(Escape(EntryPlace(*entry)))) +
              "\n";
    }
    return rows.empty() ? "" : Element("table", "class=entries", rows);
  }

  Subject subject_;
  const Streams& streams_;
  Counts counts_{};
  Spool files_;
  std::string errors_;
};

}  // namespace

std::unique_ptr<Reporter> MakeHtmlReporter(Subject subject, const Streams& streams) {
  return std::make_unique<HtmlReporter>(subject, streams);
}

}  // namespace metrishift::cli
