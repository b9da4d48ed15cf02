#ifndef METRISHIFT_EXPORTER_HTTP_LOG_H_
#define METRISHIFT_EXPORTER_HTTP_LOG_H_

#include <spdlog/logger.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/http/throttle.h"

namespace metrishift::http {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarn, kError };
enum class LogFormat : uint8_t { kLogfmt, kJson };

struct LogField {
  std::string_view key;  // a plain word
  std::string value;     // any bytes; quoted and escaped as the format needs
};

// What is wrong with a file, rendered for a terminal (RenderDiagnostic), for a line of the log:
// without the source and its carets, and with the hint in its place.
std::string InOneLine(std::string_view rendered);

// Structured lines, one per event:
//   ts=2026-11-22T13:13:24.123Z level=info msg="listening" address=127.0.0.1:19797
//   {"ts":"2026-11-22T13:13:24.123Z","level":"info","msg":"listening","address":"127.0.0.1:19797"}
// Every byte that could end a line or drive a terminal is escaped, and what is no UTF-8 becomes
// U+FFFD: some values come from the network. Thread-safe.
class Logger {
 public:
  using Fields = std::initializer_list<LogField>;

  using Now = Throttle::Clock::time_point (*)();

  // Writes to `sink`; to standard error when it is null. `now` is for LogOften.
  Logger(LogLevel level, LogFormat format, spdlog::sink_ptr sink = nullptr,
         Now now = &Throttle::Clock::now);

  void Log(LogLevel level, std::string_view message, Fields fields = {}) const;
  void Info(std::string_view message, Fields fields = {}) const {
    Log(LogLevel::kInfo, message, fields);
  }
  void Warn(std::string_view message, Fields fields = {}) const {
    Log(LogLevel::kWarn, message, fields);
  }

  // The same for what may come often: at most once a minute for each `problem`, with the field
  // repeated=N for those that were left out.
  void LogOften(std::string_view problem, LogLevel level, std::string_view message,
                Fields fields = {}) const;

 private:
  void Write(LogLevel level, std::string_view message, Fields fields, size_t repeated) const;

  const LogFormat format_;
  const Now now_;
  mutable Throttle throttle_;
  const std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_LOG_H_
