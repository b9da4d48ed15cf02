#include "rewriter/cli/reporter.h"

#include <ostream>

#include "rewriter/cli/diff.h"

namespace metrishift::cli {
namespace {

using rewrite::Disposition;
using rewrite::Finding;

class TextReporter : public Reporter {
 public:
  TextReporter(Subject subject, const Streams& streams) : subject_(subject), streams_(streams) {}

  void File(const PlannedFile& file) override {
    const bool diff = subject_ == Subject::kRewrite;
    if (diff) PrintUnifiedDiff(file.source, file.rewrite.edits, streams_.out_color, streams_.out);
    for (const Finding& finding : file.rewrite.findings) {
      if (diff && finding.disposition == Disposition::kChanged) continue;  // the diff shows it
      (diff ? streams_.err : streams_.out)
          << RenderFinding(file.source, finding, diff ? streams_.err_color : streams_.out_color);
    }
    streams_.out << std::flush;
  }

  void Error(const std::string&, const std::string&) override {}
  void End(const Tally&) override {}

 private:
  Subject subject_;
  const Streams& streams_;
};

struct Format {
  std::string_view name;
  std::unique_ptr<Reporter> (*make)(Subject, const Streams&);
};

constexpr Format kFormats[] = {
    {"json", MakeJsonReporter},
    {"sarif", MakeSarifReporter},
    {"github", MakeGithubReporter},
    {"html", MakeHtmlReporter},
};

}  // namespace

std::unique_ptr<Reporter> MakeTextReporter(Subject subject, const Streams& streams) {
  return std::make_unique<TextReporter>(subject, streams);
}

std::unique_ptr<Reporter> MakeReporter(std::string_view format, Subject subject,
                                       const Streams& streams) {
  for (const Format& known : kFormats) {
    if (known.name == format) return known.make(subject, streams);
  }
  return MakeTextReporter(subject, streams);
}

}  // namespace metrishift::cli
