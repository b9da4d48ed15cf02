#ifndef METRISHIFT_REWRITER_CLI_COMMANDS_H_
#define METRISHIFT_REWRITER_CLI_COMMANDS_H_

#include <iosfwd>
#include <string>
#include <vector>

#include "core/mapping.h"
#include "rewriter/cli/file_set.h"
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
  bool err_terminal = false;  // somebody may look at `err` and wait
};

// What check and rewrite are to do.
struct FileOptions {
  rewrite::PlanOptions plan;  // check takes kReplace
  WalkOptions walk;
  bool cascade = false;  // recorded names move, too (rewrite/cascade.h); not with kUnion
  bool write = false;    // rewrite: make the change; what came from standard input goes to `out`
  std::string format = "text";         // or json, sarif, github, html (reporter.h)
  std::string patch;                   // rewrite: a file for the unified diff; "" for none
  bool summary = false;                // say at the end what was found of each entry
  size_t jobs = 0;                     // threads; 0: one for each processor
  std::string stdin_name = "<stdin>";  // what standard input would be called as a file
};

// metrishift rewrite PATH...: a unified diff of what would change, or the change itself. With
// `cascade` the names that move are listed first, on streams.err.
ExitCode RunRewrite(const Mapping& mapping, const FileOptions& options,
                    const std::vector<std::string>& paths, const Streams& streams);

// metrishift check PATH...: every use of a deprecated name. With `cascade` the names that would
// move are listed first, on streams.out.
ExitCode RunCheck(const Mapping& mapping, const FileOptions& options,
                  const std::vector<std::string>& paths, const Streams& streams);

// metrishift parse EXPR: the tree of one expression as promql::Dump writes it, or the error with a
// caret.
ExitCode RunParse(const std::string& expr, promql::Dialect dialect, const Streams& streams);

// How metrishift explain is to answer.
struct ExplainOptions {
  rewrite::PlanOptions plan;
  promql::Dialect dialect = promql::Dialect::kPrometheus;  // kGrafana: with its variables
  bool json = false;
};

// metrishift explain EXPR: how it is understood, what becomes of each deprecated name and why, and
// the result. As JSON it is one object,
//   {"input":"...","output":"...","findings":[{"disposition":"changed","code":"renamed","start":N,
//    "end":N,"message":"...","hint":"...","old":"...","new":"..."}]}  or
//   {"input":"...","error":"...","start":N,"end":N}
// where start and end are byte offsets into the input. Ends with kFindings when it is no PromQL.
ExitCode RunExplain(const Mapping& mapping, const std::string& expr, const ExplainOptions& options,
                    const Streams& streams);

// metrishift explain --ndjson: reads one JSON string a line and answers each with such an object.
ExitCode RunExplainLines(const Mapping& mapping, std::istream& in, const ExplainOptions& options,
                         const Streams& streams);

// metrishift explain --code CODE: what a code of a finding means and what to do; without a code,
// all of them.
ExitCode RunExplainCode(const std::string& code, const Streams& streams);
ExitCode RunExplainCodes(const Streams& streams);

// metrishift parse --ndjson: reads one JSON string a line and answers each with one JSON object a
// line,
//   {"ok":true,"dump":"...","names":["metric", ...]}  or
//   {"ok":false,"error":"...","start":N,"end":N}
// where start and end are byte offsets into the string. Ends with kFindings when a line was not ok.
ExitCode RunParseLines(std::istream& in, promql::Dialect dialect, const Streams& streams);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_COMMANDS_H_
