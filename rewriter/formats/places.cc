#include "rewriter/formats/places.h"

namespace metrishift::formats {
namespace {

using enum Role;

constexpr QueryPlace kPromQl{QueryKind::kPromQL};
constexpr QueryPlace kGrafanaPromQl{QueryKind::kGrafanaPromQL};
constexpr QueryPlace kCertain{QueryKind::kGrafanaPromQL, QueryUse::kEvaluated, true};
constexpr QueryPlace kVariableText{QueryKind::kGrafanaVariable};
// Grafana's variables take a bare selector, so its grammar serves for selectors of others as well.
constexpr QueryPlace kSelector{QueryKind::kGrafanaVariable, QueryUse::kSelector};
constexpr QueryPlace kName{QueryKind::kGrafanaVariable, QueryUse::kMetricName};
constexpr QueryPlace kSeries{QueryKind::kGrafanaVariable, QueryUse::kTestSeries};
constexpr QueryPlace kSample{QueryKind::kGrafanaVariable, QueryUse::kTestSample};
constexpr QueryPlace kNameRegex{QueryKind::kGrafanaVariable, QueryUse::kNameRegex};
constexpr QueryPlace kNamePart{QueryKind::kGrafanaVariable, QueryUse::kNamePart};
constexpr QueryPlace kFirstNameRegex{QueryKind::kGrafanaVariable, QueryUse::kFirstNameRegex};
constexpr QueryPlace kLastNameRegex{QueryKind::kGrafanaVariable, QueryUse::kLastNameRegex};
constexpr QueryPlace kMidNameRegex{QueryKind::kGrafanaVariable, QueryUse::kMidNameRegex};
constexpr QueryPlace kPattern{QueryKind::kGrafanaVariable, QueryUse::kPattern};
constexpr PassageKind kCopy = PassageKind::kCopy;
constexpr PassageKind kChoice = PassageKind::kChoice;
constexpr PassageKind kRenaming = PassageKind::kRenaming;
constexpr PassageKind kShown = PassageKind::kShown;

constexpr Place kPlaces[] = {
    // Loki's operator has resources of the shape of PrometheusRule with LogQL inside; Grafana's
    // agents hand PrometheusRules with this label to Loki.
    {kAny, "", kLeftAlone, "apiVersion=loki.grafana.com/*"},
    {kAny, "", kLeftAlone, "metadata.labels.loki_rule!="},

    // Rules of Prometheus, Thanos, Cortex, Mimir, vmalert; PrometheusRule, VMRule; and a rule
    // outside of a group, as a test of a chart has it. A group of vmalert says with "type" when it
    // is in another language.
    {kAny, "rules[]", kLeftAlone, "type=graphite|vlogs|loki"},
    {kAny, "rules[]", kRule, "type!=graphite|vlogs|loki"},
    {kRule, "expr", kPromQl, "", "record"},
    {kAny, "expr", kPromQl, "alert!="},
    {kAny, "expr", kPromQl, "record!=", "record"},
    {kRule, "record", RecordPlace()},
    {kAny, "record", RecordPlace(), "expr!="},
    {kRule, "annotations.*", Nested::kShownTemplate},
    {kRule, "labels.*", Nested::kTemplate},

    // Tests of rules (promtool test rules).
    {kAny, "input_series[].series", kSeries},
    {kAny, "promql_expr_test[].expr", kPromQl},
    {kAny, "promql_expr_test[].exp_samples[].labels", kSample},
    {kAny, "alert_rule_test[].exp_alerts[].exp_annotations", kShown},

    // Grafana's alerts, as API, file and resource have them; expressions on results are no queries.
    {kAny, "model.expr", kGrafanaPromQl, "datasourceUid!=|__expr__|-100", "", "datasourceUid"},
    {kAny, "model.query", kGrafanaPromQl, "datasourceUid!=|__expr__|-100", "", "datasourceUid"},

    // Classic dashboards, library panels: whatever has targets. "metric" is what the query editor
    // of
    // old versions completed names from.
    {kAny, "targets[].expr", kGrafanaPromQl},
    {kAny, "targets[].query", kGrafanaPromQl},
    {kAny, "targets[].metric", kCopy},

    // Grafana reads target.expr and falls back to expr; schema v2 keeps both under legacyOptions.
    {kAny, "annotations.list[].expr", kGrafanaPromQl},
    {kAny, "annotations.list[].target.expr", kGrafanaPromQl},
    {kAny, "legacyOptions.expr", kGrafanaPromQl, "", "", "query.group|query.kind"},
    {kAny, "legacyOptions.target.expr", kGrafanaPromQl, "", "", "query.group|query.kind"},

    // The definition is what the list of variables shows of the query. Old dashboards lack the
    // type. Of a constant or a text box, the query is the text that is put in for the variable,
    // which may be a name; of a custom variable it is all of them, with commas between.
    {kAny, "templating.list[]", kVariable},
    {kAny, "templating.list[]", kVariableState},
    {kVariable, "query", kVariableText, "type=query|"},
    {kVariable, "query", kVariableQuery, "type=query|"},
    {kVariable, "definition", kVariableText, "type=query|"},
    {kVariable, "tagsQuery", kVariableText, "type=query|"},
    {kVariable, "tagValuesQuery", kVariableText, "type=query|"},
    {kVariable, "query", kName, "type=constant|textbox"},
    {kVariable, "query", kChoice, "type=custom|switch"},
    {kAny, "value", kName, "type=constant name=VAR_*"},
    {kVariable, "regex", kPattern, "type=query|"},
    {kVariable, "allValue", kPattern, "type=query|custom|"},
    {kVariable, "label", kShown},
    {kVariableState, "current", kCopy},
    {kVariableState, "options", kCopy},
    {kVariableState, "staticOptions", kChoice},
    {kVariable, "filters[]", kFilter, "type=adhoc"},
    {kVariable, "baseFilters[]", kFilter, "type=adhoc"},
    {kFilter, "value", kName, "key=__name__ operator=="},
    {kFilter, "value", kNameRegex, "key=__name__ operator==~"},
    // One of, and none of: =| and !=|, with all values in "values" and the first in "value".
    {kFilter, "value", kName, "key=__name__ operator==* operator!==|=~"},
    {kFilter, "value", kName, "key=__name__ operator=!=*"},
    {kFilter, "value", kNameRegex, "key=__name__ operator=!~"},
    {kFilter, "values[]", kName, "key=__name__"},
    {kFilter, "value", kName, "label=__name__ op==|!="},
    {kFilter, "value", kNameRegex, "label=__name__ op==~|!~"},

    // The object repeats parts of its query. qryType: 0 label names, whose match is part of a name;
    // 1 label values; 2 metric names, whose metric is a regular expression; 3 to 5 the others
    // (grafana-prometheus types.ts).
    {kVariableQuery, "query", kVariableText},
    {kVariableQuery, "__legacyStringValue", kVariableText},
    {kVariableQuery, "__grafana_string_value", kVariableText},
    {kVariableQuery, "metric", kSelector, "qryType!=2"},
    {kVariableQuery, "metric", kNameRegex, "qryType=2"},
    {kVariableQuery, "match", kSelector, "qryType!=0"},
    {kVariableQuery, "match", kNamePart, "qryType=0"},
    {kVariableQuery, "varQuery", kGrafanaPromQl},
    {kVariableQuery, "seriesQuery", kSelector},
    {kVariableQuery, "classicQuery", kVariableText},
    {kVariableQuery, "labelFilters[]", kFilter},

    // Schema v2. Variables stand in dashboards, rows and tabs. The plugin is the kind in v2alpha1
    // and the group later.
    {kAny, "query", kDataQuery},
    {kDataQuery, "spec.expr", kGrafanaPromQl, "", "", "group|kind"},
    {kAny, "spec", kVariableV2, "kind=QueryVariable"},
    {kVariableV2, "query", kVariableText, "", "", "query.group|query.kind"},
    {kVariableV2, "query.spec", kVariableQuery, "", "", "query.group|query.kind"},
    {kVariableV2, "definition", kVariableText, "", "", "query.group|query.kind"},
    {kVariableV2, "regex", kPattern},
    {kAny, "spec.allValue", kPattern, "kind=QueryVariable|CustomVariable"},
    {kAny, "spec.query", kChoice, "kind=CustomVariable"},
    {kAny, "spec.query", kName, "kind=ConstantVariable|TextVariable"},
    {kAny, "spec.enabledValue", kChoice, "kind=SwitchVariable"},
    {kAny, "spec.disabledValue", kChoice, "kind=SwitchVariable"},
    {kAny, "spec.value", kChoice, "kind=ConditionalRenderingVariable"},
    {kAny, "spec.filters[]", kFilter, "kind=AdhocVariable"},
    {kAny, "spec.baseFilters[]", kFilter, "kind=AdhocVariable"},
    {kAny, "spec", kVariableState,
     "kind=QueryVariable|CustomVariable|ConstantVariable|TextVariable|SwitchVariable"},
    {kAny, "spec.label", kShown, "kind=*Variable"},

    // Perses.
    {kAny, "spec.query", kCertain, "kind=PrometheusTimeSeriesQuery"},
    {kAny, "spec.expr", kCertain, "kind=PrometheusPromQLVariable"},
    {kAny, "spec.matchers[]", kSelector,
     "kind=PrometheusLabelValuesVariable|PrometheusLabelNamesVariable"},

    // Relabelling by name. What gives a series another name is a renaming of its own.
    {kAny, "regex", kNameRegex, "source_labels=__name__ target_label!=__name__ separator=|;"},
    {kAny, "regex", kFirstNameRegex,
     "source_labels=__name__,* target_label!=__name__ separator=|;"},
    {kAny, "regex", kLastNameRegex, "source_labels=*,__name__ target_label!=__name__ separator=|;"},
    {kAny, "regex", kMidNameRegex,
     "source_labels=*,__name__,* target_label!=__name__ separator=|;"},
    {kAny, "regex", kNameRegex, "sourceLabels=__name__ targetLabel!=__name__ separator=|;"},
    {kAny, "regex", kFirstNameRegex, "sourceLabels=__name__,* targetLabel!=__name__ separator=|;"},
    {kAny, "regex", kLastNameRegex, "sourceLabels=*,__name__ targetLabel!=__name__ separator=|;"},
    {kAny, "regex", kMidNameRegex, "sourceLabels=*,__name__,* targetLabel!=__name__ separator=|;"},
    {kAny, "regex", kNameRegex, "action=keep_metrics|drop_metrics source_labels="},
    {kAny, "regex[]", kNameRegex, "action=keep_metrics|drop_metrics source_labels="},
    {kAny, "", kRenaming, "target_label=__name__"},
    {kAny, "", kRenaming, "targetLabel=__name__"},
    {kAny, "if", kSelector, "action!="},
    {kAny, "if[]", kSelector, "action!="},

    // Selectors of federation, of vmagent's aggregation, of allow-lists, of Mimir's trackers.
    {kAny, "'match[]'", kSelector},
    {kAny, "'match[]'[]", kSelector},
    {kAny, "match", kSelector, "interval!= outputs!="},
    {kAny, "match[]", kSelector, "interval!= outputs!="},
    {kAny, "matches[]", kSelector, "names!="},
    {kAny, "names[]", kName, "matches!="},
    {kAny, "dynamic_metrics.names[]", kName, "dynamic_metrics.matches="},
    {kAny, "dynamic_metrics.matches[]", kSelector, "dynamic_metrics.names="},
    {kAny, "collect_rules[].names[]", kName},
    {kAny, "renames", kRenaming, "names!="},
    {kAny, "active_series_custom_trackers.*", kSelector},
    {kAny, "active_series_additional_custom_trackers.*", kSelector},
    {kAny, "collect_rules[].expr", kPromQl},

    // prometheus-adapter.
    {kAny, "seriesQuery", kSelector, "metricsQuery!="},
    {kAny, "metricsQuery", kPromQl, "seriesQuery!="},
    {kAny, "seriesFilters[].is", kNameRegex},
    {kAny, "seriesFilters[].isNot", kNameRegex},
    {kAny, "name.matches", kNameRegex, "seriesQuery!="},
    {kAny, "resourceRules.*.containerQuery", kPromQl},
    {kAny, "resourceRules.*.nodeQuery", kPromQl},

    // KEDA; Argo Rollouts; Flagger, templates and inline; Rancher.
    {kAny, "metadata.query", kPromQl, "type=prometheus"},
    {kAny, "provider.prometheus.query", kPromQl},
    {kAny, "query", kPromQl, "provider.type=prometheus"},
    {kAny, "analysis.metrics[].query", kPromQl},
    {kAny, "canaryAnalysis.metrics[].query", kPromQl},
    {kAny, "spec.expression", kCertain, "kind=MonitorMetric"},
    {kAny, "metricRule.expression", kPromQl},

    // Service level objectives: Sloth (file and resource), Pyrra, OpenSLO (v1alpha, v1).
    {kAny, "sli.events.error_query", kPromQl},
    {kAny, "sli.events.total_query", kPromQl},
    {kAny, "sli.raw.error_ratio_query", kPromQl},
    {kAny, "sli.events.errorQuery", kPromQl},
    {kAny, "sli.events.totalQuery", kPromQl},
    {kAny, "sli.raw.errorRatioQuery", kPromQl},
    {kAny, "indicator.*.metric", kSelector},
    {kAny, "indicator.*.*.metric", kSelector},
    {kAny, "query", kPromQl, "source=Prometheus|prometheus"},
    {kAny, "metricSource.spec.query", kPromQl, "metricSource.type=Prometheus|prometheus|"},

    // Files inside of files.
    {kAny, "data.*", Nested::kDocument, "kind=ConfigMap"},
    {kAny, "stringData.*", Nested::kDocument, "kind=Secret"},
    {kAny, "json", Nested::kDocument},
    {kAny, "config_json", Nested::kDocument},
    {kAny, "helm.values", Nested::kDocument},
    {kAny, "gzipJson", PassageKind::kPacked},

    // What people see, and what is compared with what they see: legends, overrides, what is done
    // with a table's columns, texts, links.
    {kAny, "legendFormat", kShown},
    {kAny, "titleFormat", kShown},
    {kAny, "textFormat", kShown},
    {kAny, "fieldConfig", kShown},
    {kAny, "seriesOverrides", kShown},
    {kAny, "aliasColors", kShown},
    {kAny, "styles[]", kShown},
    {kAny, "transformations", kShown},
    {kAny, "title", kShown},
    {kAny, "description", kShown},
    {kAny, "content", kShown},
    {kAny, "links", kShown},
    {kAny, "alert.name", kShown, "targets!="},
    {kAny, "alert.message", kShown, "targets!="},
};

}  // namespace

std::span<const Place> Places() { return kPlaces; }

}  // namespace metrishift::formats
