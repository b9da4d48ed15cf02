#include "exporter/http/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <utility>

namespace metrishift::http {
namespace {

constexpr std::array kSpdlogLevels = {spdlog::level::debug, spdlog::level::info,
                                      spdlog::level::warn, spdlog::level::err};

// As the flag has them, and as other exporters write them; spdlog says "warning".
constexpr std::array<std::string_view, 4> kLevelWords = {"debug", "info", "warn", "error"};

bool IsPlain(char c) { return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\'; }

// A string literal that JSON, logfmt and Go readers take alike. Bytes from 0x80 on pass: they are
// UTF-8 in anything that is text.
std::string Quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (byte < 0x20 || byte == 0x7f) {
      out.append("\\u00").append({kHex[byte >> 4U], kHex[byte & 15U]});
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string LogfmtValue(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, IsPlain) ? std::string(text) : Quoted(text);
}

}  // namespace

Logger::Logger(LogLevel level, LogFormat format, spdlog::sink_ptr sink)
    : format_(format),
      logger_(std::make_unique<spdlog::logger>(
          "",
          sink != nullptr ? std::move(sink) : std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  const std::string pattern = format == LogFormat::kJson
                                  ? R"({"ts":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%v})"
                                  : "ts=%Y-%m-%dT%H:%M:%S.%eZ level=%v";
  logger_->set_formatter(
      std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc, "\n"));
  logger_->set_level(kSpdlogLevels[static_cast<size_t>(level)]);
  logger_->flush_on(spdlog::level::debug);
}

void Logger::Log(LogLevel level, std::string_view message, Fields fields) const {
  const bool json = format_ == LogFormat::kJson;
  std::string line(kLevelWords[static_cast<size_t>(level)]);
  line += json ? "\",\"msg\":" : " msg=";
  line += Quoted(message);
  for (const LogField& field : fields) {
    line += json ? ",\"" : " ";
    line += field.key;
    line += json ? "\":" : "=";
    line += json ? Quoted(field.value) : LogfmtValue(field.value);
  }
  logger_->log(kSpdlogLevels[static_cast<size_t>(level)], spdlog::string_view_t(line));
}

}  // namespace metrishift::http
