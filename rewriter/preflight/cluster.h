#ifndef METRISHIFT_REWRITER_PREFLIGHT_CLUSTER_H_
#define METRISHIFT_REWRITER_PREFLIGHT_CLUSTER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rewriter/preflight/http_client.h"

namespace metrishift::preflight {

// What etcd's v2 store has, as far as it says so.
enum class V2Data : uint8_t {
  kUnknown,  // its API is off, which says nothing of the data
  kNone,
  kSome,
  kLarge,  // more than kLargeV2Data
};
// From here on a member may need two minutes to catch up, says etcd's upgrade guide.
inline constexpr size_t kLargeV2Data = size_t{50} << 20;

// One endpoint, and what the member behind it says of itself.
struct Member {
  std::string endpoint;
  std::string error;  // it cannot be asked: why; the rest is empty then
  std::string id;     // decimal
  std::string name;   // as the cluster calls it
  bool healthy = false;
  std::string health;  // why it is not
  std::string version;
  std::string cluster_version;
  std::string leader;               // the member id that it follows; "" for none
  std::optional<uint64_t> db_size;  // bytes
  std::optional<uint64_t> quota;    // bytes
  V2Data v2 = V2Data::kUnknown;

  bool IsLeader() const { return !id.empty() && id == leader; }
};

struct Alarm {
  std::string member;  // its id
  std::string type;    // NOSPACE, CORRUPT
};

// A member as the others know it.
struct KnownMember {
  std::string id;
  std::string name;
  std::string client_url;  // the first; may be empty
};

struct Cluster {
  std::vector<Member> members;  // one for each endpoint, in their order
  std::vector<KnownMember> known;
  std::optional<std::vector<Alarm>> alarms;  // nothing when no member says
  std::string auth_error;                    // the user was refused: why
};

// Asks every endpoint, all at the same time: /version, /health, the status, alarms and members of
// the v3 gateway, /metrics for the quota, and the v2 API. An endpoint without a scheme has https://
// with a certificate, else http://. Each request ends after Access::timeout; a member that does not
// answer the first is asked nothing else.
Cluster AskCluster(const std::vector<std::string>& endpoints, const Access& access);

}  // namespace metrishift::preflight

#endif  // METRISHIFT_REWRITER_PREFLIGHT_CLUSTER_H_
