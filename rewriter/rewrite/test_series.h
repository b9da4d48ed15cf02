#ifndef METRISHIFT_REWRITER_REWRITE_TEST_SERIES_H_
#define METRISHIFT_REWRITER_REWRITE_TEST_SERIES_H_

#include "core/mapping.h"
#include "rewriter/formats/extract.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::rewrite {

// Plans a series that a test of rules puts in (QueryUse::kTestSeries) or expects (kTestSample), so
// that what passed before passes with the rewritten rules: a series gets its new name and labels.
// Where its values would have to change as well, and where an expected series is not merely
// renamed, it is left to a person. A union finds the old series still: nothing changes then.
// Notation: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
// Thread-safe.
QueryPlan PlanTestSeries(const formats::EmbeddedQuery& query, const Mapping& mapping,
                         const PlanOptions& options);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_TEST_SERIES_H_
