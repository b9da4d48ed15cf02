#include "exporter/http/route.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

namespace metrishift::http {
namespace {

// Paths that the exporter answers itself.
constexpr std::array<std::string_view, 6> kOwnPaths = {"/",        "/-/metrics", "/-/healthy",
                                                       "/-/ready", "/-/reload",  "/api/v1/status"};

// Reading a pipe or a device may never end, and libcurl watches no clock meanwhile.
bool IsOddFile(CURLU* url) {
  char* path = nullptr;
  if (curl_url_get(url, CURLUPART_PATH, &path, CURLU_URLDECODE) != CURLUE_OK) return true;
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  curl_free(path);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

}  // namespace

std::string NormalizeUpstream(UpstreamOptions* upstream) {
  const std::string url = upstream->url;
  const bool is_path = url.starts_with("file:") && !url.starts_with("file://");
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  if (is_path) {
    // file:PATH, where PATH is any path of this machine: libcurl itself knows absolute ones only.
    const std::string path = std::filesystem::absolute(url.substr(5)).lexically_normal().string();
    curl_url_set(parsed.get(), CURLUPART_SCHEME, "file", 0);
    curl_url_set(parsed.get(), CURLUPART_PATH, path.c_str(), CURLU_URLENCODE);
  } else if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return "is no URL";
  }
  char* part = nullptr;
  if (curl_url_get(parsed.get(), CURLUPART_SCHEME, &part, 0) != CURLUE_OK) return "is no URL";
  const std::string scheme = part;
  curl_free(part);
  if (scheme != "http" && scheme != "https" && scheme != "file")
    return "must start with http:, https: or file:";
  if (scheme == "file" && IsOddFile(parsed.get())) return "is no regular file";
  if (curl_url_get(parsed.get(), CURLUPART_URL, &part, 0) != CURLUE_OK) return "is no URL";
  upstream->url = part;
  curl_free(part);
  return {};
}

std::string CheckPath(const std::string& path) {
  if (!path.starts_with('/')) return "must start with /";
  // Others never come as they are, but as %XX.
  const auto is_plain = [](char c) { return c > ' ' && c < 0x7f && c != '?' && c != '#'; };
  if (!std::ranges::all_of(path, is_plain)) return "must be a plain path";
  if (std::ranges::find(kOwnPaths, path) != kOwnPaths.end())
    return "is a path of the exporter itself";
  return {};
}

bool ParseDirection(const std::string& word, exposition::Direction* direction) {
  constexpr std::array<std::pair<std::string_view, exposition::Direction>, 3> kWords = {
      {{"old", exposition::Direction::kOld},
       {"new", exposition::Direction::kNew},
       {"both", exposition::Direction::kBoth}}};
  for (const auto& [known, value] : kWords) {
    if (word != known) continue;
    *direction = value;
    return true;
  }
  return false;
}

}  // namespace metrishift::http
