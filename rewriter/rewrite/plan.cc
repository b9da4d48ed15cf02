#include "rewriter/rewrite/plan.h"

#include <algorithm>
#include <optional>
#include <string>

#include "core/entry_labels.h"
#include "rewriter/promql/template.h"
#include "rewriter/promql/walk.h"
#include "rewriter/rewrite/function_plan.h"
#include "rewriter/rewrite/grafana_variable.h"
#include "rewriter/rewrite/label_side.h"
#include "rewriter/rewrite/mention.h"
#include "rewriter/rewrite/mode.h"
#include "rewriter/rewrite/name_part_plan.h"
#include "rewriter/rewrite/name_regex.h"

namespace metrishift::rewrite {
namespace {

using promql::Dialect;
using promql::Expr;

constexpr std::string_view kNameLabel = "__name__";

// `span` without its first and last byte: a string token without its quotes.
QuerySpan Inner(QuerySpan span) { return {span.begin + 1, span.end - 1}; }

// Finds the deprecated names of one expression.
class Planner {
 public:
  Planner(std::string_view text, Dialect dialect, size_t offset, const Mapping& mapping,
          const PlanOptions& options, QueryPlan& plan)
      : text_(text),
        dialect_(dialect),
        offset_(offset),
        mapping_(mapping),
        options_(options),
        plan_(plan) {}

  void Plan(const Expr& expr) {
    side_.emplace(expr);
    promql::Walk(expr, [this](const Expr& node, const Expr*) {
      selector_ = &node;
      if (const auto* selector = std::get_if<promql::VectorSelector>(&node.node))
        Selector(*selector);
      if (const auto* string = std::get_if<promql::StringLiteral>(&node.node))
        String(string->token);
    });
  }

  // What was found, in order.
  RenamedExpr Take(const Expr* root, bool selector_only) {
    std::ranges::sort(renames_, {}, &Rename::span);
    return {text_, dialect_, root, selector_only, std::move(renames_)};
  }

  // Makes edits of it.
  void Apply(const RenamedExpr& expr) {
    std::vector<QueryFinding> findings;
    const bool unites = options_.mode == Mode::kUnion;
    const std::vector<QueryEdit> edits =
        unites ? UnionEdits(expr, findings) : ReplaceEdits(expr, options_.keep_labels, findings);
    for (const QueryEdit& edit : edits) {
      if (plan_.edits.Add({Whole(edit.span), edit.text})) return GiveUp(expr);
    }
    if (!unites) {
      for (const Rename& rename : expr.renames) {
        if (!rename.Converts()) findings.push_back(Renamed(rename));
      }
    }
    for (QueryFinding& finding : findings) {
      finding.span = Whole(finding.span);
      plan_.findings.push_back(std::move(finding));
    }
    std::ranges::stable_sort(plan_.findings, {}, &QueryFinding::span);
  }

  // Conversions of names within each other whose texts would run into each other.
  void GiveUp(const RenamedExpr& expr) {
    plan_.edits = {};
    for (const Rename& rename : expr.renames) {
      plan_.findings.push_back(
          {Disposition::kNeedsPerson, FindingCode::kNotConvertible, Whole(rename.span),
           "deprecated " + rename.match.OldSeries() +
               " stands within what has to be written anew for another name",
           "record the inner expression by a rule of its own", rename.match.entry});
    }
  }

  // A regular expression that matches metric names, or with `excludes` keeps them out; `inner`
  // holds it, decoded it is `regex`.
  void NameRegex(QuerySpan inner, std::string_view regex, bool templated, bool excludes,
                 NamePart part = NamePart::kAll) {
    if (templated) return ReportTemplated(inner, regex, promql::TemplateContext::kString, false);
    const std::optional<std::vector<NameAlternative>> alternatives = SplitNameRegex(regex, part);
    if (!alternatives) return ReportMentions(inner);
    std::string after(regex);  // with the new names; from the last, so that places before hold
    if (Slice(inner) != regex) {
      return ReportReached(inner, JoinAlternatives(regex, *alternatives), FindingCode::kNameRegex,
                           part, after);
    }
    std::vector<Mapping::Match> left;
    for (size_t i = alternatives->size(); i-- > 0;) {
      const NameAlternative& name = (*alternatives)[i];
      const auto match = mapping_.FindOld(regex.substr(name.begin, name.end - name.begin));
      if (!match || !name.is_name || SaysNothingOf(*match->entry)) continue;
      if (!match->entry->IsRename()) {
        left.insert(left.begin(), *match);
      } else if (Alternative(inner, regex, *alternatives, i, *match, excludes)) {
        after.replace(name.begin, name.end - name.begin, match->NewSeries());
      }
    }
    LeaveInRegex(inner, *alternatives, regex, left);
    std::vector<NameAlternative> others = *alternatives;
    std::erase_if(others, [](const NameAlternative& each) { return each.is_name; });
    if (others.empty()) return;
    ReportReached(inner, JoinAlternatives(regex, others), FindingCode::kNameRegex, part, after);
  }

 private:
  std::string_view Slice(QuerySpan span) const { return text_.substr(span.begin, span.size()); }

  // Returns true iff alternative `i`, a name, is to be changed.
  bool Alternative(QuerySpan inner, std::string_view regex,
                   const std::vector<NameAlternative>& alternatives, size_t i,
                   const Mapping::Match& match, bool excludes) {
    const NameAlternative& name = alternatives[i];
    Rename rename = RenameOf({inner.begin + name.begin, inner.begin + name.end}, match);
    if (!name.extensible && options_.mode == Mode::kUnion) {
      Leave(FindingCode::kNoUnion, Whole(rename.span), match,
            "has no room for its new name beside it",
            "write it in parentheses: (" + match.OldSeries() + ")");
      return false;
    }
    rename.kind = excludes ? Rename::Kind::kExclusion : Rename::Kind::kAlternative;
    rename.addition = "|" + match.NewSeries();
    rename.addition_at = rename.span.end;
    FindNew(regex, alternatives, i, rename);
    renames_.push_back(std::move(rename));
    return true;
  }

  // The names of a regular expression that change in more than their names. A list of many, as of
  // what is not to be scraped, is one finding.
  void LeaveInRegex(QuerySpan inner, const std::vector<NameAlternative>& alternatives,
                    std::string_view regex, const std::vector<Mapping::Match>& left) {
    constexpr size_t kMany = 4;
    if (left.size() > kMany) {
      plan_.findings.push_back({Disposition::kNeedsPerson, FindingCode::kNotConvertible,
                                Whole(inner),
                                "deprecated " + NameSome(left, &Mapping::Match::OldSeries) +
                                    " have other labels, values or no series at all under their "
                                    "new names, which a matcher on names cannot say",
                                "write selectors of their own for them", left.front().entry});
      return;
    }
    for (const NameAlternative& name : alternatives) {
      const std::string_view text = regex.substr(name.begin, name.end - name.begin);
      const auto found = std::ranges::find(left, text, &Mapping::Match::OldSeries);
      if (found != left.end() && name.is_name)
        LeaveInName({inner.begin + name.begin, inner.begin + name.end}, *found);
    }
  }

  // Whether the new name is in the same list as alternative `i`, and where.
  static void FindNew(std::string_view regex, const std::vector<NameAlternative>& alternatives,
                      size_t i, Rename& rename) {
    const auto joined = [&](size_t at) {
      return alternatives[at].end + 1 == alternatives[at + 1].begin;
    };
    size_t first = i;
    while (first > 0 && joined(first - 1)) --first;
    size_t last = i;
    while (last + 1 < alternatives.size() && joined(last)) ++last;
    const std::string new_name = rename.match.NewSeries();
    const auto is_new = [&](size_t at) {
      const NameAlternative& other = alternatives[at];
      return regex.substr(other.begin, other.end - other.begin) == new_name;
    };
    for (size_t at = first; at <= last; ++at) rename.has_new = rename.has_new || is_new(at);
    if (i < last && is_new(i + 1)) {
      rename.repeated = {rename.span.end, rename.span.end + rename.addition.size()};
    } else if (rename.has_new) {
      const bool is_last = i == last;
      rename.removal = {rename.span.begin - (is_last ? 1 : 0), rename.span.end + (is_last ? 0 : 1)};
    }
  }

  // Where only a name has room, nothing else can change.
  void LeaveInName(QuerySpan span, const Mapping::Match& match) {
    Leave(
        FindingCode::kNotConvertible, Whole(span), match,
        "has other labels, values or no series at all under its new name, which a matcher on names "
        "cannot say",
        "write a selector of its own for it");
  }

  Rename RenameOf(QuerySpan span, const Mapping::Match& match) const {
    Rename rename;
    rename.selector = selector_;
    rename.span = span;
    rename.match = match;
    return rename;
  }

  // Spans are of `text_`, which may be a part of the query.
  QuerySpan Whole(QuerySpan span) const { return {span.begin + offset_, span.end + offset_}; }

  void Selector(const promql::VectorSelector& selector) {
    if (selector.name) Name(*selector.name);
    for (const promql::LabelMatcher& matcher : selector.matchers) Matcher(selector, matcher);
  }

  void Name(const promql::NameToken& name) {
    const QuerySpan span = name.quoted ? Inner(name.span) : name.span;
    if (name.templated) {
      ReportTemplated(
          span, name.text,
          name.quoted ? promql::TemplateContext::kString : promql::TemplateContext::kBare, true);
    } else {
      Found(span, mapping_.FindAllOld(name.text));
    }
  }

  // The name at `span` of a selector is one that `matches` speak of.
  void Found(QuerySpan span, std::span<const Mapping::Match> matches) {
    if (matches.empty()) return;
    if (matches.size() == 1 && matches.front().entry->IsRename()) {
      renames_.push_back(RenameOf(span, matches.front()));
      return;
    }
    Rename rename = RenameOf(span, matches.front());
    const Mapping::Match* otherwise = nullptr;
    bool certain = false;
    bool migrated = false;
    for (const Mapping::Match& match : matches) {
      if (IsWrittenForNewSide(*match.entry)) {
        migrated = true;
        continue;
      }
      if (match.entry->when.empty() && matches.size() > 1) {
        otherwise = &match;
        continue;
      }
      const ConversionResult result = Consider(span, match);
      migrated = migrated || (!result.conversion && result.unfit == Unfit::kMigrated);
      if (!Usable(span, match, result, rename)) return;
      certain = certain || (result.conversion && IsCertain(*match.entry));
    }
    if (otherwise != nullptr && !certain) {
      if (!Usable(span, *otherwise, Consider(span, *otherwise), rename)) return;
    }
    const bool rest = otherwise == nullptr && !matches.front().entry->when.empty();
    if (rename.Converts()) {
      rename.match = rename.conversions.front().match;
      rename.rest = rest && !certain;
      renames_.push_back(std::move(rename));
    } else if (!migrated && !rest) {
      plan_.findings.push_back({Disposition::kNeedsPerson, FindingCode::kSelectsNothing,
                                Whole(span),
                                "deprecated " + matches.front().OldSeries() +
                                    " has no series with these labels, so that there is no new one",
                                "mend the matchers", matches.front().entry});
    }
  }

  ConversionResult Consider(QuerySpan span, const Mapping::Match& match) const {
    return Convert(text_, *selector_, span, match);
  }

  // True iff the selector asks for the labels of `entry` and nothing else.
  bool IsCertain(const MappingEntry& entry) const {
    const auto& selector = std::get<promql::VectorSelector>(selector_->node);
    return std::ranges::all_of(entry.when, [&selector](const Label& label) {
      return std::ranges::any_of(selector.matchers, [&label](const promql::LabelMatcher& matcher) {
        return matcher.name.text == label.name && matcher.type == promql::MatchType::kEqual &&
               matcher.form == promql::LabelMatcher::Form::kPlain &&
               matcher.value.text == label.value;
      });
    });
  }

  // Adds what `match` makes of the selector to `rename`, if it is meant. Returns false, with a
  // finding, when it is meant or may be and cannot be had.
  bool Usable(QuerySpan span, const Mapping::Match& match, const ConversionResult& result,
              Rename& rename) {
    if (!result.conversion) {
      if (result.unfit == Unfit::kNotMeant || result.unfit == Unfit::kMigrated) return true;
      if (result.unfit == Unfit::kClock) {
        Leave(FindingCode::kNotConvertible, Whole(result.at), match,
              "becomes an expression that reads the clock, which cannot be asked for another time",
              "write the expression anew: " + InsteadOf(match));
        return false;
      }
      const bool variable = result.unfit == Unfit::kVariable;
      Leave(FindingCode::kOpaqueMatcher, Whole(result.at), match,
            variable
                ? "is asked for with a variable on a label that changes"
                : "is asked for with a matcher on values that change, which cannot be translated",
            "write the matcher anew for " + match.NewSeries());
      return false;
    }
    const MappingEntry& entry = *match.entry;
    switch (entry.fate) {
      case MappingEntry::Fate::kReplaced:
        break;
      case MappingEntry::Fate::kRemoved:
        Leave(FindingCode::kNoReplacement, Whole(span), match, "is gone", entry.note);
        return false;
      case MappingEntry::Fate::kDefaultOff:
        Leave(FindingCode::kDefaultOff, Whole(span), match, "is there only when asked for",
              entry.note);
        return false;
      case MappingEntry::Fate::kSemantics:
        Leave(FindingCode::kChangedMeaning, Whole(span), match, "means something else now",
              entry.note);
        return false;
    }
    if (!match.HasNewSeries()) {
      Leave(FindingCode::kNoReplacement, Whole(span), match,
            "has no counterpart: " + entry.new_name + " is a " +
                std::string(MetricTypeName(entry.new_type)),
            entry.note.empty() ? "_sum and _count are there under the new name" : entry.note);
      return false;
    }
    if (match.suffix == "_bucket" && entry.buckets == MappingEntry::Buckets::kIncompatible) {
      Leave(FindingCode::kNoReplacement, Whole(span), match, "has other bounds under its new name",
            entry.note);
      return false;
    }
    if (LevelOf(match) < options_.least) {
      if (entry.SameName() && OnlyLosesLabels(match)) return false;  // and nobody asks for them
      Leave(FindingCode::kNotExact, Whole(span), match,
            "has only something " + std::string(EquivalenceName(entry.equivalence)) +
                " under its new name",
            entry.note.empty() ? "see whether that is good enough; --equivalence " +
                                     std::string(EquivalenceName(entry.equivalence)) + " changes it"
                               : entry.note);
      return false;
    }
    if (entry.SameName() && (match.Scale() != 1 || match.Offset() != 0)) {
      Leave(FindingCode::kNotConvertible, Whole(span), match,
            "keeps its name in another unit, so that what the query means depends on the version",
            "change it by hand, once");
      return false;
    }
    rename.conversions.push_back(*result.conversion);
    return true;
  }

  // _sum and _count are exact where the entry says that only they are.
  static Equivalence LevelOf(const Mapping::Match& match) {
    const bool exact = match.suffix == "_sum" || match.suffix == "_count";
    return exact && match.entry->equivalence == Equivalence::kSumCountOnly
               ? Equivalence::kExact
               : match.entry->equivalence;
  }

  // True iff what is around the selector means the new side, and no matcher of its own the old one,
  // as our guard (pod="") does.
  bool IsWrittenForNewSide(const MappingEntry& entry) {
    const auto& selector = std::get<promql::VectorSelector>(selector_->node);
    const auto means_old = [&entry](const promql::LabelMatcher& matcher) {
      return (matcher.type == promql::MatchType::kEqual && matcher.value.text.empty()) ||
             std::ranges::count(entry.labels, matcher.name.text, &LabelRename::old_name) > 0;
    };
    return std::ranges::none_of(selector.matchers, means_old) && side_ &&
           side_->IsNew(*selector_, entry);
  }

  // True iff a name that stays says nothing of `entry`, and neither does a label of its old side.
  bool SaysNothingOf(const MappingEntry& entry) const {
    const auto named = [this](const std::string& label) { return NamesWord(text_, label); };
    return entry.SameName() && std::ranges::none_of(entry.labels, named, &LabelRename::old_name) &&
           std::ranges::none_of(DroppedLabels(entry), named);
  }

  // True iff labels (or values of them) are all that the new side of `match` loses, and this query
  // names none of them.
  bool OnlyLosesLabels(const Mapping::Match& match) const {
    const MappingEntry& entry = *match.entry;
    if (entry.equivalence != Equivalence::kApproximate || !entry.expr.empty()) return false;
    std::vector<std::string> lost = DroppedLabels(entry);
    for (const LabelValues& values : entry.label_values) {
      if (!values.injective) lost.push_back(values.label);
    }
    return !lost.empty() && std::ranges::none_of(lost, [&](const std::string& label) {
      return NamesWord(text_, label);
    });
  }

  void Leave(FindingCode code, QuerySpan whole, const Mapping::Match& match, const std::string& why,
             std::string hint) {
    plan_.findings.push_back({Disposition::kNeedsPerson, code, whole,
                              "deprecated " + match.OldSeries() + " " + why, std::move(hint),
                              match.entry});
  }

  void Matcher(const promql::VectorSelector& selector, const promql::LabelMatcher& matcher) {
    if (matcher.form != promql::LabelMatcher::Form::kPlain) return;
    if (matcher.name.text != kNameLabel) {
      String(matcher.value);
      return;
    }
    const QuerySpan inner = Inner(matcher.value.span);
    switch (matcher.type) {
      case promql::MatchType::kEqual:
      case promql::MatchType::kNotEqual:
        if (matcher.value.templated) {
          ReportTemplated(inner, matcher.value.text, promql::TemplateContext::kString, true);
        } else if (matcher.type == promql::MatchType::kEqual) {
          Found(inner, mapping_.FindAllOld(matcher.value.text));
        } else if (const auto match = mapping_.FindOld(matcher.value.text)) {
          if (!match->entry->IsRename()) return LeaveInName(inner, *match);
          Rename rename = RenameOf(inner, *match);
          Exclude(selector, matcher, rename);
          renames_.push_back(std::move(rename));
        }
        return;
      case promql::MatchType::kRegexp:
      case promql::MatchType::kNotRegexp:
        NameRegex(inner, matcher.value.text, matcher.value.templated,
                  matcher.type == promql::MatchType::kNotRegexp);
        return;
    }
  }

  // {__name__!="old"} excludes both names as {__name__!="old",__name__!="new"}.
  static void Exclude(const promql::VectorSelector& selector, const promql::LabelMatcher& matcher,
                      Rename& rename) {
    rename.kind = Rename::Kind::kExclusion;
    rename.addition = ",__name__!=\"" + rename.match.NewSeries() + "\"";
    rename.addition_at = matcher.span.end;
    for (const promql::LabelMatcher& other : selector.matchers) {
      if (other.name.text != kNameLabel || other.type != promql::MatchType::kNotEqual) continue;
      if (other.value.text != rename.match.NewSeries()) continue;
      rename.has_new = true;
      if (&other == &matcher + 1) rename.repeated = {matcher.span.end, other.span.end};
    }
  }

  static QueryFinding Renamed(const Rename& rename) {
    return {Disposition::kChanged,
            FindingCode::kRenamed,
            rename.span,
            "deprecated " + rename.match.OldSeries() + ", use " + rename.match.NewSeries(),
            "",
            rename.match.entry};
  }

  // A name with variables; `literal` unless it is a regular expression.
  void ReportTemplated(QuerySpan span, std::string_view text, promql::TemplateContext context,
                       bool literal) {
    const std::vector<promql::TemplatePiece> pieces =
        promql::SplitTemplate(text, dialect_, context);
    // Variables alone can become any name; that is not worth a line for each.
    if (std::ranges::all_of(pieces, &promql::TemplatePiece::variable)) return;
    ReportReached(span, TemplateRegex(text, dialect_, context, literal),
                  FindingCode::kTemplatedName);
  }

  // Names in a regular expression of which nobody knows what they are compared with.
  void ReportMentions(QuerySpan inner) {
    for (const auto& mention : FindMentions<QuerySpan>(Slice(inner), mapping_)) {
      Leave(FindingCode::kNameRegex,
            Whole({inner.begin + mention.span.begin, inner.begin + mention.span.end}),
            mention.match, "stands in a regular expression for several labels",
            "change it by hand: " + InsteadOf(mention.match));
    }
  }

  // `after`: the whole expression with the new names of what is rewritten in it.
  void ReportReached(QuerySpan span, const std::string& pattern, FindingCode code,
                     NamePart part = NamePart::kAll, std::string_view after = {}) {
    std::optional<Reached> reached = Reach(pattern, mapping_);
    if (!reached) return ReportUndecided(span, code);
    if (const auto all = SplitNameRegex(after, part))
      KeepReached(JoinAlternatives(after, *all), *reached);
    if (part != NamePart::kAll) reached->kept.clear();
    std::erase_if(reached->kept,
                  [this](const Mapping::Match& match) { return SaysNothingOf(*match.entry); });
    // A name that begins with a variable may begin with anything.
    const bool begins = code == FindingCode::kNameRegex || !pattern.starts_with(".*");
    if (reached->open != nullptr && begins) ReportOpen(span, code, *reached->open);
    if (reached->lost.empty() && reached->kept.empty()) return;
    const bool lost = !reached->lost.empty();
    const std::vector<Mapping::Match>& matches = lost ? reached->lost : reached->kept;
    const std::string what =
        code == FindingCode::kNameRegex ? "this regular expression" : "this name with variables";
    std::string message =
        what + " reaches deprecated " + NameSome(matches, &Mapping::Match::OldSeries);
    message += lost ? ", but not the new name" : " and the new name";
    if (matches.size() > 1) message += "s";
    plan_.findings.push_back({lost ? Disposition::kNeedsPerson : Disposition::kInfo, code,
                              Whole(span), message, lost ? Widen(matches) : "",
                              matches.front().entry});
  }

  // How a regular expression comes to reach the new names as well.
  static std::string Widen(std::vector<Mapping::Match> lost) {
    const std::string note = lost.front().entry->note;
    std::erase_if(lost, [](const Mapping::Match& match) { return !match.entry->IsRename(); });
    if (!lost.empty())
      return "widen it so that it also reaches " + NameSome(lost, &Mapping::Match::NewSeries);
    return note.empty() ? "write a selector of its own for what the table says" : note;
  }

  void ReportOpen(QuerySpan span, FindingCode code, const MappingPattern& pattern) {
    plan_.findings.push_back(
        {Disposition::kNeedsPerson, code, Whole(span),
         "this regular expression may reach deprecated names that begin with " + pattern.prefix,
         "widen it so that it also reaches their new names", &pattern.entry});
  }

  // Prometheus reads a little more than RE2 does, and with variables there may be anything.
  void ReportUndecided(QuerySpan span, FindingCode code) {
    plan_.findings.push_back({Disposition::kNeedsPerson, code, Whole(span),
                              "this regular expression on metric names cannot be evaluated",
                              "see whether it reaches a deprecated name", nullptr});
  }

  // A string may be shown, compared or become part of a name: who knows.
  void String(const promql::StringToken& string) {
    for (const auto& mention : FindMentions<QuerySpan>(Slice(string.span), mapping_)) {
      const QuerySpan span{string.span.begin + mention.span.begin,
                           string.span.begin + mention.span.end};
      plan_.findings.push_back(
          {Disposition::kNeedsPerson, FindingCode::kStringLiteral, Whole(span),
           "a string names deprecated " + mention.match.OldSeries() + "; it is left as it is",
           "change it by hand if it is meant as a metric name: " + InsteadOf(mention.match),
           mention.match.entry});
    }
  }

  std::string_view text_;
  Dialect dialect_;
  size_t offset_;
  const Mapping& mapping_;
  const PlanOptions& options_;
  QueryPlan& plan_;
  const Expr* selector_ = nullptr;  // the node that is being looked at
  std::optional<LabelSide> side_;
  std::vector<Rename> renames_;
};

// Parses in the first dialect of the list that accepts the text; the error is that of the first.
template <class Parse>
std::pair<promql::ParseResult, Dialect> ParseIn(std::span<const Dialect> dialects, Parse parse) {
  promql::ParseResult first;
  for (const Dialect dialect : dialects) {
    promql::ParseResult result = parse(promql::ParseOptions{dialect});
    if (result) return {std::move(result), dialect};
    if (!first.error) first = std::move(result);
  }
  return {std::move(first), dialects.front()};
}

constexpr Dialect kInRules[] = {Dialect::kPrometheus, Dialect::kGoTemplate};
constexpr Dialect kInGrafana[] = {Dialect::kGrafana, Dialect::kGoTemplate};

// A part of a query, and how it is read.
struct Part {
  QuerySpan span;
  bool selector = false;  // a selector is expected; other PromQL is read as well
  QuerySpan label;        // what asks for a label's values of it; may be empty
  std::span<const Dialect> dialects;
};

void PlanPart(std::string_view text, const Part& part, const Mapping& mapping,
              const PlanOptions& options, QueryPlan& plan);

// Plans the text that is left when `back` has been applied to the part, and lays both sets of edits
// together.
void PlanAfter(const QueryEditSet& back, std::string_view slice, const Part& part,
               const Mapping& mapping, const PlanOptions& options, QueryPlan& plan) {
  const std::string before = back.Splice(slice);
  QueryPlan inner;
  PlanPart(before, {{0, before.size()}, part.selector, part.label, part.dialects}, mapping, options,
           inner);
  const Composition<QuerySpan> composition(back, slice.size());
  const QueryEditSet both = composition.Then(inner.edits);
  for (const QueryEdit& edit : both.edits()) {
    plan.edits.Add(
        {{edit.span.begin + part.span.begin, edit.span.end + part.span.begin}, edit.text});
  }
  for (QueryFinding& finding : inner.findings) {
    const size_t begin = composition.ToOriginal(finding.span.begin);
    const size_t end =
        finding.span.empty() ? begin : composition.ToOriginal(finding.span.end - 1) + 1;
    finding.span = {begin + part.span.begin, std::max(begin, end) + part.span.begin};
    plan.findings.push_back(std::move(finding));
  }
  plan.error = inner.error;
}

// label_values(x, pod_name) asks for a label that may have a new name.
void FollowLabel(std::string_view text, QuerySpan label, const RenamedExpr& expr, QueryPlan& plan) {
  const std::string_view name = text.substr(label.begin, label.size());
  for (const Rename& rename : expr.renames) {
    if (!rename.Converts()) continue;
    for (const LabelChange& change : rename.conversions.front().labels) {
      const bool moves = change.old_label != change.new_label;
      if (change.kind == LabelChange::Kind::kMapped && moves && change.old_label == name)
        plan.edits.Add({label, change.new_label});
    }
  }
}

void PlanPart(std::string_view text, const Part& part, const Mapping& mapping,
              const PlanOptions& options, QueryPlan& plan) {
  const std::string_view slice = text.substr(part.span.begin, part.span.size());
  bool selector_only = false;
  auto [result, dialect] = ParseIn(part.dialects, [&](const promql::ParseOptions& parse_options) {
    if (part.selector) {
      promql::ParseResult parsed = promql::ParseSelector(slice, parse_options);
      selector_only = static_cast<bool>(parsed);
      if (parsed) return parsed;
    }
    return promql::ParseExpr(slice, parse_options);
  });
  if (result.error) {
    plan.error = {
        {result.error->span.begin + part.span.begin, result.error->span.end + part.span.begin},
        result.error->message};
    return;
  }
  QueryPlan functions = PlanFunctions(*result.expr, mapping, options.mode);
  for (QueryFinding& finding : functions.findings) {
    finding.span = {finding.span.begin + part.span.begin, finding.span.end + part.span.begin};
    // The others are found again in what is left.
    if (functions.edits.empty() || !finding.function->new_name.empty())
      plan.findings.push_back(std::move(finding));
  }
  if (!functions.edits.empty()) {
    PlanAfter(functions.edits, slice, part, mapping, options, plan);
    std::ranges::stable_sort(plan.findings, {}, &QueryFinding::span);
    return;
  }
  Planner planner(slice, dialect, part.span.begin, mapping, options, plan);
  planner.Plan(*result.expr);
  const RenamedExpr expr = planner.Take(result.expr.get(), selector_only);
  if (options.mode != Mode::kUnion) {
    const QueryEditSet back = TakeBackUnions(expr);
    if (!back.empty()) {
      plan.findings.clear();
      return PlanAfter(back, slice, part, mapping, options, plan);
    }
  }
  planner.Apply(expr);
  if (options.mode != Mode::kUnion && selector_only) FollowLabel(text, part.label, expr, plan);
  // What keeps its name and needs no other change is as it should be.
  if (plan.edits.empty()) {
    std::erase_if(plan.findings, [](const QueryFinding& finding) {
      return finding.disposition == Disposition::kChanged && finding.entry != nullptr &&
             finding.entry->SameName();
    });
  }
}

void PlanRegex(std::string_view text, QuerySpan span, NamePart part, const Mapping& mapping,
               const PlanOptions& options, QueryPlan& plan) {
  const std::string_view regex = text.substr(span.begin, span.size());
  const bool templated =
      promql::HasTemplate(regex, Dialect::kGrafana, promql::TemplateContext::kString);
  Planner planner(regex, Dialect::kGrafana, span.begin, mapping, options, plan);
  planner.NameRegex({0, regex.size()}, regex, templated, false, part);
  planner.Apply(planner.Take(nullptr, true));
}

}  // namespace

QueryPlan PlanQuery(std::string_view text, formats::QueryKind kind, const Mapping& mapping,
                    PlanOptions options) {
  QueryPlan plan;
  switch (kind) {
    case formats::QueryKind::kPromQL:
      PlanPart(text, {{0, text.size()}, false, {}, kInRules}, mapping, options, plan);
      return plan;
    case formats::QueryKind::kGrafanaPromQL:
      PlanPart(text, {{0, text.size()}, false, {}, kInGrafana}, mapping, options, plan);
      return plan;
    case formats::QueryKind::kGrafanaVariable:
      break;
  }
  const VariableQuery query = ParseVariableQuery(text);
  switch (query.kind) {
    case VariableQuery::Kind::kNone:
      return plan;
    case VariableQuery::Kind::kNamePart:
      return PlanNamePart(text, query.span, mapping, options);
    case VariableQuery::Kind::kSelector:
    case VariableQuery::Kind::kPromQL:
      PlanPart(text,
               {query.span, query.kind == VariableQuery::Kind::kSelector, query.label, kInGrafana},
               mapping, options, plan);
      return plan;
    case VariableQuery::Kind::kRegex:
      PlanRegex(text, query.span, NamePart::kAll, mapping, options, plan);
      if (plan.findings.empty()) plan.findings = LostByPart(text, query.span, mapping);
      return plan;
  }
  return plan;
}

QueryPlan PlanNameRegex(std::string_view regex, NamePart part, const Mapping& mapping,
                        const PlanOptions& options) {
  QueryPlan plan;
  PlanRegex(regex, {0, regex.size()}, part, mapping, options, plan);
  return plan;
}

}  // namespace metrishift::rewrite
