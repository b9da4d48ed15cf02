#ifndef METRISHIFT_MAPPINGS_CATALOG_H_
#define METRISHIFT_MAPPINGS_CATALOG_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping.h"

namespace metrishift {

// A table of this folder, compiled into the program.
struct BuiltinTable {
  std::string_view name;  // the file's name without ".yaml"
  std::string_view text;
};

// Every table that the program carries, by name. Static storage.
std::span<const BuiltinTable> BuiltinTables();

// The table called `name`, or nullptr.
const BuiltinTable* FindBuiltinTable(std::string_view name);

// Every builtin table, read: by component, and in each by version. (A test loads them all; one that
// would not load is left out.)
std::vector<MappingTable> LoadBuiltinTables();

// Which tables to apply.
struct TableChoice {
  // Each is the name of a builtin table; "all", for all of them but those whose old names others
  // keep (MappingTable::shared_names); the name of a component ("etcd", "node_exporter", also with
  // '-' for '_'), for all of its tables; or the path of a file. A builtin name wins over a file of
  // that name in the working folder (write ./NAME for the file).
  std::vector<std::string> names;
  // Of the tables of a component those that lead from `from` to `to`; "" is no limit.
  std::string from;
  std::string to;
};

// A Mapping, or what kept it from being made, rendered for a terminal without colours
// (file:line:col, source line, caret).
struct CatalogResult {
  Mapping mapping;
  std::string error;  // empty iff it worked
};

// Loads and composes tables. Naming a table twice, also by two paths or along with its component,
// is the same as naming it once. Where tables come by component or as "all", an old name of several
// components is none of them's (Mapping::OfManyComponents); else it is an error.
CatalogResult LoadMappings(const TableChoice& choice);
CatalogResult LoadMappings(std::span<const std::string> names);

}  // namespace metrishift

#endif  // METRISHIFT_MAPPINGS_CATALOG_H_
