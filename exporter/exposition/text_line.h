#ifndef METRISHIFT_EXPORTER_EXPOSITION_TEXT_LINE_H_
#define METRISHIFT_EXPORTER_EXPOSITION_TEXT_LINE_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/metric_type.h"

namespace metrishift::exposition {

// One line of the Prometheus text format 0.0.4, as its strictest readers take it. Sources:
// https://prometheus.io/docs/instrumenting/exposition_formats/ and the readers themselves
// (Prometheus' promlex.l, and expfmt, which is behind `promtool check metrics`). Where they differ,
// a line counts as readable only if both read it, except for blanks at the ends of a line and
// negative timestamps, which the format's own document allows.
//
// Two things are not checked: that label values and HELP texts are UTF-8, and that the buckets and
// quantiles of histograms and summaries have a number as `le` or `quantile`.
//
// Lines come without their "\n". All views point into the line that was given.

// "# HELP name text" or "# TYPE name text".
struct Metadata {
  enum class Kind : uint8_t { kHelp, kType };
  Kind kind = Kind::kHelp;
  std::string_view name;  // without quotes
  std::string_view text;  // HELP: as escaped in the line; TYPE: the type's word
};

// What a line that starts with "#" (after blanks) says; nullopt for every other comment. A HELP or
// TYPE line without a name is such a comment.
std::optional<Metadata> ParseMetadata(std::string_view line);

// The type that a TYPE line's word names. Text 0.0.4 has five: counter, gauge, histogram, summary,
// untyped.
std::optional<MetricType> ParseTextType(std::string_view word);

// True iff `text` holds no escape but "\\" and "\n", the two of a HELP line.
bool IsHelpText(std::string_view text);

// The name of the metric that a sample line starts with or, quoted, holds in its braces: {"name",
// label="value"} 1. Empty when there is none. The rest of the line need not be readable.
std::string_view SampleName(std::string_view line);

// A sample line that is readable to its last byte.
struct Sample {
  std::string_view name;
  // Equal for two samples with equal label sets, however they are written: order, blanks and empty
  // values (which are the same as no label) make no difference. Different for different sets, but
  // for 64-bit collisions.
  uint64_t labels = 0;
};

// Reads sample lines. Keeps scratch memory from one call to the next; not thread-safe.
class SampleParser {
 public:
  // nullopt when any reader would refuse the line: syntax, a value that is no Go float, a label
  // twice, __name__ as a label.
  std::optional<Sample> Parse(std::string_view line);

 private:
  std::vector<std::string_view> label_names_;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_TEXT_LINE_H_
