#ifndef METRISHIFT_REWRITER_REWRITE_FINDING_H_
#define METRISHIFT_REWRITER_REWRITE_FINDING_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "core/mapping.h"
#include "core/span.h"
#include "rewriter/rewrite/shared_text.h"

namespace metrishift::rewrite {

// What became of a place that has to do with a deprecated name.
enum class Disposition : uint8_t {
  kChanged,      // there is an edit for it
  kNeedsPerson,  // left as it is, and it may stop working after the upgrade
  kInfo,         // left as it is, and it goes on working
};

// Why. A closed list: every finding has one of these codes, and people may build on their names.
enum class FindingCode : uint8_t {
  kRenamed,          // a metric name, wherever PromQL has one
  kNameRegex,        // a regular expression on __name__ that reaches deprecated names
  kTemplatedName,    // a metric name that is partly a variable and can become a deprecated one
  kNoUnion,          // a deprecated name at a place where it cannot be joined with the new one
  kAlreadyUnion,     // a deprecated name that is joined with the new one already
  kNoReplacement,    // a deprecated name for which there is no new one
  kDefaultOff,       // a metric that is exposed only when asked for
  kChangedMeaning,   // a metric whose name stays and whose meaning does not
  kNotExact,         // a deprecated name whose new one is not equivalent enough
  kNotConvertible,   // a deprecated name at a place where labels or units cannot be made up for
  kSelectsNothing,   // matchers that no series of the deprecated name passes
  kOpaqueMatcher,    // a matcher on a label that changes, and that cannot be translated
  kNameLabel,        // an expression that looks at the metric's name as a label
  kResultLabel,      // the result has a label under its new name, or with its new values
  kStringLiteral,    // a string in a query that holds a deprecated name
  kQueryComment,     // a comment inside a query, or a label of that name
  kUnparsableQuery,  // a query that is no PromQL
  kRecordedName,     // a recording rule that gives a deprecated name, or would read what it records
  kCascade,          // a recorded name that comes from a deprecated one, at its rule
  kScalarStyle,      // a change that the style of its scalar cannot hold
  kTemplateAction,   // a change that would take an action of a template with it
  kShown,            // text for people, or compared with it: a legend, a title, an override
  kRelabelling,      // a relabelling that gives series other names
  kPacked,           // a compressed text
  kForeign,          // a query to another datasource than Prometheus, or in another language
  kUnknownPlace,     // text at a place that is not known to hold queries
  kComment,          // a comment of the file
  kFunction,         // a function of PromQL
  kFlag,             // a flag of a program, in any of its forms
  kFlagValue,        // one whose value decides, and is not known or none that it can have
  kFlagConflict,     // one whose new name is set beside it
  kEndpoint,         // a path of an HTTP interface
  kAssumed,          // what was changed is a query only if its datasource is Prometheus
  kReadAs,           // how a file was read that is neither YAML nor JSON
};

// The code's name as printed: "renamed", "name-regex", ... Static storage.
std::string_view FindingCodeName(FindingCode code);

// One place in one file and what became of it.
struct Finding {
  Disposition disposition = Disposition::kInfo;
  FindingCode code = FindingCode::kRenamed;
  FileSpan span;
  SharedText message;  // one clause, without a final full stop
  SharedText hint;     // what a person can do; may be empty
  // The entry that it is about; the first one where there are several, nullptr where that is not
  // known. Points into the Mapping that the caller passed.
  const TableEntry* entry = nullptr;
};

// What to ask for instead of `match`'s old series: its new name, or what the table notes.
std::string InsteadOf(const Mapping::Match& match);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_FINDING_H_
