#ifndef METRISHIFT_EXPORTER_HTTP_LANDING_PAGE_H_
#define METRISHIFT_EXPORTER_HTTP_LANDING_PAGE_H_

#include <string>

#include "core/mapping.h"
#include "exporter/http/options.h"

namespace metrishift::http {

// The page at "/": what is proxied, under which names it is shown again, and links. HTML without
// scripts; every text that comes from outside is escaped. `upstream`: as it may be shown.
std::string LandingPage(const Options& options, const Mapping& mapping,
                        const std::string& upstream);

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_LANDING_PAGE_H_
