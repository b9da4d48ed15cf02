#include "rewriter/preflight/verdict.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

namespace metrishift::preflight {
namespace {

// Three members that may be upgraded: a leads.
Cluster Healthy() {
  Cluster cluster;
  for (const char* id : {"1", "2", "3"}) {
    Member member;
    member.endpoint = std::string("http://10.0.0.") + id + ":2379";
    member.id = id;
    member.name = std::string("m") + id;
    member.healthy = true;
    member.version = "3.4.23";
    member.cluster_version = "3.4.0";
    member.leader = "1";
    member.db_size = 10 << 20;
    member.quota = 100 << 20;
    member.v2 = V2Data::kNone;
    cluster.known.push_back({member.id, member.name, member.endpoint});
    cluster.members.push_back(std::move(member));
  }
  cluster.alarms.emplace();
  return cluster;
}

// "no: ...", "note: ..." or "ok: ..." in the order of the verdict.
std::string Reasons(const Verdict& verdict) {
  std::string out;
  for (const Reason& reason : verdict.reasons) {
    out += reason.weight == Reason::Weight::kGood       ? "ok: "
           : reason.weight == Reason::Weight::kObstacle ? "no: "
                                                        : "note: ";
    out += reason.text + "\n";
  }
  return out;
}

TEST(Judge, AHealthyCluster) {
  Access access;
  access.cacert = "ca.pem";
  access.user = "root:secret";
  const Verdict verdict = Judge(Healthy(), access);
  EXPECT_TRUE(verdict.IsGo()) << Reasons(verdict);
  EXPECT_EQ(Reasons(verdict).find("no: "), std::string::npos);
  EXPECT_NE(Reasons(verdict).find("ok: no alarm is raised\n"), std::string::npos);
  EXPECT_EQ(verdict.leader, "http://10.0.0.1:2379");
  EXPECT_EQ(verdict.snapshot,
            "ETCDCTL_API=3 etcdctl --endpoints=http://10.0.0.1:2379 --cacert=ca.pem --user=root "
            "snapshot save etcd-backup.db");
}

TEST(Judge, EachObstacleAndAdvice) {
  struct Row {
    std::function<void(Cluster&)> change;
    bool go;
    std::string reason;  // among the lines
  };
  const Row rows[] = {
      {[](Cluster& c) { c.members[1].version = "3.5.9"; }, false,
       "no: the versions are mixed (3.4.23: m1 (http://10.0.0.1:2379), m3 (http://10.0.0.3:2379); "
       "3.5.9: m2 (http://10.0.0.2:2379))"},
      {[](Cluster& c) {
         for (Member& member : c.members) member.version = "3.3.27";
       },
       false, "no: m1 (http://10.0.0.1:2379) runs 3.3.27: upgrade it to 3.4 first"},
      {[](Cluster& c) { c.members[0].version = "latest"; }, false, "has a version that is none"},
      {[](Cluster& c) { c.members[2].healthy = false, c.members[2].health = "slow"; }, false,
       "no: m3 (http://10.0.0.3:2379) is not healthy: slow"},
      {[](Cluster& c) { c.members.pop_back(); }, false,
       "no: member m3 (http://10.0.0.3:2379) is none of those that answer at the endpoints"},
      {[](Cluster& c) { c.members[2].leader = "2"; }, false,
       "no: the members do not agree who leads"},
      {[](Cluster& c) {
         for (Member& member : c.members) member.leader = "";
       },
       false, "no: a member knows no leader"},
      {[](Cluster& c) {
         c.alarms->push_back({"2", "NOSPACE"});
       },
       false, "no: alarm NOSPACE is raised for m2"},
      {[](Cluster& c) { c.alarms.reset(); }, false,
       "no: no member says whether an alarm is raised"},
      {[](Cluster& c) { c.members[0].db_size = 100 << 20; }, false,
       "no: the database of m1 (http://10.0.0.1:2379) has 100.0 MiB of 100.0 MiB, its quota"},
      {[](Cluster& c) { c.members[0].db_size = 80 << 20; }, true,
       "note: the database of m1 (http://10.0.0.1:2379) has 80.0 MiB of 100.0 MiB, its quota"},
      {[](Cluster& c) { c.members[0].quota.reset(); }, true, "its quota is not known"},
      {[](Cluster& c) { c.members[1].v2 = V2Data::kSome; }, true, "note: there is v2 data"},
      {[](Cluster& c) { c.members[1].v2 = V2Data::kLarge; }, true,
       "note: there are more than 50 MB of v2 data"},
      {[](Cluster& c) {
         for (Member& member : c.members) member.v2 = V2Data::kUnknown;
       },
       true, "note: the v2 API is off"},
      {[](Cluster& c) { c.auth_error = "wrong password"; }, false,
       "no: the user is refused: wrong password"},
  };
  for (const Row& row : rows) {
    Cluster cluster = Healthy();
    row.change(cluster);
    const Verdict verdict = Judge(cluster, {});
    EXPECT_EQ(verdict.IsGo(), row.go) << row.reason;
    EXPECT_NE(Reasons(verdict).find(row.reason), std::string::npos) << row.reason << " is not in\n"
                                                                    << Reasons(verdict);
  }
}

// What nobody has said is not said of a cluster that does not answer.
TEST(Judge, NobodyAnswers) {
  Cluster cluster;
  cluster.members.resize(1);
  cluster.members[0].endpoint = "http://a";
  cluster.members[0].error = "no route";
  const Verdict verdict = Judge(cluster, {});
  EXPECT_FALSE(verdict.IsGo());
  EXPECT_EQ(Reasons(verdict).find("ok: "), std::string::npos) << Reasons(verdict);
  EXPECT_EQ(verdict.snapshot, "");
}

TEST(IsUpgraded, OnceEveryMemberAndTheClusterAre) {
  Cluster cluster = Healthy();
  EXPECT_FALSE(IsUpgraded(cluster, "3.5"));
  for (Member& member : cluster.members) {
    EXPECT_FALSE(IsUpgraded(cluster, "3.5"));
    member.version = "3.5.16";
  }
  EXPECT_FALSE(IsUpgraded(cluster, "3.5"));
  for (Member& member : cluster.members) member.cluster_version = "3.5.0";
  EXPECT_TRUE(IsUpgraded(cluster, "3.5"));
  cluster.members[1].error = "no route";
  cluster.members[1].version = "";
  EXPECT_FALSE(IsUpgraded(cluster, "3.5"));
}

}  // namespace
}  // namespace metrishift::preflight
