#include <algorithm>
#include <array>
#include <ostream>

#include "core/file.h"
#include "core/mapping_loader.h"
#include "mappings/catalog.h"
#include "rewriter/cli/commands.h"
#include "rewriter/cli/report.h"

namespace metrishift::cli {
namespace {

using Row = std::vector<std::string>;

// Columns as wide as their widest cell, two blanks apart.
void PrintColumns(const std::vector<Row>& rows, std::ostream& out) {
  std::vector<size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i)
      line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    out << line.substr(0, line.find_last_not_of(' ') + 1) << "\n";
  }
}

std::string Join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

std::string Versions(const MappingTable& table) {
  return table.from_version + " -> " + table.to_version;
}

}  // namespace

ExitCode RunMappingsList(const Streams& streams) {
  std::vector<Row> rows = {{"NAME", "COMPONENT", "VERSIONS", "METRICS", "TITLE"}};
  for (const BuiltinTable& builtin : BuiltinTables()) {
    const Outcome<MappingTable> table = LoadMappingTable(builtin.text);
    if (!table) return kError;  // a test loads every builtin table
    rows.push_back({table->name, table->component, Versions(*table),
                    std::to_string(table->metrics.size()), table->title});
  }
  PrintColumns(rows, streams.out);
  return kClean;
}

ExitCode RunMappingsShow(const std::string& name, const Streams& streams) {
  const CatalogResult loaded = LoadMappings(std::array{name});
  if (!loaded.error.empty()) {
    streams.err << loaded.error;
    return kError;
  }
  const MappingTable& table = loaded.mapping.tables().front();
  streams.out << table.name << ": " << Printable(table.title) << "\n"
              << "component " << Printable(table.component) << ", versions " << Versions(table)
              << "\n"
              << "source " << Printable(table.source) << "\n\n";
  std::vector<Row> rows = {{"DEPRECATED", "PROMOTED", "TYPE", "NEW SINCE", "OLD UNTIL"}};
  for (const MappingEntry& entry : table.metrics) {
    rows.push_back({entry.old_name, entry.new_name, std::string(MetricTypeName(entry.type)),
                    Join(entry.new_since), entry.old_until});
  }
  PrintColumns(rows, streams.out);
  for (const MappingEntry& entry : table.metrics) {
    if (!entry.note.empty())
      streams.out << "\n" << entry.old_name << ": " << Printable(entry.note) << "\n";
  }
  return kClean;
}

ExitCode RunMappingsLint(const std::vector<std::string>& files, const Streams& streams) {
  ExitCode code = kClean;
  for (const std::string& path : files) {
    std::string why;
    const std::optional<std::string> text = ReadFile(path, &why);
    if (!text) {
      streams.err << Printable(path) << ": error: " << why << "\n";
      code = kError;
      continue;
    }
    const Outcome<MappingTable> table = LoadMappingTable(*text);
    const SourceText source(path, *text);
    for (const Diagnostic& diagnostic : table.diagnostics) {
      streams.out << RenderDiagnostic(source, diagnostic, streams.out_color);
    }
    if (table) {
      streams.out << Printable(path) << ": ok, "
                  << Plural(table->metrics.size(), "metric", "metrics") << "\n";
    } else {
      code = std::max(code, kFindings);
    }
  }
  return code;
}

}  // namespace metrishift::cli
