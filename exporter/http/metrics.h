#ifndef METRISHIFT_EXPORTER_HTTP_METRICS_H_
#define METRISHIFT_EXPORTER_HTTP_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "exporter/exposition/translator.h"

namespace metrishift::http {

// How a scrape ended.
enum class ScrapeOutcome : uint8_t {
  kTranslated,      // the body went through whole, and was read for aliases
  kUntranslated,    // the body went through, but its format is not known, or not kept to its end
  kUpstreamStatus,  // the upstream answered 4xx or 5xx, and so did the exporter
  kUpstreamFailed,  // refused, DNS, cut, not HTTP
  kUpstreamUnfit,   // empty, redirect, compressed, without an end that shows
  kTimeout,
  kLimit,         // a ceiling: see ScrapeRecord::limit
  kClientGone,    // the client closed, or read too slowly
  kBusy,          // more than --web.max-requests at once, or than a limit of the web configuration
  kUnauthorized,  // no right password
};

// A word for metric labels and logs: "translated", "timeout", ...
std::string_view OutcomeName(ScrapeOutcome outcome);

struct ScrapeRecord {
  static constexpr int kWithoutEnd = 1;  // the body does not end as its format demands
  ScrapeOutcome outcome = ScrapeOutcome::kTranslated;
  int status = 0;    // what the client was told; 0: nothing could be sent
  bool cut = false;  // the response was left without its end
  std::string message;
  std::chrono::duration<double> duration{0};
  std::string route;  // its path; empty where it was not begun
  size_t upstream_bytes = 0;
  size_t client_bytes = 0;
  std::string_view limit;  // LimitName, or "held_bytes"; empty when no ceiling was reached
  // Tells problems of one outcome apart: the upstream's status, or FetchResult::code, or
  // kWithoutEnd.
  int cause = 0;
  std::vector<exposition::AliasReport> aliases;
  size_t unused = 0;  // aliases of the route that no scrape has had anything for
};

// What is read again while the exporter runs: the routes with their tables, and the web
// configuration.
enum class Configuration : uint8_t { kRoutes, kWeb };

// The exporter's metrics about itself. Kept apart from the body that it proxies, and served on a
// path of their own. Thread-safe.
class ExporterMetrics {
 public:
  ExporterMetrics();

  void Record(const ScrapeRecord& record);
  // The one gauge for both is 1 while neither was wrong when it was last read.
  void RecordReload(Configuration which, bool successful);
  // Which routes there are from now on: what is known of others now is forgotten, and a scrape of
  // theirs that is still under way brings none of it back.
  void SetRoutes(std::set<std::string> routes);
  // Nothing for a route that there is no more.
  void SetUnused(const std::string& route, size_t count);
  void AddRunning(int change) { running_.Increment(change); }

  // The registry in text format 0.0.4.
  std::string Serialize() const;

 private:
  struct AliasCounters {
    prometheus::Counter& samples;
    prometheus::Counter& bytes;
  };

  prometheus::Counter& ScrapesLike(const ScrapeRecord& record);
  const AliasCounters& AliasesCalled(const std::string& old_name);

  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& scrapes_;
  prometheus::Counter& cut_;
  prometheus::Histogram& duration_;
  prometheus::Counter& upstream_bytes_;
  prometheus::Counter& client_bytes_;
  prometheus::Family<prometheus::Counter>& alias_samples_;
  prometheus::Family<prometheus::Counter>& alias_bytes_;
  prometheus::Family<prometheus::Counter>& suppressed_;
  prometheus::Family<prometheus::Counter>& impossible_;
  prometheus::Family<prometheus::Counter>& limits_;
  prometheus::Gauge& running_;
  prometheus::Family<prometheus::Gauge>& unused_;
  prometheus::Gauge& reload_successful_;
  prometheus::Gauge& reload_time_;
  std::mutex mutex_;
  // Guarded by mutex_: what each scrape counts, which a Family finds by labels that are made for
  // it.
  std::map<std::tuple<std::string, ScrapeOutcome, int>, prometheus::Counter&> scrapes_like_;
  std::map<std::string, AliasCounters> aliases_called_;
  std::set<std::string> routes_;                         // guarded by mutex_
  std::map<std::string, prometheus::Gauge*> unused_of_;  // guarded by mutex_
  std::array<bool, 2> good_{true, true};                 // guarded by mutex_: by Configuration
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_METRICS_H_
