#ifndef METRISHIFT_REWRITER_CLI_DIFF_H_
#define METRISHIFT_REWRITER_CLI_DIFF_H_

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <span>
#include <string_view>
#include <vector>

#include "core/diagnostic.h"
#include "rewriter/rewrite/edit.h"

namespace metrishift::cli {

// Part of a line; `changed` where an edit takes it away or brings it.
struct DiffPiece {
  std::string_view text;
  bool changed = false;
};

// A line without its end, on one side (' ', both; '-', old; '+', new).
struct DiffLine {
  char side = ' ';
  std::vector<DiffPiece> pieces;
  bool ends = true;  // false: the last line of a text that does not end with a line end
};

// Where lines change, in order, with up to three before and behind them that do not.
struct DiffHunk {
  size_t old_first = 1;  // where a side has no lines: the line before
  size_t old_count = 0;
  size_t new_first = 1;
  size_t new_count = 0;
};

// Takes a diff piece by piece: every rule of a file may change, in a single hunk.
struct DiffReceiver {
  std::function<void(const DiffHunk&)> hunk;
  // Lines of the last hunk that belong together: some that stay, or some that change, those of the
  // old side first. They point into the source and the edits, and are gone after the call.
  std::function<void(std::span<const DiffLine>)> lines;
};

// What the edits change. Made from them, not by comparing texts: a line is in a hunk as changed iff
// an edit touches it. Edits may take in line ends and bring some.
void Diff(const SourceText& source, const rewrite::FileEditSet& edits,
          const DiffReceiver& receiver);

// The edits of one file as a unified diff, as `git diff` prints it and `patch -p1` takes it. With
// `color`, the changed bytes within the lines stand out. Lines longer than any terminal (a minified
// dashboard) are printed whole: a diff is data. Nothing when there are no edits.
void PrintUnifiedDiff(const SourceText& source, const rewrite::FileEditSet& edits, bool color,
                      std::ostream& out);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_DIFF_H_
