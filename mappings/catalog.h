#ifndef METRISHIFT_MAPPINGS_CATALOG_H_
#define METRISHIFT_MAPPINGS_CATALOG_H_

#include <span>
#include <string>
#include <string_view>

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

// A Mapping, or what kept it from being made, rendered for a terminal without colours
// (file:line:col, source line, caret).
struct CatalogResult {
  Mapping mapping;
  std::string error;  // empty iff it worked
};

// Loads and composes the named tables. Each is the name of a builtin table, or the path of a file;
// a builtin name wins over a file of that name in the working folder (write ./NAME for the file).
// Naming a table twice, also by two paths, is the same as naming it once.
CatalogResult LoadMappings(std::span<const std::string> names_or_files);

}  // namespace metrishift

#endif  // METRISHIFT_MAPPINGS_CATALOG_H_
