#include "exporter/http/route_status.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

namespace metrishift::http {
namespace {

using exposition::AliasOutcome;
using exposition::AliasReport;
using Json = nlohmann::ordered_json;

Json AliasJson(const AliasReport& alias) {
  switch (alias.outcome) {
    case AliasOutcome::kAdded:
      return {{"name", alias.name},
              {"source", alias.source},
              {"samples", alias.samples},
              {"bytes", alias.bytes}};
    case AliasOutcome::kSuppressed:
      return {{"name", alias.name}};
    case AliasOutcome::kImpossible:
      return {{"name", alias.name},
              {"source", alias.source},
              {"reason", exposition::FaultName(alias.fault)}};
  }
  return {};
}

Json AliasesJson(const std::vector<AliasReport>& aliases, AliasOutcome outcome) {
  Json list = Json::array();
  for (const AliasReport& alias : aliases) {
    if (alias.outcome == outcome) list.push_back(AliasJson(alias));
  }
  return list;
}

Json RouteJson(const RouteStatus& route) {
  Json json = {{"path", route.path},
               {"upstream", route.upstream},
               {"tables", route.tables},
               {"scrapes", route.scrapes},
               {"lastScrape", nullptr},
               {"added", AliasesJson(route.aliases, AliasOutcome::kAdded)},
               {"suppressed", AliasesJson(route.aliases, AliasOutcome::kSuppressed)},
               {"impossible", AliasesJson(route.aliases, AliasOutcome::kImpossible)},
               {"unused", route.unused}};
  if (route.scrapes == 0) return json;
  using Seconds = std::chrono::duration<double>;
  json["lastScrape"] = {{"outcome", OutcomeName(route.last.outcome)},
                        {"code", route.last.status},
                        {"message", route.last.message},
                        {"time", Seconds(route.last_at.time_since_epoch()).count()},
                        {"durationSeconds", route.last.duration.count()},
                        {"upstreamBytes", route.last.upstream_bytes}};
  return json;
}

}  // namespace

std::vector<std::string> PromisedAliases(const Mapping& mapping, exposition::Direction direction) {
  using exposition::Direction;
  std::vector<std::string> names;
  std::set<std::string_view> seen;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && seen.insert(name).second) names.push_back(name);
  };
  for (const MappingEntry& entry : mapping.entries()) {
    if (entry.fate != MappingEntry::Fate::kReplaced || entry.SameName()) continue;
    if (direction != Direction::kNew) add(entry.old_name);
    if (direction != Direction::kOld) add(entry.new_name);
  }
  return names;
}

std::string StatusJson(const std::vector<RouteStatus>& routes) {
  Json list = Json::array();
  for (const RouteStatus& route : routes) list.push_back(RouteJson(route));
  const Json json = {{"status", "success"},
                     {"data", {{"version", METRISHIFT_VERSION}, {"routes", std::move(list)}}}};
  // Names and messages can hold any bytes; what is no UTF-8 must not keep the rest from being said.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace metrishift::http
