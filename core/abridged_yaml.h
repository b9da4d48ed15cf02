#ifndef METRISHIFT_CORE_ABRIDGED_YAML_H_
#define METRISHIFT_CORE_ABRIDGED_YAML_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"

// Most of a large YAML file is dashboards in literal blocks ("key: |"), where a line is content as
// long as it is indented, and libyaml takes a hundred instructions for each of its bytes. So it is
// shown such blocks without most of their lines; who reads them knows these lines already.
// YAML 1.1, sections 9.2.1 (indentation indicator) and 9.3.1 (literal style).
namespace metrishift {

// Lines that were left out of a text in one place.
struct LiteralCut {
  size_t header = 0;  // where the "|" of their block stands in the abridged text
  size_t block = 0;   // in the whole text: where the block's first line begins
  FileSpan lines;     // in the whole text: whole lines of the block, the last with its line end
  size_t indent = 0;  // how many spaces each line of the block begins with, but for empty ones
};

// A text without the lines of its cuts, which are in its order.
struct AbridgedYaml {
  std::string text;
  std::vector<LiteralCut> cuts;
};

// Of each literal block leaves out its longest run of lines of printable ASCII, if that is in all
// at least `percent` of the text: less is not worth a copy. What looks like a block may be none: a
// cut holds where `text`, read as YAML, has a literal scalar that begins at its `header`, and
// Restore finds its value. Where one does not, or `text` is no YAML, the whole has to be read.
// Linear in the size of `whole`. Without any cuts `text` is empty.
AbridgedYaml Abridge(std::string_view whole, size_t percent);

// The value of the scalar in which `cut` was made. `value`: the same of the abridged text. Nothing
// where that is not what the lines before the cut are.
std::optional<std::string> Restore(std::string_view whole, const LiteralCut& cut,
                                   std::string_view value);

// Where in the whole text a place of the abridged one is. What is asked for has to be near what was
// asked for last. A place where lines were left out is the one behind them.
class WholePlace {
 public:
  explicit WholePlace(std::span<const LiteralCut> cuts) : cuts_(cuts) {}

  size_t Of(size_t at);

 private:
  std::span<const LiteralCut> cuts_;
  size_t passed_ = 0;    // cuts before the last place
  size_t left_out_ = 0;  // bytes of these
};

}  // namespace metrishift

#endif  // METRISHIFT_CORE_ABRIDGED_YAML_H_
