#ifndef METRISHIFT_REWRITER_CLI_UNEXPECTED_H_
#define METRISHIFT_REWRITER_CLI_UNEXPECTED_H_

#include <CLI/CLI.hpp>
#include <iosfwd>

namespace metrishift::cli {

// Says on `err` which word of a command line that `app` has parsed without success is not known,
// and which one may be meant. Returns false, and says nothing, where all are known.
bool SayUnexpected(const CLI::App& app, std::ostream& err);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_UNEXPECTED_H_
