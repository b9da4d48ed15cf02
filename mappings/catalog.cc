#include "mappings/catalog.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/file.h"
#include "core/mapping_loader.h"

namespace metrishift {
namespace {

struct TableText {
  std::string path;
  std::string text;
};

std::string BuiltinNames() {
  std::string names;
  for (const BuiltinTable& table : BuiltinTables())
    names += (names.empty() ? "" : ", ") + std::string(table.name);
  return names;
}

// The text of a table named on the command line.
std::optional<TableText> Find(const std::string& name, std::string* error) {
  if (const BuiltinTable* builtin = FindBuiltinTable(name)) {
    return TableText{std::string(builtin->name) + ".yaml (built in)", std::string(builtin->text)};
  }
  std::string reason;
  std::optional<std::string> text = ReadFile(name, &reason);
  if (text) return TableText{name, *std::move(text)};
  *error = "error: \"" + Printable(name) + "\" is neither a built-in table (" + BuiltinNames() +
           ") nor a file that can be read: " + reason + "\n";
  return std::nullopt;
}

std::string Render(const TableText& source, const std::vector<Diagnostic>& diagnostics) {
  const SourceText text(source.path, source.text);
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += RenderDiagnostic(text, diagnostic, false);
  return out;
}

}  // namespace

const BuiltinTable* FindBuiltinTable(std::string_view name) {
  const std::span<const BuiltinTable> tables = BuiltinTables();
  const auto found = std::ranges::find(tables, name, &BuiltinTable::name);
  return found == tables.end() ? nullptr : &*found;
}

CatalogResult LoadMappings(std::span<const std::string> names_or_files) {
  CatalogResult result;
  std::vector<MappingTable> tables;
  std::vector<std::string> loaded;
  for (const std::string& name : names_or_files) {
    const std::optional<TableText> source = Find(name, &result.error);
    if (!source) return result;
    if (std::ranges::find(loaded, source->text) != loaded.end()) continue;
    loaded.push_back(source->text);
    Outcome<MappingTable> table = LoadMappingTable(source->text, source->path);
    if (!table) {
      result.error = Render(*source, table.diagnostics);
      return result;
    }
    tables.push_back(*std::move(table.value));
  }
  Outcome<Mapping> mapping = Mapping::FromTables(std::move(tables));
  if (mapping) {
    result.mapping = *std::move(mapping.value);
  } else {
    const Diagnostic& why = mapping.diagnostics.front();
    result.error = "error: " + why.message + "\n  hint: " + why.hint + "\n";
  }
  return result;
}

}  // namespace metrishift
