#ifndef METRISHIFT_REWRITER_FORMATS_PLACES_H_
#define METRISHIFT_REWRITER_FORMATS_PLACES_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "rewriter/formats/extract.h"

namespace metrishift::formats {

// What a node of a tree is taken for. A place begins at a node with a role and leads to another
// role or to a query.
enum class Role : uint8_t {
  kAny,            // every node; what begins here is known by its keys, wherever it is wrapped
  kLeftAlone,      // neither this node nor anything in it is for us
  kRule,           // an item of a rule group's rules
  kVariable,       // a variable of a classic Grafana dashboard
  kVariableV2,     // the spec of a QueryVariable of schema v2
  kVariableQuery,  // the object that newer Grafana keeps in place of a variable's query
  kFilter,         // a filter on one label: {label|key, op|operator, value}
  kVariableState,  // a variable of any schema: what has been chosen, and from what
  kDataQuery,      // a query of schema v2, in the envelope that names its datasource plugin
  kRoleCount,
};

// What the text of a scalar holds when it is not one query.
enum class Nested : uint8_t {
  kDocument,       // a whole JSON or YAML text: a dashboard in a ConfigMap
  kTemplate,       // text of an alert with actions, some of which ask queries: {{ query "up" }}
  kShownTemplate,  // the same, for people
};

// A query and what restricts it.
struct QueryPlace {
  QueryKind kind;
  QueryUse use = QueryUse::kEvaluated;
  bool certain = false;  // the place itself says that it is PromQL
};

// A place that holds the name which a recording rule stores its result as.
struct RecordPlace {};

// One row of the table: from a node with role `from`, every node at `path` is (or holds) `to`.
// Queries, records and nested texts are scalars, passages may be collections as well.
//
// path: keys with dots between them; "*" is every key; "[]" behind a key, or alone, is every item
// of a sequence; "" is the node itself. A key that has one of these characters in it stands in
// single quotes: "params.'match[]'[]". A key that a mapping lacks is looked for in what "<<" merges
// into it.
//
// conditions, on members of the `from` node, all of which must hold: "key=a|b" or "key!=a|b" with a
// blank between them; the key may be a path of keys. An alternative may have a "*" at its
// beginning, its end or both; the empty one matches a member that is missing. A sequence counts as
// its items with commas between them.
//
// record: the key of the `from` node that names what the result of the query is stored as, if any.
//
// The datasource is no condition but the same for all places: a "datasource" member of the `from`
// node or of a node on the path (the innermost that says anything counts) that names something else
// than Prometheus means that there is no PromQL. See datasource.h. `datasource` names other members
// of the `from` node that say the same, with "|" between them.
struct Place {  // NOLINT(clang-analyzer-optin.performance.Padding): in the order of a row
  Role from;
  std::string_view path;
  std::variant<Role, QueryPlace, Nested, RecordPlace, PassageKind> to;
  std::string_view conditions{};
  std::string_view record{};
  std::string_view datasource{};
};

// Every place that is known to hold a query. Points to static storage.
std::span<const Place> Places();

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_PLACES_H_
