#include "rewriter/cli/table_draft.h"

#include <nlohmann/json.hpp>

#include "core/diagnostic.h"

namespace metrishift::cli {
namespace {

bool IsPlain(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.()+*/-$ ";
  if (text.empty() || text.find_first_not_of(kPlain) != std::string::npos) return false;
  const char first = text.front();
  return first != '*' && first != '-' && first != ' ' && text.back() != ' ' && text != "null" &&
         text != "true" && text != "false" && text != "no" && text != "yes";
}

}  // namespace

std::string YamlScalar(const std::string& text) {
  if (IsPlain(text)) return text;
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string RenderDraft(const std::vector<std::string>& about, const std::string& source,
                        const std::vector<DraftEntry>& entries) {
  std::string out;
  for (const std::string& line : about) out += "# " + Printable(line) + "\n";
  out += "name: draft\ntitle: A draft\ncomponent: draft\nversions: {from: \"1\", to: \"2\"}\n";
  out += "source: " + YamlScalar(source) + "\nmetrics:\n";
  for (const DraftEntry& entry : entries) {
    if (!entry.comment.empty()) out += "  # " + Printable(entry.comment) + "\n";
    const char* indent = "  - ";
    for (const auto& [key, value] : entry.keys) {
      out.append(indent).append(key).append(": ").append(value).append("\n");
      indent = "    ";
    }
  }
  return out;
}

}  // namespace metrishift::cli
