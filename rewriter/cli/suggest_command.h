#ifndef METRISHIFT_REWRITER_CLI_SUGGEST_COMMAND_H_
#define METRISHIFT_REWRITER_CLI_SUGGEST_COMMAND_H_

#include <string>
#include <vector>

#include "rewriter/cli/commands.h"

namespace metrishift::cli {

// metrishift mappings suggest PATH...: which builtin tables say something of the queries in these
// files, and of how many of their names. A table counts alone, so that each step of a product shows
// that has something to do. kError where something cannot be read.
ExitCode RunSuggest(const std::vector<std::string>& paths, const Streams& streams);

// metrishift mappings suggest --body FILE|URL: on which side of each builtin table a body of
// /metrics is: it has old names only, old and new ones, or new ones only.
ExitCode RunSuggestBody(const std::string& path_or_url, const Streams& streams);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_SUGGEST_COMMAND_H_
