#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_SERVER_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_SERVER_H_

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "tests/e2e/equivalence/result.h"

namespace metrishift::e2e {

// When a query is asked: at one time, or at each step between two. Seconds of Unix time.
struct When {
  int64_t start = 0;
  int64_t end = 0;
  int64_t step = 0;  // 0: at `start` only

  std::string Describe() const;
};

// A running Prometheus. One thread at a time.
class Server {
 public:
  explicit Server(std::string url) : url_(std::move(url)) {}

  // Never fails otherwise than by an error in the result.
  Result Query(const std::string& expr, const When& when);

 private:
  std::string url_;  // http://HOST:PORT
  std::unique_ptr<CURL, void (*)(CURL*)> curl_{curl_easy_init(), curl_easy_cleanup};
};

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_SERVER_H_
