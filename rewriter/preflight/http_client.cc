#include "rewriter/preflight/http_client.h"

#include <memory>

#include "rewriter/preflight/curl.h"

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

void SetTls(const Curl& library, CURL* curl, const Access& access) {
  const auto set = library.easy_setopt;
  if (!access.cacert.empty()) set(curl, CURLOPT_CAINFO, access.cacert.c_str());
  if (!access.cert.empty()) set(curl, CURLOPT_SSLCERT, access.cert.c_str());
  if (!access.key.empty()) set(curl, CURLOPT_SSLKEY, access.key.c_str());
  if (!access.insecure_skip_tls_verify) return;
  set(curl, CURLOPT_SSL_VERIFYPEER, 0L);
  set(curl, CURLOPT_SSL_VERIFYHOST, 0L);
}

}  // namespace

Answer Ask(const Access& access, const Request& request) {
  Answer answer;
  const Curl* library = Curl::Load(&answer.error);
  if (library == nullptr) return answer;
  const std::unique_ptr<CURL, decltype(library->easy_cleanup)> curl(library->easy_init(),
                                                                    library->easy_cleanup);
  if (!curl) {
    answer.error = "libcurl cannot be used";
    return answer;
  }
  std::unique_ptr<curl_slist, decltype(library->slist_free_all)> headers(nullptr,
                                                                         library->slist_free_all);
  const auto add_header = [&headers, library](const std::string& header) {
    curl_slist* longer = library->slist_append(headers.get(), header.c_str());
    if (longer == nullptr) return;
    static_cast<void>(headers.release());  // it is the head of the longer one
    headers.reset(longer);
  };
  if (request.body) add_header("Content-Type: application/json");
  if (!request.token.empty()) add_header("Authorization: " + request.token);
  const auto set = library->easy_setopt;
  Download download{&answer, request.max_bytes};
  set(curl.get(), CURLOPT_URL, request.url.c_str());
  set(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  set(curl.get(), CURLOPT_NOSIGNAL, 1L);
  set(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(access.timeout.count()));
  set(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  set(curl.get(), CURLOPT_WRITEFUNCTION, &Append);
  set(curl.get(), CURLOPT_WRITEDATA, &download);
  if (request.body) set(curl.get(), CURLOPT_POSTFIELDS, request.body->c_str());
  SetTls(*library, curl.get(), access);
  const CURLcode code = library->easy_perform(curl.get());
  if (code != CURLE_OK && !answer.cut) {
    answer.error = library->easy_strerror(code);
    return answer;
  }
  long status = 0;
  library->easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace metrishift::preflight
