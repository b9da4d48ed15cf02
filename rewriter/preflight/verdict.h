#ifndef METRISHIFT_REWRITER_PREFLIGHT_VERDICT_H_
#define METRISHIFT_REWRITER_PREFLIGHT_VERDICT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rewriter/preflight/cluster.h"

namespace metrishift::preflight {

struct Reason {
  enum class Weight : uint8_t {
    kGood,     // as it should be
    kAdvice,   // no obstacle, but to be known
    kObstacle  // the upgrade must not begin
  };
  Weight weight = Weight::kGood;
  std::string text;  // one clause
};

struct Verdict {
  std::vector<Reason> reasons;
  std::string leader;    // the endpoint of the leader; empty where nobody says who it is
  std::string snapshot;  // the command that saves a snapshot from it

  bool IsGo() const;
};

// The oldest version that can be upgraded to 3.5, by etcd's upgrade guide.
inline constexpr std::string_view kOldestVersion = "3.4";

// Says whether an upgrade may begin: every member answers, is healthy and among the endpoints; all
// run one version, kOldestVersion or later; all follow one leader; no alarm is raised; the database
// is below its quota. https://etcd.io/docs/v3.5/upgrades/upgrade_3_5/ Pure.
Verdict Judge(const Cluster& cluster, const Access& access);

// True iff every member runs `version` ("3.5": any of its releases), and the cluster as a whole
// does.
bool IsUpgraded(const Cluster& cluster, std::string_view version);

// One line for each member, for people.
std::vector<std::string> Describe(const Cluster& cluster);

}  // namespace metrishift::preflight

#endif  // METRISHIFT_REWRITER_PREFLIGHT_VERDICT_H_
