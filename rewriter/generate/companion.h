#ifndef METRISHIFT_REWRITER_GENERATE_COMPANION_H_
#define METRISHIFT_REWRITER_GENERATE_COMPANION_H_

#include <cstddef>
#include <string>

#include "core/mapping.h"

// What gives deprecated names back where no exporter can stand in front of a target: files for
// other tools, made of the mapping tables alone. Every entry of a mapping is in the text, as
// something that the tool acts on or as a comment that says why not. All functions are pure and
// deterministic; the texts are YAML, whatever a table's labels and notes hold.
namespace metrishift::generate {

struct Options {
  // What is less equivalent than this becomes a comment.
  Equivalence least = Equivalence::kAggregated;
  // The version of the targets; empty: the one that the tables lead to. What it still exposes under
  // its old name is not given back.
  std::string target_version;
  // Of the recording rules' groups, as Prometheus writes durations; empty: the server's own.
  std::string interval;
  // What the unit tests call the file of recording rules.
  std::string rules_file;
};

struct Companion {
  std::string text;
  size_t made = 0;  // deprecated series names (families for OpenTelemetry) that it gives back
  size_t left = 0;  // those that are comments
};

// A rule file with one rule for each deprecated series name, a group for each table. Of a family,
// all but _created. https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
Companion RecordingRules(const Mapping& mapping, const Options& options);

// A configuration with a job whose metric_relabel_configs give new series their deprecated names
// instead of the new ones, all entries at once.
// https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
Companion RelabelConfig(const Mapping& mapping, const Options& options);

// Processors for an OpenTelemetry collector that copy metrics to their deprecated names: transform,
// in the syntax of version 0.120 and later, and filter where labels choose among data points.
// open-telemetry/opentelemetry-collector-contrib, processor/transformprocessor and pkg/ottl.
Companion OtelTransform(const Mapping& mapping, const Options& options);

// Unit tests for `promtool test rules` on what RecordingRules gives: made-up new series, and the
// deprecated ones that they have to become by what the tables say (not by what the rules say).
// https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
Companion PromtoolTest(const Mapping& mapping, const Options& options);

}  // namespace metrishift::generate

#endif  // METRISHIFT_REWRITER_GENERATE_COMPANION_H_
