#ifndef METRISHIFT_REWRITER_FORMATS_PLACES_H_
#define METRISHIFT_REWRITER_FORMATS_PLACES_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "rewriter/formats/extract.h"

namespace metrishift::formats {

// What a node of a tree is taken for. A place begins at a node with a role and leads to another
// role or to a query; so wrappers and nesting (a dashboard under "spec", panels in panels) are rows
// and not code.
enum class Role : uint8_t {
  kDocument,   // the root of a file, or something that could be one
  kRuleGroup,  // a group of alerting and recording rules
  kRule,       // an item of a group's rules
  kDashboard,  // a classic Grafana dashboard
  kPanel,      // a panel, or a row with panels
  kVariable,   // an item of a dashboard's templating.list
};

// A place that holds the name which a recording rule stores its result as.
struct RecordPlace {};

// One row of the table: from a node with role `from`, every node at `path` is (or holds) `to`.
//
// path: keys with dots between them; "[]" behind a key, or alone, is every item of a sequence; ""
// is the node itself. A key that a mapping lacks is looked for in what "<<" merges into it.
//
// condition, on a member of the `from` node: "key=a|b" or "key!=a|b", alternatives with at most
// one "*" at their beginning or end; the empty one matches a member that is missing.
//
// record: the key of the `from` node that names what the result of the query is stored as, if any.
//
// The datasource is no condition but the same for all places: a "datasource" member of the `from`
// node or of a node on the path (the innermost that says anything counts) that names something else
// than Prometheus means that there is no PromQL. See datasource.h.
struct Place {
  Role from;
  std::string_view path;
  std::variant<Role, QueryKind, RecordPlace> to;
  std::string_view condition{};
  std::string_view record{};
};

// Every place that is known to hold a query. Points to static storage.
std::span<const Place> Places();

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_PLACES_H_
