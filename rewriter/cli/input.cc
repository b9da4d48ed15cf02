#include "rewriter/cli/input.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "core/file.h"

namespace metrishift::cli {

std::optional<Input> InputReader::Read(const InputFile& file, std::string* why) {
  std::optional<std::string> text;
  if (const auto kept = kept_.find(file.path); kept != kept_.end()) {
    text = kept->second;
  } else {
    std::error_code error;
    const bool again = std::filesystem::is_regular_file(file.path, error);
    text = ReadFile(file.path, why);
    if (text && !again) kept_.emplace(file.path, *text);
  }
  if (!text) return std::nullopt;
  if (text->starts_with("\xFF\xFE") || text->starts_with("\xFE\xFF")) {
    *why = "is UTF-16, which is not searched; convert it to UTF-8";
    return std::nullopt;
  }
  const auto format = formats::FormatOf(file.path, *text).value_or(formats::FileFormat::kYaml);
  return Input{*std::move(text), format};
}

}  // namespace metrishift::cli
