#include "rewriter/preflight/verdict.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "core/version.h"

namespace metrishift::preflight {
namespace {

using Weight = Reason::Weight;

std::string Mebibytes(uint64_t bytes) {
  char text[32];  // NOLINT(modernize-avoid-c-arrays)
  std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
  return text;
}

std::string NameOf(const Member& member) {
  return member.name.empty() ? member.endpoint : member.name + " (" + member.endpoint + ")";
}

// A word of a shell's command line.
std::string Quoted(const std::string& word) {
  const bool plain = std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._/:=,@%+").find(c) != std::string_view::npos;
  });
  if (plain && !word.empty()) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

class Judging {
 public:
  Judging(const Cluster& cluster, const Access& access) : cluster_(cluster), access_(access) {}

  Verdict Run() {
    if (!cluster_.auth_error.empty())
      Add(Weight::kObstacle, "the user is refused: " + cluster_.auth_error);
    Health();
    Missing();
    Versions();
    Leader();
    Alarms();
    Sizes();
    V2();
    return std::move(verdict_);
  }

 private:
  void Add(Weight weight, std::string text) {
    verdict_.reasons.push_back({weight, std::move(text)});
  }

  void Health() {
    size_t healthy = 0;
    for (const Member& member : cluster_.members) {
      if (!member.error.empty()) {
        Add(Weight::kObstacle, member.endpoint + " does not answer: " + member.error);
      } else if (!member.healthy) {
        Add(Weight::kObstacle, NameOf(member) + " is not healthy: " + member.health);
      } else {
        ++healthy;
      }
    }
    if (healthy == cluster_.members.size())
      Add(Weight::kGood, healthy == 1 ? "the member is healthy"
                                      : "all " + std::to_string(healthy) + " members are healthy");
  }

  // Members that nobody has asked.
  void Missing() {
    for (const KnownMember& known : cluster_.known) {
      if (std::ranges::find(cluster_.members, known.id, &Member::id) != cluster_.members.end())
        continue;
      Add(Weight::kObstacle, "member " + (known.name.empty() ? known.id : known.name) +
                                 (known.client_url.empty() ? "" : " (" + known.client_url + ")") +
                                 " is none of those that answer at the endpoints");
    }
  }

  void Versions() {
    std::map<std::string, std::string> names;  // by version
    for (const Member& member : cluster_.members) {
      if (member.version.empty()) continue;
      std::string& of_version = names[member.version];
      of_version += (of_version.empty() ? "" : ", ") + NameOf(member);
      if (!IsVersion(member.version)) {
        Add(Weight::kObstacle, NameOf(member) + " has a version that is none: " + member.version);
      } else if (VersionNumbers(member.version) < VersionNumbers(kOldestVersion)) {
        Add(Weight::kObstacle, NameOf(member) + " runs " + member.version + ": upgrade it to " +
                                   std::string(kOldestVersion) + " first");
      }
    }
    if (names.size() == 1)
      Add(Weight::kGood, "every member that answers runs " + names.begin()->first);
    if (names.size() < 2) return;
    std::string mixed;
    for (const auto& [version, members] : names)
      mixed.append(mixed.empty() ? "" : "; ").append(version).append(": ").append(members);
    Add(Weight::kObstacle, "the versions are mixed (" + mixed + ")");
  }

  void Leader() {
    std::set<std::string> leaders;
    for (const Member& member : cluster_.members) {
      if (!member.error.empty()) continue;
      leaders.insert(member.leader);
      if (!member.IsLeader()) continue;
      verdict_.leader = member.endpoint;
      Add(Weight::kGood, NameOf(member) + " leads");
    }
    if (leaders.size() > 1) Add(Weight::kObstacle, "the members do not agree who leads");
    if (leaders.contains("")) Add(Weight::kObstacle, "a member knows no leader");
    if (verdict_.leader.empty())
      Add(Weight::kObstacle, "none of the members that answer leads");
    else
      Snapshot();
  }

  void Snapshot() {
    std::string command = "ETCDCTL_API=3 etcdctl --endpoints=" + Quoted(verdict_.leader);
    const auto add = [&command](const char* flag, const std::string& value) {
      if (!value.empty()) command += std::string(" --") + flag + "=" + Quoted(value);
    };
    add("cacert", access_.cacert);
    add("cert", access_.cert);
    add("key", access_.key);
    if (access_.insecure_skip_tls_verify) command += " --insecure-skip-tls-verify";
    add("user", access_.user.substr(0, access_.user.find(':')));  // it asks for the password
    verdict_.snapshot = command + " snapshot save etcd-backup.db";
  }

  bool SomeoneAnswers() const {
    return std::ranges::any_of(cluster_.members,
                               [](const Member& member) { return member.error.empty(); });
  }

  void Alarms() {
    if (!SomeoneAnswers()) return;
    if (!cluster_.alarms)
      return Add(Weight::kObstacle, "no member says whether an alarm is raised");
    for (const Alarm& alarm : *cluster_.alarms) {
      const auto known = std::ranges::find(cluster_.known, alarm.member, &KnownMember::id);
      Add(Weight::kObstacle,
          "alarm " + alarm.type + " is raised for " +
              (known == cluster_.known.end() || known->name.empty() ? alarm.member : known->name));
    }
    if (cluster_.alarms->empty()) Add(Weight::kGood, "no alarm is raised");
  }

  void Sizes() {
    for (const Member& member : cluster_.members) {
      if (!member.db_size) continue;
      const std::string size =
          "the database of " + NameOf(member) + " has " + Mebibytes(*member.db_size);
      if (!member.quota || *member.quota == 0) {
        Add(Weight::kAdvice, size + "; its quota is not known");
        continue;
      }
      const std::string of_quota = size + " of " + Mebibytes(*member.quota);
      if (*member.db_size >= *member.quota)
        Add(Weight::kObstacle, of_quota + ", its quota: compact and defragment it");
      else if (*member.db_size >= *member.quota / 5 * 4)
        Add(Weight::kAdvice, of_quota + ", its quota: compact and defragment it soon");
      else
        Add(Weight::kGood, of_quota + ", its quota");
    }
  }

  void V2() {
    if (!SomeoneAnswers()) return;
    V2Data most = V2Data::kUnknown;
    for (const Member& member : cluster_.members) most = std::max(most, member.v2);
    switch (most) {
      case V2Data::kUnknown:
        return Add(Weight::kAdvice,
                   "the v2 API is off, so that it does not say whether there is v2 data; with more "
                   "than 50 MB of it a member may need two minutes to catch up");
      case V2Data::kNone:
        return Add(Weight::kGood, "there is no v2 data");
      case V2Data::kSome:
        return Add(Weight::kAdvice,
                   "there is v2 data, which 3.5 still serves with --enable-v2, and 3.6 does not");
      case V2Data::kLarge:
        return Add(Weight::kAdvice,
                   "there are more than 50 MB of v2 data: wait two minutes after each member");
    }
  }

  const Cluster& cluster_;
  const Access& access_;
  Verdict verdict_;
};

}  // namespace

bool Verdict::IsGo() const {
  return std::ranges::none_of(
      reasons, [](const Reason& reason) { return reason.weight == Weight::kObstacle; });
}

Verdict Judge(const Cluster& cluster, const Access& access) {
  return Judging(cluster, access).Run();
}

bool IsUpgraded(const Cluster& cluster, std::string_view version) {
  const auto is_new = [version](const std::string& running) {
    return IsVersion(running) && VersionNumbers(running) >= VersionNumbers(version);
  };
  return !cluster.members.empty() &&
         std::ranges::all_of(cluster.members, [&](const Member& member) {
           return member.error.empty() && member.healthy && is_new(member.version) &&
                  is_new(member.cluster_version);
         });
}

std::vector<std::string> Describe(const Cluster& cluster) {
  std::vector<std::string> lines;
  for (const Member& member : cluster.members) {
    std::string line = NameOf(member) + ": ";
    if (!member.error.empty()) {
      line += "no answer (" + member.error + ")";
    } else {
      line += member.version + ", cluster " + member.cluster_version;
      if (!member.healthy) line += ", not healthy";
      if (member.IsLeader()) line += ", leads";
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace metrishift::preflight
