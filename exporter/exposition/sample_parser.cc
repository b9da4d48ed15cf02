#include "exporter/exposition/sample_parser.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "exporter/exposition/alike_lines.h"
#include "exporter/exposition/byte_scan.h"
#include "exporter/exposition/series_set.h"
#include "exporter/exposition/text_cursor.h"
#include "exporter/exposition/text_line.h"

namespace metrishift::exposition {
namespace {

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

// Of what the texts mean.
uint64_t HashText(std::string_view text, uint64_t seed = 0) {
  const bool is_plain = text.find('\\') == text.npos;
  return is_plain ? HashBytes(text, seed) : HashBytes(Unescape(text), seed);
}

// Most samples end with a short whole number.
bool AreDigits(std::string_view text) {
  constexpr size_t kMost = 12;
  return !text.empty() && text.size() <= kMost && std::ranges::all_of(text, IsDigit);
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

}  // namespace

// The next two are asked for every line, and worth being one.

[[gnu::always_inline]] inline bool SampleParser::TakeValue(std::string_view rest,
                                                           Sample* sample) const {
  if (AreDigits(rest)) {
    sample->value = rest;
    return true;
  }
  Cursor cursor(rest, format_);
  sample->value = cursor.TakeWord();
  if (!ParseValue(sample->value, nullptr)) return false;
  sample->tail = cursor.rest();
  return sample->tail.empty() || TakeTail(cursor, format_);
}

// How the line is to be read, with its own value in `sample`; nullptr where that has to be done in
// full.
[[gnu::always_inline]] inline const SampleParser::Shape* SampleParser::FindShape(
    std::string_view line, size_t stem, Sample* sample) {
  read_as_ = nullptr;
  rest_ = line.substr(stem);
  if (stem == 0 || rest_.size() > kMostBytes) return nullptr;
  for (size_t i = 0; i < shapes_.size(); ++i) {
    const size_t slot = (recent_ + i) % shapes_.size();
    const Shape& shape = shapes_[slot];
    if (shape.gaps.empty() || rest_.size() <= shape.gaps[0].size) continue;
    if (!EqualBytes(rest_.data(), shape.text.data(), shape.gaps[0].size)) continue;
    const size_t value = MatchOutline(rest_, shape.text);
    if (value == kNoMatch || !TakeValue(rest_.substr(value), sample)) continue;
    recent_ = slot;
    read_as_ = &shape;
    return read_as_;
  }
  return nullptr;
}

std::optional<Sample> SampleParser::Parse(std::string_view line, size_t stem) {
  Sample known;
  if (const Shape* const shape = FindShape(line, stem, &known)) {
    FindAll(rest_, '"', &quotes_);
    known.name = line.substr(0, stem + shape->suffix);
    for (size_t i = 0; i + 1 < shape->gaps.size(); ++i) {
      const std::string_view value = QuotedText(i);
      if (!value.empty()) known.labels += LabelHash(shape->gaps[i].name_hash, value);
    }
    return known;
  }
  return ParseAndRemember(line, stem);
}

bool SampleParser::CanRead(std::string_view line, size_t stem) {
  Sample ignored;
  return FindShape(line, stem, &ignored) != nullptr || ParseAndRemember(line, stem).has_value();
}

std::optional<Sample> SampleParser::ParseAndRemember(std::string_view line, size_t stem) {
  const std::optional<Sample> sample = ParseInFull(line);
  if (sample) Remember(line, stem, *sample);
  return sample;
}

std::span<const TextLabel> SampleParser::labels() {
  if (read_as_ == nullptr) return labels_;
  labels_.clear();
  for (size_t i = 0; i + 1 < read_as_->gaps.size(); ++i) {
    const Gap& gap = read_as_->gaps[i];
    const std::string_view value = QuotedText(i);
    const char* const begin = value.data() - gap.size;
    const char* const end = value.data() + value.size() + 1;
    const char* const label = begin + gap.label_at;
    labels_.push_back(
        {{begin + gap.name_at, gap.name_size}, value, {label, static_cast<size_t>(end - label)}});
  }
  read_as_ = nullptr;
  return labels_;
}

std::optional<Sample> SampleParser::ParseInFull(std::string_view line) {
  Sample sample;
  labels_.clear();
  name_hashes_.clear();
  Cursor cursor(line, format_);
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
      const uint64_t name_hash = HashText(part.name);
      name_hashes_.push_back(name_hash);
      if (!part.value.empty()) sample.labels += HashText(part.value, name_hash);
      return true;
    });
    if (!closed) return std::nullopt;
  } else if (!bare || !IsBlank(*(cursor.data() - 1))) {
    return std::nullopt;  // a value has to be apart from the name
  }
  if (sample.name.empty() || HasRepeat(name_hashes_)) return std::nullopt;

  cursor.SkipBlanks();
  return TakeValue(cursor.rest(), &sample) ? std::optional(sample) : std::nullopt;
}

// Only what another line can be like: without escapes and quoted names, and with its own name in
// front.
void SampleParser::Remember(std::string_view line, size_t stem, const Sample& sample) {
  if (stem == 0 || line.size() - stem > kMostBytes) return;
  if (sample.name.data() != line.data() || sample.name.size() < stem) return;
  for (const TextLabel& label : labels_) {
    if (label.value.find('\\') != label.value.npos || label.whole.front() == '"') return;
  }
  const auto offset = [&line](const char* at) { return static_cast<size_t>(at - line.data()); };
  recent_ = (recent_ + 1) % shapes_.size();
  Shape& shape = shapes_[recent_];
  shape.text.clear();
  shape.gaps.clear();
  size_t begin = stem;
  for (const TextLabel& label : labels_) {
    const size_t value = offset(label.value.data());
    shape.text += line.substr(begin, value - begin);
    shape.gaps.push_back({value - begin, offset(label.whole.data()) - begin,
                          offset(label.name.data()) - begin, label.name.size(),
                          HashText(label.name)});
    begin = value + label.value.size();
  }
  const size_t value = offset(sample.value.data());
  shape.text += line.substr(begin, value - begin);
  shape.gaps.push_back({value - begin});
  shape.suffix = sample.name.size() - stem;
}

}  // namespace metrishift::exposition
