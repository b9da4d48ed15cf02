#include "rewriter/preflight/http_client.h"

#include <curl/curl.h>

#include <memory>

namespace metrishift::preflight {
namespace {

struct Download {
  Answer* answer = nullptr;
  size_t max_bytes = 0;
};

size_t Append(char* bytes, size_t size, size_t count, void* user) noexcept {
  auto& download = *static_cast<Download*>(user);
  std::string& body = download.answer->body;
  if (body.size() + size * count > download.max_bytes) {
    download.answer->cut = true;
    return 0;
  }
  body.append(bytes, size * count);
  return size * count;
}

void SetTls(CURL* curl, const Access& access) {
  if (!access.cacert.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, access.cacert.c_str());
  if (!access.cert.empty()) curl_easy_setopt(curl, CURLOPT_SSLCERT, access.cert.c_str());
  if (!access.key.empty()) curl_easy_setopt(curl, CURLOPT_SSLKEY, access.key.c_str());
  if (!access.insecure_skip_tls_verify) return;
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
}

}  // namespace

Answer Ask(const Access& access, const Request& request) {
  Answer answer;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 curl_easy_cleanup);
  if (!curl) {
    answer.error = "libcurl cannot be used";
    return answer;
  }
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr, curl_slist_free_all);
  const auto add_header = [&headers](const std::string& header) {
    curl_slist* longer = curl_slist_append(headers.get(), header.c_str());
    if (longer == nullptr) return;
    headers.release();
    headers.reset(longer);
  };
  if (request.body) add_header("Content-Type: application/json");
  if (!request.token.empty()) add_header("Authorization: " + request.token);
  Download download{&answer, request.max_bytes};
  curl_easy_setopt(curl.get(), CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(access.timeout.count()));
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &download);
  if (request.body) curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, request.body->c_str());
  SetTls(curl.get(), access);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK && !answer.cut) {
    answer.error = curl_easy_strerror(code);
    return answer;
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace metrishift::preflight
