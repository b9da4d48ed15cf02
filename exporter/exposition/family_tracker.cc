#include "exporter/exposition/family_tracker.h"

namespace metrishift::exposition {
namespace {

constexpr size_t kTypes = 8;
constexpr size_t kFormats = 3;
using Table = std::array<std::array<SuffixWords, kFormats>, kTypes>;

SuffixWords MakeWords(MetricType type, Format format) {
  SuffixWords words;
  size_t count = 0;
  for (const SampleRole role : RolesOf(type, format)) {
    const std::string_view suffix = RoleSuffix(role);
    words.has_bare = words.has_bare || suffix.empty();
    if (suffix.empty()) continue;
    SuffixWord& word = words.words[count++];
    word.size = suffix.size();
    std::memcpy(&word.word, suffix.data(), suffix.size());
    std::memset(&word.mask, 0xff, suffix.size());
  }
  return words;
}

Table MakeTable() {
  Table table;
  for (size_t type = 0; type < kTypes; ++type) {
    for (size_t format = 0; format < kFormats; ++format) {
      table[type][format] = MakeWords(static_cast<MetricType>(type), static_cast<Format>(format));
    }
  }
  return table;
}

}  // namespace

const SuffixWords& SuffixesOf(MetricType type, Format format) {
  static const Table table = MakeTable();
  return table[static_cast<size_t>(type)][static_cast<size_t>(format)];
}

}  // namespace metrishift::exposition
