#include <algorithm>
#include <istream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>

#include "rewriter/cli/commands.h"
#include "rewriter/promql/dump.h"
#include "rewriter/promql/parser.h"
#include "rewriter/promql/walk.h"

namespace metrishift::cli {
namespace {

using Json = nlohmann::ordered_json;

// Every metric name of the tree, once, in the order of the text.
std::vector<std::string> MetricNames(const promql::Expr& expr) {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  promql::Walk(expr, [&add](const promql::Expr& node, const promql::Expr*) {
    const auto* selector = std::get_if<promql::VectorSelector>(&node.node);
    if (selector == nullptr) return;
    if (selector->name) add(selector->name->text);
    for (const promql::LabelMatcher& matcher : selector->matchers) {
      if (matcher.name.text == "__name__" && matcher.type == promql::MatchType::kEqual)
        add(matcher.value.text);
    }
  });
  return names;
}

Json Failure(std::string message, QuerySpan span) {
  return {{"ok", false}, {"error", std::move(message)}, {"start", span.begin}, {"end", span.end}};
}

Json ParseLine(const std::string& line, promql::ParseOptions options) {
  const Json text = Json::parse(line, nullptr, false);
  if (!text.is_string()) return Failure("the line is no JSON string", {0, 0});
  const promql::ParseResult result = promql::ParseExpr(text.get_ref<const std::string&>(), options);
  if (!result) return Failure(result.error->message, result.error->span);
  return {{"ok", true}, {"dump", promql::Dump(*result.expr)}, {"names", MetricNames(*result.expr)}};
}

}  // namespace

ExitCode RunParse(const std::string& expr, promql::Dialect dialect, const Streams& streams) {
  const promql::ParseResult result = promql::ParseExpr(expr, {dialect});
  if (result) {
    streams.out << promql::Dump(*result.expr) << "\n";
    return kClean;
  }
  const Diagnostic diagnostic{Severity::kError,
                              {result.error->span.begin, result.error->span.end},
                              result.error->message,
                              ""};
  streams.err << RenderDiagnostic(SourceText("<expr>", expr), diagnostic, streams.err_color);
  return kFindings;
}

ExitCode RunParseLines(std::istream& in, promql::Dialect dialect, const Streams& streams) {
  ExitCode code = kClean;
  for (std::string line; std::getline(in, line);) {
    const Json answer = ParseLine(line, {dialect});
    if (!answer["ok"].get<bool>()) code = kFindings;
    // What an expression quotes may be no UTF-8, which JSON has to be.
    streams.out << answer.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    if (in.rdbuf()->in_avail() <= 0) streams.out.flush();  // somebody may wait for the answer
  }
  streams.out.flush();
  return code;
}

}  // namespace metrishift::cli
