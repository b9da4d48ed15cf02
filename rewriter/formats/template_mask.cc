#include "rewriter/formats/template_mask.h"

#include <algorithm>
#include <utility>

namespace metrishift::formats {
namespace {

constexpr std::string_view kBlank = " \t\r";

// Where the string ends whose opening quote is at `at`; nothing when it does not. Only strings in
// backquotes may span lines.
std::optional<size_t> StringEnd(std::string_view text, size_t at) {
  const char quote = text[at];
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (quote == '`') {
      i = text.find('`', i);
      if (i == text.npos) return std::nullopt;
    }
    if (text[i] == quote) return i + 1;
    if (text[i] == '\n') return std::nullopt;
    if (text[i] == '\\') ++i;
  }
  return std::nullopt;
}

// The length of braces at `at` that an action writes out, in quotes which the text around it
// escapes: \"{{\".
size_t EscapedBraces(std::string_view text, size_t at) {
  for (const std::string_view braces : {R"(\"{{\")", R"(\"}}\")", R"(\"{{-\")", R"(\"-}}\")"}) {
    if (text.substr(at).starts_with(braces)) return braces.size();
  }
  return 0;
}

size_t LengthTo(std::string_view text, size_t at, std::string_view closer) {
  const size_t end = text.find(closer, at + 2);
  return end == text.npos ? 0 : end + closer.size() - at;
}

// The first byte of the action's content.
size_t ContentBegin(std::string_view text, size_t at) {
  at += 2;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

// "if x" -> "if"
std::string_view FirstWord(std::string_view action) {
  const std::string_view rest = action.substr(ContentBegin(action, 0));
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  size_t size = 0;
  while (size < rest.size() && is_letter(rest[size])) ++size;
  return rest.substr(0, size);
}

// True iff the action renders as nothing.
bool IsControl(std::string_view action) {
  if (!action.starts_with("{{")) return true;
  constexpr std::string_view kWords[] = {"if",    "else",   "end",   "range",    "with",
                                         "block", "define", "break", "continue", "fail"};
  if (std::ranges::find(kWords, FirstWord(action)) != std::end(kWords)) return true;
  const std::string_view content = action.substr(ContentBegin(action, 0));
  if (content.starts_with("/*")) return true;
  return content.starts_with('$') && content.find('=') < content.find_first_of("|(\"`\n");
}

// Of an action that only writes out a string in backquotes: the string, without them. A string that
// begins with braces is meant for a later template and no structure of this text.
std::optional<FileSpan> WrittenOut(std::string_view text, FileSpan action) {
  const size_t begin = ContentBegin(text, action.begin);
  if (begin >= action.end || text[begin] != '`') return std::nullopt;
  const size_t end = text.find('`', begin + 1);
  if (end >= action.end) return std::nullopt;
  const std::string_view behind = text.substr(end + 1, action.end - end - 1);
  if (behind.find_first_not_of(" \t\r\n-}") != behind.npos) return std::nullopt;
  const FileSpan string{begin + 1, end};
  const std::string_view content = text.substr(string.begin, string.size());
  const size_t first = std::min(content.find_first_not_of(" \t\r\n"), content.size());
  const std::string_view start = content.substr(first, 2);
  if (start.empty() || start == "{{" || start == "}}") return std::nullopt;
  return string;
}

class Masker {
 public:
  explicit Masker(std::string_view text) : text_(text), mask_{std::string(text), {}} {}

  std::optional<TemplateMask> Run() {
    FindActions();
    if (actions_.empty()) return std::nullopt;
    size_t action = 0;
    for (size_t begin = 0; begin < text_.size();) {
      const size_t end = std::min(text_.find('\n', begin), text_.size());
      // An action that spans lines belongs to the line where it ends.
      size_t stop = end;
      const size_t first = action;
      while (action < actions_.size() && actions_[action].begin < stop) {
        if (actions_[action].end > stop) stop = text_.find('\n', actions_[action].end);
        stop = std::min(stop, text_.size());
        ++action;
      }
      Line({begin, stop}, first, action);
      begin = stop + 1;
    }
    return std::move(mask_);
  }

 private:
  void FindActions() {
    constexpr size_t kMaxUnclosed = 100;  // each costs a look at the rest of the text
    size_t unclosed = 0;
    for (size_t at = text_.find('{'); at < text_.size(); at = text_.find('{', at)) {
      const size_t length = ActionLength(text_, at);
      if (length != 0) {
        actions_.push_back({at, at + length});
        at += length;
      } else if (text_.substr(at).starts_with("{{") && ++unclosed == kMaxUnclosed) {
        return;
      } else {
        ++at;
      }
    }
  }

  // Masks the actions [first, last), which are those of `line`.
  void Line(FileSpan line, size_t first, size_t last) {
    const size_t indentation = Indentation(line.begin);
    const bool is_empty = text_.find_first_not_of(kBlank, line.begin) >= line.end;
    if (block_ && !is_empty && first == last && indentation <= *block_) block_.reset();
    const bool is_whole = first != last && Outside(line, first, last).empty();
    if (block_ && first != last && !is_whole && indentation <= *block_) block_.reset();
    const bool is_inside_block = block_ && indentation > *block_;
    for (size_t i = first; i < last; ++i) {
      const FileSpan action = actions_[i];
      if (const std::optional<FileSpan> string = WrittenOut(text_, action)) {
        Fill({action.begin, string->begin}, true);
        Fill({string->end, action.end}, true);
        continue;
      }
      const bool is_control = IsControl(text_.substr(action.begin, action.size()));
      const bool is_edge = i == first || i + 1 == last;
      Fill(action,
           is_control ? is_whole || is_edge || IsInJson(action.end) : is_whole && !is_inside_block);
    }
    if (!block_) OpenBlock(line, indentation);
  }

  size_t Indentation(size_t at) const {
    return std::min(text_.find_first_not_of(' ', at), text_.size()) - at;
  }

  // True iff a control action must leave nothing behind: "},{{ end }}".
  bool IsInJson(size_t at) const {
    return at < text_.size() && std::string_view(",{}[]").find(text_[at]) != std::string_view::npos;
  }

  // The bytes of the line that belong to no action, without blanks.
  std::string Outside(FileSpan line, size_t first, size_t last) const {
    std::string rest;
    size_t at = line.begin;
    const auto take = [&](size_t end) {
      for (; at < end; ++at) {
        if (kBlank.find(text_[at]) == kBlank.npos && text_[at] != '\n') rest += text_[at];
      }
    };
    for (size_t i = first; i < last; ++i) {
      if (const std::optional<FileSpan> string = WrittenOut(text_, actions_[i])) rest += "x";
      take(actions_[i].begin);
      at = actions_[i].end;
    }
    take(line.end);
    return rest;
  }

  // Notes that a block scalar begins behind this line, if its masked text ends with a header.
  void OpenBlock(FileSpan line, size_t indentation) {
    std::string_view text = std::string_view(mask_.text).substr(line.begin, line.size());
    if (const size_t comment = text.find(" #"); comment != text.npos)
      text = text.substr(0, comment);
    text = text.substr(0, text.find_last_not_of(" \t\r") + 1);
    text = text.substr(0, text.find_last_not_of("0123456789+-") + 1);
    if (text.size() < 2 || (text.back() != '|' && text.back() != '>')) return;
    if (text[text.size() - 2] == ' ') block_ = indentation;
  }

  void Fill(FileSpan span, bool blank) {
    if (span.empty()) return;
    for (size_t i = span.begin; i < span.end; ++i) {
      if (text_[i] != '\n' && text_[i] != '\r') mask_.text[i] = blank ? ' ' : '1';
    }
    mask_.regions.push_back({span, blank});
  }

  std::string_view text_;
  std::vector<FileSpan> actions_;
  std::optional<size_t> block_;  // in a block scalar: the indentation of what it belongs to
  TemplateMask mask_;
};

}  // namespace

size_t ActionLength(std::string_view text, size_t at) {
  const std::string_view rest = text.substr(std::min(at, text.size()));
  if (rest.starts_with("{%")) return LengthTo(text, at, "%}");
  if (rest.starts_with("{#")) return LengthTo(text, at, "#}");
  if (!rest.starts_with("{{")) return 0;
  size_t i = ContentBegin(text, at);
  if (text.substr(i).starts_with("/*")) {
    const size_t end = text.find("*/", i);
    if (end == text.npos) return 0;
    i = end + 2;
  }
  for (; i < text.size(); ++i) {
    if (text.substr(i).starts_with("}}")) return i + 2 - at;
    if (text.substr(i).starts_with("{{")) return 0;
    if (text[i] == '\\') {
      i += std::max<size_t>(EscapedBraces(text, i), 2) - 1;
    } else if (text[i] == '"' || text[i] == '\'' || text[i] == '`') {
      const std::optional<size_t> end = StringEnd(text, i);
      if (!end && text[i] == '`') return 0;
      if (end) i = *end - 1;
    }
  }
  return 0;
}

std::optional<TemplateMask> MaskTemplate(std::string_view text) { return Masker(text).Run(); }

DecodedScalar Unmask(const DecodedScalar& scalar, const TemplateMask& mask,
                     std::string_view original) {
  DecodedScalar out;
  for (const SourceMap::Piece& piece : scalar.map.pieces()) {
    if (!piece.verbatim) {
      out.text += std::string_view(scalar.text).substr(piece.query_begin, piece.query_size);
      out.map.Append(piece.query_size, piece.file(), false);
      continue;
    }
    auto region = std::ranges::upper_bound(mask.regions, piece.file().begin, {},
                                           [](const auto& each) { return each.span.end; });
    for (size_t at = piece.file().begin; at < piece.file().end;) {
      const bool is_last = region == mask.regions.end() || region->span.begin >= piece.file().end;
      const bool is_blank = !is_last && region->span.begin <= at && region->blank;
      size_t end = piece.file().end;
      if (!is_last)
        end = std::min(end, region->span.begin > at ? region->span.begin : region->span.end);
      const FileSpan span{at, end};
      out.text += is_blank ? std::string(span.size(), ' ')
                           : std::string(original.substr(span.begin, span.size()));
      out.map.Append(span.size(), span, !is_blank);
      if (!is_last && end == region->span.end) ++region;
      at = end;
    }
  }
  return out;
}

}  // namespace metrishift::formats
