#ifndef METRISHIFT_EXPORTER_EXPOSITION_FAMILY_TRACKER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_FAMILY_TRACKER_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/metric_type.h"
#include "exporter/exposition/byte_scan.h"
#include "exporter/exposition/sample_role.h"

namespace metrishift::exposition {

// A suffix as a word to compare with: none is longer than eight bytes. An unused one matches no
// name, for its size is that of no text.
struct SuffixWord {
  uint64_t word = 0;
  uint64_t mask = 0;
  size_t size = SIZE_MAX;
};

// RolesOf, ready for comparing.
struct SuffixWords {
  std::array<SuffixWord, 4> words;
  bool has_bare = false;
};

// SuffixWords by MetricType.
using SuffixTable = std::array<SuffixWords, 8>;
const SuffixTable& SuffixesIn(Format format);

// Remembers which family the body is in, so that the lines of one family cost a comparison each and
// no lookup. Owns its name: lines may vanish. Not thread-safe.
class FamilyTracker {
 public:
  explicit FamilyTracker(Format format) : table_(SuffixesIn(format)) {}

  void Open(std::string_view family, MetricType type) {
    family_ = family;
    SetType(type);
  }

  // The body is in none that anybody wants to know of.
  void Close() { Open({}, MetricType::kUntyped); }

  void SetType(MetricType type) {
    type_ = type;
    suffixes_ = &table_[static_cast<size_t>(type)];
  }

  const std::string& family() const { return family_; }
  MetricType type() const { return type_; }

  // True iff `line` starts with the name of one of the family's series, right at its first byte.
  [[gnu::always_inline]] bool Continues(std::string_view line) const {
    const size_t size = family_.size();
    if (size == 0 || line.size() <= size) return false;
    if (!EqualBytes(line.data(), family_.data(), size)) return false;
    return line[size] == '_' ? ContinuesWithSuffix(line.substr(size))
                             : suffixes_->has_bare && EndsName(line[size]);
  }

 private:
  static bool EndsName(char c) { return c == '{' || c == ' ' || c == '\t'; }

  bool ContinuesWithSuffix(std::string_view rest) const {
    uint64_t word = 0;
    if (rest.size() > sizeof(word)) {
      word = LoadWord(rest.data());
    } else {
      std::memcpy(&word, rest.data(), rest.size());
    }
    for (const SuffixWord& suffix : suffixes_->words) {
      if ((word & suffix.mask) != suffix.word) continue;
      return rest.size() > suffix.size && EndsName(rest[suffix.size]);
    }
    return false;
  }

  const SuffixTable& table_;
  std::string family_;
  MetricType type_ = MetricType::kUntyped;
  const SuffixWords* suffixes_ = &table_[static_cast<size_t>(MetricType::kUntyped)];
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_FAMILY_TRACKER_H_
