#include <algorithm>
#include <istream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "rewriter/cli/commands.h"
#include "rewriter/cli/report.h"
#include "rewriter/promql/dump.h"
#include "rewriter/promql/parser.h"
#include "rewriter/promql/walk.h"
#include "rewriter/rewrite/finding.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::cli {
namespace {

using Json = nlohmann::ordered_json;
using promql::Expr;
using rewrite::Disposition;
using rewrite::Mode;
using rewrite::QueryFinding;
using rewrite::QueryPlan;

QueryPlan Plan(std::string_view expr, const Mapping& mapping, const ExplainOptions& options) {
  const bool grafana = options.dialect == promql::Dialect::kGrafana;
  return rewrite::PlanQuery(
      expr, grafana ? formats::QueryKind::kGrafanaPromQL : formats::QueryKind::kPromQL, mapping,
      options.plan);
}

// The tree that PlanQuery has seen: it takes template actions for granted where nothing else helps.
promql::ExprPtr ParseAsPlanned(std::string_view expr, promql::Dialect dialect) {
  promql::ParseResult parsed = promql::ParseExpr(expr, {dialect});
  if (!parsed) parsed = promql::ParseExpr(expr, {promql::Dialect::kGoTemplate});
  return std::move(parsed.expr);
}

// The old and the new series of a finding: those of the text, or of the entry where the text does
// not say the whole name.
std::optional<std::pair<std::string, std::string>> NamesOf(std::string_view expr,
                                                           const QueryFinding& finding,
                                                           const Mapping& mapping) {
  if (const FunctionEntry* function = finding.function)
    return {{function->old_name, function->new_name}};
  if (finding.entry == nullptr) return std::nullopt;
  const std::string_view text = expr.substr(finding.span.begin, finding.span.size());
  if (const auto match = mapping.FindOld(text); match && match->entry == finding.entry)
    return {{match->OldSeries(), match->NewSeries()}};
  return {{finding.entry->old_name, finding.entry->new_name}};
}

// --- JSON

Json ErrorJson(Json input, const std::string& error, QuerySpan span) {
  return {{"input", std::move(input)}, {"error", error}, {"start", span.begin}, {"end", span.end}};
}

Json FindingJson(const std::string& expr, const QueryFinding& finding, const Mapping& mapping) {
  Json json = {{"disposition", DispositionName(finding.disposition)},
               {"code", rewrite::FindingCodeName(finding.code)},
               {"start", finding.span.begin},
               {"end", finding.span.end},
               {"message", finding.message},
               {"hint", finding.hint},
               {"old", nullptr},
               {"new", nullptr}};
  if (const auto names = NamesOf(expr, finding, mapping)) {
    json["old"] = names->first;
    json["new"] = names->second;
  }
  return json;
}

Json ExplainJson(const std::string& expr, const Mapping& mapping, const ExplainOptions& options) {
  const QueryPlan plan = Plan(expr, mapping, options);
  if (plan.error) return ErrorJson(expr, plan.error->message, plan.error->span);
  Json findings = Json::array();
  for (const QueryFinding& finding : plan.findings)
    findings.push_back(FindingJson(expr, finding, mapping));
  return {{"input", expr}, {"output", plan.edits.Splice(expr)}, {"findings", std::move(findings)}};
}

// Prints one line; what an expression quotes may be no UTF-8, which JSON has to be.
ExitCode PrintJson(const Json& json, const Streams& streams) {
  streams.out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  return json.contains("error") ? kFindings : kClean;
}

// --- where a union is, and why there

// What was written twice to make a union.
struct Doubled {
  const Expr* expr = nullptr;         // a selector, or a call
  const Expr* aggregation = nullptr;  // the innermost one around it
};

// Finds what the plan doubles for the name at `name`: the smallest selector or call that holds the
// name and begins where the plan puts the other side in front.
Doubled FindDoubled(const Expr& root, const QueryPlan& plan, QuerySpan name) {
  const auto has_union = [&plan](const Expr& expr) {
    return std::ranges::any_of(plan.edits.edits(), [&expr](const rewrite::QueryEdit& edit) {
      return edit.span == QuerySpan{expr.span.begin, expr.span.begin} &&
             (edit.text.ends_with(" or ") || edit.text.ends_with(" and "));
    });
  };
  Doubled doubled;
  const Expr* aggregation = nullptr;
  promql::Walk(root, [&](const Expr& node, const Expr*) {
    if (!node.span.Contains(name)) return;
    if (std::holds_alternative<promql::AggregateExpr>(node.node)) aggregation = &node;
    const bool twice = std::holds_alternative<promql::VectorSelector>(node.node) ||
                       std::holds_alternative<promql::Call>(node.node);
    if (twice && has_union(node)) doubled = {&node, aggregation};
  });
  return doubled;
}

std::string WhyOfCall(const std::string& function) {
  if (function.starts_with("absent")) {
    return "nothing must be there under either name, hence \"and\"; " + function +
           "() takes the labels of its result from a selector, so that it cannot have the union "
           "inside";
  }
  if (function == "timestamp" || function == "start_timestamp") {
    return function + "() gives the times of the samples for a bare selector only, not for a union";
  }
  return "a range cannot be taken of a union, so the call of " + function +
         "() is there twice, with all its arguments";
}

// Part of an expression, on one line.
std::string OnOneLine(std::string_view expr, QuerySpan span) {
  std::string out(expr.substr(span.begin, span.size()));
  std::ranges::replace(out, '\n', ' ');
  return Printable(out);
}

// Lines on the union of a name; nothing where the plan did not double anything for this name.
std::string DescribeUnion(std::string_view expr, const Doubled& doubled) {
  if (doubled.expr == nullptr) return "";
  std::string out = "  where: " + OnOneLine(expr, doubled.expr->span) +
                    " is there twice, once for each name\n  why: ";
  if (const auto* call = std::get_if<promql::Call>(&doubled.expr->node)) {
    out += WhyOfCall(call->name.text);
  } else {
    const auto& selector = std::get<promql::VectorSelector>(doubled.expr->node);
    const bool more = selector.braces || selector.modifiers.offset || selector.modifiers.at;
    out += "at the deepest place, all around it sees each series once, under either name";
    if (more)
      out +=
          "; matchers, offset and @ belong to each name, PromQL has no place for them behind a "
          "union";
  }
  if (doubled.aggregation != nullptr) {
    const auto& aggregation = std::get<promql::AggregateExpr>(doubled.aggregation->node);
    out += "; inside " + Printable(aggregation.op.text) +
           ", since outside it would leave out the targets that still have the old name";
  }
  return out + "\n";
}

// The line on a union that was taken back: one whose operator is cut out of the text.
std::string DescribeCollapse(std::string_view expr, const Expr& root, const QueryPlan& plan,
                             QuerySpan name) {
  std::string out;
  promql::Walk(root, [&](const Expr& node, const Expr*) {
    const auto* binary = std::get_if<promql::BinaryExpr>(&node.node);
    if (binary == nullptr || !node.span.Contains(name)) return;
    const bool cut =
        std::ranges::any_of(plan.edits.edits(), [binary](const rewrite::QueryEdit& edit) {
          return edit.text.empty() && edit.span.Contains(binary->op_span);
        });
    if (cut)
      out = "  where: " + OnOneLine(expr, node.span) +
            "\n  why: with one name for both sides it says the same twice; one is left\n";
  });
  return out;
}

// --- text

std::string Join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

// A regular expression may be about several entries; then this is the first.
std::string DescribeEntry(const QueryFinding& finding) {
  if (finding.About() == nullptr) return "";
  const TableEntry& entry = *finding.About();
  const std::string kind =
      finding.entry == nullptr ? "function" : std::string(MetricTypeName(finding.entry->type));
  std::string out = "  table: " + entry.table + ": " + kind + " " + entry.old_name +
                    (entry.new_name.empty() ? " has no new name" : " -> " + entry.new_name);
  if (!entry.new_since.empty()) out += ", new name since " + Join(entry.new_since);
  if (!entry.old_until.empty()) out += ", old name gone in " + entry.old_until;
  out += "\n";
  if (!entry.note.empty()) out += "  note: " + Printable(entry.note) + "\n";
  return out;
}

std::string_view AboutMode(Mode mode) {
  switch (mode) {
    case Mode::kReplace:
      return "right once every scraped target has the new name, and blind to history before that";
    case Mode::kUnion:
      return "right before, during and after the upgrade, and over history";
    case Mode::kFinalize:
      return "unions with the new name are taken back; right once every scraped target has the new "
             "name";
  }
  return "";
}

// Every line of `text`, indented.
std::string Indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    out += "  " + Printable(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void PrintSteps(const std::string& expr, const Expr& root, const QueryPlan& plan, Mode mode,
                const Streams& streams) {
  const SourceText source("<expr>", expr);
  streams.out << "understood as\n  " << Printable(promql::Dump(root)) << "\n\n";
  for (const QueryFinding& finding : plan.findings) {
    const rewrite::Finding shown{
        finding.disposition, finding.code, {finding.span.begin, finding.span.end},
        finding.message,     finding.hint, finding.About()};
    streams.out << RenderFinding(source, shown, streams.out_color);
    streams.out << DescribeEntry(finding);
    if (finding.disposition == Disposition::kChanged) {
      streams.out << (mode == Mode::kUnion
                          ? DescribeUnion(expr, FindDoubled(root, plan, finding.span))
                          : DescribeCollapse(expr, root, plan, finding.span));
    }
    streams.out << "\n";
  }
  if (plan.findings.empty()) streams.out << "no deprecated name in it\n\n";
  if (plan.edits.empty()) {
    streams.out << "nothing changes\n";
  } else {
    streams.out << "becomes, " << AboutMode(mode) << ":\n" << Indented(plan.edits.Splice(expr));
  }
}

// --- codes

struct TextOfCode {
  std::string_view code;
  std::string_view text;  // what it means, and what to do about it
};

// A test demands one for each FindingCode.
constexpr TextOfCode kCodeTexts[] = {
    {"renamed",
     "A deprecated metric name at a place where PromQL has a metric name: x, {\"x\"}, "
     "{__name__=\"x\"}, one of the\nalternatives of {__name__=~\"x|y\"}. It is rewritten as "
     "--mode says. Nothing is left to do but to read the diff."},
    {"name-regex",
     "A regular expression on __name__ that is no plain list of names and that matches "
     "deprecated ones. If it also\nmatches their new names it goes on working (but sees each "
     "series twice while both names exist); if not, it goes\nsilent. Widen it by the names "
     "that the hint gives, or write the names out."},
    {"templated-name",
     "A metric name that is partly a variable or a template action (x_$y_total) and becomes "
     "a deprecated one for some\nvalue. Which values it takes is not known here. Change the "
     "fixed part of the name, or the values, by hand."},
    {"no-union",
     "A deprecated name at a place where it cannot be joined with the new one: in a regular "
     "expression on __name__, where\nboth names would count twice, or where PromQL takes one "
     "selector and nothing else. It is left as it is. Do what the\nhint says, or use --mode "
     "replace once every target has the new name."},
    {"already-union",
     "A deprecated name that is joined with its new name already, by a person or by an "
     "earlier --mode union. It is left\nalone. --mode finalize takes the union back after "
     "the upgrade."},
    {"no-replacement",
     "A deprecated metric that is gone, or a series of it that the new metric does not have, such "
     "as "
     "a summary's quantiles where\nthe new one is a histogram. The query would find nothing. The "
     "hint says what can be asked for instead, if anything."},
    {"default-off",
     "A metric that newer versions expose only when told to, by a flag or a setting that the hint "
     "names. Turn it on, or do\nwithout."},
    {"changed-meaning",
     "A metric whose name is still there and which means something else now, so that the query "
     "goes "
     "on giving numbers, other\nones. Read the hint and see whether the query still says what it "
     "is meant to say."},
    {"not-exact",
     "A deprecated metric whose new one gives only something near to it. It is left as it is, "
     "since "
     "whether that is near\nenough is for a person to say; --equivalence LEVEL changes such "
     "queries, too."},
    {"not-convertible",
     "The new metric has other labels or another unit, and at this place nothing can make up for "
     "it: "
     "a function that is not\nlinear, a histogram's bounds that show in the result, a matcher that "
     "takes names only. Write the expression anew."},
    {"selects-nothing",
     "A selector with matchers that no series of the deprecated metric passes, so that it gives "
     "nothing now, and nothing after\nthe upgrade. Most likely the matchers are mistaken."},
    {"opaque-matcher",
     "A matcher on a label whose values or name change, with a regular expression or a variable "
     "that "
     "cannot be translated\nvalue by value. The query is left as it is; write the matcher anew."},
    {"name-label",
     "An expression that looks at the metric's name as a label: by (__name__), label_replace(..., "
     "\"__name__\", ...). The name\nis changed, and what depends on it may want to be, too."},
    {"result-label",
     "The result of the query has a label under its new name, or with its new values. Legends, "
     "templates of alerts and\ndashboards that read the result have to follow; --keep-labels keeps "
     "the result as it was."},
    {"string-literal",
     "A string in a query, such as an argument of label_replace() or the value of a label "
     "matcher, that holds a\ndeprecated name. It may be meant as a metric name or only look "
     "like one; strings are never changed. If it is meant\nas one, change it by hand."},
    {"query-comment",
     "A comment inside a query, or a label, has a deprecated name in it. It does not change "
     "what the query gives. Change\nit if it would mislead people."},
    {"unparsable-query",
     "A text stands where a query is expected, names a deprecated metric and is no PromQL: "
     "a typing mistake, or another\nlanguage. It is left as it is. `metrishift parse` shows "
     "where reading it stops; change the name by hand."},
    {"recorded-name",
     "A recording rule that gives a deprecated name itself (its record is never renamed: it is "
     "there to keep the name alive),\nor a rule that would read what it records. It is left as it "
     "is. Drop such a rule once nothing reads the old name."},
    {"cascade",
     "With --cascade, a recorded name that has a deprecated name in it. It moves, with everything "
     "in "
     "the files of the run that\nreads it, or it stays as it is and goes on working, for the "
     "reason "
     "given: its new name is taken, or something reads it\nthat cannot be rewritten. Change what "
     "is in "
     "the way by hand and run again, or leave the name. Readers outside of the\nfiles of the run "
     "are "
     "not seen."},
    {"scalar-style",
     "A change is due, but the way in which the file writes this text (its quoting or block style) "
     "cannot hold it. It is left\nas it is. Write the text in another style, or change it by "
     "hand."},
    {"template-action",
     "A change is due, but it would take away a part of the query with an action of a template in "
     "it ({% if %}, {{ include }}):\nwhat that action renders, or decides, would be lost. It is "
     "left as it is. Change the query by hand."},
    {"shown",
     "A text for people names a deprecated metric, or something is compared with what people see: "
     "a legend, a title, a text panel,\nan override, the column of a table, a link, an alert's "
     "annotation. Nothing asks Prometheus with it. It is left as it is;\n--labels-and-legends "
     "renames it where nothing but the name changes."},
    {"relabelling",
     "A relabelling gives series other names, and one of them is deprecated. It is left as it is. "
     "One that turns the old name\ninto the new, or back, bridges the upgrade and can go after it; "
     "any other has to be told the new name."},
    {"packed",
     "A compressed dashboard (gzipJson of a GrafanaDashboard) names a deprecated metric, or cannot "
     "be looked into. It is left as\nit is. Unpack it (base64 -d | gunzip), rewrite it and pack it "
     "again, or keep it as json."},
    {"foreign",
     "A query to another datasource than Prometheus, or in another language (LogQL), has a "
     "deprecated name in it. It is left as it is."},
    {"unknown-place",
     "A deprecated name at a place of the file that is not known to hold queries. It is left as "
     "it is. See whether something\nevaluates it, and change it by hand."},
    {"comment",
     "A comment of the file has a deprecated name in it. Nothing evaluates it. Change it if "
     "it would mislead people."},
    {"function",
     "A function of PromQL that has a new name, or none. The name is rewritten and nothing else. "
     "No "
     "expression works both in a\nversion that knows one name only and in one that knows the "
     "other, "
     "so that --mode union leaves it alone: use --mode replace\nat the moment of the upgrade of "
     "what answers the queries."},
    {"flag",
     "A flag of a program, also as an environment variable or as a key of its configuration file, "
     "that "
     "has a new name\nor a new value. It is rewritten, where the text says that it is meant for "
     "that "
     "program: by the name of a command, an\nimage or a variable. A command line takes one side "
     "only, "
     "so --mode union rewrites what the old version knows under\nits new name as well, and leaves "
     "the "
     "rest alone."},
    {"flag-value",
     "A flag whose value decides what becomes of it, and whose value is a variable, or none that "
     "it can "
     "have. It is left\nalone. See what the value is, and write the new flag by hand."},
    {"flag-conflict",
     "A flag whose new name is set beside it already, or twice once it is rewritten. Which of the "
     "two is "
     "meant is not known\nhere: it is left alone. Keep one of them."},
    {"endpoint",
     "A path of an HTTP interface that has a new name: in calls of curl, in probes, in the targets "
     "of "
     "Prometheus. It is\nrewritten behind a host, behind a variable, or at the beginning of a "
     "word."},
    {"assumed-datasource",
     "Queries of this dashboard were changed though nothing says which datasource they ask: no "
     "type, and no name that tells.\nThey are taken for PromQL. Where they are not, leave the file "
     "out of the run, or name the type in the dashboard."},
    {"read-as",
     "The file is no YAML or JSON as it stands. With template actions in it, it was read as what "
     "stands around them; where that\nis none either, line by line, and then only queries in "
     "fields of known names (expr, query) are found. Other deprecated\nnames are listed."},
};

}  // namespace

ExitCode RunExplain(const Mapping& mapping, const std::string& expr, const ExplainOptions& options,
                    const Streams& streams) {
  if (options.json) return PrintJson(ExplainJson(expr, mapping, options), streams);
  const QueryPlan plan = Plan(expr, mapping, options);
  if (plan.error) {
    const Diagnostic diagnostic{
        Severity::kError, {plan.error->span.begin, plan.error->span.end}, plan.error->message, ""};
    streams.err << RenderDiagnostic(SourceText("<expr>", expr), diagnostic, streams.err_color);
    return kFindings;
  }
  PrintSteps(expr, *ParseAsPlanned(expr, options.dialect), plan, options.plan.mode, streams);
  return kClean;
}

ExitCode RunExplainLines(const Mapping& mapping, std::istream& in, const ExplainOptions& options,
                         const Streams& streams) {
  ExitCode code = kClean;
  for (std::string line; std::getline(in, line);) {
    const Json text = Json::parse(line, nullptr, false);
    const Json answer = text.is_string()
                            ? ExplainJson(text.get_ref<const std::string&>(), mapping, options)
                            : ErrorJson(nullptr, "the line is no JSON string", {0, 0});
    code = std::max(code, PrintJson(answer, streams));
    if (in.rdbuf()->in_avail() <= 0) streams.out.flush();  // somebody may wait for the answer
  }
  return code;
}

std::string_view CodeText(std::string_view code) {
  const auto* text = std::ranges::find(kCodeTexts, code, &TextOfCode::code);
  return text == std::end(kCodeTexts) ? "" : text->text;
}

ExitCode RunExplainCode(const std::string& name, const Streams& streams) {
  if (const std::string_view text = CodeText(name); !text.empty()) {
    streams.out << text << "\n";
    return kClean;
  }
  streams.err << "error: no finding has the code \"" << Printable(name)
              << "\"; \"metrishift explain\" lists them\n";
  return kError;
}

ExitCode RunExplainCodes(const Streams& streams) {
  for (const TextOfCode& text : kCodeTexts) streams.out << text.code << "\n" << Indented(text.text);
  return kClean;
}

}  // namespace metrishift::cli
