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

// How many bytes the character at the start of `text` takes; 0: it is no UTF-8 (Unicode, table
// 3-7).
size_t CharacterSize(std::string_view text) {
  const auto at = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xc0U) != 0x80) return 0;
  }
  const bool too_long = (first == 0xe0 && at(1) < 0xa0) || (first == 0xf0 && at(1) < 0x90);
  const bool no_character = (first == 0xed && at(1) > 0x9f) || (first == 0xf4 && at(1) > 0x8f);
  return too_long || no_character ? 0 : size;
}

// Control characters; those from U+0080 on drive some terminals, too.
bool IsControl(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  return first < 0x20 || first == 0x7f ||
         (first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0);
}

// A string literal that JSON, logfmt and Go readers take alike.
std::string Quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  while (!text.empty()) {
    const size_t size = CharacterSize(text);
    const std::string_view character = text.substr(0, std::max(size, size_t{1}));
    const auto last = static_cast<unsigned char>(character.back());
    if (size == 0) {
      out += "\uFFFD";
    } else if (character == "\"" || character == "\\") {
      out.append("\\").append(character);
    } else if (IsControl(character)) {  // up to U+009F, so the last byte is the number
      out.append("\\u00").append({kHex[last >> 4U], kHex[last & 15U]});
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
  return out + "\"";
}

std::string LogfmtValue(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, IsPlain) ? std::string(text) : Quoted(text);
}

}  // namespace

std::string InOneLine(std::string_view rendered) {
  constexpr std::string_view kHint = "  hint: ";
  std::string line;
  while (!rendered.empty()) {
    const std::string_view next = rendered.substr(0, rendered.find('\n'));
    rendered.remove_prefix(std::min(next.size() + 1, rendered.size()));
    if (next.starts_with(kHint)) {
      line.append("; ").append(next.substr(kHint.size()));
    } else if (!next.starts_with(' ')) {
      line.append(line.empty() ? "" : ". ").append(next);
    }
  }
  return line;
}

Logger::Logger(LogLevel level, LogFormat format, spdlog::sink_ptr sink, Now now)
    : format_(format),
      now_(now),
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
  Write(level, message, fields, 0);
}

void Logger::LogOften(std::string_view problem, LogLevel level, std::string_view message,
                      Fields fields) const {
  if (const std::optional<size_t> repeated = throttle_.Admit(problem, now_()))
    Write(level, message, fields, *repeated);
}

void Logger::Write(LogLevel level, std::string_view message, Fields fields, size_t repeated) const {
  const bool json = format_ == LogFormat::kJson;
  std::string line(kLevelWords[static_cast<size_t>(level)]);
  line += json ? "\",\"msg\":" : " msg=";
  line += Quoted(message);
  const auto add = [&line, json](const LogField& field) {
    line += json ? ",\"" : " ";
    line += field.key;
    line += json ? "\":" : "=";
    line += json ? Quoted(field.value) : LogfmtValue(field.value);
  };
  for (const LogField& field : fields) add(field);
  if (repeated > 0) add({"repeated", std::to_string(repeated)});
  logger_->log(kSpdlogLevels[static_cast<size_t>(level)], spdlog::string_view_t(line));
}

}  // namespace metrishift::http
