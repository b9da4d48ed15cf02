#include "rewriter/preflight/cluster.h"

#include <algorithm>
#include <charconv>
#include <future>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

namespace metrishift::preflight {
namespace {

using Json = nlohmann::json;

Json ParseJson(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_object() ? json : Json::object();
}

// A member as text, whether it is written as a string or as a number; "" where there is none.
std::string TextOf(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) return "";
  if (found->is_string()) return found->get<std::string>();
  return found->is_primitive() && !found->is_null() ? found->dump() : "";
}

const Json& ListOf(const Json& json, const char* key) {
  static const Json kNone = Json::array();
  const auto found = json.find(key);
  return found != json.end() && found->is_array() ? *found : kNone;
}

std::optional<uint64_t> NumberOf(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The value of a sample without labels, in a body of /metrics: 2.147483648e+09.
std::optional<uint64_t> SampleOf(std::string_view body, const std::string& name) {
  const std::string line = "\n" + name + " ";
  const size_t at = body.find(line);
  if (at == body.npos) return std::nullopt;
  const std::string_view rest = body.substr(at + line.size());
  double value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc() || !(value >= 0 && value < 1e18)) return std::nullopt;
  return static_cast<uint64_t>(value);
}

// What one member says, and what it says of the others.
struct Testimony {
  Member member;
  std::vector<KnownMember> known;
  std::optional<std::vector<Alarm>> alarms;
};

class Asking {
 public:
  Asking(const Access& access, std::string token, std::string endpoint)
      : access_(access), token_(std::move(token)) {
    said_.member.endpoint = std::move(endpoint);
  }

  Testimony Run() {
    Member& member = said_.member;
    const Answer version = Get("/version");
    if (version.status != 200) {
      member.error = version.error.empty() ? "answers with status " + std::to_string(version.status)
                                           : version.error;
      return std::move(said_);
    }
    const Json versions = ParseJson(version.body);
    member.version = TextOf(versions, "etcdserver");
    member.cluster_version = TextOf(versions, "etcdcluster");
    if (member.version.empty()) {
      member.error = "is no etcd";
      return std::move(said_);
    }
    Health();
    Status();
    Others();
    member.quota = SampleOf(Get("/metrics").body, "etcd_server_quota_backend_bytes");
    V2();
    return std::move(said_);
  }

 private:
  Answer Get(const std::string& path, size_t max_bytes = size_t{16} << 20) const {
    return Ask(access_, {said_.member.endpoint + path, std::nullopt, token_, max_bytes});
  }

  // The v3 gateway: under /v3 from 3.4 on, under /v3beta and /v3alpha before.
  // Nothing when it gives no answer.
  std::optional<Json> Post(const std::string& path, const std::string& body) const {
    for (const char* version : {"/v3", "/v3beta", "/v3alpha"}) {
      const std::string url = said_.member.endpoint + version + path;
      const Answer answer = Ask(access_, {url, body, token_});
      if (answer.status == 404) continue;
      return answer.status == 200 ? std::optional(ParseJson(answer.body)) : std::nullopt;
    }
    return std::nullopt;
  }

  void Health() {
    const Answer answer = Get("/health");
    const Json health = ParseJson(answer.body);
    said_.member.healthy = TextOf(health, "health") == "true";
    if (said_.member.healthy) return;
    std::string why = TextOf(health, "reason");
    if (why.empty()) why = answer.error;
    said_.member.health = why.empty() ? "it says so itself" : why;
  }

  void Status() {
    const Json status = Post("/maintenance/status", "{}").value_or(Json::object());
    Member& member = said_.member;
    const auto header = status.find("header");
    if (header != status.end() && header->is_object()) member.id = TextOf(*header, "member_id");
    const std::string leader = TextOf(status, "leader");
    if (leader != "0") member.leader = leader;
    member.db_size = NumberOf(TextOf(status, "dbSize"));
  }

  void Others() {
    // Where there are no alarms the answer is {}.
    if (const std::optional<Json> alarms = Post("/maintenance/alarm", R"({"action":"GET"})")) {
      said_.alarms.emplace();
      for (const Json& item : ListOf(*alarms, "alarms")) {
        if (item.is_object())
          said_.alarms->push_back({TextOf(item, "memberID"), TextOf(item, "alarm")});
      }
    }
    const Json members = Post("/cluster/member/list", "{}").value_or(Json::object());
    for (const Json& item : ListOf(members, "members")) {
      if (!item.is_object()) continue;
      KnownMember known{TextOf(item, "ID"), TextOf(item, "name"), ""};
      const Json& urls = ListOf(item, "clientURLs");
      if (!urls.empty() && urls.front().is_string()) known.client_url = urls.front();
      said_.known.push_back(std::move(known));
    }
  }

  void V2() {
    const Answer answer = Get("/v2/keys/?recursive=true", kLargeV2Data);
    if (answer.cut) {
      said_.member.v2 = V2Data::kLarge;
      return;
    }
    if (answer.status != 200) return;
    const Json keys = ParseJson(answer.body);
    const auto node = keys.find("node");
    if (node == keys.end() || !node->is_object()) return;
    said_.member.v2 = ListOf(*node, "nodes").empty() ? V2Data::kNone : V2Data::kSome;
  }

  const Access& access_;
  std::string token_;
  Testimony said_;
};

std::string UrlOf(const std::string& endpoint, const Access& access) {
  std::string url = endpoint;
  while (url.ends_with('/')) url.pop_back();
  if (url.find("://") != std::string::npos) return url;
  const bool tls =
      !access.cacert.empty() || !access.cert.empty() || access.insecure_skip_tls_verify;
  return (tls ? "https://" : "http://") + url;
}

// A token for the user, from the first member that gives one.
std::string Authenticate(const std::vector<std::string>& urls, const Access& access,
                         std::string* error) {
  const size_t colon = access.user.find(':');
  const std::string name = access.user.substr(0, colon);
  const std::string password = colon == std::string::npos ? "" : access.user.substr(colon + 1);
  const std::string body = Json{{"name", name}, {"password", password}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
  for (const std::string& url : urls) {
    const Answer answer = Ask(access, {url + "/v3/auth/authenticate", body, ""});
    if (answer.status == 0) continue;
    const Json json = ParseJson(answer.body);
    if (answer.status == 200) return TextOf(json, "token");
    *error = TextOf(json, "error");
    if (error->find("not enabled") != std::string::npos) error->clear();
    return "";
  }
  return "";
}

}  // namespace

Cluster AskCluster(const std::vector<std::string>& endpoints, const Access& access) {
  Cluster cluster;
  std::vector<std::string> urls;
  urls.reserve(endpoints.size());
  for (const std::string& endpoint : endpoints) urls.push_back(UrlOf(endpoint, access));
  std::string token;
  if (!access.user.empty()) token = Authenticate(urls, access, &cluster.auth_error);
  std::vector<std::future<Testimony>> asked;
  asked.reserve(urls.size());
  for (const std::string& url : urls) {
    asked.push_back(std::async(std::launch::async,
                               [&access, token, url] { return Asking(access, token, url).Run(); }));
  }
  std::set<std::pair<std::string, std::string>> alarms;
  for (std::future<Testimony>& one : asked) {
    Testimony said = one.get();
    if (cluster.known.empty()) cluster.known = std::move(said.known);
    if (said.alarms && !cluster.alarms) cluster.alarms.emplace();
    for (Alarm& alarm : said.alarms.value_or(std::vector<Alarm>())) {
      if (alarms.emplace(alarm.member, alarm.type).second)
        cluster.alarms->push_back(std::move(alarm));
    }
    cluster.members.push_back(std::move(said.member));
  }
  for (Member& member : cluster.members) {
    const auto known = std::ranges::find(cluster.known, member.id, &KnownMember::id);
    if (!member.id.empty() && known != cluster.known.end()) member.name = known->name;
  }
  return cluster;
}

}  // namespace metrishift::preflight
