#ifndef METRISHIFT_EXPORTER_HTTP_SCRAPE_H_
#define METRISHIFT_EXPORTER_HTTP_SCRAPE_H_

#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "exporter/exposition/rule_set.h"
#include "exporter/http/log.h"
#include "exporter/http/metrics.h"
#include "exporter/http/request.h"
#include "exporter/http/response.h"
#include "exporter/http/route.h"
#include "exporter/http/route_status.h"
#include "exporter/http/upstream.h"

namespace metrishift::http {

// Does the scrapes of one route: asks the upstream, sends its body to the client as it comes, and
// the alias block with it. What every kind of failure means is decided here: what goes wrong before
// a byte has been sent is a status and a sentence, afterwards a response without its end.
// Thread-safe.
class Scraper {
 public:
  Scraper(Route route, Mapping mapping);

  // `record` receives how it went.
  void Scrape(const Request& request, ClientConnection* client, ScrapeRecord* record);

  // Ends running scrapes within about a second, and later ones at once.
  void Cancel() { upstream_.Cancel(); }

  const Route& route() const { return route_; }
  RouteStatus Status() const;

 private:
  void Note(ScrapeRecord* record);
  void NoteUsed(const std::vector<exposition::AliasReport>& aliases);

  const Route route_;
  const Mapping mapping_;
  const std::vector<exposition::RuleSet> rules_;  // for each Escaping, in its order
  Upstream upstream_;
  mutable std::mutex mutex_;
  RouteStatus status_;  // guarded by mutex_
};

// Every route that is served, in the order of the configuration. Made anew when that is read again;
// scrapes under way keep the one that they began with.
struct RouteSet {
  std::vector<std::unique_ptr<Scraper>> scrapers;

  // The one for `path`, or nullptr.
  Scraper* Find(std::string_view path) const;
  size_t entries = 0;  // of their tables, for the log
};

// Loads the tables of each route. Returns nullptr, and what is wrong, rendered for a terminal.
std::shared_ptr<const RouteSet> LoadRoutes(std::span<const Route> routes, std::string* error);

// Says in the log what is worth a line: scrapes of a route that end otherwise than they should, and
// that they succeed again; an old name that cannot be added. Thread-safe.
class ScrapeLog {
 public:
  explicit ScrapeLog(const Logger& logger) : logger_(logger) {}

  void Record(const ScrapeRecord& record);

 private:
  void RecordImpossible(const exposition::AliasReport& alias);

  const Logger& logger_;
  std::mutex mutex_;
  std::set<std::string> failing_;  // guarded by mutex_: routes
  std::set<std::string> said_;     // guarded by mutex_: what a table asks for in vain
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_SCRAPE_H_
