#ifndef METRISHIFT_EXPORTER_HTTP_SCRAPE_H_
#define METRISHIFT_EXPORTER_HTTP_SCRAPE_H_

#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/mapping.h"
#include "exporter/exposition/rule_set.h"
#include "exporter/http/log.h"
#include "exporter/http/metrics.h"
#include "exporter/http/options.h"
#include "exporter/http/request.h"
#include "exporter/http/response.h"
#include "exporter/http/upstream.h"

namespace metrishift::http {

// Does one scrape: asks the upstream, sends its body to the client as it comes, and the alias block
// after it. What every kind of failure means is decided here: what goes
// wrong before a byte has been sent is a status and a sentence, afterwards a response without its
// end. `record` receives how it went. Thread-safe.
class Scraper {
 public:
  // The references must outlive the object.
  Scraper(const Options& options, const Mapping& mapping, Upstream& upstream)
      : options_(options), rules_(RuleSets(mapping)), upstream_(upstream) {}

  void Scrape(const Request& request, ClientConnection* client, ScrapeRecord* record) const;

 private:
  static std::vector<exposition::RuleSet> RuleSets(const Mapping& mapping);

  const Options& options_;
  // For each Escaping, in its order.
  const std::vector<exposition::RuleSet> rules_;
  Upstream& upstream_;
};

// Says in the log what is worth a line: a scrape that ends otherwise than the one before, and an
// old name that cannot be added, once for each reason. Thread-safe.
class ScrapeLog {
 public:
  explicit ScrapeLog(const Logger& logger) : logger_(logger) {}

  void Record(const ScrapeRecord& record);

 private:
  const Logger& logger_;
  std::mutex mutex_;
  ScrapeOutcome last_ = ScrapeOutcome::kTranslated;  // guarded by mutex_
  std::set<std::string> said_;                       // guarded by mutex_
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_SCRAPE_H_
