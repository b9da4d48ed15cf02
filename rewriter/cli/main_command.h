#ifndef METRISHIFT_REWRITER_CLI_MAIN_COMMAND_H_
#define METRISHIFT_REWRITER_CLI_MAIN_COMMAND_H_

namespace metrishift::cli {

// The whole of `metrishift`: reads the command line, runs one command, returns the exit code (see
// ExitCode). Colours are used on a terminal unless NO_COLOR is set (https://no-color.org) or
// --color says otherwise.
int Main(int argc, char** argv);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_MAIN_COMMAND_H_
