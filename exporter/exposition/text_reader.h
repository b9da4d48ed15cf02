#ifndef METRISHIFT_EXPORTER_EXPOSITION_TEXT_READER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_TEXT_READER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/alias_buffer.h"
#include "exporter/exposition/family_tracker.h"
#include "exporter/exposition/label_changer.h"
#include "exporter/exposition/line_scanner.h"
#include "exporter/exposition/sample_parser.h"
#include "exporter/exposition/text_line.h"

namespace metrishift::exposition {

// Reads a body in text 0.0.4 or OpenMetrics line by line and gives its samples to an AliasBuffer.
// Names are looked up when the family changes; only lines of families that aliases can still be
// made of are read beyond their name. Not thread-safe.
class TextReader {
 public:
  // `aliases` has begun, and must outlive the reader.
  TextReader(Format format, size_t max_line_bytes, AliasBuffer* aliases)
      : format_(format),
        aliases_(*aliases),
        beginnings_(aliases->rules().beginnings()),
        scanner_(max_line_bytes),
        tracker_(format),
        parser_(format) {}

  // Returns false as soon as a line is longer than allowed.
  [[nodiscard]] bool Feed(std::string_view chunk) {
    return scanner_.Feed(
        chunk, [this](std::string_view line, LineQueue * more)
                   __attribute__((always_inline)) { OnLine(line, more); });
  }

  // A last line without its line end.
  std::string_view tail() const { return scanner_.tail(); }

 private:
  // For most lines this is all that is done, so it has to be in the loop that finds them.
  [[gnu::always_inline]] void OnLine(std::string_view line, LineQueue* more) {
    if (!concerned_ && IsOfNoConcern(line)) return;
    if (!tracker_.Continues(line)) return OnOtherLine(line);
    if (source_ != nullptr && !source_->IsSettled()) OnSample(line, stem_, more);
  }

  // True only if reading the line would change nothing but which family is tracked, of those that
  // are of no concern. REQUIRES: !concerned_.
  [[gnu::always_inline]] bool IsOfNoConcern(std::string_view line) {
    constexpr size_t kKeyword = std::string_view("# HELP ").size();
    if (line.size() < kKeyword + NameBeginnings::kLook) return false;
    if (line[0] == '#') {
      // After others a family that is open may have samples that are of concern.
      const bool names_family = EqualBytes(line.data(), "# HELP ", kKeyword) ||
                                EqualBytes(line.data(), "# TYPE ", kKeyword);
      return names_family && tracker_.family().empty() &&
             !beginnings_.MayBegin(line.data() + kKeyword);
    }
    if (beginnings_.MayBegin(line.data())) return false;
    if (!tracker_.family().empty()) tracker_.Close();
    return true;
  }

  void OnOtherLine(std::string_view line);
  void OnSample(std::string_view line, size_t stem, LineQueue* more);
  void CopyToImages(std::string_view line, size_t stem);
  void CopyAlike(LineQueue* more);
  void OnMetadata(const Metadata& metadata);
  void OpenUnconcerned(std::string_view name);
  void OpenByMetadata(std::string_view name);
  void OpenBySample(std::string_view name);
  void Enter(AliasSource* source);
  void SpoilHistogramAround(std::string_view name);
  AliasSource* SourceWithSeries(std::string_view name);

  void CopyLine(AliasTarget* target, std::string_view line, const Sample& sample, SampleRole role);
  void ChangeLine(const AliasSource::Feed& feed, const Sample& sample, SampleRole role);
  void WriteLine(AliasTarget* target, const AliasRule& rule, const Sample& sample, SampleRole role);
  std::string_view Unescaped(std::string_view text);
  std::vector<LabelItem> UnescapedLabels();
  bool Claim(AliasTarget* target, uint64_t labels, SampleRole role);
  std::vector<uint64_t> SeriesOf(const AliasTarget& target) const;

  const Format format_;
  AliasBuffer& aliases_;
  const NameBeginnings& beginnings_;
  LineScanner scanner_;
  FamilyTracker tracker_;
  SampleParser parser_;
  LabelChanger changer_;
  std::deque<std::string> unescaped_;
  std::string scratch_;
  bool concerned_ = false;         // the tracked family's name may occur in the rules
  AliasSource* source_ = nullptr;  // of the tracked family, when there are rules for it
  size_t stem_ = 0;                // of its lines; see SampleParser
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_TEXT_READER_H_
