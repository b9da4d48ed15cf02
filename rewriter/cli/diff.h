#ifndef METRISHIFT_REWRITER_CLI_DIFF_H_
#define METRISHIFT_REWRITER_CLI_DIFF_H_

#include <string>

#include "core/diagnostic.h"
#include "rewriter/rewrite/edit.h"

namespace metrishift::cli {

// The edits of one file as a unified diff with three lines of context, as `git diff` prints it and
// `patch -p1` takes it. Made from the edits, not by comparing texts: a line is in the diff iff an
// edit touches it. With `color`, the changed bytes within the lines stand out. Lines longer than
// any terminal (a minified dashboard) are printed whole: a diff is data. Edits may take in line
// ends and bring some. Empty when there are no edits.
std::string UnifiedDiff(const SourceText& source, const rewrite::FileEditSet& edits, bool color);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_DIFF_H_
