#include "rewriter/promql/regex_syntax.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

#include "rewriter/promql/utf8.h"

namespace metrishift::promql {

namespace {

constexpr size_t kMaxGroups = 1000;
constexpr uint64_t kMaxRepeat = 1000;

bool IsDigit(int c) { return c >= '0' && c <= '9'; }
bool IsAlphaNumeric(int c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool IsHex(int c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
uint32_t HexDigit(int c) {
  return static_cast<uint32_t>(IsDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
}

// An atom is what a repetition applies to. Of each part of the pattern only two things are kept:
// whether it matches the empty string, and how often its innermost part may be repeated.
struct Group {
  bool branch_empty = true;        // the branch up to the last atom, without it
  bool atom_empty = true;          // the last atom
  bool has_atom = false;           // in this branch
  bool alternative_empty = false;  // any earlier branch
  uint64_t atom_weight = 1;
  uint64_t weight = 1;
};

class RegexChecker {
 public:
  explicit RegexChecker(std::string_view pattern) : pattern_(pattern) {
    // Prometheus compiles "^(?s:" PATTERN ")$".
    groups_.resize(2);
  }

  RegexVerdict Run() {
    while (error_ == nullptr && pos_ < pattern_.size()) Step();
    if (error_ == nullptr) Close();
    if (error_ == nullptr && groups_.size() != 1) error_ = "missing closing parenthesis";
    RegexVerdict verdict;
    verdict.valid = error_ == nullptr;
    if (error_ != nullptr) verdict.error = error_;
    verdict.matches_empty = verdict.valid && Empty(groups_[0]);
    return verdict;
  }

 private:
  static bool Empty(const Group& g) {
    return g.alternative_empty || (g.branch_empty && g.atom_empty);
  }

  int Peek(size_t ahead = 0) const {
    return pos_ + ahead < pattern_.size() ? static_cast<unsigned char>(pattern_[pos_ + ahead]) : -1;
  }

  void Atom(bool empty, uint64_t weight = 1) {
    Group& g = groups_.back();
    g.branch_empty = g.branch_empty && g.atom_empty;
    g.weight = std::max(g.weight, g.atom_weight);
    g.atom_empty = empty;
    g.atom_weight = weight;
    g.has_atom = true;
  }

  void Step() {
    const int c = Peek();
    const bool after_repeat = after_repeat_;
    after_repeat_ = false;
    switch (c) {
      case '|':
        ++pos_;
        return Alternative();
      case '(':
        return Open();
      case ')':
        ++pos_;
        return Close();
      case '[':
        return Class();
      case '\\':
        return Escape();
      case '^':
      case '$':
        ++pos_;
        return Atom(true);
      case '*':
      case '+':
      case '?':
        ++pos_;
        return Repeat(c == '+' ? 1 : 0, c == '?' ? 1 : 0, false, after_repeat);
      case '{':
        return Braces(after_repeat);
      default:
        return Literal();
    }
  }

  void Literal() {
    const Utf8Rune rune = DecodeUtf8(pattern_, pos_);
    if (rune.value == kReplacementRune && rune.size == 1) error_ = "invalid UTF-8";
    pos_ += rune.size;
    Atom(false);
  }

  void Alternative() {
    Group& g = groups_.back();
    const bool empty = Empty(g);
    const uint64_t weight = std::max(g.weight, g.atom_weight);
    g = Group();
    g.alternative_empty = empty;
    g.weight = weight;
  }

  void Close() {
    if (groups_.size() == 1) {
      error_ = "unexpected closing parenthesis";
      return;
    }
    const Group closed = groups_.back();
    groups_.pop_back();
    Atom(Empty(closed), std::max(closed.weight, closed.atom_weight));
  }

  void Open() {
    ++pos_;
    if (Peek() == '?' && !OpenPerl()) return;
    if (groups_.size() > kMaxGroups) error_ = "nested too deeply";
    groups_.emplace_back();
  }

  // "(?...": returns true iff a group begins; "(?i)" only sets a flag.
  bool OpenPerl() {
    ++pos_;
    if (Peek() == '<' || (Peek() == 'P' && Peek(1) == '<')) return Name();
    bool negative = false;
    bool flag = false;
    for (;;) {
      const int c = Peek();
      ++pos_;
      if (c == 'i' || c == 'm' || c == 's' || c == 'U') {
        flag = true;
      } else if (c == '-' && !negative) {
        negative = true;
        flag = false;
      } else if ((c == ':' || c == ')') && (!negative || flag)) {
        return c == ':';
      } else {
        error_ = "unsupported group syntax";
        return false;
      }
    }
  }

  bool Name() {
    pos_ += Peek() == 'P' ? 2 : 1;
    const size_t begin = pos_;
    while (IsAlphaNumeric(Peek()) || Peek() == '_') ++pos_;
    const bool named = pos_ > begin && Peek() == '>';
    if (!named) {
      error_ = "bad group name";
      return false;
    }
    ++pos_;
    return true;
  }

  // `max` 0 stands for no limit. `counted`: written with braces.
  void Repeat(uint64_t min, uint64_t max, bool counted, bool after_repeat) {
    Group& g = groups_.back();
    if (Peek() == '?') ++pos_;
    if (after_repeat) error_ = "nested repetition operator";
    if (!g.has_atom) error_ = "nothing to repeat";
    if (error_ != nullptr) return;
    after_repeat_ = true;
    if (min == 0) g.atom_empty = true;
    if (!counted) return;
    const uint64_t times = std::max<uint64_t>({max, min, 1});
    g.atom_weight = std::min(g.atom_weight * times, 2 * kMaxRepeat);
    if (times >= 2 && g.atom_weight > kMaxRepeat) error_ = "repeat count is too large";
  }

  // "{n}", "{n,}", "{n,m}"; anything else is a literal brace.
  void Braces(bool after_repeat) {
    size_t pos = pos_ + 1;
    uint64_t min = 0;
    uint64_t max = 0;
    if (!Integer(pos, &min)) return Literal();
    bool open = false;
    if (At(pos) == ',') {
      ++pos;
      open = At(pos) == '}';
      if (!open && !Integer(pos, &max)) return Literal();
    } else {
      max = min;
    }
    if (At(pos) != '}') return Literal();
    pos_ = pos + 1;
    if (min > kMaxRepeat || max > kMaxRepeat || (!open && min > max)) {
      error_ = "bad repeat count";
      return;
    }
    Repeat(min, max, true, after_repeat);
  }

  int At(size_t pos) const {
    return pos < pattern_.size() ? static_cast<unsigned char>(pattern_[pos]) : -1;
  }

  bool Integer(size_t& pos, uint64_t* value) const {
    if (!IsDigit(At(pos)) || (At(pos) == '0' && IsDigit(At(pos + 1)))) return false;
    for (*value = 0; IsDigit(At(pos)); ++pos) {
      *value = std::min(*value * 10 + static_cast<uint64_t>(At(pos) - '0'), kMaxRepeat + 1);
    }
    return true;
  }

  void Escape() {
    const int c = Peek(1);
    switch (c) {
      case 'A':
      case 'z':
      case 'B':
        pos_ += 2;
        return Atom(true);
      case 'b':
        pos_ += 2;
        return Atom(false);
      case 'Q':
        return Quoted();
      default:
        if (!ClassEscape()) Character();
        Atom(false);
    }
  }

  // "\Q...\E". Without an end it takes in the parenthesis that Prometheus appends.
  void Quoted() {
    pos_ += 2;
    const size_t end = pattern_.find("\\E", pos_);
    if (end == std::string_view::npos) {
      error_ = "missing closing parenthesis";
      return;
    }
    while (pos_ < end && error_ == nullptr) Literal();
    pos_ = end + 2;
  }

  // \d \w \s \D \W \S \pL \p{Greek}: returns true iff one stood here, and skips it.
  bool ClassEscape() {
    const int c = Peek(1);
    switch (c) {
      case 'd':
      case 'w':
      case 's':
      case 'D':
      case 'W':
      case 'S':
        pos_ += 2;
        return true;
      case 'p':
      case 'P':
        UnicodeClass();
        return true;
      default:
        return false;
    }
  }

  void UnicodeClass() {
    pos_ += 2;
    if (Peek() != '{') {
      const int c = Peek();
      if (c < 0 ||
          std::string_view("CLMNPSZ").find(static_cast<char>(c)) == std::string_view::npos) {
        error_ = "unknown character class";
      }
      ++pos_;
      return;
    }
    const size_t end = pattern_.find('}', pos_);
    if (end == std::string_view::npos || end == pos_ + 1) {
      error_ = "unknown character class";
      return;
    }
    pos_ = end + 1;
  }

  // An escaped character. Returns its code point; 0 after an error.
  uint32_t Character() {
    const int c = Peek(1);
    pos_ += 2;
    if (c == '0' || (c >= '1' && c <= '7' && Peek() >= '0' && Peek() <= '7')) {
      uint32_t value = static_cast<uint32_t>(c - '0');
      for (int i = 0; i < 2 && Peek() >= '0' && Peek() <= '7'; ++i, ++pos_) {
        value = value * 8 + static_cast<uint32_t>(Peek() - '0');
      }
      return value;
    }
    if (c == 'x') return Hexadecimal();
    static constexpr std::string_view kLetters = "aftnrv";
    static constexpr std::string_view kMeanings = "\a\f\t\n\r\v";
    if (c > 0) {
      const size_t letter = kLetters.find(static_cast<char>(c));
      if (letter != std::string_view::npos) return static_cast<uint32_t>(kMeanings[letter]);
      if (c < 0x80 && !IsAlphaNumeric(c)) return static_cast<uint32_t>(c);
    }
    error_ = "invalid escape sequence";
    pos_ = std::min(pos_, pattern_.size());
    return 0;
  }

  uint32_t Hexadecimal() {
    uint32_t value = 0;
    if (Peek() != '{') {
      if (!IsHex(Peek()) || !IsHex(Peek(1))) error_ = "invalid escape sequence";
      if (error_ != nullptr) return 0;
      value = HexDigit(Peek()) * 16 + HexDigit(Peek(1));
      pos_ += 2;
      return value;
    }
    ++pos_;
    size_t digits = 0;
    for (; IsHex(Peek()) && value <= 0x10FFFF; ++pos_, ++digits)
      value = value * 16 + HexDigit(Peek());
    if (digits == 0 || value > 0x10FFFF || Peek() != '}') {
      error_ = "invalid escape sequence";
      return 0;
    }
    ++pos_;
    return value;
  }

  void Class() {
    ++pos_;
    if (Peek() == '^') ++pos_;
    for (bool first = true; first || Peek() != ']'; first = false) {
      if (Peek() < 0) error_ = "missing closing bracket";
      if (error_ != nullptr) return;
      if (Peek() == '[' && Peek(1) == ':' && NamedClass()) continue;
      if (Peek() == '\\' && ClassEscape()) continue;
      const uint32_t low = ClassCharacter();
      uint32_t high = low;
      if (Peek() == '-' && Peek(1) >= 0 && Peek(1) != ']') {
        ++pos_;
        high = ClassCharacter();
      }
      if (error_ == nullptr && high < low) error_ = "bad character class range";
    }
    ++pos_;
    Atom(false);
  }

  // "[:alpha:]"; returns false when there is no ":]", then the bracket is a character like others.
  bool NamedClass() {
    static constexpr std::string_view kNames[] = {"alnum", "alpha", "ascii", "blank", "cntrl",
                                                  "digit", "graph", "lower", "print", "punct",
                                                  "space", "upper", "word",  "xdigit"};
    if (no_more_named_) return false;
    const size_t end = pattern_.find(":]", pos_ + 2);
    no_more_named_ = end == std::string_view::npos;
    if (no_more_named_) return false;
    std::string_view name = pattern_.substr(pos_ + 2, end - pos_ - 2);
    if (!name.empty() && name[0] == '^') name.remove_prefix(1);
    if (std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames)) {
      error_ = "unknown character class";
    }
    pos_ = end + 2;
    return true;
  }

  uint32_t ClassCharacter() {
    if (Peek() == '\\') return Character();
    if (Peek() < 0) {
      error_ = "missing closing bracket";
      return 0;
    }
    const Utf8Rune rune = DecodeUtf8(pattern_, pos_);
    if (rune.value == kReplacementRune && rune.size == 1) error_ = "invalid UTF-8";
    pos_ += rune.size;
    return rune.value;
  }

  std::string_view pattern_;
  size_t pos_ = 0;
  std::vector<Group> groups_;
  bool after_repeat_ = false;
  bool no_more_named_ = false;
  const char* error_ = nullptr;
};

// Most patterns are a few literals with ".*" between them; they need no bookkeeping.
bool CheckSimple(std::string_view pattern, RegexVerdict* verdict) {
  bool branch_empty = true;
  bool any_empty = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '|') {
      any_empty |= branch_empty;
      branch_empty = true;
    } else if (c == '.' || c == '_' || c == '-' || c == '/' || c == ':' || IsAlphaNumeric(c)) {
      const char next = i + 1 < pattern.size() ? pattern[i + 1] : 'x';
      if (next == '?' || next == '{') return false;
      if (next == '*' || next == '+') {
        const char after = i + 2 < pattern.size() ? pattern[i + 2] : 'x';
        if (after == '*' || after == '+' || after == '?' || after == '{') return false;
        ++i;
      }
      branch_empty = branch_empty && next == '*';
    } else {
      return false;
    }
  }
  *verdict = {true, any_empty || branch_empty, ""};
  return true;
}

}  // namespace

RegexVerdict CheckRegex(std::string_view pattern) {
  RegexVerdict verdict;
  return CheckSimple(pattern, &verdict) ? verdict : RegexChecker(pattern).Run();
}

}  // namespace metrishift::promql
