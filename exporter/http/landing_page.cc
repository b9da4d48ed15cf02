#include "exporter/http/landing_page.h"

#include <string_view>

namespace metrishift::http {
namespace {

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string Link(std::string_view path, std::string_view text) {
  std::string link = "<li><a href=\"";
  return link.append(Escaped(path))
             .append("\">")
             .append(Escaped(path))
             .append("</a> ")
             .append(text) +
         "</li>\n";
}

}  // namespace

std::string LandingPage(const Options& options, const Mapping& mapping,
                        const std::string& upstream) {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"color-scheme\" content=\"light dark\">"
      "<title>metrishift-exporter</title></head>\n<body>\n<h1>metrishift-exporter</h1>\n";
  page += "<p>Version " METRISHIFT_VERSION ". Passes <code>" + Escaped(upstream) +
          "</code> through and adds deprecated names to it.</p>\n<ul>\n";
  page += Link(options.telemetry_path,
               "the upstream's metrics with the old names: let Prometheus scrape this");
  page += Link("/-/metrics", "metrics of the exporter itself");
  page += Link("/-/healthy", "is the process alive");
  page += Link("/-/ready", "does it take scrapes");
  page += "</ul>\n<table>\n<tr><th>from</th><th>added as</th><th>table</th></tr>\n";
  for (const MappingEntry& entry : mapping.entries()) {
    page += "<tr><td>" + Escaped(entry.new_name) + "</td><td>" + Escaped(entry.old_name) +
            "</td><td>" + Escaped(entry.table) + "</td></tr>\n";
  }
  return page + "</table>\n</body></html>\n";
}

}  // namespace metrishift::http
