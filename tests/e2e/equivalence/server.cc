#include "tests/e2e/equivalence/server.h"

#include <nlohmann/json.hpp>

namespace metrishift::e2e {
namespace {

using Json = nlohmann::json;

size_t Append(char* data, size_t size, size_t count, void* body) noexcept {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

std::string Escape(CURL* curl, const std::string& text) {
  const std::unique_ptr<char, void (*)(void*)> escaped(
      curl_easy_escape(curl, text.data(), static_cast<int>(text.size())), curl_free);
  return escaped.get();
}

Result Failure(std::string why) {
  Result result;
  result.error = std::move(why);
  return result;
}

}  // namespace

std::string When::Describe() const {
  if (step == 0) return "at " + std::to_string(start);
  return "from " + std::to_string(start) + " to " + std::to_string(end) + " by " +
         std::to_string(step);
}

Result Server::Query(const std::string& expr, const When& when) {
  CURL* curl = curl_.get();
  std::string form = "query=" + Escape(curl, expr);
  if (when.step == 0) {
    form += "&time=" + std::to_string(when.start);
  } else {
    form += "&start=" + std::to_string(when.start) + "&end=" + std::to_string(when.end) +
            "&step=" + std::to_string(when.step);
  }
  const std::string url = url_ + (when.step == 0 ? "/api/v1/query" : "/api/v1/query_range");
  std::string body;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
  if (const CURLcode code = curl_easy_perform(curl); code != CURLE_OK)
    return Failure(url + ": " + curl_easy_strerror(code));
  try {
    return ReadResult(Json::parse(body));
  } catch (const Json::exception& error) {
    return Failure(url + ": " + error.what() + ": " + body);
  }
}

}  // namespace metrishift::e2e
