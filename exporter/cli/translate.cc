#include "exporter/cli/translate.h"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/diagnostic.h"
#include "exporter/exposition/body_pipe.h"
#include "exporter/exposition/escaping.h"
#include "mappings/catalog.h"

namespace metrishift::cli {
namespace {

using namespace exposition;

constexpr int kFailed = 1;
constexpr int kMistake = 2;
constexpr std::string_view kGzipMagic = "\x1f\x8b";

struct Options {
  std::vector<std::string> mappings;
  std::string from;
  std::string to;
  Direction direction = Direction::kOld;
  std::string content_type = "text/plain; version=0.0.4";
  bool summary = false;
  Limits limits;
};

void Describe(CLI::App* app, Options* options) {
  app->add_option("--mapping", options->mappings,
                  "Mapping table: a built-in name, a product or a file")
      ->required()
      ->type_name("NAME|FILE");
  app->add_option("--from", options->from, "Of a product's tables those from this version on")
      ->type_name("VERSION");
  app->add_option("--to", options->to, "Of a product's tables those to this version")
      ->type_name("VERSION");
  app->add_option("--direction", options->direction,
                  "Which aliases to make: old names, new names (for rules that were rewritten "
                  "already), or both")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Direction>{
          {"old", Direction::kOld}, {"new", Direction::kNew}, {"both", Direction::kBoth}}))
      ->option_text("old|new|both");
  app->add_option("--content-type", options->content_type,
                  "What the body is, as its Content-Type says it")
      ->capture_default_str();
  app->add_flag("--summary", options->summary,
                "Instead of the body, write what became of each alias");
  app->add_option("--limit.line-bytes", options->limits.max_line_bytes, "Longest line")
      ->capture_default_str();
  app->add_option("--limit.message-bytes", options->limits.max_message_bytes,
                  "Largest name, HELP or metric of a protobuf body")
      ->capture_default_str();
  app->add_option("--limit.alias-bytes", options->limits.max_alias_bytes, "Most bytes of aliases")
      ->capture_default_str();
  app->add_option("--limit.inflated-bytes", options->limits.max_inflated_bytes,
                  "Most bytes that a body in gzip may inflate to")
      ->capture_default_str();
  app->add_option("--limit.inflate-ratio", options->limits.max_inflate_ratio,
                  "Most bytes that one byte of gzip may inflate to")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

int Complain(const std::string& sentence) {
  std::fprintf(stderr, "metrishift-exporter translate: %s\n", sentence.c_str());
  return kFailed;
}

std::string Count(size_t number, const char* noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string Added(size_t samples, size_t bytes) {
  return Count(samples, "sample") + " and " + Count(bytes, "byte");
}

std::string SummaryLine(const AliasReport& report) {
  std::string from = Printable(report.name) + " from " + Printable(report.source);
  switch (report.outcome) {
    case AliasOutcome::kAdded:
      return from + ": " + Added(report.samples, report.bytes);
    case AliasOutcome::kSuppressed:
      return Printable(report.name);
    case AliasOutcome::kImpossible:
      return from + ": " + std::string(FaultReason(report.fault)) + " [" +
             std::string(FaultName(report.fault)) + "]";
  }
  return from;
}

// One line for each alias, and what they add up to: people have a sample_limit.
void PrintSummary(const std::vector<AliasReport>& reports) {
  constexpr std::array<std::pair<AliasOutcome, const char*>, 3> kGroups = {
      {{AliasOutcome::kAdded, "added"},
       {AliasOutcome::kSuppressed, "suppressed: the upstream exposes the name itself"},
       {AliasOutcome::kImpossible, "impossible"}}};
  size_t samples = 0;
  size_t bytes = 0;
  for (const auto& [outcome, title] : kGroups) {
    bool titled = false;
    for (const AliasReport& report : reports) {
      if (report.outcome != outcome) continue;
      if (!std::exchange(titled, true)) std::printf("%s\n", title);
      std::printf("  %s\n", SummaryLine(report).c_str());
      samples += report.samples;
      bytes += report.bytes;
    }
  }
  std::printf("in all %s more\n", Added(samples, bytes).c_str());
}

std::string WhyNotWhole(Format format) {
  if (format == Format::kOpenMetrics) {
    return "nothing was added: the body does not end with \"# EOF\", so it was cut or is not "
           "OpenMetrics; --content-type says what it is";
  }
  return "nothing was added: the body was cut, or is not what --content-type says";
}

bool WriteAll(std::string_view bytes) {
  return std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
}

int Translate(const Options& options, const RuleSet& rules, const BodyFormat& format) {
  std::array<char, 65536> buffer;
  size_t size = std::fread(buffer.data(), 1, buffer.size(), stdin);
  const bool gzip = std::string_view(buffer.data(), size).starts_with(kGzipMagic);
  const Sink out = [&options](std::string_view bytes) {
    return options.summary || WriteAll(bytes);
  };
  BodyPipe pipe(rules, format.format, gzip, options.limits, out);
  std::vector<AliasReport> reports;
  bool ok = true;
  for (; ok && size > 0; size = std::fread(buffer.data(), 1, buffer.size(), stdin)) {
    ok = pipe.Feed({buffer.data(), size});
  }
  if (std::ferror(stdin) != 0) return Complain("standard input cannot be read");
  ok = ok && pipe.Finish(&reports);
  if (pipe.limit_reached() != LimitReached::kNone) {
    return Complain("the body reaches a ceiling: " + std::string(LimitName(pipe.limit_reached())));
  }
  if (!ok) return Complain("the body is damaged, or standard output is closed");
  if (options.summary) PrintSummary(reports);
  if (std::fflush(stdout) != 0) return Complain("standard output cannot be written");
  return pipe.was_whole() ? 0 : Complain(WhyNotWhole(format.format));
}

}  // namespace

bool IsTranslate(int argc, const char* const* argv) {
  return argc > 1 && std::strcmp(argv[1], "translate") == 0;
}

int RunTranslate(int argc, const char* const* argv) {
  CLI::App app(
      "Add the aliases that the exporter would add to a body from standard input, plain or in gzip",
      "metrishift-exporter translate");
  app.set_help_flag("-h,--help", "Print this");
  Options options;
  Describe(&app, &options);
  try {
    app.parse(argc - 1, argv + 1);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kMistake;
  }
  const std::optional<BodyFormat> format = ParseContentType(options.content_type);
  if (!format) {
    Complain("bodies of the Content-Type \"" + options.content_type +
             "\" cannot be translated; known are text/plain, application/openmetrics-text and "
             "delimited application/vnd.google.protobuf");
    return kMistake;
  }
  const CatalogResult catalog =
      LoadMappings(TableChoice{options.mappings, options.from, options.to});
  if (!catalog.error.empty()) {
    std::fputs(catalog.error.c_str(), stderr);
    return kMistake;
  }
  return Translate(options, RuleSet(catalog.mapping, options.direction, format->escaping), *format);
}

}  // namespace metrishift::cli
