#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "rewriter/formats/source_map.h"

namespace metrishift::formats {
namespace {

// A line break in a file: its size, and what it decodes to. Size 0: there is none.
struct LineBreak {
  size_t size = 0;
  std::string_view text;
};

// YAML 1.1 has more line breaks than 1.2: NEL, and LS and PS, which alone survive as they are.
LineBreak BreakAt(std::string_view text, size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("\r\n")) return {2, "\n"};
  if (rest.starts_with('\n') || rest.starts_with('\r')) return {1, "\n"};
  if (rest.starts_with("\xC2\x85")) return {2, "\n"};
  if (rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) {
    return {3, rest.substr(0, 3)};
  }
  return {};
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// Takes decoded text piece by piece.
class Sink {
 public:
  Sink(std::string_view file, size_t expected) : file_(file) { out_.text.reserve(expected); }

  void Copy(FileSpan from) {
    out_.text += file_.substr(from.begin, from.size());
    out_.map.Append(from.size(), from, true);
  }

  void Atom(FileSpan from, std::string_view text) {
    out_.text += text;
    out_.map.Append(text.size(), from, false);
  }

  void Break(FileSpan from, std::string_view text) {
    if (file_.substr(from.begin, from.size()) == text) {
      Copy(from);
    } else {
      Atom(from, text);
    }
  }

  DecodedScalar Take() { return std::move(out_); }

 private:
  std::string_view file_;
  DecodedScalar out_;
};

// What stands behind a backslash, and what the two mean. Letters that begin a code in hexadecimal
// have no text but a number of digits.
struct Escape {
  char letter;
  std::string_view text;
  size_t digits = 0;
};

constexpr auto kJsonEscapes = std::to_array<Escape>({{'"', "\""},
                                                     {'\\', "\\"},
                                                     {'/', "/"},
                                                     {'b', "\b"},
                                                     {'f', "\f"},
                                                     {'n', "\n"},
                                                     {'r', "\r"},
                                                     {'t', "\t"},
                                                     {'u', "", 4}});

constexpr auto kYamlEscapes =
    std::to_array<Escape>({{'0', {"\0", 1}},      {'a', "\a"},       {'b', "\b"},
                           {'t', "\t"},           {'\t', "\t"},      {'n', "\n"},
                           {'v', "\v"},           {'f', "\f"},       {'r', "\r"},
                           {'e', "\x1B"},         {' ', " "},        {'"', "\""},
                           {'\'', "'"},           {'/', "/"},        {'\\', "\\"},
                           {'N', "\xC2\x85"},     {'_', "\xC2\xA0"}, {'L', "\xE2\x80\xA8"},
                           {'P', "\xE2\x80\xA9"}, {'x', "", 2},      {'u', "", 4},
                           {'U', "", 8}});

// https://go.dev/ref/spec#Rune_literals, without codes in octal.
constexpr auto kGoEscapes = std::to_array<Escape>({{'a', "\a"},
                                                   {'b', "\b"},
                                                   {'f', "\f"},
                                                   {'n', "\n"},
                                                   {'r', "\r"},
                                                   {'t', "\t"},
                                                   {'v', "\v"},
                                                   {'\\', "\\"},
                                                   {'"', "\""},
                                                   {'x', "", 2},
                                                   {'u', "", 4},
                                                   {'U', "", 8}});

std::optional<uint32_t> Hex(std::string_view text, size_t at, size_t digits) {
  if (text.size() < digits || at > text.size() - digits) return std::nullopt;
  uint32_t value = 0;
  for (const char c : text.substr(at, digits)) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const size_t digit = kDigits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
    if (digit == kDigits.npos) return std::nullopt;
    value = value * 16 + static_cast<uint32_t>(digit);
  }
  return value;
}

// Nothing for what is no character: a surrogate, or beyond the last one.
std::string EncodeUtf8(uint32_t code) {
  const auto byte = [](uint32_t bits) { return static_cast<char>(bits); };
  const auto tail = [&](unsigned shift) { return byte(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xC0 | (code >> 6)), tail(0)};
  if ((code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF) return {};
  if (code < 0x10000) return {byte(0xE0 | (code >> 12)), tail(6), tail(0)};
  return {byte(0xF0 | (code >> 18)), tail(12), tail(6), tail(0)};
}

bool IsHighSurrogate(uint32_t c) { return c >= 0xD800 && c <= 0xDBFF; }
bool IsLowSurrogate(uint32_t c) { return c >= 0xDC00 && c <= 0xDFFF; }

// Decodes the escape at `at`, where a backslash stands; returns where it ends, or nothing when it
// is none.
template <size_t N>
std::optional<size_t> DecodeEscape(std::string_view text, size_t at,
                                   const std::array<Escape, N>& escapes, Sink& sink) {
  if (at + 1 >= text.size()) return std::nullopt;
  const auto found = std::find_if(escapes.begin(), escapes.end(), [&](const Escape& escape) {
    return escape.letter == text[at + 1];
  });
  if (found == escapes.end()) return std::nullopt;
  size_t end = at + 2 + found->digits;
  if (found->digits == 0) {
    sink.Atom({at, end}, found->text);
    return end;
  }
  std::optional<uint32_t> code = Hex(text, at + 2, found->digits);
  if (!code) return std::nullopt;
  if (IsHighSurrogate(*code) && text.substr(end).starts_with("\\u")) {
    const std::optional<uint32_t> low = Hex(text, end + 2, 4);
    if (!low || !IsLowSurrogate(*low)) return std::nullopt;
    code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
    end += 6;
  }
  const std::string utf8 = EncodeUtf8(*code);
  if (utf8.empty()) return std::nullopt;
  sink.Atom({at, end}, utf8);
  return end;
}

// The token without its quotes; nothing when it has none.
std::optional<FileSpan> Inside(std::string_view text, FileSpan span, char quote) {
  if (span.size() < 2 || text[span.begin] != quote || text[span.end - 1] != quote) {
    return std::nullopt;
  }
  return FileSpan{span.begin + 1, span.end - 1};
}

// `text` ends where the token's content ends, in this and all decoders below.
template <size_t N>
bool DecodeEscaped(std::string_view text, size_t at, const std::array<Escape, N>& escapes,
                   Sink& sink) {
  while (at < text.size()) {
    if (text[at] != '\\') {
      const size_t end = std::min(text.find('\\', at), text.size());
      sink.Copy({at, end});
      at = end;
      continue;
    }
    const std::optional<size_t> end = DecodeEscape(text, at, escapes, sink);
    if (!end) return false;
    at = *end;
  }
  return true;
}

// Decodes a run of blanks and line breaks inside a flow scalar. Without a break it is text. With
// breaks, the first one becomes a space, or nothing when others follow, which stay; blanks around
// them vanish. After an escaped break (`at` is where its backslash stands) only the following
// breaks stay.
size_t DecodeFold(std::string_view text, size_t at, bool escaped_break, Sink& sink) {
  size_t end = at;
  if (escaped_break) end += 1 + BreakAt(text, at + 1).size;
  std::string_view first;
  std::string others;
  while (end < text.size()) {
    const LineBreak line_break = BreakAt(text, end);
    if (line_break.size == 0 && !IsBlank(text[end])) break;
    if (line_break.size == 0) {
      ++end;
      continue;
    }
    if (first.empty() && !escaped_break) {
      first = line_break.text;
    } else {
      others += line_break.text;
    }
    end += line_break.size;
  }
  if (escaped_break) {
    sink.Atom({at, end}, others);
  } else if (first.empty()) {
    sink.Copy({at, end});
  } else if (first == "\n") {
    sink.Atom({at, end}, others.empty() ? " " : others);
  } else {
    sink.Atom({at, end}, std::string(first) + others);
  }
  return end;
}

// The content of a plain or quoted YAML scalar.
bool DecodeFlowContent(std::string_view text, size_t at, ScalarStyle style, Sink& sink) {
  const bool is_single = style == ScalarStyle::kSingleQuoted;
  const bool is_double = style == ScalarStyle::kDoubleQuoted;
  while (at < text.size()) {
    if (IsBlank(text[at]) || BreakAt(text, at).size != 0) {
      at = DecodeFold(text, at, false, sink);
    } else if (is_single && text[at] == '\'') {
      if (!text.substr(at).starts_with("''")) return false;
      sink.Atom({at, at + 2}, "'");
      at += 2;
    } else if (is_double && text[at] == '\\' && BreakAt(text, at + 1).size != 0) {
      at = DecodeFold(text, at, true, sink);
    } else if (is_double && text[at] == '\\') {
      const std::optional<size_t> end = DecodeEscape(text, at, kYamlEscapes, sink);
      if (!end) return false;
      at = *end;
    } else {
      // Wherever anything special can begin; the two last begin line breaks of three bytes and of
      // two.
      const size_t end = std::min(text.find_first_of(" \t\r\n'\\\xC2\xE2", at + 1), text.size());
      sink.Copy({at, end});
      at = end;
    }
  }
  return true;
}

// A line of a block scalar: its leading spaces, all of them, and whether anything but a break
// follows.
struct BlockLine {
  size_t begin = 0;
  size_t spaces = 0;
  size_t end = 0;  // where the line break begins
  LineBreak line_break;

  bool only_spaces() const { return begin + spaces == end; }
  size_t next() const { return end + line_break.size; }
};

BlockLine BlockLineAt(std::string_view text, size_t at) {
  BlockLine line;
  line.begin = at;
  while (at < text.size() && text[at] == ' ') ++at;
  line.spaces = at - line.begin;
  while (at < text.size() && (line.line_break = BreakAt(text, at)).size == 0) ++at;
  line.end = at;
  return line;
}

// The indentation of a block scalar depends on the nodes around it, which we do not see. But the
// library has removed it, so it is the difference between the leading spaces of a line here and in
// `expected`. Up to the first line that is not only spaces nothing is folded, so there the lines of
// both agree.
size_t BlockIndentation(std::string_view text, size_t body,
                        std::optional<std::string_view> expected) {
  size_t most_here = 0;
  size_t most_there = 0;
  size_t there = 0;
  for (size_t here = body; here < text.size();) {
    const BlockLine line = BlockLineAt(text, here);
    const BlockLine decoded = BlockLineAt(expected.value_or(""), there);
    if (!line.only_spaces()) return line.spaces - std::min(line.spaces, decoded.spaces);
    most_here = std::max(most_here, line.spaces);
    most_there = std::max(most_there, decoded.spaces);
    here = line.next();
    there = decoded.next();
  }
  return most_here - std::min(most_here, most_there);
}

// `body` is where the first line after the header begins.
bool DecodeBlockBody(std::string_view text, size_t body, size_t indentation, bool folded,
                     char chomping, Sink& sink) {
  struct Pending {
    FileSpan span;
    std::string_view text;
  };
  std::optional<Pending> last_break;  // of the last line with text
  std::vector<Pending> empty_lines;   // after it
  bool last_began_blank = false;
  const auto flush_empty_lines = [&] {
    for (const Pending& pending : empty_lines) sink.Break(pending.span, pending.text);
    empty_lines.clear();
  };

  for (size_t at = body; at < text.size();) {
    const BlockLine line = BlockLineAt(text, at);
    const Pending pending{{line.end, line.next()}, line.line_break.text};
    at = line.next();
    if (line.only_spaces() && line.spaces <= indentation) {
      if (line.line_break.size != 0) empty_lines.push_back(pending);
      continue;
    }
    if (line.spaces < indentation) return false;
    const size_t content = line.begin + indentation;
    const bool begins_blank = IsBlank(text[content]);
    if (last_break) {
      const bool fold = folded && last_break->text == "\n" && !last_began_blank && !begins_blank;
      if (!fold) {
        sink.Break(last_break->span, last_break->text);
      } else if (empty_lines.empty()) {
        sink.Atom(last_break->span, " ");
      }
    }
    flush_empty_lines();
    sink.Copy({content, line.end});
    last_break = pending;
    last_began_blank = begins_blank;
  }
  if (last_break && chomping != '-') sink.Break(last_break->span, last_break->text);
  if (chomping == '+') flush_empty_lines();
  return true;
}

bool DecodeBlock(std::string_view text, size_t at, bool folded,
                 std::optional<std::string_view> expected, Sink& sink) {
  // Where no library has found it, a block may begin with another sign: <<EOT.
  if (at >= text.size() || (expected && text[at] != (folded ? '>' : '|'))) return false;
  char chomping = ' ';
  for (++at; at < text.size() &&
             (text[at] == '+' || text[at] == '-' || (text[at] >= '1' && text[at] <= '9'));
       ++at) {
    if (text[at] == '+' || text[at] == '-') chomping = text[at];
  }
  const BlockLine header = BlockLineAt(text, at);  // the rest of it: blanks, a comment
  const size_t body = header.next();
  return DecodeBlockBody(text, body, BlockIndentation(text, body, expected), folded, chomping,
                         sink);
}

bool IsAnchorByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '-';
}

// The first byte of the scalar behind its anchor and tag, and behind what may stand between those
// and it.
size_t SkipProperties(std::string_view text, size_t at) {
  const auto space_at = [&](size_t i) { return IsBlank(text[i]) ? 1 : BreakAt(text, i).size; };
  const size_t begin = at;
  while (at < text.size()) {
    if (text[at] == '&') {
      // A byte that is no part of a name may follow at once; libyaml then begins the scalar there.
      while (++at < text.size() && IsAnchorByte(text[at])) {
      }
    } else if (text[at] == '!') {
      while (at < text.size() && space_at(at) == 0) ++at;
    } else if (text[at] == '#' && at > begin) {
      while (at < text.size() && BreakAt(text, at).size == 0) ++at;
    } else if (const size_t space = space_at(at); space != 0) {
      at += space;
    } else {
      break;
    }
  }
  return at;
}

bool Decode(std::string_view file, FileSpan span, ScalarStyle style,
            std::optional<std::string_view> expected, Sink& sink) {
  const std::string_view text = file.substr(0, span.end);
  if (style == ScalarStyle::kJsonLiteral || style == ScalarStyle::kVerbatim) {
    sink.Copy(span);
    return true;
  }
  if (style == ScalarStyle::kJsonString || style == ScalarStyle::kGoString) {
    const std::optional<FileSpan> inside = Inside(text, span, '"');
    if (!inside) return false;
    const std::string_view content = text.substr(0, inside->end);
    return style == ScalarStyle::kJsonString
               ? DecodeEscaped(content, inside->begin, kJsonEscapes, sink)
               : DecodeEscaped(content, inside->begin, kGoEscapes, sink);
  }
  if (style == ScalarStyle::kGoRaw) {
    const std::optional<FileSpan> inside = Inside(text, span, '`');
    if (inside) sink.Copy(*inside);
    return inside.has_value();
  }
  span.begin = SkipProperties(text, span.begin);
  if (style == ScalarStyle::kLiteral || style == ScalarStyle::kFolded) {
    return DecodeBlock(text, span.begin, style == ScalarStyle::kFolded, expected, sink);
  }
  if (IsPlain(style)) return DecodeFlowContent(text, span.begin, style, sink);
  const char quote = style == ScalarStyle::kSingleQuoted ? '\'' : '"';
  const std::optional<FileSpan> inside = Inside(text, span, quote);
  return inside && DecodeFlowContent(text.substr(0, inside->end), inside->begin, style, sink);
}

}  // namespace

std::optional<DecodedScalar> DecodeScalar(std::string_view file, FileSpan span, ScalarStyle style,
                                          std::string_view expected) {
  if (span.begin > span.end || span.end > file.size()) return std::nullopt;
  Sink sink(file, expected.size());
  if (!Decode(file, span, style, expected, sink)) return std::nullopt;
  DecodedScalar decoded = sink.Take();
  if (decoded.text != expected) return std::nullopt;
  return decoded;
}

std::optional<DecodedScalar> DecodeScalar(std::string_view file, FileSpan span, ScalarStyle style) {
  if (span.begin > span.end || span.end > file.size()) return std::nullopt;
  Sink sink(file, 0);
  if (!Decode(file, span, style, std::nullopt, sink)) return std::nullopt;
  return sink.Take();
}

}  // namespace metrishift::formats
