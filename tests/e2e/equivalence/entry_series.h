#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_ENTRY_SERIES_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_ENTRY_SERIES_H_

#include <span>
#include <string>
#include <vector>

#include "core/mapping_entry.h"
#include "tests/e2e/equivalence/labels.h"
#include "tests/e2e/equivalence/metric.h"

namespace metrishift::e2e {

// The label that every old series of a table has, and no table speaks of; "a" in the first.
inline constexpr const char* kKept = "kept";

// The labels of the old series that are made up for `entry`: those that it speaks of, with values
// that it is about and, where it lists some, one that it is not.
std::vector<Labels> OldLabels(const MappingEntry& entry);

// A bound of the old histogram that `entry` is for, as the old side writes it.
std::string OldBound(const MappingEntry& entry);

// True iff the entry's old series count, as far as its types and its name say.
bool IsCounter(const MappingEntry& entry);

// True iff the entry's expression is of the time at which it is asked.
bool ReadsClock(const MappingEntry& entry);

// What about half of the samples of the entry's old series are above: of gauges themselves, of
// counters by their rate, of histograms and summaries by their quantiles.
double Middle(const MappingEntry& entry);

// The old series of all `entries`, and beside those that entries choose by a label one that none
// chooses. Of histograms and summaries all series but _created.
std::vector<Series> OldSeries(std::span<const MappingEntry> entries);

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_ENTRY_SERIES_H_
