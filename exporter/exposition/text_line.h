#ifndef METRISHIFT_EXPORTER_EXPOSITION_TEXT_LINE_H_
#define METRISHIFT_EXPORTER_EXPOSITION_TEXT_LINE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/metric_type.h"
#include "exporter/exposition/sample_role.h"

namespace metrishift::exposition {

// One line of the Prometheus text format 0.0.4 or of OpenMetrics 1.0, as their strictest readers
// take it. Sources: https://prometheus.io/docs/instrumenting/exposition_formats/,
// https://prometheus.io/docs/specs/om/open_metrics_spec/ and the readers themselves (Prometheus'
// promlex.l, and expfmt, which is behind `promtool check metrics`). Where they differ, a line
// counts as readable only if both read it, except for blanks at the ends of a line and negative
// timestamps, which the document of 0.0.4 itself allows.
//
// Not checked: that label values and HELP texts are UTF-8, that the buckets and quantiles of
// histograms and summaries have a number as `le` or `quantile`, and, in OpenMetrics, that there is
// one blank where more are forbidden and that types go with exemplars.
//
// Lines come without their "\n". All views point into the line that was given.

// "# HELP name text", "# TYPE name text"; in OpenMetrics also "# UNIT name text".
struct Metadata {
  enum class Kind : uint8_t { kHelp, kType, kUnit };
  Kind kind = Kind::kHelp;
  std::string_view name;  // without quotes
  std::string_view text;  // HELP: as escaped in the line; TYPE, UNIT: the word
};

// What a line that starts with "#" (after blanks) says; nullopt for every other comment. A HELP or
// TYPE line without a name is such a comment.
std::optional<Metadata> ParseMetadata(std::string_view line, Format format = Format::kText);

// The type that a TYPE line's word names. Text 0.0.4 has five: counter, gauge, histogram, summary,
// untyped. OpenMetrics has eight, and no "untyped".
std::optional<MetricType> ParseTypeWord(std::string_view word, Format format);

// True iff `text` holds no escape but those of a HELP line: "\\" and "\n". In OpenMetrics a
// backslash before any other character stands for itself; before nothing at all it is an error
// there, too.
bool IsHelpText(std::string_view text, Format format);

// The name of the metric that a sample line starts with or, quoted, holds in its braces: {"name",
// label="value"} 1. Empty when there is none. The rest of the line need not be readable.
std::string_view SampleName(std::string_view line, Format format);

// What a text means that is written with the escapes of a label value; a backslash before any other
// character stands for itself. REQUIRES: it was read.
std::string Unescape(std::string_view text);

// True iff `word` is what Go's strconv.ParseFloat accepts, less hexadecimal and "_" (Prometheus
// refuses both), less what over- or underflows. `value` may be nullptr.
bool ParseValue(std::string_view word, double* value);

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_TEXT_LINE_H_
