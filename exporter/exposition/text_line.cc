#include "exporter/exposition/text_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "exporter/exposition/text_cursor.h"

namespace metrishift::exposition {
namespace {

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
  if (line.size() < kHelp.size()) return std::nullopt;
  const bool is_help = EqualBytes(line.data(), kHelp.data(), kHelp.size());
  if (!is_help && !EqualBytes(line.data(), kType.data(), kType.size())) return std::nullopt;
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
  if (value == nullptr && IsPlainNumber(word)) return true;
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
      const char c = text[++i];
      if (c != '\\' && c != '"' && c != 'n') plain += '\\';
      plain += c == 'n' ? '\n' : c;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::optional<Metadata> ParseMetadata(std::string_view line, Format format) {
  if (std::optional<Metadata> metadata = QuickMetadata(line)) return metadata;
  Cursor cursor(line, format);
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
    if (c != '\\' && c != 'n' && format != Format::kOpenMetrics) return false;
  }
  return true;
}

std::string_view SampleName(std::string_view line, Format format) {
  Cursor cursor(line, format);
  cursor.SkipBlanks();
  if (!cursor.At('{')) return cursor.TakeName();
  std::string_view name;
  TakeBraces(cursor, [&name](const BracePart& part) {
    if (part.is_name) name = part.name;
    return !part.is_name;
  });
  return name;
}

}  // namespace metrishift::exposition
