#ifndef METRISHIFT_EXPORTER_HTTP_RUN_H_
#define METRISHIFT_EXPORTER_HTTP_RUN_H_

#include "exporter/http/options.h"

namespace metrishift::http {

// Runs the exporter until SIGTERM or SIGINT and returns the exit code: 0 after an orderly end, 2
// when it could not start. The first signal turns new scrapes away and lets running ones finish
// (each is bounded by its timeout, and by what a client may take to read); a second signal, or
// kDrainPatience, cuts what still runs. To be called from main, before any other thread exists: it
// sets the process's signal mask.
int Run(const Options& options);

// Longer than a scrape with default timeouts can take, shorter than the 30 seconds that Kubernetes
// gives.
inline constexpr std::chrono::milliseconds kDrainPatience{25'000};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_RUN_H_
