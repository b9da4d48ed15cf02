#include <algorithm>
#include <array>
#include <iterator>
#include <ostream>

#include "core/entry_labels.h"
#include "core/file.h"
#include "core/mapping_loader.h"
#include "core/yaml.h"
#include "mappings/catalog.h"
#include "rewriter/cli/commands.h"
#include "rewriter/cli/report.h"
#include "rewriter/formats/source_map.h"
#include "rewriter/promql/parser.h"

namespace metrishift::cli {
namespace {

using Row = std::vector<std::string>;

// Columns as wide as their widest cell, two blanks apart. A column that is empty but for its
// heading is left out.
void PrintColumns(const std::vector<Row>& rows, std::ostream& out) {
  std::vector<size_t> widths(rows.front().size());
  std::vector<bool> filled(rows.front().size());
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
      filled[i] = filled[i] || rows.size() == 1 || (&row != &rows.front() && !row[i].empty());
    }
  }
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (filled[i]) line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    }
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

// `metrics`, and the patterns beside them: "5 and 2 patterns".
std::string Size(const MappingTable& table, const std::string& metrics) {
  if (table.patterns.empty()) return metrics;
  const std::string patterns = Plural(table.patterns.size(), "pattern", "patterns");
  return table.metrics.empty() ? patterns : metrics + " and " + patterns;
}

// Every entry of a table, patterns last.
std::vector<const MappingEntry*> Entries(const MappingTable& table) {
  std::vector<const MappingEntry*> entries;
  for (const MappingEntry& entry : table.metrics) entries.push_back(&entry);
  for (const MappingPattern& pattern : table.patterns) entries.push_back(&pattern.entry);
  return entries;
}

// Each note once for all the entries in a row that share it.
void PrintNotes(const std::vector<const MappingEntry*>& entries, std::ostream& out) {
  for (size_t i = 0; i < entries.size();) {
    const MappingEntry& first = *entries[i];
    size_t end = i;
    while (end < entries.size() && entries[end]->note == first.note) ++end;
    const size_t others = end - i - 1;
    i = end;
    if (first.note.empty()) continue;
    out << "\n" << Printable(ShowSelector(first.old_name, first.when));
    if (others > 0) out << " and " << others << " more";
    out << ": " << Printable(first.note) << "\n";
  }
}

Row EntryRow(const MappingEntry& entry, bool pattern) {
  const bool any = pattern && entry.type == MetricType::kUntyped;
  return {Printable(ShowSelector(entry.old_name, entry.when)),
          Printable(ShowNewSide(entry)),
          any ? "any" : std::string(MetricTypeName(entry.type)),
          Printable(ShowChanges(entry)),
          Join(entry.new_since),
          entry.old_until};
}

// The scalar that holds the expression of `entry`, if any. core/ cannot say where it is, since
// it does not know what stands in it.
std::optional<TextNode> FindExpr(const TextTree& tree, const MappingEntry& entry) {
  for (NodeId id = 0; id < tree.size(); ++id) {
    const TextNode& node = tree[id];
    if (node.kind != TextNode::Kind::kMapping || node.span != entry.span) continue;
    if (const std::optional<NodeId> expr = tree.Find(id, "expr")) return tree[*expr];
  }
  return std::nullopt;
}

// Says where the expressions of a table are no PromQL.
std::vector<Diagnostic> CheckExpressions(const MappingTable& table, const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  std::optional<TextTree> tree;
  for (const MappingEntry& entry : table.metrics) {
    if (entry.expr.empty()) continue;
    const promql::ParseResult parsed = promql::ParseExpr(entry.expr);
    if (parsed) continue;
    if (!tree) tree = ParseYaml(text).value;
    FileSpan span = entry.span;
    const std::optional<TextNode> node = tree ? FindExpr(*tree, entry) : std::nullopt;
    if (node) {
      const auto scalar = formats::DecodeScalar(text, node->span, node->style, node->value);
      span = scalar ? scalar->map.ToFile(parsed.error->span) : node->span;
    }
    diagnostics.push_back({Severity::kError, span, "no PromQL: " + parsed.error->message,
                           "expr is an expression over the new series"});
  }
  return diagnostics;
}

// Prints what is wrong with a table; true iff nothing is.
bool Lint(const std::string& path, const std::string& text, const Streams& streams) {
  Outcome<MappingTable> table = LoadMappingTable(text);
  if (table)
    std::ranges::move(CheckExpressions(*table, text), std::back_inserter(table.diagnostics));
  const SourceText source(path, text);
  bool sound = true;
  for (const Diagnostic& diagnostic : table.diagnostics) {
    streams.out << RenderDiagnostic(source, diagnostic, streams.out_color);
    sound = sound && diagnostic.severity != Severity::kError;
  }
  if (sound) {
    streams.out << Printable(path) << ": ok, "
                << Size(*table, Plural(table->metrics.size(), "metric", "metrics")) << "\n";
  }
  return sound;
}

}  // namespace

ExitCode RunMappingsList(const Streams& streams) {
  std::vector<Row> rows = {{"NAME", "COMPONENT", "VERSIONS", "METRICS", "TITLE"}};
  for (const BuiltinTable& builtin : BuiltinTables()) {
    const Outcome<MappingTable> table = LoadMappingTable(builtin.text);
    if (!table) return kError;  // a test loads every builtin table
    rows.push_back({table->name, table->component, Versions(*table),
                    Size(*table, std::to_string(table->metrics.size())), table->title});
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
  std::vector<Row> rows = {{"DEPRECATED", "PROMOTED", "TYPE", "CHANGES", "NEW SINCE", "OLD UNTIL"}};
  for (const MappingEntry& entry : table.metrics) rows.push_back(EntryRow(entry, false));
  for (const MappingPattern& pattern : table.patterns)
    rows.push_back(EntryRow(pattern.entry, true));
  PrintColumns(rows, streams.out);
  PrintNotes(Entries(table), streams.out);
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
    } else if (!Lint(path, *text, streams)) {
      code = std::max(code, kFindings);
    }
  }
  return code;
}

}  // namespace metrishift::cli
