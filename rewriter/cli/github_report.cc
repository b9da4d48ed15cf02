#include <ostream>

#include "rewriter/cli/reporter.h"

namespace metrishift::cli {
namespace {

using rewrite::Disposition;

std::string_view CommandOf(Disposition disposition) {
  switch (disposition) {
    case Disposition::kChanged:
      return "warning";
    case Disposition::kNeedsPerson:
      return "error";
    case Disposition::kInfo:
      break;
  }
  return "notice";
}

// As actions/toolkit writes them (packages/core/src/command.ts, escapeData and escapeProperty).
std::string Escape(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else if (property && c == ':') {
      out += "%3A";
    } else if (property && c == ',') {
      out += "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

class GithubReporter : public Reporter {
 public:
  explicit GithubReporter(const Streams& streams) : streams_(streams) {}

  void File(const PlannedFile& file) override {
    for (const rewrite::Finding& finding : file.rewrite.findings) {
      const LineColumn begin = file.source.Locate(finding.span.begin);
      const LineColumn end = file.source.Locate(finding.span.end);
      std::string place = ",line=" + std::to_string(begin.line) +
                          ",endLine=" + std::to_string(end.line) +
                          ",col=" + std::to_string(begin.column);
      // GitHub takes columns for one line only.
      if (begin.line == end.line) place += ",endColumn=" + std::to_string(end.column);
      std::string message = finding.message.text();
      if (!finding.hint.empty()) message += "\n" + finding.hint.text();
      Print(CommandOf(finding.disposition), file.source.path(), place,
            FindingCodeName(finding.code), message);
    }
    streams_.out << std::flush;
  }

  void Error(const std::string& path, const std::string& message) override {
    Print("error", path, "", "error", message);
  }

  void End(const Tally&) override {}

 private:
  void Print(std::string_view command, const std::string& path, const std::string& place,
             std::string_view title, const std::string& message) {
    streams_.out << "::" << command << " file=" << Escape(path, true) << place
                 << ",title=metrishift " << title << "::" << Escape(message, false) << "\n";
  }

  const Streams& streams_;
};

}  // namespace

std::unique_ptr<Reporter> MakeGithubReporter(Subject, const Streams& streams) {
  return std::make_unique<GithubReporter>(streams);
}

}  // namespace metrishift::cli
