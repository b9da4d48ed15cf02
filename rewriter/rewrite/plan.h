#ifndef METRISHIFT_REWRITER_REWRITE_PLAN_H_
#define METRISHIFT_REWRITER_REWRITE_PLAN_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "rewriter/formats/extract.h"
#include "rewriter/promql/parser.h"
#include "rewriter/rewrite/edit.h"
#include "rewriter/rewrite/finding.h"
#include "rewriter/rewrite/name_regex.h"

namespace metrishift::rewrite {

// What becomes of a deprecated name.
enum class Mode : uint8_t {
  kReplace,   // old -> new: right once every scraped target exposes the new name
  kUnion,     // old -> new or old: right before, during and after the upgrade, and over history
  kFinalize,  // new or old -> new: the way back from kUnion; what has only the old name is replaced
};

struct PlanOptions {
  // Not explicit: a mode is what most callers have to say.
  PlanOptions(Mode m = Mode::kReplace) : mode(m) {}  // NOLINT(google-explicit-constructor)

  Mode mode;
  // The result has its old labels and label values, where a table changes them. Otherwise they show
  // under their new names, as people want it in the end; series that a rule records keep theirs in
  // any case, since whoever reads them is not to be seen.
  bool keep_labels = false;
  // What is less equivalent than this is left to a person.
  Equivalence least = Equivalence::kAggregated;
  // Names in texts for people are renamed as well, where nothing but the name changes: legends,
  // titles, overrides. Otherwise they are reported.
  bool shown = false;
  // Of a file: reads the result again and compares it with the plan. Whoever only counts what would
  // change does without.
  bool verify = true;
};

// A finding in the coordinates of its query; the file's rewriting lifts it.
struct QueryFinding {
  Disposition disposition = Disposition::kInfo;
  FindingCode code = FindingCode::kRenamed;
  QuerySpan span;
  std::string message;
  std::string hint;
  const MappingEntry* entry = nullptr;
  const FunctionEntry* function = nullptr;  // in place of `entry`, where it is about a function

  const TableEntry* About() const {
    return function != nullptr ? static_cast<const TableEntry*>(function) : entry;
  }
};

// What is to be done with one query. `error` is set when the text is not of its kind's grammar;
// there are no edits then.
struct QueryPlan {
  QueryEditSet edits;
  std::vector<QueryFinding> findings;
  std::optional<promql::ParseError> error;
};

// Finds every deprecated name in `text` and plans what the mode makes of it.
//
// Rewritten: the name of a function, but in a union; a selector's name, quoted or not; the value of
// a matcher __name__= or !=; an alternation of plain names in __name__=~ or !~, alternative by
// alternative. Reported: what FindingCode lists besides. Nothing else is touched. The regular
// expressions of matchers are anchored, as in Prometheus (model/labels/regexp.go), and decided with
// RE2. Pure; thread-safe.
QueryPlan PlanQuery(std::string_view text, formats::QueryKind kind, const Mapping& mapping,
                    PlanOptions options = {});

// The same for a regular expression that names are compared with, whole or in `part`: what a
// relabelling has, and Grafana's metrics(...). Its alternatives that are names are rewritten, in a
// group, behind anchors and beside others as well; what those reach is reported.
QueryPlan PlanNameRegex(std::string_view regex, NamePart part, const Mapping& mapping,
                        const PlanOptions& options);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_PLAN_H_
