#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "rewriter/cli/reporter.h"

namespace metrishift::cli {
namespace {

using Json = nlohmann::ordered_json;

Json FindingJson(const SourceText& source, const rewrite::Finding& finding) {
  const LineColumn begin = source.Locate(finding.span.begin);
  const LineColumn end = source.Locate(finding.span.end);
  Json json = {{"disposition", DispositionName(finding.disposition)},
               {"code", FindingCodeName(finding.code)},
               {"message", finding.message.text()}};
  if (!finding.hint.empty()) json["hint"] = finding.hint.text();
  json["line"] = begin.line;
  json["column"] = begin.column;
  json["end_line"] = end.line;
  json["end_column"] = end.column;
  json["start"] = finding.span.begin;
  json["end"] = finding.span.end;
  if (finding.entry == nullptr) return json;
  json["old"] = finding.entry->old_name;
  json["new"] = finding.entry->new_name;
  json["entry"] = EntryPlace(*finding.entry);
  return json;
}

class JsonReporter : public Reporter {
 public:
  JsonReporter(Subject subject, const Streams& streams) : streams_(streams) {
    report_ = {{"metrishift", METRISHIFT_VERSION},
               {"command", subject == Subject::kCheck ? "check" : "rewrite"},
               {"files", Json::array()},
               {"errors", Json::array()}};
  }

  void File(const PlannedFile& file) override {
    if (file.rewrite.findings.empty()) return;
    Json findings = Json::array();
    Json edits = Json::array();
    for (const rewrite::Finding& finding : file.rewrite.findings)
      findings.push_back(FindingJson(file.source, finding));
    for (const rewrite::FileEdit& edit : file.rewrite.edits.edits())
      edits.push_back({{"start", edit.span.begin}, {"end", edit.span.end}, {"text", edit.text}});
    report_["files"].push_back({{"path", file.source.path()},
                                {"queries", file.rewrite.queries},
                                {"findings", std::move(findings)},
                                {"edits", std::move(edits)}});
  }

  void Error(const std::string& path, const std::string& message) override {
    report_["errors"].push_back({{"path", path}, {"message", message}});
  }

  void End(const Tally& tally) override {
    Json entries = Json::array();
    for (const auto& [entry, found] : SortedEntries(tally)) {
      entries.push_back({{"entry", EntryPlace(*entry)},
                         {"old", entry->old_name},
                         {"new", entry->new_name},
                         {"changed", found.changed},
                         {"needs_person", found.needs_person}});
    }
    report_["summary"] = {{"files", tally.files},
                          {"files_with_changes", tally.files_with_changes},
                          {"queries", tally.queries},
                          {"changed", tally.renamed + tally.moved},
                          {"needs_person", tally.needs_person},
                          {"errors", tally.errors},
                          {"entries", std::move(entries)}};
    // What files hold may be no UTF-8, which JSON has to be.
    streams_.out << report_.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  }

 private:
  const Streams& streams_;
  Json report_;
};

}  // namespace

std::unique_ptr<Reporter> MakeJsonReporter(Subject subject, const Streams& streams) {
  return std::make_unique<JsonReporter>(subject, streams);
}

}  // namespace metrishift::cli
