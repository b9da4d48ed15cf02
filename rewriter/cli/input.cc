#include "rewriter/cli/input.h"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/file.h"
#include "rewriter/formats/settings.h"

namespace metrishift::cli {
namespace {

// Why nothing can be found in `text`; "" where something can.
std::string_view WhyNoText(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return "is UTF-16, which is not searched; convert it to UTF-8";
  if (text.find('\0') != text.npos) return "is binary (it has a zero byte), which is not searched";
  return "";
}

}  // namespace

std::optional<Input> InputReader::Read(const InputFile& file, std::string* why) {
  std::error_code error;
  const bool is_stdin = file.path == kStandardInput;
  // What a walk finds is regular.
  const bool again =
      !is_stdin && (!file.named || std::filesystem::is_regular_file(file.path, error));
  std::optional<std::string> text = again ? ReadFile(file.path, why) : ReadOnce(file.path, why);
  if (!text) return std::nullopt;
  if (const std::string_view no_text = WhyNoText(*text); !no_text.empty()) {
    *why = no_text;
    return std::nullopt;
  }
  auto format = formats::FormatOf(is_stdin ? stdin_name_ : file.path, *text, code_);
  if (!format && formats::LooksLikeShell(*text)) format = formats::FileFormat::kShell;
  if (!format) format = formats::FormatOf("a.yaml", *text);
  return Input{*std::move(text), format.value_or(formats::FileFormat::kYaml)};
}

std::optional<std::string> InputReader::ReadOnce(const std::string& path, std::string* why) {
  const std::scoped_lock lock(mutex_);
  if (const auto kept = kept_.find(path); kept != kept_.end()) return kept->second;
  std::optional<std::string> text =
      path == kStandardInput ? ReadStandardInput(why) : ReadFile(path, why);
  if (text) kept_.emplace(path, *text);
  return text;
}

}  // namespace metrishift::cli
