#ifndef METRISHIFT_EXPORTER_CLI_TRANSLATE_H_
#define METRISHIFT_EXPORTER_CLI_TRANSLATE_H_

namespace metrishift::cli {

// True iff the command line asks for `translate`.
bool IsTranslate(int argc, const char* const* argv);

// `metrishift-exporter translate`: reads one body from standard input and writes it with the
// aliases that the exporter would add, or with --summary a table of them. Returns the exit code: 0,
// 1 when something keeps the body from being translated (a ceiling, damage), 2 for mistakes on the
// command line.
int RunTranslate(int argc, const char* const* argv);

}  // namespace metrishift::cli

#endif  // METRISHIFT_EXPORTER_CLI_TRANSLATE_H_
