#include "exporter/exposition/family_tracker.h"

namespace metrishift::exposition {
namespace {

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

SuffixTable MakeTable(Format format) {
  SuffixTable table;
  for (size_t type = 0; type < table.size(); ++type) {
    table[type] = MakeWords(static_cast<MetricType>(type), format);
  }
  return table;
}

}  // namespace

const SuffixTable& SuffixesIn(Format format) {
  static const std::array kTables = {MakeTable(Format::kText), MakeTable(Format::kOpenMetrics),
                                     MakeTable(Format::kProtobuf)};
  return kTables[static_cast<size_t>(format)];
}

}  // namespace metrishift::exposition
