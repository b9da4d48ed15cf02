#include "rewriter/cli/path_pattern.h"

#include <algorithm>
#include <bitset>
#include <cctype>
#include <cstdint>
#include <iterator>
#include <utility>

namespace metrishift::cli {
namespace {

using ByteSet = std::bitset<256>;

struct NamedClass {
  std::string_view name;
  int (*contains)(int);
};

constexpr NamedClass kNamedClasses[] = {
    {"alnum", std::isalnum}, {"alpha", std::isalpha}, {"blank", std::isblank},
    {"cntrl", std::iscntrl}, {"digit", std::isdigit}, {"graph", std::isgraph},
    {"lower", std::islower}, {"print", std::isprint}, {"punct", std::ispunct},
    {"space", std::isspace}, {"upper", std::isupper}, {"xdigit", std::isxdigit},
};

// Turns a glob into a regular expression of bytes.
class Translator {
 public:
  explicit Translator(std::string_view glob) : glob_(glob) {}

  // Nothing where the glob is broken.
  std::optional<std::string> Translate() {
    while (at_ < glob_.size() && !broken_) One();
    if (broken_) return std::nullopt;
    return std::move(regex_);
  }

 private:
  void One() {
    switch (glob_[at_]) {
      case '*':
        return Stars();
      case '?':
        regex_ += "[^/]";
        ++at_;
        return;
      case '[':
        return Bracket();
      case '\\':
        if (++at_ == glob_.size()) return Break();
        [[fallthrough]];
      default:
        Byte(glob_[at_++]);
    }
  }

  static constexpr int kNone = -1;

  void Break() { broken_ = true; }

  void Byte(char byte) { regex_ += RE2::QuoteMeta(re2::StringPiece(&byte, 1)); }

  // Two stars and more are something else only as a whole name.
  void Stars() {
    const size_t begin = at_;
    while (Peek() == '*') ++at_;
    const bool first = begin == 0 || glob_[begin - 1] == '/';
    const bool last = at_ == glob_.size();
    const bool slash = Peek() == '/';
    if (at_ - begin < 2 || !first || !(last || slash || glob_.substr(at_).starts_with("\\/"))) {
      regex_ += "[^/]*";
    } else if (slash) {
      regex_ += "(?:.*/)?";
      ++at_;
    } else {
      regex_ += ".*";
    }
  }

  char Peek(size_t ahead = 0) const {
    return at_ + ahead < glob_.size() ? glob_[at_ + ahead] : '\0';
  }

  void Bracket() {
    ++at_;
    const bool negated = Peek() == '!' || Peek() == '^';
    if (negated) ++at_;
    ByteSet set;
    // A "]" is one of the bytes where it comes first.
    int before = kNone;  // what a range may begin with
    for (bool first = true; first || Peek() != ']'; first = false) {
      if (Peek() == '[' && Peek(1) == ':') {
        before = Class(set);
      } else if (Peek() == '-' && before != kNone && Peek(1) != '\0' && Peek(1) != ']') {
        ++at_;
        const int end = Member();
        for (int byte = before; byte <= end; ++byte) set.set(static_cast<size_t>(byte));
        before = kNone;
      } else {
        before = Member();
        if (before != kNone) set.set(static_cast<size_t>(before));
      }
      if (broken_) return;
    }
    ++at_;
    if (negated) set.flip();
    set.reset('/');
    Append(set);
  }

  // The next byte of a bracket, which may be escaped.
  int Member() {
    if (Peek() == '\\') ++at_;
    if (at_ < glob_.size()) return static_cast<uint8_t>(glob_[at_++]);
    Break();
    return kNone;
  }

  // [:name:], or just a byte, which is what it returns then.
  int Class(ByteSet& set) {
    const size_t end = glob_.find(']', at_ + 2);
    if (end != glob_.npos && (glob_[end - 1] != ':' || end < at_ + 3)) {
      ++at_;
      set.set('[');
      return '[';
    }
    const std::string_view name = end == glob_.npos ? "" : glob_.substr(at_ + 2, end - at_ - 3);
    const auto* named = std::ranges::find(kNamedClasses, name, &NamedClass::name);
    if (named == std::end(kNamedClasses)) {
      Break();
      return kNone;
    }
    for (int byte = 0; byte < 128; ++byte) {
      if (named->contains(byte) != 0) set.set(static_cast<size_t>(byte));
    }
    at_ = end + 1;
    return kNone;
  }

  void Append(const ByteSet& set) {
    constexpr std::string_view kHex = "0123456789abcdef";
    if (set.none()) return Break();
    regex_ += '[';
    for (size_t byte = 0; byte < set.size(); ++byte) {
      if (set[byte]) regex_ += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
    regex_ += ']';
  }

  std::string_view glob_;
  size_t at_ = 0;
  std::string regex_;
  bool broken_ = false;
};

// Blanks at the end do not count, unless a backslash comes before one.
std::string_view TrimEnd(std::string_view line) {
  size_t end = 0;
  for (size_t at = 0; at < line.size(); ++at) {
    if (line[at] == ' ') continue;
    if (line[at] == '\\') ++at;
    end = at + 1;
  }
  return line.substr(0, end);
}

}  // namespace

std::optional<PathPattern> PathPattern::Parse(std::string_view line) {
  if (line.starts_with('#')) return std::nullopt;
  PathPattern pattern;
  line = TrimEnd(line);
  if (line.starts_with('!')) {
    pattern.negated_ = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    pattern.folders_only_ = true;
    line.remove_suffix(1);
  }
  const bool anchored = line.find('/') != line.npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  if (line.empty()) return std::nullopt;
  std::optional<std::string> regex = Translator(line).Translate();
  if (!regex) return std::nullopt;
  RE2::Options options(RE2::Quiet);
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_dot_nl(true);
  options.set_never_capture(true);
  pattern.regex_ = std::make_shared<const RE2>((anchored ? "" : "(?:.*/)?") + *regex, options);
  if (!pattern.regex_->ok()) return std::nullopt;
  return pattern;
}

bool PathPattern::Matches(std::string_view path, bool is_folder) const {
  if (folders_only_ && !is_folder) return false;
  return RE2::FullMatch(re2::StringPiece(path.data(), path.size()), *regex_);
}

std::vector<PathPattern> ParsePatterns(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<PathPattern> patterns;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (std::optional<PathPattern> pattern = PathPattern::Parse(line))
      patterns.push_back(*std::move(pattern));
  }
  return patterns;
}

bool IsGlob(std::string_view path) { return path.find_first_of("*?[") != path.npos; }

}  // namespace metrishift::cli
