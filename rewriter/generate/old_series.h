#ifndef METRISHIFT_REWRITER_GENERATE_OLD_SERIES_H_
#define METRISHIFT_REWRITER_GENERATE_OLD_SERIES_H_

#include <set>
#include <string>
#include <vector>

#include "core/mapping.h"
#include "rewriter/generate/companion.h"

namespace metrishift::generate {

// One deprecated series name, and the PromQL that has its series from the new ones.
struct OldSeries {
  std::string name;
  std::string table;
  std::string expr;  // gives exactly the old series, labels included; empty: cannot be had
  std::set<std::string> reads;  // the names of the series that `expr` selects
  std::vector<Mapping::Match>
      matches;                    // what `expr` gives; not all of the name's where some are left
  std::vector<std::string> left;  // why not, or not all of them; for people
};

// Every deprecated series name of the mapping's entries that PromQL has a use for, once, in their
// order. What the rewriting makes of the bare name, with its old labels, is its expression. A name
// that the new side uses, too, has none: what is recorded under it would mix with what is scraped.
std::vector<OldSeries> OldSeriesOf(const Mapping& mapping, const Options& options);

}  // namespace metrishift::generate

#endif  // METRISHIFT_REWRITER_GENERATE_OLD_SERIES_H_
