#ifndef METRISHIFT_REWRITER_REWRITE_FILE_REWRITE_H_
#define METRISHIFT_REWRITER_REWRITE_FILE_REWRITE_H_

#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.h"
#include "core/mapping.h"
#include "rewriter/formats/extract.h"
#include "rewriter/rewrite/edit.h"
#include "rewriter/rewrite/finding.h"
#include "rewriter/rewrite/plan.h"
#include "rewriter/rewrite/prefilter.h"
#include "rewriter/rewrite/recorded_names.h"

namespace metrishift::rewrite {

// What became of one file.
struct FileRewrite {
  std::vector<Finding> findings;  // in order of their spans
  FileEditSet edits;              // edits.Splice(text) is the result
  formats::ReadAs read_as = formats::ReadAs::kTree;
  size_t assumed = 0;  // queries that were changed though nothing says that they ask Prometheus
  size_t queries = 0;  // found in the file
  size_t unparsable =
      0;  // of those, not understood; only where they name a deprecated metric is that a finding
};

// Rewrites one file in memory: extract, plan, lift to the file, splice, verify.
//
// No value, but an error, when the text is not of `format` (the reader's diagnostic), or, with
// PlanOptions::verify, when the result, read again, does not hold exactly the planned queries: then
// something is wrong in this program, and the file must stay as it is. Warnings (a scalar whose
// bytes cannot be mapped) come with the value.
//
// Where there are findings, one more says that the file was read in another way than as YAML or
// JSON, and one, at the first of them, that queries were changed whose datasource is not known.
//
// Every deprecated name in the bytes of the file that is neither rewritten nor part of another
// finding is a finding of its own: nothing that names one goes unsaid. Pure; thread-safe.
//
// `recorded` says which recorded names move; `mapping` has to have the same moves
// (WithRecordedNames), which rewrite what reads them. Where it moves, the scalar of a record is
// edited like a query; where it does not, there is a finding at it.
//
// `prefilter`, when there is one, has to be of the same mapping and names. Texts inside of the text
// that it says no to are not read: what comes out is the same, but for FileRewrite::queries and
// what is said of how the file was read, which are of the texts that were.
Outcome<FileRewrite> RewriteFile(std::string_view text, formats::FileFormat format,
                                 const Mapping& mapping, const PlanOptions& options = {},
                                 const RecordedNames& recorded = {},
                                 const Prefilter* prefilter = nullptr);

// The same without a copy of the text: `*text` is the result while that is verified, and what it
// was again at the end.
Outcome<FileRewrite> RewriteFile(std::string* text, formats::FileFormat format,
                                 const Mapping& mapping, const PlanOptions& options = {},
                                 const RecordedNames& recorded = {},
                                 const Prefilter* prefilter = nullptr);

// The same findings for a text that could not be read as YAML or JSON: every mention is left to a
// person.
std::vector<Finding> FindMentionsInText(std::string_view text, const Mapping& mapping);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_FILE_REWRITE_H_
