#ifndef METRISHIFT_REWRITER_REWRITE_LEFTOVERS_H_
#define METRISHIFT_REWRITER_REWRITE_LEFTOVERS_H_

#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "rewriter/formats/extract.h"
#include "rewriter/rewrite/edit.h"
#include "rewriter/rewrite/finding.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::rewrite {

// Where the queries of a file stand, and its records: the scalars, sorted and disjoint.
struct Places {
  std::vector<FileSpan> queries;
  std::vector<FileSpan> records;
};

// What is to be done with the names that stand in no query.
struct Leftovers {
  std::vector<Finding> findings;
  std::vector<FileEdit> edits;
};

// A finding for each deprecated name in the bytes of `text` that none of `findings` lies over, by
// what `places` and `extraction` know of the place:
//
//   a record          stays: it gives the old name to those who still ask for it
//   within a query    stays: a comment, or a label of that name; none where every entry is for some
//                     series only, and the query asks for others
//   kCopy             follows what is asked, but is in no hurry during a union
//   kChoice           is renamed; there is no room for a union
//   kShown            stays, or with PlanOptions::shown is renamed
//   kRenaming         is left to a person, unless the new name stands there as well
//   kPacked           is left to a person, where the text that is packed in it names one
//   kForeign          stays
//   a comment         stays
//   anywhere else     is left to a person
//
// A name that is renamed stands there as a word of its own and outside of template actions. Names
// need no escapes in any style of scalar, so that the bytes of the file are edited as they are.
// Pure; thread-safe.
Leftovers FindLeftovers(std::string_view text, formats::FileFormat format, const Places& places,
                        const formats::Extraction& extraction, const std::vector<Finding>& findings,
                        const Mapping& mapping, const PlanOptions& options);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_LEFTOVERS_H_
