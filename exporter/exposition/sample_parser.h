#ifndef METRISHIFT_EXPORTER_EXPOSITION_SAMPLE_PARSER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_SAMPLE_PARSER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/byte_scan.h"
#include "exporter/exposition/sample_role.h"

namespace metrishift::exposition {

struct TextLabel {
  std::string_view name;   // without quotes
  std::string_view value;  // as escaped in the line
  std::string_view whole;  // name="value"
};

// A sample line that is readable to its last byte.
struct Sample {
  std::string_view name;
  bool quoted_name = false;  // in the braces
  std::string_view value;
  std::string_view tail;  // what follows the value: a blank and the timestamp, an exemplar
  // Equal for two samples with equal label sets, however they are written: order, blanks and empty
  // values (which are the same as no label) make no difference. Different for different sets, but
  // for 64-bit collisions.
  uint64_t labels = 0;
};

// Reads sample lines, by the rules that text_line.h states. Most lines of a family differ in their
// values only: what stands between the values is remembered of the last few lines and compared
// with the next, and only where it differs a line is read byte by byte. Keeps scratch memory from
// one call to the next; not thread-safe.
class SampleParser {
 public:
  explicit SampleParser(Format format = Format::kText) : format_(format) {}

  // nullopt when any reader would refuse the line: syntax, a value that is no Go float, a label
  // twice, __name__ as a label. `stem`: so many bytes at the front are known to be the metric's
  // name or its beginning, at a place where a name may go on or end; 0 for none. Lines are compared
  // behind it, so that those of different families can be alike.
  std::optional<Sample> Parse(std::string_view line, size_t stem = 0);

  // True iff Parse would read the line.
  bool CanRead(std::string_view line, size_t stem);

  // What all lines have between their stem and their value that are alike the last one that was
  // read (alike_lines.h); empty where none can be. Valid until the next Parse or CanRead.
  std::string_view outline() const {
    return read_as_ != nullptr ? std::string_view(read_as_->text) : std::string_view();
  }

  // The labels of the last line that was read. Valid until the next Parse, and while the line is.
  std::span<const TextLabel> labels();

 private:
  static constexpr size_t kMostBytes = kFindAllBytes;  // behind the stem, of what is remembered

  // What stands before a value, and the label in there.
  struct Gap {
    size_t size = 0;
    size_t label_at = 0;
    size_t name_at = 0;
    size_t name_size = 0;
    uint64_t name_hash = 0;
  };

  // What is behind the stem of a line, without its values.
  struct Shape {
    std::string text;
    std::vector<Gap> gaps;  // the last one stands before the sample's value
    size_t suffix = 0;      // how much of the name is in there
  };

  std::optional<Sample> ParseAndRemember(std::string_view line, size_t stem);
  std::optional<Sample> ParseInFull(std::string_view line);
  const Shape* FindShape(std::string_view line, size_t stem, Sample* sample);
  std::string_view QuotedText(size_t i) const {
    const size_t begin = quotes_[2 * i] + size_t{1};
    return rest_.substr(begin, quotes_[2 * i + 1] - begin);
  }
  bool TakeValue(std::string_view rest, Sample* sample) const;
  void Remember(std::string_view line, size_t stem, const Sample& sample);

  const Format format_;
  std::vector<TextLabel> labels_;
  std::vector<uint64_t> name_hashes_;
  std::array<Shape, 8> shapes_;
  size_t recent_ = 0;               // of shapes_
  const Shape* read_as_ = nullptr;  // how the last line was read; nullptr: in full
  std::string_view rest_;           // what is behind the stem
  FoundOffsets quotes_;             // in there
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_SAMPLE_PARSER_H_
