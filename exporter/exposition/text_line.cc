#include "exporter/exposition/text_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "exporter/exposition/byte_scan.h"
#include "exporter/exposition/series_set.h"

namespace metrishift::exposition {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// IsMetricNameChar as a table: it is asked for each byte of each name.
const std::array<bool, 256> kNameChars = [] {
  std::array<bool, 256> table{};
  for (size_t i = 0; i < table.size(); ++i) table[i] = IsMetricNameChar(static_cast<char>(i));
  return table;
}();

bool IsNameChar(char c) { return kNameChars[static_cast<unsigned char>(c)]; }

// Walks over one line. Every Take returns what it took and leaves the cursor behind it.
class Cursor {
 public:
  explicit Cursor(std::string_view line) : rest_(line) {}

  bool AtEnd() const { return rest_.empty(); }
  bool At(char c) const { return !rest_.empty() && rest_.front() == c; }
  std::string_view rest() const { return rest_; }

  void SkipBlanks() {
    while (!rest_.empty() && IsBlank(rest_.front())) rest_.remove_prefix(1);
  }

  bool Skip(char c) {
    if (!At(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view Take(size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  const char* data() const { return rest_.data(); }

  // [a-zA-Z_:][a-zA-Z0-9_:]*, or nothing.
  std::string_view TakeName() {
    const char* const begin = rest_.data();
    const char* const end = begin + rest_.size();
    const char* at = begin;
    if (at != end && !IsDigit(*at)) {
      while (at != end && IsNameChar(*at)) ++at;
    }
    return Take(static_cast<size_t>(at - begin));
  }

  // Bytes up to the next blank.
  std::string_view TakeWord() {
    return Take(static_cast<size_t>(std::ranges::find_if(rest_, IsBlank) - rest_.begin()));
  }

  // What stands between two double quotes, as escaped in the line; only \\ \" \n are escapes.
  std::optional<std::string_view> TakeQuoted() {
    if (!At('"')) return std::nullopt;
    const char* const begin = rest_.data() + 1;
    const char* const end = rest_.data() + rest_.size();
    const char* at = FindEither(begin, end, '"', '\\');
    for (; at != end && *at == '\\'; at = FindEither(at + 2, end, '"', '\\')) {
      if (end - at < 2 || (at[1] != '\\' && at[1] != '"' && at[1] != 'n')) return std::nullopt;
    }
    if (at == end) return std::nullopt;
    rest_.remove_prefix(static_cast<size_t>(at + 1 - rest_.data()));
    return std::string_view(begin, static_cast<size_t>(at - begin));
  }

 private:
  std::string_view rest_;
};

// One part of what stands between braces: a label, or the quoted name of the metric (then
// `is_name`).
struct BracePart {
  bool is_name = false;
  std::string_view name;
  std::string_view value;
  std::string_view whole;
};

std::optional<BracePart> TakeBracePart(Cursor& cursor) {
  BracePart part;
  const char* const begin = cursor.data();
  const bool quoted = cursor.At('"');
  if (quoted) {
    const std::optional<std::string_view> name = cursor.TakeQuoted();
    if (!name || name->empty()) return std::nullopt;
    part.name = *name;
  } else {
    part.name = cursor.TakeName();
    if (part.name.empty() || part.name.find(':') != part.name.npos) return std::nullopt;
  }
  cursor.SkipBlanks();
  if (!cursor.Skip('=')) {
    part.is_name = true;
    return quoted ? std::optional(part) : std::nullopt;
  }
  cursor.SkipBlanks();
  const std::optional<std::string_view> value = cursor.TakeQuoted();
  if (!value) return std::nullopt;
  part.value = *value;
  part.whole = {begin, static_cast<size_t>(cursor.data() - begin)};
  return part;
}

// Reads "{...}" with the cursor on the brace and gives each part to `on_part`, which may end the
// walk with false.
template <class OnPart>
bool TakeBraces(Cursor& cursor, OnPart&& on_part) {
  if (!cursor.Skip('{')) return false;
  cursor.SkipBlanks();
  while (!cursor.Skip('}')) {
    const std::optional<BracePart> part = TakeBracePart(cursor);
    if (!part || !on_part(*part)) return false;
    cursor.SkipBlanks();
    if (!cursor.Skip(',') && !cursor.At('}')) return false;
    cursor.SkipBlanks();
  }
  return true;
}

bool IsTimestamp(std::string_view word) {
  int64_t value = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  return stop == end && error == std::errc();
}

// OpenMetrics has its timestamps in seconds, as any number but NaN and Inf.
bool IsTimestamp(std::string_view word, Format format) {
  if (format == Format::kText) return IsTimestamp(word);
  double value = 0;
  return ParseValue(word, &value) && std::isfinite(value);
}

// " # {labels} value", perhaps with a timestamp; the cursor is on the "#".
bool TakeExemplar(Cursor& cursor) {
  if (!cursor.Skip('#')) return false;
  cursor.SkipBlanks();
  if (!TakeBraces(cursor, [](const BracePart& part) { return !part.is_name; })) return false;
  cursor.SkipBlanks();
  if (!ParseValue(cursor.TakeWord(), nullptr)) return false;
  cursor.SkipBlanks();
  return cursor.AtEnd() || IsTimestamp(cursor.TakeWord(), Format::kOpenMetrics);
}

// What follows the value.
bool TakeTail(Cursor& cursor, Format format) {
  cursor.SkipBlanks();
  if (!cursor.AtEnd() && !cursor.At('#') && !IsTimestamp(cursor.TakeWord(), format)) return false;
  cursor.SkipBlanks();
  if (format == Format::kOpenMetrics && cursor.At('#') && !TakeExemplar(cursor)) return false;
  cursor.SkipBlanks();
  return cursor.AtEnd();
}

constexpr std::array<std::pair<std::string_view, Metadata::Kind>, 3> kKeywords = {
    {{"HELP", Metadata::Kind::kHelp},
     {"TYPE", Metadata::Kind::kType},
     {"UNIT", Metadata::Kind::kUnit}}};

constexpr std::array<std::pair<std::string_view, MetricType>, 5> kTextTypes = {
    {{"counter", MetricType::kCounter},
     {"gauge", MetricType::kGauge},
     {"histogram", MetricType::kHistogram},
     {"summary", MetricType::kSummary},
     {"untyped", MetricType::kUntyped}}};

// "# TYPE name text" and "# HELP name text" with single blanks, as every program writes them; any
// other way is for ParseMetadata.
std::optional<Metadata> QuickMetadata(std::string_view line) {
  constexpr std::string_view kHelp = "# HELP ";
  constexpr std::string_view kType = "# TYPE ";
  const bool is_help = line.starts_with(kHelp);
  if (!is_help && !line.starts_with(kType)) return std::nullopt;
  const char* const begin = line.data() + kHelp.size();
  const char* const end = line.data() + line.size();
  const char* const blank = FindEither(begin, end, ' ', '\t');
  if (blank == begin || end - blank < 2 || *begin == '"') return std::nullopt;
  if (*blank != ' ' || IsBlank(blank[1]) || IsBlank(end[-1])) return std::nullopt;
  return Metadata{is_help ? Metadata::Kind::kHelp : Metadata::Kind::kType,
                  {begin, static_cast<size_t>(blank - begin)},
                  {blank + 1, static_cast<size_t>(end - blank - 1)}};
}

}  // namespace

bool ParseValue(std::string_view word, double* value) {
  const auto is_plain = [](char c) { return IsDigit(c); };
  if (value == nullptr && word.size() < 300 && !word.empty() &&
      std::ranges::all_of(word, is_plain)) {
    return true;
  }
  double ignored = 0;
  if (value == nullptr) value = &ignored;
  if (word.empty()) return false;
  const bool is_signed = word.front() == '+' || word.front() == '-';
  const std::string_view digits = word.substr(is_signed ? 1 : 0);
  if (digits.empty() || digits.front() == '+' || digits.front() == '-') return false;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, *value);
  if (stop != end || error != std::errc()) return false;
  // from_chars also takes "-nan" and "nan(1)".
  if (std::isnan(*value)) return !is_signed && digits.size() == 3;
  if (word.front() == '-') *value = -*value;
  return true;
}

std::string Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      plain += text[i] == 'n' ? '\n' : text[i];
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::optional<Metadata> ParseMetadata(std::string_view line, Format format) {
  if (std::optional<Metadata> metadata = QuickMetadata(line)) return metadata;
  Cursor cursor(line);
  cursor.SkipBlanks();
  if (!cursor.Skip('#')) return std::nullopt;
  cursor.SkipBlanks();
  const std::string_view keyword = cursor.TakeWord();
  for (const auto& [word, kind] : kKeywords) {
    if (keyword != word) continue;
    if (kind == Metadata::Kind::kUnit && format != Format::kOpenMetrics) return std::nullopt;
    cursor.SkipBlanks();
    Metadata metadata{kind, {}, {}};
    if (cursor.At('"')) {
      metadata.name = cursor.TakeQuoted().value_or(std::string_view());
    } else {
      metadata.name = cursor.TakeWord();
    }
    if (metadata.name.empty()) return std::nullopt;
    cursor.SkipBlanks();
    metadata.text = cursor.rest();
    if (kind != Metadata::Kind::kHelp) {
      while (!metadata.text.empty() && IsBlank(metadata.text.back())) {
        metadata.text.remove_suffix(1);
      }
    }
    return metadata;
  }
  return std::nullopt;
}

std::optional<MetricType> ParseTypeWord(std::string_view word, Format format) {
  if (format == Format::kOpenMetrics) {
    return word == "untyped" ? std::nullopt : ParseMetricType(word);
  }
  for (const auto& [name, type] : kTextTypes) {
    if (word == name) return type;
  }
  return std::nullopt;
}

bool IsHelpText(std::string_view text, Format format) {
  for (size_t i = text.find('\\'); i != text.npos; i = text.find('\\', i + 2)) {
    if (i + 1 == text.size()) return false;
    const char c = text[i + 1];
    if (c != '\\' && c != 'n' && !(c == '"' && format == Format::kOpenMetrics)) return false;
  }
  return true;
}

std::string_view SampleName(std::string_view line) {
  Cursor cursor(line);
  cursor.SkipBlanks();
  if (!cursor.At('{')) return cursor.TakeName();
  std::string_view name;
  TakeBraces(cursor, [&name](const BracePart& part) {
    if (part.is_name) name = part.name;
    return !part.is_name;
  });
  return name;
}

std::optional<Sample> SampleParser::Parse(std::string_view line) {
  Sample sample;
  labels_.clear();
  name_hashes_.clear();
  Cursor cursor(line);
  cursor.SkipBlanks();
  sample.name = cursor.TakeName();
  const bool bare = !sample.name.empty();
  cursor.SkipBlanks();
  if (cursor.At('{')) {
    const bool closed = TakeBraces(cursor, [&](const BracePart& part) {
      if (part.is_name) {
        sample.quoted_name = true;
        return std::exchange(sample.name, part.name).empty();
      }
      if (part.name == "__name__") return false;  // reserved
      labels_.push_back({part.name, part.value, part.whole});
      const uint64_t name_hash = HashBytes(part.name);
      name_hashes_.push_back(name_hash);
      if (!part.value.empty()) sample.labels += LabelHash(name_hash, part.value);
      return true;
    });
    if (!closed) return std::nullopt;
  } else if (!bare || !IsBlank(*(cursor.data() - 1))) {
    return std::nullopt;  // a value has to be apart from the name
  }
  if (sample.name.empty() || HasRepeat(name_hashes_)) return std::nullopt;

  cursor.SkipBlanks();
  sample.value = cursor.TakeWord();
  if (!ParseValue(sample.value, nullptr)) return std::nullopt;
  sample.tail = cursor.rest();
  return TakeTail(cursor, format_) ? std::optional(sample) : std::nullopt;
}

}  // namespace metrishift::exposition
