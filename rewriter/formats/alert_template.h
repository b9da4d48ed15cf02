#ifndef METRISHIFT_REWRITER_FORMATS_ALERT_TEMPLATE_H_
#define METRISHIFT_REWRITER_FORMATS_ALERT_TEMPLATE_H_

#include <string_view>
#include <vector>

#include "core/span.h"
#include "core/text_tree.h"

namespace metrishift::formats {

// A string literal of Go, quotes included, in the text of an alert.
struct TemplateString {
  FileSpan span;  // in that text
  ScalarStyle style = ScalarStyle::kGoString;
};

// The string literals that the actions of `text` ask Prometheus: {{ query "up" }}, {{ query `up` }}
// and {{ printf "up{job='%s'}" $labels.job | query }}, in order. Also those of actions that another
// template writes out first, as Helm does: {{`{{ query "up" }}`}}, {{`{{`}} query "up" {{`}}`}},
// {{ "{{" }} query "up" {{ "}}" }}.
// https://prometheus.io/docs/prometheus/latest/configuration/template_reference/ Thread-safe.
std::vector<TemplateString> FindTemplateQueries(std::string_view text);

// A label of the alert that the actions of a text read: {{ $labels.job }}, {{ .Labels.job }}.
struct TemplateLabel {
  std::string_view name;
  FileSpan span;  // of the name, in that text
};
std::vector<TemplateLabel> FindTemplateLabels(std::string_view text);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_ALERT_TEMPLATE_H_
