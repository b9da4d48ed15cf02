#include "rewriter/formats/places.h"

namespace metrishift::formats {
namespace {

constexpr Place kPlaces[] = {
    // Containers. Kubernetes lists, exports of several dashboards, answers of Grafana's API.
    {Role::kDocument, "items[]", Role::kDocument, "kind=*List"},
    {Role::kDocument, "[]", Role::kDocument},
    {Role::kDocument, "", Role::kDashboard},
    {Role::kDocument, "dashboard", Role::kDashboard},
    {Role::kDocument, "spec", Role::kDashboard},

    // Rule files of Prometheus, Thanos, Cortex, Mimir and vmalert; PrometheusRule and VMRule.
    // Loki's
    // operator has resources of the same shape with LogQL inside; vmalert has groups in other
    // languages.
    {Role::kDocument, "groups[]", Role::kRuleGroup},
    {Role::kDocument, "spec.groups[]", Role::kRuleGroup, "apiVersion!=loki.grafana.com/*"},
    {Role::kRuleGroup, "rules[]", Role::kRule, "type=prometheus|"},
    {Role::kRule, "expr", QueryKind::kPromQL, "", "record"},
    {Role::kRule, "record", RecordPlace()},

    // Dashboards. Before schema version 16 panels were in rows; collapsed rows are panels with
    // panels.
    {Role::kDashboard, "panels[]", Role::kPanel},
    {Role::kDashboard, "rows[]", Role::kPanel},
    {Role::kPanel, "panels[]", Role::kPanel},
    {Role::kPanel, "rows[]", Role::kPanel},
    {Role::kPanel, "targets[].expr", QueryKind::kGrafanaPromQL},

    // Grafana reads target.expr and falls back to expr.
    {Role::kDashboard, "annotations.list[].expr", QueryKind::kGrafanaPromQL},
    {Role::kDashboard, "annotations.list[].target.expr", QueryKind::kGrafanaPromQL},

    // The definition is what the list of variables shows of the query. Old dashboards lack the
    // type.
    {Role::kDashboard, "templating.list[]", Role::kVariable},
    {Role::kVariable, "query", QueryKind::kGrafanaVariable, "type=query|"},
    {Role::kVariable, "query.query", QueryKind::kGrafanaVariable, "type=query|"},
    {Role::kVariable, "definition", QueryKind::kGrafanaVariable, "type=query|"},
};

}  // namespace

std::span<const Place> Places() { return kPlaces; }

}  // namespace metrishift::formats
