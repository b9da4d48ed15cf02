#include "exporter/http/web_settings.h"

#include <algorithm>
#include <exception>
#include <future>

#include "exporter/http/file_stamp.h"

namespace metrishift::http {
namespace {

// Not in the caller's: reading YAML takes more than the 100 KB of stack that civetweb's threads
// have. Without a thread or memory to spare the old configuration stays.
WebConfigFile ReadInThread(const std::string& path) {
  try {
    return std::async(std::launch::async, ReadWebConfig, path).get();
  } catch (const std::exception& problem) {
    WebConfigFile none;
    none.error = path + ": cannot be read: " + problem.what() + "\n";
    return none;
  }
}

}  // namespace

std::unique_ptr<WebSettings> WebSettings::Load(const std::string& path, const Logger& logger,
                                               std::string* error,
                                               std::chrono::milliseconds retry_pause) {
  std::unique_ptr<WebSettings> settings(new WebSettings(path, logger, retry_pause));
  settings->config_ = std::make_shared<WebConfig>();
  if (path.empty()) return settings;
  WebConfigFile file = settings->Read();
  *error = std::move(file.error);
  if (file.config == nullptr) return nullptr;
  settings->config_ = std::move(file.config);
  return settings;
}

std::shared_ptr<const WebConfig> WebSettings::Current() {
  const std::lock_guard lock(mutex_);
  if (!path_.empty() && (StampOf(watched_) != stamp_ || Clock::now() >= retry_at_))
    (void)ReadAgain(false);
  return config_;
}

std::string WebSettings::Reload() {
  const std::lock_guard lock(mutex_);
  return path_.empty() ? "" : ReadAgain(true);
}

// What is watched is found by reading, and has to be watched from before that: so it is read until
// nothing new turns up.
WebConfigFile WebSettings::Read() {
  constexpr int kMostTries = 3;
  for (int i = 1;; ++i) {
    stamp_ = StampOf(watched_);
    WebConfigFile file = ReadInThread(path_);
    std::vector<std::string> found = file.files;
    found.push_back(path_);
    // Files that were looked for in vain may come later, and those of the old one may matter again.
    if (file.config == nullptr) found.insert(found.end(), watched_.begin(), watched_.end());
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (found == watched_ || i == kMostTries) return file;
    watched_ = std::move(found);
  }
}

std::string WebSettings::ReadAgain(bool asked_for) {
  WebConfigFile file = Read();
  if (file.config != nullptr && (file.config->tls == nullptr) != (config_->tls == nullptr)) {
    file.config = nullptr;
    file.error = path_ + ": TLS is switched on and off by a restart only\n";
  }
  const bool good = file.config != nullptr;
  retry_at_ = good ? Clock::time_point::max() : Clock::now() + retry_pause_;
  if (good) {
    config_ = std::move(file.config);
    logger_.Info("The web configuration was read again.", {{"file", path_}});
  } else {
    constexpr std::string_view kMessage =
        "The web configuration cannot be used; the old one stays.";
    const Logger::Fields fields = {{"error", InOneLine(file.error)}};
    if (asked_for) {
      logger_.Log(LogLevel::kError, kMessage, fields);
    } else {
      logger_.LogOften("web configuration " + file.error, LogLevel::kError, kMessage, fields);
    }
  }
  listener_(good);
  return file.error;
}

}  // namespace metrishift::http
