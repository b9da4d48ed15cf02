#include "rewriter/generate/old_series.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "rewriter/generate/new_side.h"
#include "rewriter/promql/parser.h"
#include "rewriter/promql/type_check.h"
#include "rewriter/promql/walk.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::generate {
namespace {

using rewrite::Disposition;

// What the rewriting makes of a selector.
struct Rewritten {
  std::string expr;  // empty: nothing
  std::string why;   // then
};

Rewritten Rewrite(const std::string& selector, const Mapping& mapping, Equivalence least) {
  rewrite::PlanOptions options;
  options.keep_labels = true;
  options.least = least;
  const rewrite::QueryPlan plan =
      rewrite::PlanQuery(selector, formats::QueryKind::kPromQL, mapping, options);
  for (const rewrite::QueryFinding& finding : plan.findings) {
    if (finding.disposition != Disposition::kNeedsPerson) continue;
    return {"", finding.message + (finding.hint.empty() ? "" : ": " + finding.hint)};
  }
  if (plan.edits.empty()) return {};
  return {plan.edits.Splice(selector), ""};
}

// The names that an expression selects by; nothing where it is no expression that gives series.
std::optional<std::set<std::string>> Reads(const std::string& expr) {
  const promql::ParseResult parsed = promql::ParseExpr(expr);
  if (!parsed || promql::TypeOf(*parsed.expr) != promql::ValueType::kVector) return std::nullopt;
  std::set<std::string> names;
  promql::Walk(*parsed.expr, [&names](const promql::Expr& node, const promql::Expr*) {
    const auto* selector = std::get_if<promql::VectorSelector>(&node.node);
    if (selector == nullptr) return;
    if (selector->name) names.insert(selector->name->text);
    for (const promql::LabelMatcher& matcher : selector->matchers) {
      if (matcher.name.text == "__name__" && matcher.type == promql::MatchType::kEqual)
        names.insert(matcher.value.text);
    }
  });
  return names;
}

std::optional<std::string> OfAnotherUnit(const Mapping::Match& match) {
  if (match.suffix != "_bucket" || match.entry->scale == 1) return std::nullopt;
  return "deprecated " + match.OldSeries() +
         " has its bounds, the label le, in another unit under its new name, and PromQL cannot "
         "compute labels: histogram_quantile over the new series times the factor does";
}

class Collector {
 public:
  Collector(const Mapping& mapping, const Options& options)
      : mapping_(mapping), options_(options) {}

  std::vector<OldSeries> Collect() {
    for (const MappingEntry& entry : mapping_.entries()) {
      for (const std::string_view suffix : UsedSuffixes(entry.type)) Add({&entry, suffix});
    }
    std::set<std::string> read;
    for (const OldSeries& series : all_) read.insert(series.reads.begin(), series.reads.end());
    for (OldSeries& series : all_) {
      if (mapping_.IsNewSeries(series.name) || read.contains(series.name)) LeaveUsed(series);
    }
    return std::move(all_);
  }

 private:
  void Add(const Mapping::Match& match) {
    OldSeries series;
    series.name = match.OldSeries();
    series.table = match.entry->table;
    if (!seen_.insert(series.name).second) return;
    const auto matches = mapping_.FindAllOld(series.name);
    series.matches.assign(matches.begin(), matches.end());
    Fill(series, mapping_);
    if (series.expr.empty() && series.matches.size() > 1) FillInPart(series);
    all_.push_back(std::move(series));
  }

  void Fill(OldSeries& series, const Mapping& mapping) const {
    for (const Mapping::Match& match : series.matches) {
      std::optional<std::string> why = StillExposed(mapping_, match, options_);
      if (!why) why = OfAnotherUnit(match);
      if (why) {
        series.left.push_back(*std::move(why));
        return;
      }
    }
    // In braces, since a name, old or new, may be a number or a word of the language when it stands
    // alone.
    const Rewritten safe = Rewrite("{__name__=\"" + series.name + "\"}", mapping, options_.least);
    const std::optional<std::set<std::string>> reads = Reads(safe.expr);
    if (!reads || reads->empty()) {
      series.left.push_back(safe.why.empty() ? "what the table says of deprecated " + series.name +
                                                   " is nothing that gives series"
                                             : safe.why);
      return;
    }
    const Rewritten bare = Rewrite(series.name, mapping, options_.least);
    const bool same = Reads(bare.expr) == reads && std::ranges::all_of(*reads, IsPlainName);
    series.expr = same ? bare.expr : safe.expr;
    series.reads = *reads;
  }

  // Some of the entries of the name can be had, where not all of them can.
  void FillInPart(OldSeries& series) const {
    std::vector<MappingEntry> entries;
    std::vector<Mapping::Match> matches;
    std::vector<std::string> left;
    for (const Mapping::Match& match : series.matches) {
      OldSeries alone{series.name, series.table, "", {}, {match}, {}};
      Fill(alone, MappingOf({*match.entry}));
      if (alone.expr.empty()) {
        left.insert(left.end(), alone.left.begin(), alone.left.end());
      } else {
        entries.push_back(*match.entry);
        matches.push_back(match);
      }
    }
    if (entries.empty()) return;
    OldSeries part{series.name, series.table, "", {}, std::move(matches), {}};
    Fill(part, MappingOf(std::move(entries)));
    if (part.expr.empty()) return;
    part.left = std::move(left);
    series = std::move(part);
  }

  static void LeaveUsed(OldSeries& series) {
    const bool same = std::ranges::any_of(
        series.matches, [](const Mapping::Match& match) { return match.entry->SameName(); });
    series.left = {same ? "deprecated " + series.name +
                              " keeps its name and has other labels or values: a rule of that name "
                              "would be counted beside what is scraped; relabel it at the scrape"
                        : "deprecated " + series.name +
                              " is what something else is called now: what a rule records would "
                              "mix with what is scraped; rename it at the scrape"};
    series.expr.clear();
    series.reads.clear();
    series.matches.clear();
  }

  const Mapping& mapping_;
  const Options& options_;
  std::unordered_set<std::string> seen_;
  std::vector<OldSeries> all_;
};

}  // namespace

std::vector<OldSeries> OldSeriesOf(const Mapping& mapping, const Options& options) {
  return Collector(mapping, options).Collect();
}

}  // namespace metrishift::generate
