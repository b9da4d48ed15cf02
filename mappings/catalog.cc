#include "mappings/catalog.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "core/file.h"
#include "core/mapping_loader.h"
#include "core/version.h"

namespace metrishift {
namespace {

struct TableText {
  std::string path;
  std::string text;
};

TableText TextOf(const BuiltinTable& table) {
  return {std::string(table.name) + ".yaml (built in)", std::string(table.text)};
}

std::string Join(const std::set<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

// People write node-exporter as often as node_exporter.
std::string WithoutDashes(std::string name) {
  std::ranges::replace(name, '-', '_');
  return name;
}

bool IsComponent(const MappingTable& table, const std::string& name) {
  return WithoutDashes(table.component) == WithoutDashes(name);
}

// True iff an upgrade from `choice.from` to `choice.to` takes the step of `table`. "To 3.6" is to
// any 3.6.
bool LiesBetween(const MappingTable& table, const TableChoice& choice) {
  const std::vector<unsigned long> step = VersionNumbers(table.to_version);
  if (!choice.from.empty() && step <= VersionNumbers(choice.from)) return false;
  if (choice.to.empty()) return true;
  const std::vector<unsigned long> to = VersionNumbers(choice.to);
  return std::vector(step.begin(), step.begin() + static_cast<std::ptrdiff_t>(
                                                      std::min(step.size(), to.size()))) <= to;
}

std::string Render(const TableText& source, const std::vector<Diagnostic>& diagnostics) {
  const SourceText text(source.path, source.text);
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += RenderDiagnostic(text, diagnostic, false);
  return out;
}

class Catalog {
 public:
  explicit Catalog(const TableChoice& choice) : choice_(choice) {}

  CatalogResult Load() {
    CatalogResult result;
    result.error = CheckVersions();
    for (const std::string& name : choice_.names) {
      if (result.error.empty()) result.error = Add(name);
    }
    if (result.error.empty() && HasVersions() && !by_component_)
      result.error =
          "error: --from and --to choose among the tables of a product: name one, as in "
          "--mapping etcd\n";
    if (!result.error.empty()) return result;
    Outcome<Mapping> mapping = by_component_ ? Mapping::OfManyComponents(std::move(tables_))
                                             : Mapping::FromTables(std::move(tables_));
    if (mapping) {
      result.mapping = *std::move(mapping.value);
    } else {
      const Diagnostic& why = mapping.diagnostics.front();
      result.error = "error: " + why.message + "\n  hint: " + why.hint + "\n";
    }
    return result;
  }

 private:
  bool HasVersions() const { return !choice_.from.empty() || !choice_.to.empty(); }

  std::string CheckVersions() const {
    for (const std::string& version : {choice_.from, choice_.to}) {
      if (!version.empty() && !IsVersion(version))
        return "error: \"" + Printable(version) + "\" is no version\n";
    }
    return "";
  }

  // Adds what `name` stands for; returns what is wrong.
  std::string Add(const std::string& name) {
    if (const BuiltinTable* builtin = FindBuiltinTable(name)) return AddText(TextOf(*builtin));
    if (name == "all") return AddAll();
    if (const std::optional<std::string> error = AddComponent(name)) return *error;
    std::string reason;
    std::optional<std::string> text = ReadFile(name, &reason);
    if (text) return AddText({name, *std::move(text)});
    return "error: \"" + Printable(name) +
           "\" is neither a built-in table nor a product nor a file that can be read: " + reason +
           "\n  hint: " + NearTo(name) + "\n";
  }

  std::string AddText(const TableText& source) {
    if (!loaded_.insert(source.text).second) return "";
    Outcome<MappingTable> table = LoadMappingTable(source.text, source.path);
    if (!table) return Render(source, table.diagnostics);
    tables_.push_back(*std::move(table.value));
    return "";
  }

  std::string AddAll() {
    if (HasVersions())
      return "error: --from and --to are versions of one product: name it, as in --mapping etcd\n";
    by_component_ = true;
    std::string error;
    for (const MappingTable& table : LoadBuiltinTables()) {
      if (error.empty() && !table.shared_names) error = AddBuiltin(table);
    }
    return error;
  }

  // Nothing where there is no component of that name.
  std::optional<std::string> AddComponent(const std::string& name) {
    std::set<std::string> steps;
    bool added = false;
    for (const MappingTable& table : LoadBuiltinTables()) {
      if (!IsComponent(table, name)) continue;
      steps.insert(table.name);
      if (!LiesBetween(table, choice_)) continue;
      if (HasVersions() && !component_.empty() && component_ != table.component)
        return "error: --from and --to are versions of one product, and these are two: " +
               component_ + " and " + table.component + "\n";
      component_ = table.component;
      by_component_ = added = true;
      if (std::string error = AddBuiltin(table); !error.empty()) return error;
    }
    if (steps.empty()) return std::nullopt;
    if (added) return "";
    return "error: no table of " + Printable(name) + " lies between these versions; there are " +
           Join(steps) + "\n";
  }

  std::string AddBuiltin(const MappingTable& table) {
    const BuiltinTable* builtin = FindBuiltinTable(table.name);
    return builtin == nullptr ? "" : AddText(TextOf(*builtin));
  }

  // Tables whose names begin as `name` does, up to the version.
  static std::string NearTo(const std::string& name) {
    const std::string product = name.substr(0, name.find_first_of("0123456789"));
    std::set<std::string> near;
    for (const BuiltinTable& table : BuiltinTables()) {
      if (!product.empty() && table.name.starts_with(product)) near.emplace(table.name);
    }
    return near.empty() ? "metrishift mappings lists what is built in"
                        : "built in are " + Join(near);
  }

  const TableChoice& choice_;
  std::set<std::string> loaded_;  // texts
  std::vector<MappingTable> tables_;
  std::string component_;      // the one that versions are those of
  bool by_component_ = false;  // nobody has chosen the tables one by one
};

}  // namespace

const BuiltinTable* FindBuiltinTable(std::string_view name) {
  const std::span<const BuiltinTable> tables = BuiltinTables();
  const auto found = std::ranges::find(tables, name, &BuiltinTable::name);
  return found == tables.end() ? nullptr : &*found;
}

std::vector<MappingTable> LoadBuiltinTables() {
  std::vector<MappingTable> tables;
  for (const BuiltinTable& builtin : BuiltinTables()) {
    Outcome<MappingTable> table = LoadMappingTable(builtin.text);
    if (table) tables.push_back(*std::move(table.value));
  }
  std::ranges::stable_sort(tables, [](const MappingTable& a, const MappingTable& b) {
    if (a.component != b.component) return a.component < b.component;
    return VersionNumbers(a.to_version) < VersionNumbers(b.to_version);
  });
  return tables;
}

CatalogResult LoadMappings(const TableChoice& choice) { return Catalog(choice).Load(); }

CatalogResult LoadMappings(std::span<const std::string> names) {
  return LoadMappings(TableChoice{{names.begin(), names.end()}, "", ""});
}

}  // namespace metrishift
