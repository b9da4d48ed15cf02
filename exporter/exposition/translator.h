#ifndef METRISHIFT_EXPORTER_EXPOSITION_TRANSLATOR_H_
#define METRISHIFT_EXPORTER_EXPOSITION_TRANSLATOR_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "exporter/exposition/alias_buffer.h"
#include "exporter/exposition/family_tracker.h"
#include "exporter/exposition/line_scanner.h"
#include "exporter/exposition/name_filter.h"
#include "exporter/exposition/text_line.h"

namespace metrishift::exposition {

// Ceilings. Reaching one makes the scrape fail; see LimitReached.
struct Limits {
  size_t max_line_bytes = size_t{1} << 20U;    // one line of the body, without its "\n"
  size_t max_alias_bytes = size_t{16} << 20U;  // sample lines of the alias block
};

enum class LimitReached : uint8_t { kNone, kLineBytes, kAliasBytes };

// "line_bytes", "alias_bytes": for metric labels and logs.
std::string_view LimitName(LimitReached limit);

// What Finish gives.
struct Translation {
  std::string alias_block;  // to be appended to the body; empty when there is nothing to add
  std::vector<AliasReport> reports;  // one per table entry whose new name stood in the body
};

// Reads a body in text format 0.0.4 as it passes and makes the block of old-name families that goes
// after its last byte. It never changes the body: the caller forwards each chunk first and shows it
// to the translator then, so that a fault in here can cost an alias and never the original.
//
//   Translator translator(mapping);
//   for each chunk: Forward(chunk); if (!translator.Feed(chunk)) cut the response;
//   Forward(translator.Finish().alias_block);
//
// The result does not depend on how the body was cut into chunks. For body + alias block as a new
// body, the alias block is empty. Rules: one group per old name, HELP and
// TYPE before samples; everything behind the name byte for byte that of the new family; no alias
// for a name that the upstream exposes anywhere in the body, and none for a family that is not
// readable for each of the format's readers. Only lines of families with an alias to win are read
// beyond their name.
//
// Memory: one line, plus the alias lines, both bounded by Limits. Not thread-safe; one object per
// body.
class Translator {
 public:
  explicit Translator(Mapping mapping, Limits limits = {});
  Translator(const Translator&) = delete;
  Translator& operator=(const Translator&) = delete;

  // Reads the next bytes of the body. Returns false once a ceiling is reached, and from then on.
  [[nodiscard]] bool Feed(std::string_view chunk);

  // The end of the body. Returns false, and no translation, when a ceiling is or was reached. May
  // be called once.
  [[nodiscard]] bool Finish(Translation* translation);

  LimitReached limit_reached() const { return limit_reached_; }

 private:
  void OnLine(std::string_view line);
  void OnOtherLine(std::string_view line);
  void OnMetadata(const Metadata& metadata);
  void OnSample(std::string_view line);
  void OpenUnconcernedFamily(std::string_view name);
  void OpenFamilyOfSample(std::string_view name);
  void OpenFamilyOfMetadata(std::string_view name);
  void MarkExposed(std::string_view name);
  void MarkFamilyExposed(std::string_view family, MetricType type);

  const Mapping mapping_;
  const NameFilter filter_;
  LineScanner scanner_;
  FamilyTracker tracker_;
  SampleParser parser_;
  AliasBuffer aliases_;
  bool concerned_ = false;       // the tracked family's name may occur in the table
  AliasGroup* group_ = nullptr;  // of the tracked family, when the table maps it
  LimitReached limit_reached_ = LimitReached::kNone;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_TRANSLATOR_H_
