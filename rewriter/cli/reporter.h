#ifndef METRISHIFT_REWRITER_CLI_REPORTER_H_
#define METRISHIFT_REWRITER_CLI_REPORTER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "rewriter/cli/commands.h"
#include "rewriter/cli/report.h"
#include "rewriter/cli/run.h"

namespace metrishift::cli {

// Which command the report is of.
enum class Subject : uint8_t {
  kCheck,    // what is in use
  kRewrite,  // what changes
};

// The report of one run, while it goes on. All of it goes to the streams that it was made with,
// which have to outlive it.
class Reporter {
 public:
  virtual ~Reporter() = default;

  // In order of their paths. The file is not kept.
  virtual void File(const PlannedFile& file) = 0;

  // People have been told already; this is for those who read the report only.
  virtual void Error(const std::string& path, const std::string& message) = 0;

  virtual void End(const Tally& tally) = 0;
};

// For people at a terminal: findings (check), or a unified diff to Streams::out and what stays as
// it is to Streams::err (rewrite).
std::unique_ptr<Reporter> MakeTextReporter(Subject subject, const Streams& streams);

// One JSON object; metrishift(1) has its members.
std::unique_ptr<Reporter> MakeJsonReporter(Subject subject, const Streams& streams);

// SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/): a result for each finding, a rule
// for each code of one, a notification for each error.
std::unique_ptr<Reporter> MakeSarifReporter(Subject subject, const Streams& streams);

// Workflow commands of GitHub Actions, which show findings beside the lines of a pull request
// (https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions).
std::unique_ptr<Reporter> MakeGithubReporter(Subject subject, const Streams& streams);

// One HTML file without anything from elsewhere and without a script.
std::unique_ptr<Reporter> MakeHtmlReporter(Subject subject, const Streams& streams);

// By the names that --format takes: text, json, sarif, github, html.
std::unique_ptr<Reporter> MakeReporter(std::string_view format, Subject subject,
                                       const Streams& streams);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_REPORTER_H_
