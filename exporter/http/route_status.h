#ifndef METRISHIFT_EXPORTER_HTTP_ROUTE_STATUS_H_
#define METRISHIFT_EXPORTER_HTTP_ROUTE_STATUS_H_

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "core/mapping.h"
#include "exporter/http/metrics.h"
#include "exporter/http/route.h"

namespace metrishift::http {

// What is known of one route, for people: what it is for, and how its last scrape went.
struct RouteStatus {
  std::string path;
  std::string upstream;             // as it may be shown
  std::vector<std::string> tables;  // titles
  size_t scrapes = 0;
  ScrapeRecord last;  // meaningless while `scrapes` is 0
  std::chrono::system_clock::time_point last_at;
  std::vector<exposition::AliasReport> aliases;  // of the last scrape that was translated
  // Aliases that the tables promise and that no scrape has had anything for, in their order; those
  // of open patterns are not known.
  std::vector<std::string> unused;
};

// The aliases that `mapping` makes in this direction, once each, in its order.
std::vector<std::string> PromisedAliases(const Mapping& mapping, exposition::Direction direction);

// Routes for programs: the body of /api/v1/status, JSON in the manner of Prometheus' API.
std::string StatusJson(const std::vector<RouteStatus>& routes);

// Routes for people: the page at "/". HTML without scripts; every text that comes from outside is
// escaped.
std::string LandingPage(const std::vector<RouteStatus>& routes);

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_ROUTE_STATUS_H_
