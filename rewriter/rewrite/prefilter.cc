#include "rewriter/rewrite/prefilter.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "core/find_bytes.h"
#include "rewriter/rewrite/line_heads.h"
#include "rewriter/rewrite/mention.h"

namespace metrishift::rewrite {
namespace {

// memchr() skips what it does not look for many times faster than any loop could.
template <class Found>
bool AnyOf(std::string_view text, char c, const Found& found) {
  for (size_t at = 0; at < text.size(); ++at) {
    const void* next = std::memchr(text.data() + at, c, text.size() - at);
    if (next == nullptr) return false;
    at = static_cast<size_t>(static_cast<const char*>(next) - text.data());
    if (found(at)) return true;
  }
  return false;
}

template <class Found>
bool AnyOf(std::string_view text, std::string_view word, const Found& found) {
  for (size_t at = FindBytes(text, word); at != text.npos; at = FindBytes(text, word, at + 1)) {
    if (found(at)) return true;
  }
  return false;
}

char At(std::string_view text, size_t at) { return at < text.size() ? text[at] : '\0'; }

size_t WordBegin(std::string_view text, size_t at) {
  while (at > 0 && IsMetricNameChar(text[at - 1])) --at;
  return at;
}

size_t WordEnd(std::string_view text, size_t at) {
  while (at < text.size() && IsMetricNameChar(text[at])) ++at;
  return at;
}

// --- variables and actions: $x ${x} [[x]] {{x}} <<x>> %(x)s

bool IsVariable(std::string_view text, size_t dollar) {
  const char next = At(text, dollar + 1);
  return IsMetricNameChar(next) || next == '{';
}

// The end of $x or ${x}, or of the text; of $x:rest that before the colon.
size_t DollarEnd(std::string_view text, size_t dollar) {
  size_t end = dollar + 1;
  if (At(text, end) == '{') {
    const size_t brace = text.find_first_of("{}", end + 1);
    return brace != text.npos && text[brace] == '}' ? brace + 1 : text.size();
  }
  while (IsMetricNameChar(At(text, end)) && text[end] != ':') ++end;
  return end;
}

// The end of a variable that ends with the byte at `at`, and one more where it ends in %(x)s; 0
// when none may.
size_t ClosedAt(std::string_view text, size_t at) {
  switch (text[at]) {
    case '}':
      return at + 1;
    case ']':
    case '>':
      return at > 0 && text[at - 1] == text[at] ? at + 1 : 0;
    case ')':
      return std::string_view("sdifgrx").find(At(text, at + 1)) != std::string_view::npos ? at + 2
                                                                                          : 0;
    default:
      return 0;
  }
}

// --- escapes

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// A character written as a number: x41, u0041, U00000041, 101, behind a backslash.
struct Numbered {
  uint32_t value = 0;
  size_t end = 0;
};

std::optional<Numbered> ReadDigits(std::string_view text, size_t at, size_t count, uint32_t base) {
  Numbered number{0, at + count};
  for (; at < number.end; ++at) {
    const int digit = HexValue(At(text, at));
    if (digit < 0 || static_cast<uint32_t>(digit) >= base) return std::nullopt;
    number.value = number.value * base + static_cast<uint32_t>(digit);
  }
  return number;
}

std::optional<Numbered> ReadNumbered(std::string_view text, size_t at) {
  switch (At(text, at)) {
    case 'x':
      return ReadDigits(text, at + 1, 2, 16);
    case 'u':
      return ReadDigits(text, at + 1, 4, 16);
    case 'U':
      return ReadDigits(text, at + 1, 8, 16);
    default:
      return ReadDigits(text, at, 3, 8);
  }
}

// What names, variables and escapes are made of.
bool IsPart(char c) {
  return IsMetricNameChar(c) || std::string_view("\\$%{}[]<>()").find(c) != std::string_view::npos;
}

// The escape at the backslash at `at` may hide something. < and > are written as numbers in most
// dashboards, and say something only when they are doubled.
bool Hides(std::string_view text, size_t at) {
  const char next = At(text, at + 1);
  if (next == '\n' || next == '\r' || static_cast<unsigned char>(next) >= 0x80) {
    // An escaped line end, and the blanks behind it, are nothing: the words beside it are one.
    const size_t behind = text.find_first_not_of(" \t\r\n", at + 1);
    return at > 0 && IsPart(text[at - 1]) &&
           (static_cast<unsigned char>(next) >= 0x80 ||
            (behind != text.npos && IsPart(text[behind])));
  }
  const std::optional<Numbered> number = ReadNumbered(text, at + 1);
  if (!number || number->value >= 0x80) return false;
  const char c = static_cast<char>(number->value);
  if (c != '<' && c != '>') return IsPart(c);
  const std::string_view again = text.substr(at, number->end - at);
  return At(text, number->end) == c || text.substr(number->end).starts_with(again);
}

bool HasHidden(std::string_view text) {
  return AnyOf(text, '\\', [text](size_t at) { return Hides(text, at); });
}

// --- regular expressions on names

constexpr std::string_view kNameLabel = "__name__";
constexpr std::string_view kQueryType = "qryType";
constexpr std::string_view kLabelNames = "label_names(";

// The words without which there is no need to look closer, by their numbers in a WordFinder; those
// that tell which programs a text is about come behind, and then, if there is such a thing, what
// all deprecated names begin with.
enum WordNumber : size_t {
  kPackedNumber,
  kNameLabelNumber,
  kQueryTypeNumber,
  kMetricsNumber,
  kLabelNamesNumber,
  kBracesNumber,
  kBracketsNumber,
  kAnglesNumber,
  kPercentNumber,
  kFiltersNumber,
  kRegexesNumber = kFiltersNumber + std::size(kNameFilterWords),
  kProgramsNumber = kRegexesNumber + std::size(kNameRegexWords),
};

std::vector<std::string> WordsOf(std::span<const SettingWords> programs) {
  std::vector<std::string> words{std::string(kPackedWord),
                                 std::string(kNameLabel),
                                 std::string(kQueryType),
                                 "metrics(",
                                 std::string(kLabelNames),
                                 "{{",
                                 "[[",
                                 "<<",
                                 "%("};
  words.insert(words.end(), std::begin(kNameFilterWords), std::end(kNameFilterWords));
  words.insert(words.end(), std::begin(kNameRegexWords), std::end(kNameRegexWords));
  for (const SettingWords& program : programs) {
    const std::vector<std::string> about = formats::WordsAbout(*program.program);
    words.insert(words.end(), about.begin(), about.end());
  }
  return words;
}

// One of the words of a range of numbers is there.
bool HasSome(const WordFinder::Found& words, size_t from, size_t end) {
  for (size_t i = from; i < end; ++i) {
    if (words[i]) return true;
  }
  return false;
}

// The first byte from `at` on that is no blank, no quote and no escape of one of them.
size_t SkipBlanks(std::string_view text, size_t at) {
  constexpr std::string_view kBlanks = " \t\r\n\"'`";
  constexpr std::string_view kEscaped = "nrt\\";
  for (; at < text.size(); ++at) {
    if (kBlanks.find(text[at]) != kBlanks.npos) continue;
    if (text[at] != '\\') break;
    const char next = At(text, at + 1);
    if (kEscaped.find(next) != kEscaped.npos)
      ++at;
    else if (kBlanks.find(next) == kBlanks.npos)
      break;
  }
  return at;
}

// A name that is compared with something: {__name__=~"x"}, {"__name__" =~ "x"}. Escapes and actions
// may stand for a comparison.
bool IsCompared(std::string_view text, size_t end) {
  return std::string_view("=!#\\{$<%").find(At(text, SkipBlanks(text, end))) !=
         std::string_view::npos;
}

// A name that ends at `end` may be all of a value: key: "__name__", [__name__, job]; not so in
// "__name__": true, "__name__ 1" or {__name__=~"x"}.
bool MayBeValue(std::string_view text, size_t end) {
  if (At(text, end) == ' ' && IsMetricNameChar(At(text, end + 1))) return false;
  return std::string_view(":=!").find(At(text, SkipBlanks(text, end))) == std::string_view::npos;
}

// Of Grafana's kinds of variable queries only numbers 0 and 2 have one.
bool IsVariableQueryWithRegex(std::string_view text, size_t end) {
  const char next = At(text, text.find_first_not_of(" \t\r\n\"'\\:", end));
  return next < '0' || next > '9' || next == '0' || next == '2';
}

// Stretches that every name has that a comparison lets through: "etcd_" and "_total" of
// {__name__=~"etcd_.+_total"}. None where nothing is known.
struct ComparedParts {
  std::string_view beginning;
  std::vector<std::string_view> others;
};

// The regular expression that the comparison at `at` compares with, or the text; "" where it is not
// plain to see.
std::string_view ComparedWith(std::string_view text, size_t at) {
  if (text[at] != '=' && text[at] != '!') return "";
  at += At(text, at + 1) == '~' || At(text, at + 1) == '=' ? 2 : 1;
  const size_t begin = SkipBlanks(text, at);
  const char quote = text[begin - 1];
  if (quote != '"' && quote != '\'' && quote != '`') return "";
  const std::string_view value = text.substr(begin, text.find(quote, begin) - begin);
  // A letter behind a backslash may stand for anything.
  const bool escapes = AnyOf(value, '\\', [value](size_t escape) {
    const char c = At(value, escape + 1);
    return IsMetricNameChar(c) && c != '_' && c != ':';
  });
  return escapes ? "" : value;
}

// What cannot be said of groups and of what comes behind them is left unsaid.
ComparedParts PartsOf(std::string_view value) {
  ComparedParts parts;
  for (size_t at = 0; at < value.size();) {
    const size_t begin = at;
    at = WordEnd(value, at);
    if (at > begin) {
      // The last character may be there or not: ab?, ab*, ab{0,1}.
      const bool definite = std::string_view("?*{").find(At(value, at)) == std::string_view::npos;
      const char before = begin == 0 ? '\0' : value[begin - 1];
      // The first one may be an escape.
      const size_t from = before == '\\' ? begin + 1 : begin;
      const size_t to = definite ? at : at - 1;
      if (from >= to || before == '$') continue;
      if (begin == 0)
        parts.beginning = value.substr(0, to);
      else
        parts.others.push_back(value.substr(from, to - from));
    } else if (std::string_view(".*+?^$\\").find(value[at]) == std::string_view::npos) {
      break;
    } else {
      ++at;
    }
  }
  return parts;
}

}  // namespace

bool MayRecord(std::string_view text) { return HasBytes(text, "record") || HasHidden(text); }

Prefilter::Prefilter(Mapping mapping, const RecordedNames& recorded)
    : mapping_(std::move(mapping)), setting_words_(SettingWordsOf(mapping_)) {
  for (const MappingEntry& entry : mapping_.entries()) {
    for (const std::string_view suffix : SeriesSuffixes(entry.type))
      AddName(Mapping::Match{&entry, suffix}.OldSeries());
  }
  for (const std::string_view name : mapping_.OldFunctions()) AddName(std::string(name));
  for (const auto& [name, recorded_name] : recorded.names) {
    AddName(name);
    if (!recorded_name.new_name.empty()) AddName(recorded_name.new_name);
  }
  for (const MappingPattern& pattern : mapping_.patterns())
    everything_ = everything_ || pattern.prefix.find('_') == std::string::npos;
  forwards_.assign(names_.begin(), names_.end());
  for (const std::string& name : names_) {
    backwards_.emplace_back(name.rbegin(), name.rend());
    if (name.find('_') == std::string::npos) without_underscore_.push_back(name);
  }
  std::ranges::sort(forwards_);
  std::ranges::sort(backwards_);
  std::vector<std::string> words = WordsOf(setting_words_);
  programs_end_ = words.size();
  if (const std::string_view begin = CommonBeginning(); !begin.empty()) words.emplace_back(begin);
  words_ = WordFinder(std::move(words));
}

// "" where that is nothing, or so little that it is in every text.
std::string_view Prefilter::CommonBeginning() const {
  constexpr size_t kLeast = 4;
  std::vector<std::string_view> names(forwards_.begin(), forwards_.end());
  for (const MappingPattern& pattern : mapping_.patterns()) names.push_back(pattern.prefix);
  if (names.empty()) return "";
  const auto [first, last] = std::ranges::minmax(names);
  const auto end = std::ranges::mismatch(first, last).in1;
  const std::string_view common = first.substr(0, static_cast<size_t>(end - first.begin()));
  return common.size() < kLeast ? "" : common;
}

// A name that is partly an action (of a template's rule) is no word.
void Prefilter::AddName(std::string name) {
  everything_ = everything_ || !std::ranges::all_of(name, IsMetricNameChar);
  names_.insert(std::move(name));
}

bool Prefilter::MayConcern(std::string_view text) const {
  const WordFinder::Found words = words_.FindIn(text);
  if (words[kPackedNumber]) return true;
  if (HasSome(words, kProgramsNumber, programs_end_) && MayHaveSettings(text, setting_words_))
    return true;
  if (names_.empty() && mapping_.patterns().empty()) return false;
  const bool may_have_name = words.size() == programs_end_ || words[programs_end_];
  return everything_ || (may_have_name && HasName(text)) || MayHaveNameRegex(text, words) ||
         HasVariable(text, words) || HasHidden(text);
}

// Nearly every name of a metric has an underscore, and little else has.
bool Prefilter::HasName(std::string_view text) const {
  size_t end = 0;  // of the last word
  if (AnyOf(text, '_', [&](size_t at) {
        if (at < end) return false;
        const size_t begin = WordBegin(text, at);
        end = WordEnd(text, at);
        return HasNameAt(text, begin, end);
      }))
    return true;
  return std::ranges::any_of(without_underscore_, [&](const std::string& name) {
    return AnyOf(text, name, [&](size_t at) {
      return HasNameAt(text, WordBegin(text, at), WordEnd(text, at));
    });
  });
}

bool Prefilter::IsName(std::string_view word) const {
  if (names_.contains(word)) return true;
  return std::ranges::any_of(mapping_.patterns(), [&](const MappingPattern& pattern) {
    return word.starts_with(pattern.prefix) && mapping_.FindOld(word).has_value();
  });
}

// `filters`: there are places at which the name of the label is all of a value.
bool Prefilter::MayCompareNames(std::string_view text, bool filters) const {
  LineHeads lines(text);
  for (size_t at = FindBytes(text, kNameLabel); at != text.npos;
       at = FindBytes(text, kNameLabel, at + 1)) {
    const size_t behind = at + kNameLabel.size();
    // Not so a comment of YAML, of jsonnet, or of a text of them inside of another.
    if (filters && MayBeValue(text, behind) && !lines.HeadOf(at).starts_with('#')) return true;
    if (!IsCompared(text, behind)) continue;
    if (MayLetThrough(ComparedWith(text, SkipBlanks(text, behind)))) return true;
  }
  return false;
}

// True iff `value`, which names are compared with, may let one through.
bool Prefilter::MayLetThrough(std::string_view value) const {
  // A bar may belong to a group.
  if (value.find('|') != value.npos && value.find('(') != value.npos) return true;
  for (size_t at = 0; at <= value.size();) {
    const size_t end = std::min(value.find('|', at), value.size());
    const ComparedParts parts = PartsOf(value.substr(at, end - at));
    const auto holds = [this](std::string_view part) { return MayHold(part); };
    if ((parts.beginning.empty() || MayBegin(parts.beginning)) &&
        std::ranges::all_of(parts.others, holds))
      return true;
    at = end + 1;
  }
  return false;
}

bool Prefilter::MayHaveNameRegex(std::string_view text, const WordFinder::Found& words) const {
  if (words[kMetricsNumber] || HasSome(words, kRegexesNumber, kProgramsNumber)) return true;
  if (words[kLabelNamesNumber] && AnyOf(text, kLabelNames, [text](size_t at) {
        return At(text, at + kLabelNames.size()) != ')';
      }))
    return true;
  const bool filters = HasSome(words, kFiltersNumber, kRegexesNumber);
  if (words[kNameLabelNumber] && MayCompareNames(text, filters)) return true;
  if (!words[kQueryTypeNumber]) return false;
  for (size_t at = FindBytes(text, kQueryType); at != text.npos;
       at = FindBytes(text, kQueryType, at + 1)) {
    if (IsVariableQueryWithRegex(text, at + kQueryType.size())) return true;
  }
  return false;
}

// As MentionAt has it: behind the tail of an escape, with colons of the text around it.
bool Prefilter::HasNameAt(std::string_view text, size_t begin, size_t end) const {
  const std::string_view word = text.substr(begin, end - begin);
  for (const size_t tail : EscapeTails(text, begin)) {
    if (tail >= word.size()) break;
    std::string_view name = word.substr(tail);
    if (IsName(name)) return true;
    if (!name.starts_with(':') && !name.ends_with(':')) continue;
    while (name.starts_with(':')) name.remove_prefix(1);
    while (name.ends_with(':')) name.remove_suffix(1);
    if (IsName(name)) return true;
  }
  return false;
}

bool Prefilter::HasVariable(std::string_view text, const WordFinder::Found& words) const {
  if (AnyOf(text, '$', [&](size_t at) {
        return IsVariable(text, at) &&
               (FollowsPart(text, at) || PrecedesPart(text, DollarEnd(text, at)));
      }))
    return true;
  return (words[kBracesNumber] && HasEnclosed(text, "{{", "}}")) ||
         (words[kBracketsNumber] && HasEnclosed(text, "[[", "]]")) ||
         (words[kAnglesNumber] && HasEnclosed(text, "<<", ">>")) ||
         (words[kPercentNumber] && HasPercent(text));
}

bool Prefilter::HasEnclosed(std::string_view text, std::string_view opener,
                            std::string_view closer) const {
  return AnyOf(text, opener, [&](size_t at) { return FollowsPart(text, at); }) ||
         AnyOf(text, closer, [&](size_t at) { return PrecedesPart(text, at + closer.size()); });
}

// %(x)s
bool Prefilter::HasPercent(std::string_view text) const {
  return AnyOf(text, "%(", [&](size_t at) { return FollowsPart(text, at); }) ||
         AnyOf(text, ')', [&](size_t at) {
           const size_t end = ClosedAt(text, at);
           return end > 0 && PrecedesPart(text, end);
         });
}

// The word before the variable at `opener` is the beginning of a name, or what is between it and
// another variable is part of one.
bool Prefilter::FollowsPart(std::string_view text, size_t opener) const {
  const size_t begin = WordBegin(text, opener);
  const std::string_view word = text.substr(begin, opener - begin);
  if (word.empty()) return false;
  if (begin > 0) {
    const size_t closed = ClosedAt(text, begin - 1);
    if (closed > 0 && closed < opener && MayHold(text.substr(closed, opener - closed))) return true;
    // $x:rest$y
    const size_t rest = text[begin - 1] == '$' ? word.find(':') : word.npos;
    if (rest != word.npos && MayHold(word.substr(rest))) return true;
  }
  return std::ranges::any_of(EscapeTails(text, begin), [&](size_t tail) {
    return tail < word.size() && MayBegin(word.substr(tail));
  });
}

// What comes at `end` of a variable is the end of a name.
bool Prefilter::PrecedesPart(std::string_view text, size_t end) const {
  const size_t word_end = WordEnd(text, end);
  return word_end > end && MayEnd(text.substr(end, word_end - end));
}

bool Prefilter::MayBegin(std::string_view part) const {
  const auto name = std::ranges::lower_bound(forwards_, part);
  if (name != forwards_.end() && name->starts_with(part)) return true;
  return std::ranges::any_of(mapping_.patterns(), [part](const MappingPattern& pattern) {
    return part.starts_with(pattern.prefix) || pattern.prefix.starts_with(part);
  });
}

bool Prefilter::MayEnd(std::string_view part) const {
  if (!mapping_.patterns().empty()) return true;  // they end in anything
  const std::string end(part.rbegin(), part.rend());
  const auto name = std::ranges::lower_bound(backwards_, end);
  return name != backwards_.end() && name->starts_with(end);
}

bool Prefilter::MayHold(std::string_view part) const {
  return !mapping_.patterns().empty() ||
         std::ranges::any_of(forwards_, [part](const std::string& name) {
           return name.find(part) != std::string::npos;
         });
}

}  // namespace metrishift::rewrite
