#include "core/replacement.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

namespace metrishift {
namespace {

constexpr size_t kMaxGroupDigits = 3;
constexpr std::string_view kRegexSpecial = "\\.+*?()|[]{}^$";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordChar(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// The length of the words at the front of `text`.
size_t WordLength(std::string_view text) {
  return static_cast<size_t>(std::ranges::find_if_not(text, IsWordChar) - text.begin());
}

// A reference: the "$" and what belongs to it, and the group's name.
struct Reference {
  size_t size = 0;  // 0: none, the "$" is a text
  std::string_view name;
};

Reference ReferenceAt(std::string_view text) {
  text.remove_prefix(1);
  if (text.starts_with('{')) {
    const size_t length = WordLength(text.substr(1));
    if (length == 0 || !text.substr(1 + length).starts_with('}')) return {};
    return {length + 3, text.substr(1, length)};
  }
  const size_t length = WordLength(text);
  return length == 0 ? Reference{} : Reference{length + 1, text.substr(0, length)};
}

std::optional<size_t> GroupNumber(std::string_view name) {
  if (name.empty() || name.size() > kMaxGroupDigits || !std::ranges::all_of(name, IsDigit))
    return std::nullopt;
  return std::stoul(std::string(name));
}

void AddText(std::vector<Replacement::Piece>& pieces, std::string_view text) {
  if (pieces.empty() || pieces.back().group) pieces.push_back({});
  pieces.back().text += text;
}

std::string GroupReference(size_t group, std::string_view after) {
  const std::string number = std::to_string(group);
  return !after.empty() && IsWordChar(after.front()) ? "${" + number + "}" : "$" + number;
}

// Where the group ends whose "(" comes before `text`; npos where it is not flat.
size_t GroupEnd(std::string_view text) {
  if (text.starts_with('?')) return text.npos;  // flags, a name, or no group at all
  bool in_class = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\') {
      if (text.substr(at + 1).starts_with('Q')) return text.npos;  // parentheses may be quoted
      ++at;
    } else if (in_class) {
      if (c == '[') return text.npos;  // [:alpha:]
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      if (text.substr(at + 1).starts_with('^')) ++at;
      if (text.substr(at + 1).starts_with(']')) ++at;  // a "]" that comes first is itself
    } else if (c == '(') {
      return text.npos;
    } else if (c == ')') {
      return at;
    }
  }
  return text.npos;
}

// True only if no text that `regex`, the inside of a group, matches can have `c` in it.
bool NeverContains(std::string_view regex, char c) {
  if (std::ranges::all_of(regex, [](char x) { return IsWordChar(x) || x == '|' || x == '-'; }))
    return regex.find(c) == regex.npos;
  const size_t end = regex.find(']', 2);
  if (!regex.starts_with('[') || end == regex.npos || regex.find('\\') != regex.npos) return false;
  const std::string_view quantifier = regex.substr(end + 1);
  if (!quantifier.empty() && quantifier != "+" && quantifier != "*" && quantifier != "?")
    return false;
  return static_cast<unsigned char>(c) < 0x80 &&
         !RE2::FullMatch(std::string(1, c), RE2(std::string(regex.substr(0, end + 1)), RE2::Quiet));
}

// True if a text can be taken apart in one way only.
bool IsUnambiguous(const std::vector<PatternPiece>& pieces) {
  const auto last = std::ranges::find(pieces.rbegin(), pieces.rend(), true, &PatternPiece::group);
  const size_t last_group =
      last == pieces.rend() ? 0 : pieces.size() - 1 - static_cast<size_t>(last - pieces.rbegin());
  for (size_t i = 0; i < last_group; ++i) {
    if (!pieces[i].group) continue;
    if (pieces[i + 1].group || !NeverContains(pieces[i].text, pieces[i + 1].text.front()))
      return false;
  }
  return true;
}

}  // namespace

size_t Replacement::HighestGroup() const {
  size_t highest = 0;
  for (const Piece& piece : pieces) highest = std::max(highest, piece.group.value_or(0));
  return highest;
}

std::string Replacement::Expand(std::span<const std::string_view> groups) const {
  std::string out;
  for (const Piece& piece : pieces) {
    if (!piece.group) {
      out += piece.text;
    } else if (*piece.group < groups.size()) {
      out += groups[*piece.group];
    }
  }
  return out;
}

Replacement ParseReplacement(std::string_view text) {
  Replacement replacement;
  while (!text.empty()) {
    const size_t dollar = std::min(text.find('$'), text.size());
    if (dollar > 0) AddText(replacement.pieces, text.substr(0, dollar));
    text.remove_prefix(dollar);
    if (text.empty()) break;
    if (text.starts_with("$$")) {
      AddText(replacement.pieces, "$");
      text.remove_prefix(2);
      continue;
    }
    const Reference reference = ReferenceAt(text);
    const std::optional<size_t> group = GroupNumber(reference.name);
    if (reference.size > 0 && group) replacement.pieces.push_back({"", group});
    if ((reference.size == 0 || !group) && replacement.problem.empty())
      replacement.problem = std::string(text.substr(0, std::max<size_t>(reference.size, 1)));
    if (reference.size == 0) AddText(replacement.pieces, "$");
    text.remove_prefix(std::max<size_t>(reference.size, 1));
  }
  return replacement;
}

std::string EscapeForReplacement(std::string_view text) {
  std::string out;
  for (const char c : text) out.append(c == '$' ? 2 : 1, c);
  return out;
}

std::string EscapeForPattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (kRegexSpecial.find(c) != kRegexSpecial.npos) out += '\\';
    out += c;
  }
  return out;
}

std::optional<std::vector<PatternPiece>> SplitPattern(std::string_view pattern) {
  std::vector<PatternPiece> pieces;
  while (!pattern.empty()) {
    if (pattern.starts_with('(')) {
      const size_t end = GroupEnd(pattern.substr(1));
      if (end == pattern.npos) return std::nullopt;
      pieces.push_back({std::string(pattern.substr(1, end)), true});
      pattern.remove_prefix(end + 2);
      continue;
    }
    const bool escaped = pattern.starts_with('\\');
    if (escaped) pattern.remove_prefix(1);
    const bool special = !pattern.empty() && kRegexSpecial.find(pattern[0]) != kRegexSpecial.npos;
    // What is escaped and no special character may be a class (\d) or a position (\b).
    if (pattern.empty() || special != escaped) {
      const bool harmless = escaped && !pattern.empty() && !IsWordChar(pattern[0]) &&
                            static_cast<unsigned char>(pattern[0]) < 0x80;
      if (!harmless) return std::nullopt;
    }
    if (pieces.empty() || pieces.back().group) pieces.push_back({});
    pieces.back().text += pattern.front();
    pattern.remove_prefix(1);
  }
  return pieces;
}

std::optional<PatternAndReplacement> InvertPattern(const PatternAndReplacement& forward) {
  const auto pieces = SplitPattern(forward.pattern);
  const Replacement replacement = ParseReplacement(forward.replacement);
  if (!pieces || !replacement.problem.empty()) return std::nullopt;
  std::vector<const PatternPiece*> groups;
  for (const PatternPiece& piece : *pieces) {
    if (piece.group) groups.push_back(&piece);
  }

  PatternAndReplacement back;
  std::vector<PatternPiece> new_pieces;
  std::vector<size_t> position(groups.size());  // of each group among those of the new pattern
  size_t count = 0;
  for (const Replacement::Piece& piece : replacement.pieces) {
    if (!piece.group) {
      new_pieces.push_back({piece.text});
      back.pattern += EscapeForPattern(piece.text);
      continue;
    }
    if (*piece.group == 0 || *piece.group > groups.size()) return std::nullopt;
    const PatternPiece& group = *groups[*piece.group - 1];
    if (std::exchange(position[*piece.group - 1], ++count) != 0) return std::nullopt;
    new_pieces.push_back(group);
    back.pattern += "(" + group.text + ")";
  }
  if (count != groups.size() || !IsUnambiguous(*pieces) || !IsUnambiguous(new_pieces))
    return std::nullopt;

  size_t group = 0;
  for (size_t i = 0; i < pieces->size(); ++i) {
    const PatternPiece& piece = (*pieces)[i];
    const bool text_follows = i + 1 < pieces->size() && !(*pieces)[i + 1].group;
    back.replacement +=
        piece.group ? GroupReference(position[group++], text_follows ? (*pieces)[i + 1].text : "")
                    : EscapeForReplacement(piece.text);
  }
  return back;
}

}  // namespace metrishift
