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

namespace metrishift::rewrite {

// What becomes of a deprecated name.
enum class Mode : uint8_t {
  kReplace,   // old -> new: right once every scraped target exposes the new name
  kUnion,     // old -> new or old: right before, during and after the upgrade, and over history
  kFinalize,  // new or old -> new: the way back from kUnion; what has only the old name is replaced
};

// A finding in the coordinates of its query; the file's rewriting lifts it.
struct QueryFinding {
  Disposition disposition = Disposition::kInfo;
  FindingCode code = FindingCode::kRenamed;
  QuerySpan span;
  std::string message;
  std::string hint;
  const MappingEntry* entry = nullptr;
};

// What is to be done with one query. `error` is set when the text is not of its kind's grammar;
// there are no edits then.
struct QueryPlan {
  QueryEditSet edits;
  std::vector<QueryFinding> findings;
  std::optional<promql::ParseError> error;
};

// Finds every deprecated name in `text` and plans what `mode` makes of it.
//
// Rewritten: a selector's name, quoted or not; the value of a matcher __name__= or !=; an
// alternation of plain names in __name__=~ or !~, alternative by alternative. Reported: what
// FindingCode lists besides. Nothing else is touched. The regular expressions of matchers are
// anchored, as in Prometheus (model/labels/regexp.go), and decided with RE2. Pure; thread-safe.
QueryPlan PlanQuery(std::string_view text, formats::QueryKind kind, const Mapping& mapping,
                    Mode mode = Mode::kReplace);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_PLAN_H_
