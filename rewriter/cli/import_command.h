#ifndef METRISHIFT_REWRITER_CLI_IMPORT_COMMAND_H_
#define METRISHIFT_REWRITER_CLI_IMPORT_COMMAND_H_

#include <string>

#include "rewriter/cli/commands.h"

namespace metrishift::cli {

// metrishift mappings import: drafts of tables, to standard output. Each says where it comes from
// and what a person has to look at; types that nothing says are untyped. A draft loads (mappings
// lint).

// recording-rules FILE: an entry for each rule that records an old name from an expression over a
// new one; with `records_new`, for each that records a new name from an old one. Understood are the
// selector of one metric with matchers =, a factor and a summand, aggregations, and label_replace()
// that renames a label or puts text around its values; the rest becomes `expr`. kFindings where a
// rule says nothing of the kind.
ExitCode RunImportRules(const std::string& path, bool records_new, const Streams& streams);

// otel-schema FILE: what a schema file of OpenTelemetry
// (https://opentelemetry.io/docs/specs/otel/schemas/file_format_v1.1.0/) renames in `version`, or
// in the newest version that renames metrics, names spelt as Prometheus spells them.
ExitCode RunImportSchema(const std::string& path, const std::string& version,
                         const Streams& streams);

// diff OLD NEW: the families that are in only one of two bodies, matched by HELP, type and labels.
// A comment at each says how sure that is: exact where all three agree and with no other family,
// else likely or a guess.
ExitCode RunImportDiff(const std::string& old_body, const std::string& new_body,
                       const Streams& streams);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_IMPORT_COMMAND_H_
