#include "exporter/http/scrape.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <new>
#include <utility>

#include "exporter/exposition/body_pipe.h"
#include "exporter/exposition/escaping.h"
#include "mappings/catalog.h"

namespace metrishift::http {
namespace {

using exposition::BodyPipe;
using exposition::Format;

// One scrape under way, from the upstream's point of view.
class RunningScrape : public UpstreamListener {
 public:
  RunningScrape(const Route& route, const std::vector<exposition::RuleSet>& rules,
                const Request& request, ClientConnection* client, ScrapeRecord* record)
      : route_(route),
        rules_(rules),
        request_(request),
        client_(client),
        record_(record),
        response_(client, &request) {}

  bool OnHead(const UpstreamHead& head) override;
  bool OnBody(std::string_view chunk) override;
  bool OnPause() override;
  bool WantsSocket(uint64_t left) override;
  bool OnSocket(int socket, std::string_view bytes) override;
  void OnEnd(const FetchResult& result, const std::string& upstream);
  void OnOutOfMemory();

 private:
  // Fixes the outcome. Returns false, to end the transfer.
  bool Fail(ScrapeOutcome outcome, std::string message);
  bool FailOnLimit(std::string_view limit, std::string message);
  bool FailInPipe();
  bool Forward(std::string_view bytes);
  bool FailToSend();
  void Count(std::string_view bytes);
  void Finish();
  // Before a failure of the upstream's, so that the client sees the same of it whether or not there
  // was a pause in between.
  void SendWhatCame() { (void)response_.Flush(); }
  void Conclude();
  void SendFailure();

  const Route& route_;
  const std::vector<exposition::RuleSet>& rules_;
  const Request& request_;
  ClientConnection* const client_;
  ScrapeRecord* const record_;
  StreamedResponse response_;
  std::unique_ptr<BodyPipe> pipe_;  // where the body can be translated
  UpstreamHead head_;
  bool in_gzip_ = false;
  bool is_text_ = true;
  bool failed_ = false;
  char last_byte_ = '\n';
};

bool RunningScrape::Fail(ScrapeOutcome outcome, std::string message) {
  failed_ = true;
  record_->outcome = outcome;
  record_->message = std::move(message);
  return false;
}

bool RunningScrape::FailOnLimit(std::string_view limit, std::string message) {
  record_->limit = limit;
  return Fail(ScrapeOutcome::kLimit, std::move(message));
}

// A ceiling of the translation, or gzip that it could not read; or Forward has failed already.
bool RunningScrape::FailInPipe() {
  if (failed_) return false;
  if (pipe_->limit_reached() == exposition::LimitReached::kNone)
    return Fail(ScrapeOutcome::kUpstreamUnfit, "The upstream's gzip is damaged.");
  const std::string limit(exposition::LimitName(pipe_->limit_reached()));
  return FailOnLimit(exposition::LimitName(pipe_->limit_reached()),
                     "The body reached a ceiling of the exporter (limit " + limit + ").");
}

bool RunningScrape::OnHead(const UpstreamHead& head) {
  constexpr auto kUnfit = ScrapeOutcome::kUpstreamUnfit;
  head_ = head;
  const std::string& coding = head.content_encoding;
  in_gzip_ = EqualsIgnoringCase(coding, "gzip") || EqualsIgnoringCase(coding, "x-gzip");
  if (HasControlBytes(head.content_type))
    return Fail(kUnfit, "The upstream's Content-Type is not well-formed.");
  if (!coding.empty() && !EqualsIgnoringCase(coding, "identity") &&
      !(in_gzip_ && WantsGzip(request_))) {
    return Fail(kUnfit, "The upstream compressed its body (Content-Encoding: " + coding +
                            ") although it was asked not to.");
  }
  if (head.status >= 400) return true;
  if (head.status >= 300 && !head.location.empty()) {
    return Fail(kUnfit,
                "The upstream redirects to \"" + head.location +
                    "\", and redirects are not followed: --upstream has to name the last URL.");
  }
  if (head.status != 200) {
    return Fail(kUnfit, "The upstream answered with status " + std::to_string(head.status) +
                            ", which is no answer to a scrape.");
  }
  if (!head.framed && !route_.allow_unframed) {
    return Fail(kUnfit,
                "The upstream sent neither Content-Length nor chunked encoding, so a body that was "
                "cut would pass for a whole one; --upstream.allow-unframed accepts that.");
  }
  const auto body = exposition::ParseContentType(head.content_type);
  is_text_ = !in_gzip_ && (!body || body->format != Format::kProtobuf);
  if (body) {
    // Not on the stack: civetweb's threads have 100 KB of it.
    pipe_ = std::make_unique<BodyPipe>(rules_[static_cast<size_t>(body->escaping)], body->format,
                                       in_gzip_, route_.limits,
                                       [this](std::string_view bytes) { return Forward(bytes); });
  }
  return true;
}

bool RunningScrape::Forward(std::string_view bytes) {
  if (!response_.begun()) response_.Begin(head_.status, head_.content_type, in_gzip_);
  return response_.Write(bytes) || FailToSend();
}

bool RunningScrape::OnPause() {
  if (failed_) return true;
  if (client_->IsGone()) return Fail(ScrapeOutcome::kClientGone, "The client is gone.");
  return response_.Flush() || FailToSend();
}

bool RunningScrape::FailToSend() {
  if (response_.committed()) return Fail(ScrapeOutcome::kClientGone, "The client is gone.");
  return FailOnLimit("held_bytes",
                     "There is no room to hold back so much for a client of HTTP/1.0.");
}

void RunningScrape::Count(std::string_view bytes) {
  record_->upstream_bytes += bytes.size();
  last_byte_ = bytes.back();
}

// Where the bytes pass as they are. A client that is gone shows in the next pause.
bool RunningScrape::WantsSocket(uint64_t left) {
  return !failed_ && response_.begun() && response_.TakesSockets() &&
         (!pipe_ || pipe_->PassesEverything()) && response_.Announce(left);
}

bool RunningScrape::OnSocket(int socket, std::string_view bytes) {
  Count(bytes);
  if (!response_.WriteFrom(socket, bytes)) return FailToSend();
  return !pipe_ || pipe_->Read(bytes) || FailInPipe();
}

bool RunningScrape::OnBody(std::string_view chunk) {
  Count(chunk);
  if (!pipe_) return Forward(chunk);
  return pipe_->Feed(chunk) || FailInPipe();
}

void RunningScrape::OnEnd(const FetchResult& result, const std::string& upstream) {
  record_->cause = result.code;
  switch (result.status) {
    case FetchResult::Status::kComplete:
      Finish();
      break;
    case FetchResult::Status::kTimedOut:
      Fail(ScrapeOutcome::kTimeout,
           "The upstream " + upstream + " took too long: " + result.message + ".");
      break;
    case FetchResult::Status::kFailed:
      SendWhatCame();
      Fail(ScrapeOutcome::kUpstreamFailed,
           "The upstream " + upstream + " could not be read: " + result.message + ".");
      break;
    case FetchResult::Status::kStopped:
      if (!failed_) Fail(ScrapeOutcome::kUpstreamFailed, "The exporter is shutting down.");
      break;
  }
  Conclude();
}

void RunningScrape::OnOutOfMemory() {
  FailOnLimit("memory", "The exporter has no memory for this scrape.");
  Conclude();
}

void RunningScrape::Conclude() {
  if (failed_) SendFailure();
  record_->client_bytes = response_.sent_bytes();
  record_->status = response_.committed() ? response_.status() : record_->status;
}

void RunningScrape::Finish() {
  if (head_.status >= 400) {
    record_->outcome = ScrapeOutcome::kUpstreamStatus;
    record_->cause = head_.status;
    record_->message = "The upstream answered with status " + std::to_string(head_.status) + ".";
  } else if (record_->upstream_bytes == 0 || (pipe_ && pipe_->IsEmptyGzip())) {
    Fail(ScrapeOutcome::kUpstreamUnfit, "The upstream answered 200 with an empty body.");
    return;
  } else if (!head_.framed && is_text_ && last_byte_ != '\n') {
    SendWhatCame();
    Fail(ScrapeOutcome::kUpstreamUnfit, "The upstream's body ends in the middle of a line.");
    return;
  } else if (!pipe_) {
    record_->outcome = ScrapeOutcome::kUntranslated;
    record_->message = "The upstream's body has a format that is not known here (Content-Type: " +
                       head_.content_type + "), so no old names were added.";
  }
  std::vector<exposition::AliasReport> reports;
  if (pipe_ && !pipe_->Finish(&reports)) {
    FailInPipe();
    return;
  }
  if (pipe_ && !pipe_->was_whole()) {
    record_->outcome = ScrapeOutcome::kUntranslated;
    record_->cause = ScrapeRecord::kWithoutEnd;
    record_->message = "The upstream's body does not end as its format demands (Content-Type: " +
                       head_.content_type + "), so no old names were added.";
  }
  if (!Forward({})) return;  // a response without a body begins here
  if (!response_.End()) {
    Fail(ScrapeOutcome::kClientGone, "The client is gone.");
    return;
  }
  record_->aliases = std::move(reports);
}

void RunningScrape::SendFailure() {
  if (response_.committed()) {
    record_->cut = true;
    return;
  }
  record_->status = record_->outcome == ScrapeOutcome::kTimeout ? 504 : 502;
  if (!SendSentence(client_, request_, record_->status, record_->message)) record_->status = 0;
}

std::vector<exposition::RuleSet> RuleSets(const Mapping& mapping, exposition::Direction direction) {
  std::vector<exposition::RuleSet> sets;
  sets.reserve(exposition::kEscapings.size());
  for (const exposition::Escaping escaping : exposition::kEscapings)
    sets.emplace_back(mapping, direction, escaping);
  return sets;
}

}  // namespace

Scraper::Scraper(Route route, Mapping mapping)
    : route_(std::move(route)),
      mapping_(std::move(mapping)),
      rules_(RuleSets(mapping_, route_.direction)),
      upstream_(route_.upstream) {
  status_.path = route_.path;
  status_.upstream = upstream_.display_url();
  for (const MappingTable& table : mapping_.tables()) status_.tables.push_back(table.title);
  status_.unused = PromisedAliases(mapping_, route_.direction);
}

void Scraper::Scrape(const Request& request, ClientConnection* client, ScrapeRecord* record) {
  const auto start = std::chrono::steady_clock::now();
  const FetchRequest fetch{
      AcceptForUpstream(request.Header("Accept")), WantsGzip(request),
      ScrapeTimeout(request.Header("X-Prometheus-Scrape-Timeout-Seconds"), route_)};
  RunningScrape scrape(route_, rules_, request, client, record);
  try {
    scrape.OnEnd(upstream_.Fetch(fetch, &scrape), upstream_.display_url());
  } catch (const std::bad_alloc&) {
    scrape.OnOutOfMemory();
  }
  record->duration = std::chrono::steady_clock::now() - start;
  record->route = route_.path;
  Note(record);
}

void Scraper::Note(ScrapeRecord* record) {
  const auto now = std::chrono::system_clock::now();
  const std::lock_guard lock(mutex_);
  ++status_.scrapes;
  status_.last_at = now;
  if (record->outcome == ScrapeOutcome::kTranslated) {
    status_.aliases = record->aliases;
    NoteUsed(record->aliases);
  }
  record->unused = status_.unused.size();
  std::vector<exposition::AliasReport> aliases = std::move(record->aliases);
  record->aliases.clear();
  status_.last = *record;
  record->aliases = std::move(aliases);
}

void Scraper::NoteUsed(const std::vector<exposition::AliasReport>& aliases) {
  if (status_.unused.empty()) return;
  std::set<std::string_view> seen;
  for (const exposition::AliasReport& alias : aliases) seen.insert(alias.name);
  std::erase_if(status_.unused, [&seen](const std::string& name) { return seen.contains(name); });
}

RouteStatus Scraper::Status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

Scraper* RouteSet::Find(std::string_view path) const {
  const auto found = std::ranges::find(scrapers, path, [](const auto& scraper) -> std::string_view {
    return scraper->route().path;
  });
  return found == scrapers.end() ? nullptr : found->get();
}

std::shared_ptr<const RouteSet> LoadRoutes(std::span<const Route> routes, std::string* error) {
  auto set = std::make_shared<RouteSet>();
  for (const Route& route : routes) {
    CatalogResult catalog =
        LoadMappings(TableChoice{route.mappings, route.from_version, route.to_version});
    if (!catalog.error.empty()) {
      *error = route.tables_place + catalog.error;
      return nullptr;
    }
    set->entries += catalog.mapping.entries().size();
    set->scrapers.push_back(std::make_unique<Scraper>(route, std::move(catalog.mapping)));
  }
  return set;
}

void ScrapeLog::Record(const ScrapeRecord& record) {
  const std::string outcome(OutcomeName(record.outcome));
  const Logger::Fields fields = {{"route", record.route},
                                 {"outcome", outcome},
                                 {"code", std::to_string(record.status)},
                                 {"cut", record.cut ? "true" : "false"}};
  const bool good = record.outcome == ScrapeOutcome::kTranslated;
  bool again = false;
  {
    const std::lock_guard lock(mutex_);
    again = good && failing_.erase(record.route) > 0;
    // A stranger's request says nothing about the route.
    if (!good && record.outcome != ScrapeOutcome::kUnauthorized) failing_.insert(record.route);
  }
  if (again)
    logger_.LogOften(record.route + " again", LogLevel::kInfo, "Scrapes succeed again.", fields);
  if (!good) {
    std::string problem = record.route + " " + outcome + " ";
    problem.append(record.limit).append(" ").append(std::to_string(record.cause));
    logger_.LogOften(problem, LogLevel::kWarn, record.message, fields);
  }
  for (const exposition::AliasReport& alias : record.aliases) {
    if (alias.outcome == exposition::AliasOutcome::kImpossible) RecordImpossible(alias);
  }
}

void ScrapeLog::RecordImpossible(const exposition::AliasReport& alias) {
  constexpr size_t kMostSaid = 1000;  // patterns make names of the upstream's
  const std::string reason(exposition::FaultName(alias.fault));
  const std::string problem = alias.name + " " + reason;
  if (exposition::IsOfTheTable(alias.fault)) {  // nothing that is to be mended, or will pass
    const std::lock_guard lock(mutex_);
    if (said_.contains(problem)) return;
    if (said_.size() < kMostSaid) said_.insert(problem);
  }
  std::string message = "An old name cannot be added: ";
  message.append(exposition::FaultReason(alias.fault)).append(".");
  logger_.LogOften(problem, LogLevel::kWarn, message,
                   {{"old_name", alias.name}, {"new_name", alias.source}, {"reason", reason}});
}

}  // namespace metrishift::http
