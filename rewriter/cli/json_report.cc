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

// What files hold may be no UTF-8, which JSON has to be.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Writes as it goes: there may be more findings than memory has room for.
class JsonReporter : public Reporter {
 public:
  JsonReporter(Subject subject, const Streams& streams) : out_(streams.out) {
    out_ << R"({"metrishift":)" << Dump(METRISHIFT_VERSION) << R"(,"command":)"
         << Dump(subject == Subject::kCheck ? "check" : "rewrite") << R"(,"files":[)";
  }

  void File(const PlannedFile& file) override {
    if (file.rewrite.findings.empty()) return;
    out_ << (first_ ? "" : ",") << R"({"path":)" << Dump(file.source.path()) << R"(,"queries":)"
         << file.rewrite.queries << R"(,"findings":)";
    first_ = false;
    Array(file.rewrite.findings,
          [&](const rewrite::Finding& finding) { return FindingJson(file.source, finding); });
    out_ << R"(,"edits":)";
    Array(file.rewrite.edits.edits(), [](const rewrite::FileEdit& edit) -> Json {
      return {{"start", edit.span.begin}, {"end", edit.span.end}, {"text", edit.text}};
    });
    out_ << "}";
  }

  void Error(const std::string& path, const std::string& message) override {
    errors_.push_back({{"path", path}, {"message", message}});
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
    const Json summary = {{"files", tally.files},
                          {"files_with_changes", tally.files_with_changes},
                          {"queries", tally.queries},
                          {"changed", tally.renamed + tally.moved},
                          {"needs_person", tally.needs_person},
                          {"errors", tally.errors},
                          {"entries", std::move(entries)}};
    out_ << R"(],"errors":)" << Dump(errors_) << R"(,"summary":)" << Dump(summary) << "}\n";
  }

 private:
  template <class List, class ToJson>
  void Array(const List& list, ToJson to_json) {
    char before = '[';
    for (const auto& each : list) out_ << std::exchange(before, ',') << Dump(to_json(each));
    out_ << (before == '[' ? "[]" : "]");
  }

  std::ostream& out_;
  bool first_ = true;
  Json errors_ = Json::array();
};

}  // namespace

std::unique_ptr<Reporter> MakeJsonReporter(Subject subject, const Streams& streams) {
  return std::make_unique<JsonReporter>(subject, streams);
}

}  // namespace metrishift::cli
