#ifndef METRISHIFT_EXPORTER_EXPOSITION_METRIC_REWRITER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_METRIC_REWRITER_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "exporter/exposition/alias_rule.h"
#include "exporter/exposition/label_changer.h"

namespace metrishift::exposition {

// Appends `metric`, an io.prometheus.client.Metric message, to `out` with `labels` in place of its
// own, in the unit and the type that `rule` asks for. Fields that the rule does not change are
// copied, known or not. Returns why it cannot be done: a native histogram has its bounds in powers
// of two, which no factor changes; a message that is broken.
std::optional<Fault> RewriteMetric(std::string_view metric, const AliasRule& rule,
                                   std::span<const LabelItem> labels, std::string* out);

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_METRIC_REWRITER_H_
