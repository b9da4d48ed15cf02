#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "rewriter/cli/reporter.h"

namespace metrishift::cli {
namespace {

using Json = nlohmann::ordered_json;
using rewrite::Disposition;

std::string_view LevelOf(Disposition disposition) {
  switch (disposition) {
    case Disposition::kChanged:
      return "warning";
    case Disposition::kNeedsPerson:
      return "error";
    case Disposition::kInfo:
      break;
  }
  return "note";
}

// A path as a reference that RFC 3986 allows: relative to wherever the run was started, or
// file:///...
std::string UriOf(std::string_view path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain)
      uri += c;
    else
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return uri;
}

Json LocationJson(const std::string& path, Json region) {
  Json physical = {{"artifactLocation", {{"uri", UriOf(path)}}}};
  if (!region.is_null()) physical["region"] = std::move(region);
  return Json::array({{{"physicalLocation", std::move(physical)}}});
}

Json RegionJson(const SourceText& source, FileSpan span) {
  const LineColumn begin = source.Locate(span.begin);
  const LineColumn end = source.Locate(span.end);
  return {{"startLine", begin.line},
          {"startColumn", begin.column},
          {"endLine", end.line},
          {"endColumn", end.column}};
}

// Text that was broken into lines for a terminal.
std::string Flowing(std::string_view text) {
  std::string out(text);
  std::ranges::replace(out, '\n', ' ');
  return out;
}

// What files hold may be no UTF-8, which JSON has to be.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Writes results as they come, each on a line, and behind them what is known only then.
class SarifReporter : public Reporter {
 public:
  explicit SarifReporter(const Streams& streams) : out_(streams.out) {
    out_ << R"({"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0",)"
         << R"("runs":[{"columnKind":"unicodeCodePoints","results":[)";
  }

  void File(const PlannedFile& file) override {
    for (const rewrite::Finding& finding : file.rewrite.findings) Add(file.source, finding);
  }

  void Error(const std::string& path, const std::string& message) override {
    notifications_.push_back({{"level", "error"},
                              {"message", {{"text", path + ": " + message}}},
                              {"locations", LocationJson(path, nullptr)}});
  }

  void End(const Tally& tally) override {
    Json driver = {
        {"name", "metrishift"}, {"version", METRISHIFT_VERSION}, {"rules", std::move(rules_)}};
    const Json tool = {{"driver", std::move(driver)}};
    const Json invocation = {{"executionSuccessful", tally.errors == 0},
                             {"toolExecutionNotifications", std::move(notifications_)}};
    out_ << "\n],\"invocations\":[" << Dump(invocation) << "],\n\"tool\":" << Dump(tool) << "}]}\n";
  }

 private:
  void Add(const SourceText& source, const rewrite::Finding& finding) {
    std::string text = finding.message.text();
    if (!finding.hint.empty()) text += "\n" + finding.hint.text();
    const Json result = {
        {"ruleId", FindingCodeName(finding.code)},
        {"ruleIndex", RuleOf(finding.code)},
        {"level", LevelOf(finding.disposition)},
        {"message", {{"text", std::move(text)}}},
        {"locations", LocationJson(source.path(), RegionJson(source, finding.span))}};
    out_ << (first_ ? "\n" : ",\n") << Dump(result);
    first_ = false;
  }

  // The place of its rule among rules_, which has those that are needed.
  size_t RuleOf(rewrite::FindingCode code) {
    const std::string_view id = FindingCodeName(code);
    const auto known = std::ranges::find(
        rules_, id, [](const Json& rule) { return rule["id"].get<std::string_view>(); });
    const auto index = static_cast<size_t>(known - rules_.begin());
    if (known != rules_.end()) return index;
    const std::string help = Flowing(CodeText(id));
    rules_.push_back({{"id", id},
                      {"shortDescription", {{"text", help.substr(0, help.find(". ")) + "."}}},
                      {"fullDescription", {{"text", help}}},
                      {"help", {{"text", help}}}});
    return index;
  }

  std::ostream& out_;
  bool first_ = true;
  Json rules_ = Json::array();
  Json notifications_ = Json::array();
};

}  // namespace

std::unique_ptr<Reporter> MakeSarifReporter(Subject, const Streams& streams) {
  return std::make_unique<SarifReporter>(streams);
}

}  // namespace metrishift::cli
