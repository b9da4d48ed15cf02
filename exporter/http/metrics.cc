#include "exporter/http/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "exporter/http/process_metrics.h"

namespace metrishift::http {
namespace {

constexpr std::array<std::string_view, 10> kOutcomeNames = {
    "translated",     "untranslated", "upstream_status", "upstream_failed",
    "upstream_unfit", "timeout",      "limit",           "client_gone",
    "busy",           "unauthorized"};

const prometheus::Histogram::BucketBoundaries kDurationBuckets = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

#if defined(__clang__)
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "gcc " __VERSION__;
#endif

prometheus::Family<prometheus::Counter>& CounterFamily(prometheus::Registry& registry,
                                                       const char* name, const char* help) {
  return prometheus::BuildCounter()
      .Name(std::string("metrishift_exporter_") + name)
      .Help(help)
      .Register(registry);
}

prometheus::Family<prometheus::Gauge>& GaugeFamily(prometheus::Registry& registry, const char* name,
                                                   const char* help) {
  return prometheus::BuildGauge()
      .Name(std::string("metrishift_exporter_") + name)
      .Help(help)
      .Register(registry);
}

}  // namespace

std::string_view OutcomeName(ScrapeOutcome outcome) {
  return kOutcomeNames[static_cast<size_t>(outcome)];
}

ExporterMetrics::ExporterMetrics()
    : scrapes_(CounterFamily(registry_, "scrapes_total",
                             "Scrapes answered, by how they ended and the status code sent.")),
      cut_(CounterFamily(registry_, "scrapes_cut_total",
                         "Scrapes whose response was left without its end, after it had begun.")
               .Add({})),
      duration_(prometheus::BuildHistogram()
                    .Name("metrishift_exporter_scrape_duration_seconds")
                    .Help("Time from a scrape's request to the end of its response.")
                    .Register(registry_)
                    .Add({}, kDurationBuckets)),
      upstream_bytes_(CounterFamily(registry_, "upstream_bytes_total",
                                    "Bytes of bodies received from the upstream.")
                          .Add({})),
      client_bytes_(CounterFamily(registry_, "client_bytes_total",
                                  "Bytes of bodies sent to clients, as they went out.")
                        .Add({})),
      alias_samples_(CounterFamily(registry_, "alias_samples_total",
                                   "Samples added under a deprecated name.")),
      alias_bytes_(CounterFamily(registry_, "alias_bytes_total",
                                 "Bytes added under a deprecated name, HELP and TYPE included.")),
      suppressed_(CounterFamily(
          registry_, "aliases_suppressed_total",
          "Scrapes in which a deprecated name was not added because the upstream exposes it.")),
      impossible_(CounterFamily(registry_, "aliases_impossible_total",
                                "Scrapes in which a deprecated name was not added because it "
                                "cannot be made of the body.")),
      limits_(CounterFamily(registry_, "limits_reached_total",
                            "Scrapes that failed because a ceiling was reached.")),
      running_(prometheus::BuildGauge()
                   .Name("metrishift_exporter_scrapes_running")
                   .Help("Scrapes under way.")
                   .Register(registry_)
                   .Add({})),
      unused_(GaugeFamily(registry_, "mapping_unused",
                          "Aliases of the tables that no scrape has had anything for.")),
      reload_successful_(GaugeFamily(registry_, "config_last_reload_successful",
                                     "Whether the configuration was last read without an error.")
                             .Add({})),
      reload_time_(GaugeFamily(registry_, "config_last_reload_success_timestamp_seconds",
                               "When the configuration was last read without an error.")
                       .Add({})) {
  RecordReload(Configuration::kRoutes, true);
  prometheus::BuildGauge()
      .Name("metrishift_exporter_build_info")
      .Help("Always 1; the labels say what was built with what.")
      .Register(registry_)
      .Add({{"version", METRISHIFT_VERSION}, {"compiler", kCompiler}})
      .Set(1);
}

void ExporterMetrics::RecordReload(Configuration which, bool successful) {
  const std::lock_guard lock(mutex_);
  good_[static_cast<size_t>(which)] = successful;
  const bool all_good = std::ranges::all_of(good_, std::identity());
  reload_successful_.Set(all_good ? 1 : 0);
  if (all_good) reload_time_.SetToCurrentTime();
}

void ExporterMetrics::SetRoutes(std::set<std::string> routes) {
  const std::lock_guard lock(mutex_);
  routes_ = std::move(routes);
  std::erase_if(unused_of_, [this](const auto& one) {
    const bool gone = !routes_.contains(one.first);
    if (gone) unused_.Remove(one.second);
    return gone;
  });
}

void ExporterMetrics::SetUnused(const std::string& route, size_t count) {
  const std::lock_guard lock(mutex_);
  if (!routes_.contains(route)) return;
  prometheus::Gauge*& gauge = unused_of_[route];
  if (gauge == nullptr) gauge = &unused_.Add({{"route", route}});
  gauge->Set(static_cast<double>(count));
}

prometheus::Counter& ExporterMetrics::ScrapesLike(const ScrapeRecord& record) {
  const std::lock_guard lock(mutex_);
  auto key = std::tuple(record.route, record.outcome, record.status);
  const auto known = scrapes_like_.find(key);
  if (known != scrapes_like_.end()) return known->second;
  prometheus::Counter& counter =
      scrapes_.Add({{"route", record.route},
                    {"outcome", std::string(OutcomeName(record.outcome))},
                    {"code", std::to_string(record.status)}});
  scrapes_like_.emplace(std::move(key), counter);
  return counter;
}

const ExporterMetrics::AliasCounters& ExporterMetrics::AliasesCalled(const std::string& old_name) {
  const std::lock_guard lock(mutex_);
  const auto known = aliases_called_.find(old_name);
  if (known != aliases_called_.end()) return known->second;
  const prometheus::Labels labels = {{"old_name", old_name}};
  const AliasCounters counters{alias_samples_.Add(labels), alias_bytes_.Add(labels)};
  return aliases_called_.emplace(old_name, counters).first->second;
}

void ExporterMetrics::Record(const ScrapeRecord& record) {
  ScrapesLike(record).Increment();
  if (record.cut) cut_.Increment();
  const bool was_run =
      record.outcome != ScrapeOutcome::kBusy && record.outcome != ScrapeOutcome::kUnauthorized;
  if (was_run) duration_.Observe(record.duration.count());
  client_bytes_.Increment(static_cast<double>(record.client_bytes));
  upstream_bytes_.Increment(static_cast<double>(record.upstream_bytes));
  if (!record.limit.empty()) limits_.Add({{"limit", std::string(record.limit)}}).Increment();
  for (const exposition::AliasReport& alias : record.aliases) {
    switch (alias.outcome) {
      case exposition::AliasOutcome::kAdded: {
        const AliasCounters& counters = AliasesCalled(alias.name);
        counters.samples.Increment(static_cast<double>(alias.samples));
        counters.bytes.Increment(static_cast<double>(alias.bytes));
        break;
      }
      case exposition::AliasOutcome::kSuppressed:
        suppressed_.Add({{"old_name", alias.name}}).Increment();
        break;
      case exposition::AliasOutcome::kImpossible:
        impossible_
            .Add({{"old_name", alias.name},
                  {"reason", std::string(exposition::FaultName(alias.fault))}})
            .Increment();
        break;
    }
  }
}

std::string ExporterMetrics::Serialize() const {
  std::vector<prometheus::MetricFamily> families = registry_.Collect();
  for (prometheus::MetricFamily& family : ProcessMetrics()) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace metrishift::http
