#include "rewriter/cli/preflight_command.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>
#include <thread>

#include "core/version.h"
#include "mappings/catalog.h"
#include "rewriter/cli/help_text.h"
#include "rewriter/cli/report.h"
#include "rewriter/cli/run.h"
#include "rewriter/preflight/verdict.h"

namespace metrishift::cli {
namespace {

using Json = nlohmann::ordered_json;
using preflight::Access;
using preflight::Cluster;
using preflight::Member;
using preflight::Reason;
using preflight::Verdict;

std::string_view WeightName(Reason::Weight weight) {
  switch (weight) {
    case Reason::Weight::kGood:
      return "ok";
    case Reason::Weight::kAdvice:
      return "note";
    case Reason::Weight::kObstacle:
      return "no";
  }
  return "";
}

bool AnyAnswers(const Cluster& cluster) {
  return std::ranges::any_of(cluster.members,
                             [](const Member& member) { return member.error.empty(); });
}

// What the rules ask for that the upgrade takes away. Those that ask for both names are prepared.
std::vector<Reason> JudgeRules(const std::vector<std::string>& paths, const Streams& streams) {
  const CatalogResult loaded = LoadMappings(std::array{std::string("etcd-3.5")});
  FileOptions options;
  options.plan.mode = rewrite::Mode::kUnion;
  options.plan.verify = false;
  std::ostringstream nothing;
  cli::Run run(loaded.mapping, options, streams);
  std::map<std::string, size_t> names;
  const Tally& tally = run.Files(paths, nothing, [&names](const PlannedFile& file) {
    for (const rewrite::Finding& finding : file.rewrite.findings) {
      if (finding.disposition != rewrite::Disposition::kInfo && finding.entry != nullptr)
        ++names[finding.entry->old_name];
    }
  });
  std::vector<Reason> reasons;
  reasons.reserve(names.size() + 1);
  for (const auto& [name, count] : names) {
    reasons.push_back({Reason::Weight::kObstacle, "the rules use deprecated " + name + " in " +
                                                      Plural(count, "place", "places") +
                                                      ": metrishift rewrite --mapping " +
                                                      "etcd-3.5 --mode union"});
  }
  if (tally.errors > 0)
    reasons.push_back({Reason::Weight::kObstacle, "some of the rules cannot be read"});
  if (reasons.empty())
    reasons.push_back({Reason::Weight::kGood, Plural(tally.files, "file", "files") +
                                                  " of rules, none with a name that goes silent"});
  return reasons;
}

Json ToJson(const std::optional<uint64_t>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json MemberJson(const Member& member) {
  constexpr std::array kV2 = {"unknown", "none", "some", "large"};
  return {{"endpoint", member.endpoint},
          {"error", member.error},
          {"id", member.id},
          {"name", member.name},
          {"healthy", member.healthy},
          {"version", member.version},
          {"cluster_version", member.cluster_version},
          {"leader", member.IsLeader()},
          {"db_size", ToJson(member.db_size)},
          {"quota", ToJson(member.quota)},
          {"v2_data", kV2.at(static_cast<size_t>(member.v2))}};
}

void PrintJson(const Cluster& cluster, const Verdict& verdict, std::ostream& out) {
  Json json = {{"metrishift", METRISHIFT_VERSION},
               {"go", verdict.IsGo()},
               {"reasons", Json::array()},
               {"members", Json::array()},
               {"snapshot", verdict.snapshot}};
  for (const Reason& reason : verdict.reasons)
    json["reasons"].push_back({{"weight", WeightName(reason.weight)}, {"text", reason.text}});
  for (const Member& member : cluster.members) json["members"].push_back(MemberJson(member));
  out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
}

void PrintText(const Verdict& verdict, std::ostream& out) {
  for (const Reason& reason : verdict.reasons) {
    std::string weight(WeightName(reason.weight));
    weight.resize(6, ' ');
    out << weight << Printable(reason.text) << "\n";
  }
  if (!verdict.snapshot.empty())
    out << "\nsave a snapshot from the leader first:\n  " << Printable(verdict.snapshot) << "\n";
  out << "\n" << (verdict.IsGo() ? "go" : "no-go") << "\n";
}

std::chrono::milliseconds Milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

}  // namespace

PreflightCommand::PreflightCommand(CLI::App& app)
    : command_(app.add_subcommand(
          "preflight", "Say whether an upgrade of an etcd cluster may begin, or watch one")) {
  command_->footer(kPreflightHelp);
  command_
      ->add_option("--endpoints", endpoints_,
                   "The client URLs of all members, with commas between them")
      ->delimiter(',')
      ->type_name("URL,...")
      ->required()
      ->allow_extra_args(false);
  command_->add_option("--cacert", access_.cacert, "Certificates that members are verified with")
      ->type_name("FILE");
  command_->add_option("--cert", access_.cert, "Our own certificate")->type_name("FILE");
  command_->add_option("--key", access_.key, "Its key")->type_name("FILE");
  command_->add_flag("--insecure-skip-tls-verify", access_.insecure_skip_tls_verify,
                     "Do not verify the certificates of members");
  command_->add_option("--user", access_.user, "User of etcd's own authentication; root sees all")
      ->type_name("NAME:PASSWORD");
  command_->add_option("--timeout", timeout_, "Seconds that a member may take for each answer; 5")
      ->check(CLI::Range(0.01, 600.0))
      ->type_name("SECONDS");
  command_
      ->add_option("--rules", rules_,
                   "Also whether these rules and dashboards are prepared for 3.5; repeatable")
      ->type_name("PATH")
      ->allow_extra_args(false);
  command_->add_flag(
      "--watch", watch_,
      "Follow the upgrade instead: a line for each change, until all members and the "
      "cluster run the\nversion of --to");
  command_->add_option("--to", to_, "With --watch: the version after the upgrade; 3.5")
      ->type_name("VERSION");
  command_->add_option("--interval", interval_, "With --watch: seconds between two looks; 2")
      ->check(CLI::Range(0.05, 3600.0))
      ->type_name("SECONDS");
  command_
      ->add_option("--deadline", deadline_,
                   "With --watch: give up after so many seconds, as no-go; 0 for never")
      ->check(CLI::Range(0.0, 1e7))
      ->type_name("SECONDS");
  command_->add_option("--format", format_, "text, or json (one object; with --watch one a line)")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
}

ExitCode PreflightCommand::Run(const Streams& streams) const {
  Access access = access_;
  access.timeout = Milliseconds(timeout_);
  if (!IsVersion(to_)) {
    streams.err << "--to: \"" << Printable(to_) << "\" is no version\nRun with --help for more "
                << "information.\n";
    return kError;
  }
  return watch_ ? Watch(access, streams) : Check(access, streams);
}

ExitCode PreflightCommand::Check(const Access& access, const Streams& streams) const {
  const Cluster cluster = preflight::AskCluster(endpoints_, access);
  Verdict verdict = preflight::Judge(cluster, access);
  if (!rules_.empty()) {
    for (Reason& reason : JudgeRules(rules_, streams)) verdict.reasons.push_back(std::move(reason));
  }
  if (format_ == "json")
    PrintJson(cluster, verdict, streams.out);
  else
    PrintText(verdict, streams.out);
  if (!AnyAnswers(cluster)) return kError;
  return verdict.IsGo() ? kClean : kFindings;
}

ExitCode PreflightCommand::Watch(const Access& access, const Streams& streams) const {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  std::vector<std::string> last;
  while (true) {
    const Cluster cluster = preflight::AskCluster(endpoints_, access);
    const std::vector<std::string> lines = preflight::Describe(cluster);
    const bool done = preflight::IsUpgraded(cluster, to_);
    if (lines != last && format_ == "json") {
      PrintJson(cluster, preflight::Judge(cluster, access), streams.out);
    } else {
      for (size_t i = 0; i < lines.size(); ++i) {
        if (i >= last.size() || lines[i] != last[i]) streams.out << Printable(lines[i]) << "\n";
      }
    }
    if (last.empty() && !done && format_ == "text")
      streams.out << "upgrade one member at a time; with more than 50 MB of v2 data wait two "
                     "minutes after each\n";
    last = lines;
    if (done && format_ == "text")
      streams.out << "all members and the cluster run " << Printable(to_) << " or later\n";
    streams.out.flush();
    if (!streams.out) return kError;
    if (done) return kClean;
    if (deadline_ > 0 && Clock::now() - begin >= Milliseconds(deadline_)) return kFindings;
    std::this_thread::sleep_for(Milliseconds(interval_));
  }
}

}  // namespace metrishift::cli
