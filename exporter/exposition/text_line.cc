#include "exporter/exposition/text_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <string>
#include <utility>

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

  // [a-zA-Z_:][a-zA-Z0-9_:]*, or nothing.
  std::string_view TakeName() {
    size_t size = 0;
    if (!rest_.empty() && !IsDigit(rest_.front())) {
      while (size < rest_.size() && IsNameChar(rest_[size])) ++size;
    }
    return Take(size);
  }

  // Bytes up to the next blank.
  std::string_view TakeWord() {
    return Take(static_cast<size_t>(std::ranges::find_if(rest_, IsBlank) - rest_.begin()));
  }

  // What stands between two double quotes, as escaped in the line; only \\ \" \n are escapes.
  std::optional<std::string_view> TakeQuoted() {
    if (!At('"')) return std::nullopt;
    const size_t quote = rest_.find('"', 1);
    if (quote == rest_.npos) return std::nullopt;
    const std::string_view plain = rest_.substr(1, quote - 1);
    if (plain.find('\\') == plain.npos) {
      rest_.remove_prefix(quote + 1);
      return plain;
    }
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        const std::string_view text = rest_.substr(1, i - 1);
        rest_.remove_prefix(i + 1);
        return text;
      }
      if (rest_[i] != '\\') continue;
      if (++i == rest_.size() || (rest_[i] != '\\' && rest_[i] != '"' && rest_[i] != 'n')) {
        return std::nullopt;
      }
    }
    return std::nullopt;
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
};

std::optional<BracePart> TakeBracePart(Cursor& cursor) {
  BracePart part;
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

// What Go's strconv.ParseFloat accepts, less hexadecimal and "_" (Prometheus refuses both), less
// what over- or underflows.
bool IsValue(std::string_view word) {
  if (word.empty()) return false;
  const bool is_signed = word.front() == '+' || word.front() == '-';
  const std::string_view digits = word.substr(is_signed ? 1 : 0);
  if (digits.empty() || digits.front() == '+' || digits.front() == '-') return false;
  double value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (stop != end || error != std::errc()) return false;
  if (value == value) return true;
  return !is_signed && digits.size() == 3;  // from_chars also takes "-nan" and "nan(1)"
}

bool IsTimestamp(std::string_view word) {
  int64_t value = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  return stop == end && error == std::errc();
}

// A sum of these is the same for any order of the labels; the multiplications keep pairs from
// cancelling out (the finaliser is that of MurmurHash3).
uint64_t LabelHash(std::string_view name, std::string_view value) {
  uint64_t hash = std::hash<std::string_view>{}(name)*0x9e3779b97f4a7c15U;
  hash ^= std::hash<std::string_view>{}(value);
  hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccdU;
  hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53U;
  return hash ^ (hash >> 33U);
}

constexpr std::array<std::pair<std::string_view, Metadata::Kind>, 2> kKeywords = {
    {{"HELP", Metadata::Kind::kHelp}, {"TYPE", Metadata::Kind::kType}}};

constexpr std::array kTextTypes = {MetricType::kCounter, MetricType::kGauge, MetricType::kHistogram,
                                   MetricType::kSummary, MetricType::kUntyped};

}  // namespace

std::optional<Metadata> ParseMetadata(std::string_view line) {
  Cursor cursor(line);
  cursor.SkipBlanks();
  if (!cursor.Skip('#')) return std::nullopt;
  cursor.SkipBlanks();
  const std::string_view keyword = cursor.TakeWord();
  for (const auto& [word, kind] : kKeywords) {
    if (keyword != word) continue;
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
    if (kind == Metadata::Kind::kType) {
      while (!metadata.text.empty() && IsBlank(metadata.text.back())) {
        metadata.text.remove_suffix(1);
      }
    }
    return metadata;
  }
  return std::nullopt;
}

std::optional<MetricType> ParseTextType(std::string_view word) {
  for (const MetricType type : kTextTypes) {
    if (MetricTypeName(type) == word) return type;
  }
  return std::nullopt;
}

bool IsHelpText(std::string_view text) {
  for (size_t i = text.find('\\'); i != text.npos; i = text.find('\\', i + 2)) {
    if (i + 1 == text.size() || (text[i + 1] != '\\' && text[i + 1] != 'n')) return false;
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
  label_names_.clear();
  Cursor cursor(line);
  cursor.SkipBlanks();
  sample.name = cursor.TakeName();
  const bool bare = !sample.name.empty();
  cursor.SkipBlanks();
  if (cursor.At('{')) {
    const bool closed = TakeBraces(cursor, [&](const BracePart& part) {
      if (part.is_name) return std::exchange(sample.name, part.name).empty();
      if (part.name == "__name__") return false;  // reserved
      label_names_.push_back(part.name);
      if (!part.value.empty()) sample.labels += LabelHash(part.name, part.value);
      return true;
    });
    if (!closed) return std::nullopt;
  } else if (!bare || !IsBlank(*(cursor.rest().data() - 1))) {
    return std::nullopt;  // a value has to be apart from the name
  }
  if (sample.name.empty()) return std::nullopt;
  std::ranges::sort(label_names_);
  if (std::ranges::adjacent_find(label_names_) != label_names_.end()) return std::nullopt;

  cursor.SkipBlanks();
  if (!IsValue(cursor.TakeWord())) return std::nullopt;
  cursor.SkipBlanks();
  if (!cursor.AtEnd() && !IsTimestamp(cursor.TakeWord())) return std::nullopt;
  cursor.SkipBlanks();
  return cursor.AtEnd() ? std::optional(sample) : std::nullopt;
}

}  // namespace metrishift::exposition
