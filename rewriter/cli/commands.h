#ifndef METRISHIFT_REWRITER_CLI_COMMANDS_H_
#define METRISHIFT_REWRITER_CLI_COMMANDS_H_

#include <iosfwd>
#include <string>
#include <vector>

#include "core/mapping.h"
#include "rewriter/promql/token.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::cli {

// What the process returns.
enum ExitCode : int {
  kClean = 0,     // nothing found, or everything done
  kFindings = 1,  // check: something deprecated is used; rewrite: something is left to a person;
                  // lint: the table is bad
  kError = 2,     // a wrong command line, a file that cannot be read or written
};

// Where a command prints: results to `out`, everything about them to `err`; whether each shows
// colours.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool out_color = false;
  bool err_color = false;
};

// metrishift rewrite PATH...: a unified diff of what would change, or with `write` the change
// itself.
ExitCode RunRewrite(const Mapping& mapping, rewrite::Mode mode,
                    const std::vector<std::string>& paths, bool write, const Streams& streams);

// metrishift check PATH...: every use of a deprecated name.
ExitCode RunCheck(const Mapping& mapping, const std::vector<std::string>& paths,
                  const Streams& streams);

// metrishift mappings, mappings show NAME, mappings lint FILE...
ExitCode RunMappingsList(const Streams& streams);
ExitCode RunMappingsShow(const std::string& name, const Streams& streams);
ExitCode RunMappingsLint(const std::vector<std::string>& files, const Streams& streams);

// metrishift parse EXPR: the tree of one expression as promql::Dump writes it, or the error with a
// caret.
ExitCode RunParse(const std::string& expr, promql::Dialect dialect, const Streams& streams);

// metrishift parse --ndjson: reads one JSON string a line and answers each with one JSON object a
// line,
//   {"ok":true,"dump":"...","names":["metric", ...]}  or
//   {"ok":false,"error":"...","start":N,"end":N}
// where start and end are byte offsets into the string. Ends with kFindings when a line was not ok.
ExitCode RunParseLines(std::istream& in, promql::Dialect dialect, const Streams& streams);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_COMMANDS_H_
