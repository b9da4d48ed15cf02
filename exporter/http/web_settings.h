#ifndef METRISHIFT_EXPORTER_HTTP_WEB_SETTINGS_H_
#define METRISHIFT_EXPORTER_HTTP_WEB_SETTINGS_H_

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "exporter/http/log.h"
#include "exporter/http/web_config.h"

namespace metrishift::http {

// The web configuration as it is now: read again once its file, or one that it names, changes, and
// every few seconds while it is no good.
// What is no good changes nothing but the log, so that a certificate that is exchanged before its
// key serves until both are there. Thread-safe.
class WebSettings {
 public:
  // Reads `path`; empty: everybody is served, without TLS. Returns nullptr, and what is wrong, when
  // it is no good. `logger` must outlive the object. What stood in the way of reading it again may
  // go without a trace in the files (a folder's mode, a lack of descriptors): so that is tried each
  // `retry_pause`.
  static std::unique_ptr<WebSettings> Load(
      const std::string& path, const Logger& logger, std::string* error,
      std::chrono::milliseconds retry_pause = std::chrono::seconds(5));

  // Never nullptr. Costs a system call a file where nothing has changed.
  std::shared_ptr<const WebConfig> Current();

  // Reads it now, and says in the log how that went. Returns an empty string, or what is wrong.
  std::string Reload();

  // Is told of each time that the file was read again; to be called before there are threads.
  void OnReload(std::function<void(bool)> listener) { listener_ = std::move(listener); }

 private:
  using Clock = std::chrono::steady_clock;

  WebSettings(std::string path, const Logger& logger, std::chrono::milliseconds retry_pause)
      : path_(std::move(path)), logger_(logger), retry_pause_(retry_pause) {}

  WebConfigFile Read();
  std::string ReadAgain(bool asked_for);

  const std::string path_;
  const Logger& logger_;
  const std::chrono::milliseconds retry_pause_;
  std::function<void(bool)> listener_ = [](bool) {};
  std::mutex mutex_;
  std::shared_ptr<const WebConfig> config_;  // guarded by mutex_
  std::vector<std::string> watched_;         // guarded by mutex_; sorted
  std::string stamp_;                        // guarded by mutex_: of watched_, before it was read
  Clock::time_point retry_at_ = Clock::time_point::max();  // guarded by mutex_
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_WEB_SETTINGS_H_
