#include "rewriter/rewrite/file_rewrite.h"

#include <algorithm>

#include "rewriter/rewrite/mention.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::rewrite {
namespace {

using formats::EmbeddedQuery;
using formats::Extraction;
using formats::QueryUse;

Diagnostic InternalError(FileSpan span, std::string message) {
  return {Severity::kError, span, std::move(message) + "; the file is left as it is",
          "this is a fault of metrishift: please report it with the file"};
}

// REQUIRES: `spans` is sorted and its elements do not overlap each other (they may repeat).
bool OverlapsOneOf(const std::vector<FileSpan>& spans, FileSpan span) {
  const auto after = std::ranges::lower_bound(spans, span.end, {}, &FileSpan::begin);
  return after != spans.begin() && (after - 1)->end > span.begin;
}

class Rewriter {
 public:
  Rewriter(std::string_view text, formats::FileFormat format, const Mapping& mapping, Mode mode)
      : text_(text), format_(format), mapping_(mapping), mode_(mode) {}

  Outcome<FileRewrite> Run() {
    Outcome<Extraction> extraction = formats::Extract(format_, text_);
    outcome_.diagnostics = std::move(extraction.diagnostics);
    if (!extraction) return std::move(outcome_);
    for (const EmbeddedQuery& query : extraction->queries) Query(query);
    Mentions(*extraction);
    std::ranges::stable_sort(result_.findings, {}, &Finding::span);
    result_.queries = extraction->queries.size();
    result_.text = result_.edits.Splice(text_);
    if (!failed_ && !result_.edits.empty()) Verify();
    if (!failed_) outcome_.value = std::move(result_);
    return std::move(outcome_);
  }

 private:
  void Fail(Diagnostic diagnostic) {
    failed_ = true;
    outcome_.diagnostics.push_back(std::move(diagnostic));
  }

  void Query(const EmbeddedQuery& query) {
    QueryPlan plan = PlanOf(query);
    if (plan.error) Unparsable(query, *plan.error);
    if (WouldRecordItself(query)) {
      LeaveToPerson(plan, FindingCode::kRecordedName,
                    ", but this rule records that name: it would read what it writes",
                    "delete the rule once every target exposes " + query.record + " itself");
    } else if (!Lift(query, plan.edits)) {
      LeaveToPerson(plan, FindingCode::kScalarStyle,
                    ", which cannot be written in a scalar of this style",
                    "write the query as a block scalar (expr: |)");
    }
    for (QueryFinding& finding : plan.findings) {
      result_.findings.push_back({finding.disposition, finding.code, query.map.ToFile(finding.span),
                                  std::move(finding.message), std::move(finding.hint),
                                  finding.entry});
    }
    planned_.push_back(plan.edits.Splice(query.text));
  }

  QueryPlan PlanOf(const EmbeddedQuery& query) const {
    if (query.use == QueryUse::kNameRegex) return PlanOfNameRegex(query.text);
    const bool is_name = query.use == QueryUse::kMetricName || query.use == QueryUse::kTestSeries;
    if (mode_ != Mode::kUnion || !is_name) {
      return PlanQuery(query.text, query.kind, mapping_, mode_);
    }
    QueryPlan plan = PlanQuery(query.text, query.kind, mapping_, Mode::kReplace);
    if (query.use == QueryUse::kMetricName) {
      LeaveToPerson(plan, FindingCode::kNoUnion, ", at a place that holds one name only",
                    "change it once every target exposes the new name");
      return plan;
    }
    LeaveToPerson(plan, FindingCode::kNoUnion, ", as a series of a test: a union finds it still",
                  "");
    for (QueryFinding& finding : plan.findings) finding.disposition = Disposition::kInfo;
    return plan;
  }

  // To the planner, a regular expression on names is what stands in Grafana's metrics(...).
  QueryPlan PlanOfNameRegex(const std::string& regex) const {
    constexpr std::string_view kCall = "metrics(";
    QueryPlan call = PlanQuery(std::string(kCall) + regex + ")",
                               formats::QueryKind::kGrafanaVariable, mapping_, mode_);
    const auto inside = [&](QuerySpan span) {
      return QuerySpan{span.begin - kCall.size(), span.end - kCall.size()};
    };
    QueryPlan plan;
    for (const QueryEdit& edit : call.edits.edits()) plan.edits.Add({inside(edit.span), edit.text});
    for (QueryFinding& finding : call.findings) {
      finding.span = inside(finding.span);
      plan.findings.push_back(std::move(finding));
    }
    return plan;
  }

  // All edits of a query or none: half a union would be wrong. Returns false when one cannot be
  // written in the style of its scalar.
  bool Lift(const EmbeddedQuery& query, const QueryEditSet& edits) {
    std::vector<FileEdit> lifted;
    for (const QueryEdit& edit : edits.edits()) {
      std::optional<std::string> escaped = formats::EscapeForQuery(query, edit.span, edit.text);
      if (!escaped) return false;
      lifted.push_back({query.map.ToFile(edit.span), *std::move(escaped)});
    }
    for (FileEdit& edit : lifted) {
      const FileSpan span = edit.span;
      if (result_.edits.Add(std::move(edit))) Fail(InternalError(span, "two edits overlap"));
    }
    return true;
  }

  // {record: new, expr: old} gives the new name to those who do not have it yet.
  bool WouldRecordItself(const EmbeddedQuery& query) const {
    if (query.record.empty()) return false;
    return std::ranges::any_of(FindMentions<QuerySpan>(query.text, mapping_),
                               [&](const Mention<QuerySpan>& mention) {
                                 return mention.match.NewSeries() == query.record;
                               });
  }

  // Takes back what was planned for a query.
  static void LeaveToPerson(QueryPlan& plan, FindingCode code, const std::string& why,
                            const std::string& hint) {
    plan.edits = {};
    for (QueryFinding& finding : plan.findings) {
      if (finding.disposition != Disposition::kChanged) continue;
      finding.disposition = Disposition::kNeedsPerson;
      finding.code = code;
      finding.message += why;
      finding.hint = hint;
    }
  }

  // A query that cannot be read matters only where it names a deprecated metric.
  void Unparsable(const EmbeddedQuery& query, const promql::ParseError& error) {
    ++result_.unparsable;
    const auto mentions = FindMentions<QuerySpan>(query.text, mapping_);
    for (const auto& mention : mentions) {
      result_.findings.push_back(
          {Disposition::kNeedsPerson, FindingCode::kUnparsableQuery, query.map.ToFile(mention.span),
           "deprecated " + mention.match.OldSeries() +
               " in a query that cannot be read: " + error.message,
           "mend the query, or change the name to " + mention.match.NewSeries() + " by hand",
           mention.match.entry});
    }
  }

  // The safety net: what the bytes of the file name and nobody has spoken of yet.
  void Mentions(const Extraction& extraction) {
    std::vector<FileSpan> spoken_of;
    spoken_of.reserve(result_.findings.size());
    for (const Finding& finding : result_.findings) spoken_of.push_back(finding.span);
    std::ranges::sort(spoken_of);
    std::vector<FileSpan> query_spans;
    query_spans.reserve(extraction.queries.size());
    for (const EmbeddedQuery& query : extraction.queries) query_spans.push_back(query.span);
    std::vector<FileSpan> record_spans;
    for (const EmbeddedQuery& query : extraction.queries) {
      if (!query.record.empty()) record_spans.push_back(query.record_span);
    }
    std::ranges::sort(record_spans);
    const SourceText source("", text_);
    for (const auto& mention : FindMentions<FileSpan>(text_, mapping_)) {
      if (OverlapsOneOf(spoken_of, mention.span)) continue;
      if (OverlapsOneOf(record_spans, mention.span)) {
        result_.findings.push_back(Compatibility(mention));
        continue;
      }
      const bool in_query = OverlapsOneOf(query_spans, mention.span);
      const bool in_comment = !in_query && InComment(extraction, source, mention.span);
      result_.findings.push_back(Leftover(mention, in_query, in_comment));
    }
  }

  // {record: old, expr: new} gives the old name to those who still ask for it, and goes on doing
  // so.
  static Finding Compatibility(const Mention<FileSpan>& mention) {
    const std::string name = mention.match.OldSeries();
    return {Disposition::kInfo,
            FindingCode::kRecordedName,
            mention.span,
            "this rule records deprecated " + name + "; it is kept",
            "delete it when nothing asks for " + name + " any more",
            mention.match.entry};
  }

  static Finding Leftover(const Mention<FileSpan>& mention, bool in_query, bool in_comment) {
    const std::string name = mention.match.OldSeries();
    // Everything in a query but its comments and the names of labels has been planned.
    if (in_query) {
      return {Disposition::kInfo,
              FindingCode::kQueryComment,
              mention.span,
              "a comment or a label names deprecated " + name,
              "",
              mention.match.entry};
    }
    if (in_comment) {
      return {Disposition::kInfo,
              FindingCode::kComment,
              mention.span,
              "a comment names deprecated " + name,
              "",
              mention.match.entry};
    }
    return {Disposition::kNeedsPerson,
            FindingCode::kUnknownPlace,
            mention.span,
            "deprecated " + name + " at a place that is not known to hold queries",
            "change it by hand if it is meant as a metric name: " + mention.match.NewSeries(),
            mention.match.entry};
  }

  // Outside of scalars YAML has no words but comments (and anchors). A line of text may be a
  // comment as well: of a file inside this file.
  bool InComment(const Extraction& extraction, const SourceText& source, FileSpan mention) const {
    if (format_ == formats::FileFormat::kJson) return false;
    const bool is_tree =
        format_ == formats::FileFormat::kYaml && extraction.read_as == formats::ReadAs::kTree;
    if (is_tree && !OverlapsOneOf(extraction.scalars, mention)) return true;
    const size_t line = source.LineSpan(source.LineOf(mention.begin)).begin;
    const size_t first = text_.find_first_not_of(" \t", line);
    return first < mention.begin && text_[first] == '#';
  }

  // Reads the result as if it had come from outside and compares it with what was planned.
  void Verify() {
    const Outcome<Extraction> again = formats::Extract(format_, result_.text);
    const FileSpan nowhere{0, 0};
    if (!again) return Fail(InternalError(nowhere, "the result cannot be read any more"));
    if (again->queries.size() != planned_.size()) {
      return Fail(InternalError(nowhere, "the result holds another number of queries"));
    }
    for (size_t i = 0; i < planned_.size(); ++i) {
      if (again->queries[i].text != planned_[i]) {
        return Fail(InternalError(
            nowhere, "the query at " + again->queries[i].place + " is not what was planned"));
      }
    }
  }

  std::string_view text_;
  formats::FileFormat format_;
  const Mapping& mapping_;
  Mode mode_;
  Outcome<FileRewrite> outcome_;
  FileRewrite result_;
  std::vector<std::string> planned_;  // each query's text as it must be found in the result
  bool failed_ = false;
};

}  // namespace

Outcome<FileRewrite> RewriteFile(std::string_view text, formats::FileFormat format,
                                 const Mapping& mapping, Mode mode) {
  return Rewriter(text, format, mapping, mode).Run();
}

std::vector<Finding> FindMentionsInText(std::string_view text, const Mapping& mapping) {
  std::vector<Finding> findings;
  for (const auto& mention : FindMentions<FileSpan>(text, mapping)) {
    findings.push_back(
        {Disposition::kNeedsPerson, FindingCode::kUnknownPlace, mention.span,
         "deprecated " + mention.match.OldSeries() + " in a file that cannot be read",
         "change it by hand if it is meant as a metric name: " + mention.match.NewSeries(),
         mention.match.entry});
  }
  return findings;
}

}  // namespace metrishift::rewrite
