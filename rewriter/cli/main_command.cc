#include "rewriter/cli/main_command.h"

#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "mappings/catalog.h"
#include "rewriter/cli/commands.h"
#include "rewriter/cli/generate_command.h"
#include "rewriter/cli/help_text.h"
#include "rewriter/cli/mappings_command.h"
#include "rewriter/cli/preflight_command.h"
#include "rewriter/cli/unexpected.h"

namespace metrishift::cli {
namespace {

struct Options {
  std::vector<std::string> mappings;
  std::vector<std::string> paths;
  std::string from;
  std::string to;
  std::string color = "auto";
  std::string mode = "replace";
  std::optional<std::string> expr;
  std::string dialect = "prometheus";
  std::string format = "text";
  std::optional<std::string> code;
  std::string least = "aggregated";
  FileOptions files;
  bool no_ignore = false;
  bool keep_labels = false;
  bool shown = false;
  bool reverse = false;
  bool ndjson = false;
};

constexpr int kLargeBlock = 1 << 20;

bool UseColor(const std::string& when, int fd) {
  if (when == "auto") {
    const char* no_color = std::getenv("NO_COLOR");
    return (no_color == nullptr || *no_color == '\0') && ::isatty(fd) == 1;
  }
  return when == "always";
}

CLI::Option* AddMappingOption(CLI::App& command, Options& options) {
  command
      .add_option("--from", options.from, "With --mapping PRODUCT: the version before the upgrade")
      ->type_name("VERSION");
  command.add_option("--to", options.to, "With --mapping PRODUCT: the version after it")
      ->type_name("VERSION");
  return command
      .add_option("--mapping", options.mappings,
                  "What to apply: a built-in table (etcd-3.5), all those of a product (etcd), "
                  "\"all\", or a file; "
                  "repeatable")
      ->type_name("NAME|FILE")
      ->allow_extra_args(false);
}

// How near and which way the tables are applied.
void AddTableOptions(CLI::App& command, Options& options) {
  command
      .add_option("--equivalence", options.least,
                  "The least that a change may be worth: exact, aggregated (default), "
                  "sum_count_only, approximate.\nWhat is worth less is listed and left alone")
      ->check(CLI::IsMember({"exact", "aggregated", "sum_count_only", "approximate"}))
      ->type_name("LEVEL");
  command.add_flag("--reverse", options.reverse,
                   "New names to old ones, for a rollback, as far as the tables can be turned "
                   "around");
}

void AddPlanOptions(CLI::App& command, Options& options) {
  AddTableOptions(command, options);
  command.add_flag("--keep-labels", options.keep_labels,
                   "Results keep their labels where a table renames some: legends and alert "
                   "templates stay right.\nSeries that rules record keep theirs in any case");
}

void AddModeOption(CLI::App& command, Options& options) {
  command
      .add_option(
          "--mode", options.mode,
          "replace: the old name by the new (default)\nunion: ask for both, which is right before, "
          "during and after the upgrade\nfinalize: back from a union to the new name")
      ->check(CLI::IsMember({"replace", "union", "finalize"}))
      ->type_name("MODE");
}

// Which files.
void AddWalkOptions(CLI::App& command, Options& options) {
  command
      .add_option("paths", options.paths,
                  "Files, folders, globs in quotes ('rules/**/*.yml'), or - for standard input")
      ->type_name("PATH")
      ->required();
  const auto add_globs = [&command](const char* name, std::vector<std::string>& to,
                                    const char* what) {
    command.add_option(name, to, what)->type_name("GLOB")->allow_extra_args(false);
  };
  add_globs("--include", options.files.walk.include,
            "Only files that match, whatever their extensions; as in a .gitignore; repeatable");
  add_globs("--exclude", options.files.walk.exclude,
            "No files or folders that match; as in a .gitignore; repeatable");
  command.add_flag("--code", options.files.walk.code,
                   "Also queries in programs and prose: jsonnet, Go, Python, TypeScript, CUE, "
                   "Markdown. They are found by\ntheir looks");
  command.add_flag("--no-ignore", options.no_ignore,
                   "Also what git ignores in the folders (.gitignore, .git/info/exclude)");
  command
      .add_option("--stdin-name", options.files.stdin_name,
                  "What standard input would be called as a file, for its format and for messages")
      ->type_name("NAME");
  command
      .add_option("-j,--jobs", options.files.jobs,
                  "Threads that read files; one for each processor by default")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  command
      .add_option(
          "--format", options.files.format,
          "text; json (one object); sarif (2.1.0); github (annotations of a workflow); html "
          "(one page)")
      ->check(CLI::IsMember({"text", "json", "sarif", "github", "html"}))
      ->type_name("FORMAT");
  command.add_flag("--summary", options.files.summary,
                   "Say at the end what was found of each entry of the tables");
}

// A command that reads files with mapping tables.
CLI::App* AddFileCommand(CLI::App& app, Options& options, const std::string& name,
                         const std::string& what) {
  CLI::App* command = app.add_subcommand(name, what);
  AddMappingOption(*command, options)->required();
  AddPlanOptions(*command, options);
  command->add_flag("--labels-and-legends", options.shown,
                    "Rename in texts for people, too: legends, titles, text panels, overrides, "
                    "links, annotations of\nalerts. Otherwise those are listed");
  AddWalkOptions(*command, options);
  command->add_flag(
      "--cascade", options.files.cascade,
      "Move recorded names that come from deprecated ones, with everything in these files that "
      "reads "
      "them.\nA name is split at its colons; a part moves that is a deprecated name, or that holds "
      "or "
      "begins one that\nits rule reads: a:old_total:rate5m -> a:new_total:rate5m, a:old:rate5m -> "
      "a:new:rate5m. The names are\nlisted first; one stays where its new name is taken or a "
      "reader cannot be rewritten");
  return command;
}

CLI::App* AddRewriteCommand(CLI::App& app, Options& options) {
  CLI::App* rewrite =
      AddFileCommand(app, options, "rewrite", "Show the renaming as a unified diff, or make it");
  AddModeOption(*rewrite, options);
  rewrite->add_option("--patch", options.files.patch, "Also write the unified diff to this file")
      ->type_name("FILE");
  rewrite->add_flag("-w,--write", options.files.write,
                    "Change the files in place, each in one step");
  return rewrite;
}

CLI::App* AddParseCommand(CLI::App& app, Options& options) {
  CLI::App* parse =
      app.add_subcommand("parse", "Show how a PromQL expression is understood, or why it is not");
  parse->footer(kParseHelp);
  parse->add_option("expr", options.expr, "The expression; read from standard input when absent")
      ->type_name("EXPR");
  parse
      ->add_option("--dialect", options.dialect,
                   "What may stand in it besides PromQL: prometheus (nothing), grafana "
                   "(variables), template (those and template actions)")
      ->check(CLI::IsMember({"prometheus", "grafana", "template"}))
      ->type_name("DIALECT");
  parse->add_flag("--ndjson", options.ndjson,
                  "Read one JSON string a line, print one JSON object a line");
  return parse;
}

rewrite::Mode ModeOf(const std::string& name) {
  if (name == "union") return rewrite::Mode::kUnion;
  return name == "finalize" ? rewrite::Mode::kFinalize : rewrite::Mode::kReplace;
}

rewrite::PlanOptions PlanOptionsOf(const Options& options) {
  rewrite::PlanOptions plan(ModeOf(options.mode));
  plan.keep_labels = options.keep_labels;
  plan.shown = options.shown;
  plan.least = ParseEquivalence(options.least).value_or(plan.least);
  return plan;
}

FileOptions FileOptionsOf(const Options& options) {
  FileOptions files = options.files;
  files.plan = PlanOptionsOf(options);
  files.walk.ignore = !options.no_ignore;
  return files;
}

promql::Dialect DialectOf(const std::string& name) {
  if (name == "grafana") return promql::Dialect::kGrafana;
  return name == "template" ? promql::Dialect::kGoTemplate : promql::Dialect::kPrometheus;
}

// The expression of `metrishift parse`, or a stream of them.
ExitCode Parse(const Options& options, const Streams& streams) {
  const promql::Dialect dialect = DialectOf(options.dialect);
  if (options.ndjson) return RunParseLines(std::cin, dialect, streams);
  if (options.expr) return RunParse(*options.expr, dialect, streams);
  const std::string text((std::istreambuf_iterator<char>(std::cin)), {});
  return RunParse(text, dialect, streams);
}

template <class Command>
ExitCode WithMapping(const Options& options, const Streams& streams, Command command) {
  const CatalogResult loaded =
      LoadMappings(TableChoice{options.mappings, options.from, options.to});
  if (!loaded.error.empty()) {
    streams.err << loaded.error;
    return kError;
  }
  if (!options.reverse) return command(loaded.mapping);
  const Outcome<Mapping> reversed = loaded.mapping.Reversed();
  for (const Diagnostic& diagnostic : reversed.diagnostics)
    streams.err << "warning: " << diagnostic.message << "\n";  // it names its place itself
  return reversed ? command(*reversed) : kError;
}

ExitCode Rewrite(const Options& options, const Streams& streams) {
  const FileOptions how = FileOptionsOf(options);
  if (how.cascade && how.plan.mode == rewrite::Mode::kUnion) {
    streams.err << "--cascade is not for --mode union: what a union records is the same as before, "
                   "so its name stays\nRun with --help for more information.\n";
    return kError;
  }
  const bool some_stdin = std::ranges::count(options.paths, kStandardInput) > 0;
  if (how.write && some_stdin && (options.paths.size() > 1 || how.format != "text")) {
    streams.err << "with --write, - for standard input has to be the only path, and the format "
                   "text\nRun with --help for more information.\n";
    return kError;
  }
  return WithMapping(options, streams, [&](const Mapping& mapping) {
    return RunRewrite(mapping, how, options.paths, streams);
  });
}

CLI::App* AddExplainCommand(CLI::App& app, Options& options) {
  CLI::App* explain = app.add_subcommand(
      "explain", "Show step by step what becomes of an expression and why, or what a code means");
  explain->footer(kExplainHelp);
  CLI::Option* expr =
      explain->add_option("expr", options.expr, "The expression")->type_name("EXPR");
  AddMappingOption(*explain, options);
  AddModeOption(*explain, options);
  AddPlanOptions(*explain, options);
  explain
      ->add_option("--dialect", options.dialect,
                   "What may stand in it besides PromQL: prometheus (nothing), grafana (variables)")
      ->check(CLI::IsMember({"prometheus", "grafana"}))
      ->type_name("DIALECT");
  explain->add_option("--format", options.format, "text, or json (one object)")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
  CLI::Option* ndjson = explain->add_flag(
      "--ndjson", options.ndjson, "Read one JSON string a line, print one JSON object a line");
  explain
      ->add_option("--code", options.code,
                   "Explain this code of a finding; without it and EXPR the codes are listed")
      ->type_name("CODE")
      ->excludes(expr)
      ->excludes(ndjson);
  ndjson->excludes(expr);
  return explain;
}

ExitCode Explain(const Options& options, const Streams& streams) {
  if (options.code) return RunExplainCode(*options.code, streams);
  if (!options.expr && !options.ndjson) return RunExplainCodes(streams);
  if (options.mappings.empty()) {
    streams.err << "--mapping is required\nRun with --help for more information.\n";
    return kError;
  }
  const ExplainOptions how{PlanOptionsOf(options), DialectOf(options.dialect),
                           options.format == "json"};
  return WithMapping(options, streams, [&](const Mapping& mapping) {
    if (options.ndjson) return RunExplainLines(mapping, std::cin, how, streams);
    return RunExplain(mapping, *options.expr, how, streams);
  });
}

}  // namespace

int Main(int argc, char** argv) {
  Options options;
  CLI::App app(kAbout, "metrishift");
  app.footer(kMainHelp);
  app.set_version_flag("--version", "metrishift " METRISHIFT_VERSION);
  app.set_help_flag("-h,--help", "Show this help and exit");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--color", options.color, "Colours: auto (on a terminal), always, never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("WHEN");

  CLI::App* check = AddFileCommand(app, options, "check", "List every use of a deprecated name");
  CLI::App* rewrite = AddRewriteCommand(app, options);
  check->footer(kCheckHelp);
  rewrite->footer(kRewriteHelp);
  const MappingsCommand mappings(app);
  const PreflightCommand preflight(app);

  CLI::App* parse = AddParseCommand(app, options);
  CLI::App* explain = AddExplainCommand(app, options);
  GenerateCommand generate(app, [&options](CLI::App& command) {
    AddMappingOption(command, options)->required();
    AddTableOptions(command, options);
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // What is missing may be there, and be misspelt.
    const bool unknown = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr ||
                         dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
    if (unknown && SayUnexpected(app, std::cerr)) return kError;
    return app.exit(error) == 0 ? kClean : kError;
  }

  // A file that grows over a limit is an error like a full disk, and no reason to die.
  std::signal(SIGXFSZ, SIG_IGN);
  // What a large file has taken goes back at once. Otherwise the limit grows with each large block
  // that is freed, and a vector that grows leaves holes of the sizes that it had.
  ::mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  std::ios::sync_with_stdio(false);
  std::cin.tie(nullptr);
  const Streams streams{std::cout, std::cerr, UseColor(options.color, STDOUT_FILENO),
                        UseColor(options.color, STDERR_FILENO), ::isatty(STDERR_FILENO) == 1};
  const auto run = [&]() -> ExitCode {
    if (*parse) return Parse(options, streams);
    if (*explain) return Explain(options, streams);
    if (generate) {
      return WithMapping(options, streams, [&](const Mapping& mapping) {
        return generate.Run(mapping, PlanOptionsOf(options).least, streams);
      });
    }
    if (*check) {
      return WithMapping(options, streams, [&](const Mapping& mapping) {
        return RunCheck(mapping, FileOptionsOf(options), options.paths, streams);
      });
    }
    if (*rewrite) return Rewrite(options, streams);
    if (preflight) return preflight.Run(streams);
    return mappings.Run(streams);
  };
  const ExitCode code = run();
  if (std::cout.flush()) return code;
  std::cerr << "error: standard output cannot be written; not all of it is there\n";
  return kError;
}

}  // namespace metrishift::cli
