#include "rewriter/cli/mappings_command.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <ostream>

#include "core/entry_labels.h"
#include "core/file.h"
#include "core/mapping_loader.h"
#include "core/yaml.h"
#include "mappings/catalog.h"
#include "rewriter/cli/columns.h"
#include "rewriter/cli/help_text.h"
#include "rewriter/cli/import_command.h"
#include "rewriter/cli/report.h"
#include "rewriter/cli/suggest_command.h"
#include "rewriter/formats/source_map.h"
#include "rewriter/promql/parser.h"

namespace metrishift::cli {
namespace {

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

// Flags, endpoints or functions as a table of their own; nothing where there are none.
template <class Entry>
void PrintOthers(const std::vector<Entry>& entries, const std::string& title, std::ostream& out) {
  if (entries.empty()) return;
  std::vector<Row> rows = {{title, "PROMOTED", "NEW SINCE", "OLD UNTIL"}};
  for (const TableEntry& entry : entries)
    rows.push_back({Printable(entry.old_name), Printable(entry.new_name), Join(entry.new_since),
                    entry.old_until});
  out << "\n";
  PrintColumns(rows, out);
  std::string last;
  for (const TableEntry& entry : entries) {
    if (entry.note.empty() || entry.note == last) continue;
    out << "\n" << Printable(entry.old_name) << ": " << Printable(entry.note) << "\n";
    last = entry.note;
  }
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
                << Size(*table, Plural(table->metrics.size(), "metric", "metrics"));
    if (!table->flags.empty()) streams.out << ", " << Plural(table->flags.size(), "flag", "flags");
    if (!table->endpoints.empty())
      streams.out << ", " << Plural(table->endpoints.size(), "endpoint", "endpoints");
    if (!table->functions.empty())
      streams.out << ", " << Plural(table->functions.size(), "function", "functions");
    streams.out << "\n";
  }
  return sound;
}

// How many entries have nothing new in the place of the old.
size_t CountWithoutNewSide(const MappingTable& table) {
  const std::vector<const MappingEntry*> entries = Entries(table);
  return static_cast<size_t>(std::ranges::count_if(entries, [](const MappingEntry* entry) {
    return entry->fate != MappingEntry::Fate::kReplaced;
  }));
}

std::string Count(size_t count) { return count == 0 ? "" : std::to_string(count); }

constexpr std::string_view kSharedNames =
    "* other programs keep these names, so that --mapping all leaves it out";

ExitCode List(const std::string& format, const Streams& streams) {
  const bool markdown = format == "markdown";
  std::vector<Row> rows = {{"PRODUCT", "TABLE", "VERSIONS", "METRICS", "GONE", "FLAGS", "ENDPOINTS",
                            "FUNCTIONS", "TITLE"}};
  if (markdown)
    rows = {{"product", "table", "upgrade", "metrics", "gone", "flags", "endpoints", "functions"}};
  std::string component;
  bool shared = false;
  for (const MappingTable& table : LoadBuiltinTables()) {
    const std::string product = table.component == component ? "" : table.component;
    component = table.component;
    const std::string mark = table.shared_names ? " *" : "";
    shared = shared || table.shared_names;
    const std::string size = Size(table, Count(table.metrics.size()));
    const std::string gone = Count(CountWithoutNewSide(table));
    const std::string flags = Count(table.flags.size());
    const std::string endpoints = Count(table.endpoints.size());
    const std::string functions = Count(table.functions.size());
    if (markdown) {
      rows.push_back({product, "[" + table.name + "](" + table.name + ".yaml)" + mark, table.title,
                      size, gone, flags, endpoints, functions});
    } else {
      rows.push_back({product, table.name + mark, Versions(table), size, gone, flags, endpoints,
                      functions, table.title});
    }
  }
  if (markdown) {
    PrintMarkdown(rows, streams.out);
  } else {
    PrintColumns(rows, streams.out);
  }
  if (shared) streams.out << "\n" << (markdown ? "\\" : "") << kSharedNames << "\n";
  return kClean;
}

void ShowTable(const MappingTable& table, std::ostream& out) {
  out << table.name << ": " << Printable(table.title) << "\n"
      << "component " << Printable(table.component) << ", versions " << Versions(table) << "\n"
      << "source " << Printable(table.source) << "\n";
  std::vector<Row> rows = {{"DEPRECATED", "PROMOTED", "TYPE", "CHANGES", "NEW SINCE", "OLD UNTIL"}};
  for (const MappingEntry& entry : table.metrics) rows.push_back(EntryRow(entry, false));
  for (const MappingPattern& pattern : table.patterns)
    rows.push_back(EntryRow(pattern.entry, true));
  if (rows.size() > 1) {
    out << "\n";
    PrintColumns(rows, out);
  }
  PrintNotes(Entries(table), out);
  PrintOthers(table.flags, "DEPRECATED FLAG", out);
  PrintOthers(table.endpoints, "DEPRECATED PATH", out);
  PrintOthers(table.functions, "DEPRECATED FUNCTION", out);
}

ExitCode Show(const std::string& name, const Streams& streams) {
  const CatalogResult loaded = LoadMappings(std::array{name});
  if (!loaded.error.empty()) {
    streams.err << loaded.error;
    return kError;
  }
  for (const MappingTable& table : loaded.mapping.tables()) {
    if (&table != &loaded.mapping.tables().front()) streams.out << "\n";
    ShowTable(table, streams.out);
  }
  return kClean;
}

ExitCode LintAll(const std::vector<std::string>& files, const Streams& streams) {
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

}  // namespace

MappingsCommand::MappingsCommand(CLI::App& app)
    : command_(
          app.add_subcommand("mappings", "Tables: those built in, and where new ones come from")),
      list_(command_->add_subcommand("list", "List the built-in tables by product (the default)")),
      show_(command_->add_subcommand("show", "Print one table")),
      lint_(command_->add_subcommand("lint", "Check your own tables")),
      suggest_(command_->add_subcommand(
          "suggest",
          "Say which tables apply to rules and dashboards, or to what a target exposes")) {
  command_->footer(kMappingsHelp);
  list_->footer(kListHelp);
  show_->footer(kShowHelp);
  lint_->footer(kLintHelp);
  suggest_->footer(kSuggestHelp);
  list_->add_option("--format", format_, "text, or markdown")
      ->check(CLI::IsMember({"text", "markdown"}))
      ->type_name("FORMAT");
  show_->add_option("table", table_, "Name of a built-in table, or a file")
      ->type_name("NAME|FILE")
      ->required();
  lint_->add_option("tables", files_, "Table files")->type_name("FILE")->required();
  CLI::Option* paths =
      suggest_->add_option("paths", files_, "Files and folders, as for check")->type_name("PATH");
  CLI::Option* body =
      suggest_
          ->add_option(
              "--body", body_,
              "A saved body of /metrics (text, protobuf, either in gzip; - for standard input), or "
              "where to get one: says which side of each table it is on")
          ->type_name("FILE|URL");
  body->excludes(paths);
  AddImport();
}

void MappingsCommand::AddImport() {
  CLI::App* import =
      command_->add_subcommand("import", "Make a draft of a table from what others have written");
  import->require_subcommand(1);
  import->footer(kImportHelp);
  import_rules_ = import->add_subcommand(
      "recording-rules",
      "From recording rules that give old names back (or, with --new, new ones)");
  import_rules_->footer(kImportRulesHelp);
  import_rules_->add_option("file", table_, "A rule file")->type_name("FILE")->required();
  import_rules_->add_flag("--new", records_new_,
                          "The rules record new names, from expressions over the old ones");
  import_schema_ = import->add_subcommand(
      "otel-schema", "From the metrics that a schema file of OpenTelemetry renames");
  import_schema_->footer(kImportSchemaHelp);
  import_schema_->add_option("file", table_, "A schema file")->type_name("FILE")->required();
  import_schema_
      ->add_option("--to", version_, "The version whose changes to take; the newest that has any")
      ->type_name("VERSION");
  import_diff_ = import->add_subcommand(
      "diff", "From two bodies of /metrics, one before and one after an upgrade");
  import_diff_->footer(kImportDiffHelp);
  import_diff_->add_option("old", body_, "The body before")->type_name("FILE|URL")->required();
  import_diff_->add_option("new", new_body_, "The body after")->type_name("FILE|URL")->required();
}

ExitCode MappingsCommand::Run(const Streams& streams) const {
  if (*show_) return Show(table_, streams);
  if (*lint_) return LintAll(files_, streams);
  if (*suggest_) {
    if (!body_.empty()) return RunSuggestBody(body_, streams);
    if (!files_.empty()) return RunSuggest(files_, streams);
    streams.err << "PATH or --body is required\nRun with --help for more information.\n";
    return kError;
  }
  if (*import_rules_) return RunImportRules(table_, records_new_, streams);
  if (*import_schema_) return RunImportSchema(table_, version_, streams);
  if (*import_diff_) return RunImportDiff(body_, new_body_, streams);
  return List(format_, streams);
}

}  // namespace metrishift::cli
