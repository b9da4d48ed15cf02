#include "rewriter/cli/generate_command.h"

#include <re2/re2.h>

#include <ostream>

#include "core/diagnostic.h"
#include "rewriter/cli/report.h"
#include "rewriter/cli/write_file.h"

namespace metrishift::cli {
namespace {

constexpr const char* kWhich = R"(Which one:
  metrishift-exporter  gives old names beside the new ones, at every scrape, values and buckets included.
                       Take it where a program can stand in front of the target.
  recording-rules      where none can: Prometheus computes old series from new ones once an interval, beside
                       what it scrapes. Every kind of change, but no bounds of buckets in another unit and
                       no patterns without a list of names. Once no target has the old names any more.
  relabel-config       old names INSTEAD of new ones, at the scrape: nothing is stored twice. Names, labels
                       and label values only; for those who cannot change their queries yet.
  otel-transform       old names beside new ones, in an OpenTelemetry collector between target and storage.
  promtool-test        the proof that the recording rules do what the table says.

What a companion cannot give is a comment in it that says why; standard error has the count.

Exit codes:
  0  it is made, comments included
  2  a wrong command line, a table that cannot be read, a file that cannot be written)";

constexpr const char* kRules = R"(Load the file when no target exposes the old names any more:
  metrishift generate recording-rules --mapping etcd-3.5 -o metrishift-etcd-3.5-rules.yml
  promtool check rules metrishift-etcd-3.5-rules.yml)";

constexpr const char* kRelabel =
    R"(The text is a whole configuration, so that it can be checked; the marked lines go into your job:
  metrishift generate relabel-config --mapping etcd-3.5 -o relabel.yml
  promtool check config relabel.yml)";

constexpr const char* kOtel =
    R"(The text is the `processors` of a collector; the names at its head go into the pipeline of the metrics.)";

constexpr const char* kTest =
    R"(The tests are made of the table, not of the rules: a wrong rule fails them.
  metrishift generate recording-rules --mapping etcd-3.5 -o metrishift-etcd-3.5-rules.yml
  metrishift generate promtool-test --mapping etcd-3.5 -o metrishift-etcd-3.5-test.yml
  promtool test rules metrishift-etcd-3.5-test.yml)";

// What Prometheus reads as a duration (prometheus/common model.ParseDuration), but for 0.
std::string CheckInterval(const std::string& text) {
  static const RE2 kDuration(
      "([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?");
  constexpr size_t kMaxDigits = 9;
  const bool good = text.size() <= kMaxDigits && RE2::FullMatch(text, kDuration) &&
                    text.find_first_of("123456789") != std::string::npos;
  return good ? "" : text + " is no duration of Prometheus, such as 30s or 1m30s";
}

std::string CheckVersion(const std::string& text) {
  static const RE2 kVersion("[0-9]{1,9}(\\.[0-9]{1,9})*(-.*)?");
  return RE2::FullMatch(text, kVersion) ? "" : text + " is no version, such as 3.6.0";
}

}  // namespace

GenerateCommand::GenerateCommand(CLI::App& app, const AddOptions& add_table_options)
    : command_(app.add_subcommand(
          "generate", "Make what gives old names back where the exporter cannot be used")) {
  command_->require_subcommand(1);
  command_->footer(kWhich);
  Add("recording-rules", add_table_options, generate::RecordingRules,
      "Recording rules for Prometheus: old series, computed from new ones", kRules)
      ->add_option("--interval", options_.interval,
                   "How often the rules are evaluated; the server's evaluation_interval by default")
      ->check(CheckInterval)
      ->type_name("DURATION");
  Add("relabel-config", add_table_options, generate::RelabelConfig,
      "metric_relabel_configs for Prometheus: old names instead of new ones", kRelabel);
  Add("otel-transform", add_table_options, generate::OtelTransform,
      "Processors for an OpenTelemetry collector: old names beside new ones", kOtel);
  Add("promtool-test", add_table_options, generate::PromtoolTest,
      "Unit tests for promtool that prove the recording rules", kTest)
      ->add_option("--rules", options_.rules_file,
                   "The file of recording rules, as seen from the test file; "
                   "metrishift-NAME-rules.yml by default, with the name of the first table")
      ->type_name("FILE");
}

CLI::App* GenerateCommand::Add(const char* name, const AddOptions& add_table_options,
                               Generator generator, const char* about, const char* when) {
  CLI::App* command = command_->add_subcommand(name, about);
  command->footer(when);
  add_table_options(*command);
  command->add_option("-o,--output", output_, "Where to write it; standard output by default")
      ->type_name("FILE");
  command
      ->add_option("--target-version", options_.target_version,
                   "Version of the targets, by default the one that the tables lead to; what it "
                   "still exposes under its old name is left out")
      ->check(CheckVersion)
      ->type_name("VERSION");
  command->callback([this, generator] { generator_ = generator; });
  return command;
}

ExitCode GenerateCommand::Run(const Mapping& mapping, Equivalence least,
                              const Streams& streams) const {
  generate::Options options = options_;
  options.least = least;
  if (options.rules_file.empty())
    options.rules_file = "metrishift-" + mapping.tables().front().name + "-rules.yml";
  const generate::Companion companion = generator_(mapping, options);
  if (output_.empty()) {
    streams.out << companion.text;
  } else if (const std::optional<std::string> error = WriteFile(output_, companion.text)) {
    streams.err << Printable(output_) << ": error: " << *error << "\n";
    return kError;
  }
  streams.err << Plural(companion.made, "deprecated name is", "deprecated names are")
              << " given back";
  if (companion.left > 0) streams.err << ", " << companion.left << " left out; see the comments";
  streams.err << "\n";
  return kClean;
}

}  // namespace metrishift::cli
