#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "core/html.h"
#include "exporter/http/route_status.h"

namespace metrishift::http {
namespace {

using exposition::AliasOutcome;
using exposition::AliasReport;

constexpr std::string_view kHead =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<title>metrishift-exporter</title>\n<style>\n"
    ":root { --line: #d5d9e0; --dim: #5d6778; --bad: #b3261e; --good: #1b6e3c; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root { --line: #3a404b; --dim: #9aa5b8; --bad: #ff8a80; --good: #7bd8a0; } }\n"
    "body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; "
    "}\n"
    "h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; }\n"
    "h3 { font-size: 1rem; margin: 1rem 0 .2rem; }\n"
    "code { font-family: ui-monospace, monospace; font-size: .9em; "
    "overflow-wrap: anywhere; }\n"
    "table { border-collapse: collapse; width: 100%; }\n"
    "th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid "
    "var(--line); vertical-align: top; }\n"
    "td.n, th.n { text-align: right; padding: .25rem 0 .25rem .6rem; white-space: nowrap; }\n"
    ".dim { color: var(--dim); } .bad { color: var(--bad); } .good { color: var(--good); }\n"
    "nav a { margin-right: 1rem; }\n"
    "@media (max-width: 40rem) {\n"  // a name over what it is made of
    "  table, tbody { display: block; }\n"
    "  tr { display: flex; flex-wrap: wrap; border-bottom: 1px solid var(--line); padding: .25rem "
    "0; "
    "}\n"
    "  th, td { border: 0; padding: 0; flex: 1; }\n"
    "  th:first-child, td:first-child { flex: 1 0 100%; }\n"
    "  td:nth-child(2) { color: var(--dim); }\n"
    "  td.n, th.n { padding: 0; flex: 0 0 4.4rem; } }\n"
    "</style></head>\n<body>\n<h1>metrishift-exporter</h1>\n";

// Long names break behind underscores first.
std::string Code(std::string_view text) {
  std::string out = "<code>";
  for (const char c : EscapeHtml(text)) {
    out += c;
    if (c == '_') out += "<wbr>";
  }
  return out + "</code>";
}

std::string Heading(const char* title, size_t count) {
  return "<h3>" + std::string(title) + " <span class=\"dim\">" + std::to_string(count) +
         "</span></h3>\n";
}

std::string Link(std::string_view path) {
  return "<a href=\"" + EscapeHtml(path) + "\">" + EscapeHtml(path) + "</a>";
}

// "1.5 MB": bytes for people, in powers of ten.
std::string Size(size_t bytes) {
  constexpr std::array<const char*, 4> kUnits = {"B", "kB", "MB", "GB"};
  double size = static_cast<double>(bytes);
  size_t unit = 0;
  for (; size >= 1000 && unit + 1 < kUnits.size(); ++unit) size /= 1000;
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), unit == 0 || size >= 100 ? "%.0f %s" : "%.1f %s", size,
                kUnits[unit]);
  return text.data();
}

std::string Count(size_t number, const char* noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

size_t CountOf(const RouteStatus& route, AliasOutcome outcome) {
  return static_cast<size_t>(std::ranges::count(route.aliases, outcome, &AliasReport::outcome));
}

std::string LastScrape(const RouteStatus& route) {
  if (route.scrapes == 0)
    return "<p class=\"dim\">Nothing has been scraped yet: let Prometheus scrape " +
           Link(route.path) + ".</p>\n";
  size_t samples = 0;
  for (const AliasReport& alias : route.aliases) samples += alias.samples;
  const bool good = route.last.outcome == ScrapeOutcome::kTranslated;
  std::array<char, 32> took;
  std::snprintf(took.data(), took.size(), "%.1f ms", route.last.duration.count() * 1000);
  std::array<char, 32> at;
  const std::time_t seconds = std::chrono::system_clock::to_time_t(route.last_at);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::strftime(at.data(), at.size(), "%Y-%m-%d %H:%M:%S UTC", &utc);
  std::string out = "<p>Last scrape at " + std::string(at.data()) + ": <span class=\"";
  out += good ? "good\">whole" : "bad\">" + std::string(OutcomeName(route.last.outcome));
  out += "</span>, " + Size(route.last.upstream_bytes) + " in " + took.data();
  if (good) out += ", " + Count(samples, "sample") + " added";
  out += ".</p>\n";
  if (!good) out += "<p class=\"bad\">" + EscapeHtml(route.last.message) + "</p>\n";
  return out;
}

std::string Added(const RouteStatus& route) {
  const size_t count = CountOf(route, AliasOutcome::kAdded);
  if (count == 0) return {};
  std::string out = Heading("Added", count) +
                    "<table><tr><th>name</th><th>made of</th><th class=\"n\">samples</th>"
                    "<th class=\"n\">bytes</th></tr>\n";
  for (const AliasReport& alias : route.aliases) {
    if (alias.outcome != AliasOutcome::kAdded) continue;
    out += "<tr><td>" + Code(alias.name) + "</td><td>" + Code(alias.source) +
           "</td><td class=\"n\">" + std::to_string(alias.samples) + "</td><td class=\"n\">" +
           std::to_string(alias.bytes) + "</td></tr>\n";
  }
  return out + "</table>\n";
}

std::string Impossible(const RouteStatus& route) {
  const size_t count = CountOf(route, AliasOutcome::kImpossible);
  if (count == 0) return {};
  std::string out = Heading("Impossible", count) +
                    "<table><tr><th>name</th><th>made of</th><th>why not</th></tr>\n";
  for (const AliasReport& alias : route.aliases) {
    if (alias.outcome != AliasOutcome::kImpossible) continue;
    out += "<tr><td>" + Code(alias.name) + "</td><td>" + Code(alias.source) + "</td><td>" +
           EscapeHtml(exposition::FaultReason(alias.fault)) + "</td></tr>\n";
  }
  return out + "</table>\n";
}

std::string Names(const char* title, const char* sentence, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  constexpr size_t kShort = 20;  // more hide the routes that come next
  const bool is_long = names.size() > kShort;
  std::string out = Heading(title, names.size()) + "<p class=\"dim\">" + sentence + "</p>\n";
  if (is_long) out += "<details><summary>Show them</summary>";
  out += "<p>";
  for (const std::string& name : names) out += Code(name) + "<br>\n";
  return out + (is_long ? "</p></details>\n" : "</p>\n");
}

std::string RouteSection(const RouteStatus& route) {
  std::string out = "<h2>" + Link(route.path) + " <span class=\"dim\">from</span> " +
                    Code(route.upstream) + "</h2>\n<p class=\"dim\">";
  for (const std::string& table : route.tables)
    out += (&table == &route.tables.front() ? "" : ", ") + EscapeHtml(table);
  out += "</p>\n" + LastScrape(route);
  std::vector<std::string> suppressed;
  for (const AliasReport& alias : route.aliases) {
    if (alias.outcome == AliasOutcome::kSuppressed) suppressed.push_back(alias.name);
  }
  out += Added(route) + Impossible(route);
  out += Names("Suppressed", "The upstream exposes these names itself; its own series win.",
               suppressed);
  return out + Names("Unused",
                     "The tables know these names, and the upstream has had nothing for them.",
                     route.scrapes == 0 ? std::vector<std::string>() : route.unused);
}

}  // namespace

std::string LandingPage(const std::vector<RouteStatus>& routes) {
  std::string page(kHead);
  page +=
      "<p class=\"dim\">Version " METRISHIFT_VERSION
      ". Passes metrics through byte for byte and adds the names that an upgrade took away.</p>\n"
      "<nav>";
  for (const char* path : {"/-/metrics", "/-/healthy", "/-/ready", "/api/v1/status"})
    page += Link(path) + " ";
  page += "</nav>\n";
  for (const RouteStatus& route : routes) page += RouteSection(route);
  page +=
      "<h2>When is it no longer needed?</h2>\n"
      "<p>Once nobody asks for a name of the list \"Added\". Rewrite rules and dashboards "
      "(<code>metrishift rewrite</code>), see that <code>metrishift check</code> finds nothing any "
      "more, point Prometheus at the upstream itself, and stop this.</p>\n";
  return page + "</body></html>\n";
}

}  // namespace metrishift::http
