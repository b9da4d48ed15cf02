#include "rewriter/rewrite/pattern_plan.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "rewriter/rewrite/mention.h"
#include "rewriter/rewrite/name_regex.h"

namespace metrishift::rewrite {
namespace {

using QueryMention = Mention<QuerySpan>;

// "/a.*/i" -> ".*(?:a.*).*": Grafana anchors what has no slashes.
std::string Anchored(std::string_view text) {
  const size_t end = text.rfind('/');
  if (!text.starts_with('/') || end == 0) return std::string(text);
  return ".*(?:" + std::string(text.substr(1, end - 1)) + ").*";
}

// The longest runs of characters of names in a regular expression that may say which name is meant.
std::vector<std::string_view> LiteralRuns(std::string_view text) {
  constexpr size_t kShortest = 4;
  std::vector<std::string_view> runs;
  for (size_t at = 0; at < text.size(); ++at) {
    const size_t begin = at;
    while (at < text.size() && IsMetricNameChar(text[at])) ++at;
    if (at - begin >= kShortest) runs.push_back(text.substr(begin, at - begin));
  }
  return runs;
}

class PatternPlanner {
 public:
  PatternPlanner(std::string_view text, const PlanOptions& options)
      : text_(text), options_(options) {}

  QueryPlan Run(const Mapping& mapping) {
    const std::vector<QueryMention> mentions = FindMentions<QuerySpan>(text_, mapping);
    for (const QueryMention& mention : mentions) Word(mention);
    if (mentions.empty()) Parts(mapping);
    return std::move(plan_);
  }

 private:
  bool Has(size_t at, std::string_view what) const {
    return at <= text_.size() && text_.substr(at).starts_with(what);
  }

  void Word(const QueryMention& mention) {
    const QuerySpan word = mention.span;
    const std::string old_name = mention.match.OldSeries();
    if (!mention.match.entry->IsRename()) {
      return Leave(mention, FindingCode::kNotConvertible,
                   "deprecated " + old_name + " has more than another name now");
    }
    if (IsRepeated(word.end) || InClass(word.begin)) {
      return Leave(mention, FindingCode::kNameRegex,
                   "deprecated " + old_name + " is a part of what this expression repeats");
    }
    const std::string new_name = mention.match.NewSeries();
    const std::string before = "(?:" + new_name + "|";
    const bool united = word.begin >= before.size() && Has(word.begin - before.size(), before) &&
                        Has(word.end, ")");
    if (options_.mode != Mode::kUnion) {
      const QuerySpan group{word.begin - before.size(), word.end + 1};
      return Change(mention, united ? group : word, new_name);
    }
    if (united) {
      return Add(mention, Disposition::kInfo, FindingCode::kAlreadyUnion,
                 "deprecated " + old_name + " is joined with " + new_name + " already", "");
    }
    // It may be no expression at all, but a name.
    if (word.size() == text_.size()) {
      return Leave(mention, FindingCode::kNoUnion,
                   "deprecated " + old_name + " at a place that holds one name only");
    }
    Change(mention, word, "(?:" + new_name + "|" + old_name + ")");
  }

  // x? x* x+ x{2}; but x{a is a brace for itself in JavaScript.
  bool IsRepeated(size_t at) const {
    const char next = at < text_.size() ? text_[at] : '\0';
    const char then = at + 1 < text_.size() ? text_[at + 1] : '\0';
    return next == '?' || next == '*' || next == '+' || (next == '{' && then >= '0' && then <= '9');
  }

  bool InClass(size_t at) const {
    bool inside = false;
    for (size_t i = 0; i < at; ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == '[' || text_[i] == ']') {
        inside = text_[i] == '[';
      }
    }
    return inside;
  }

  // No name as a whole: does it tell the old name from the new one nevertheless?
  void Parts(const Mapping& mapping) {
    const std::vector<std::string_view> runs = LiteralRuns(text_);
    if (runs.empty()) return;
    std::optional<Reached> reached = Reach(Anchored(text_), mapping);
    if (!reached) return;
    std::erase_if(reached->lost, [&runs](const Mapping::Match& match) {
      const std::string old_name = match.OldSeries();
      const std::string new_name = match.HasNewSeries() ? match.NewSeries() : "";
      return std::ranges::none_of(runs, [&](std::string_view run) {
        return old_name.find(run) != old_name.npos && new_name.find(run) == new_name.npos;
      });
    });
    if (reached->lost.empty()) return;
    plan_.findings.push_back({Disposition::kNeedsPerson,
                              FindingCode::kNameRegex,
                              {0, text_.size()},
                              "this regular expression matches deprecated " +
                                  NameSome(reached->lost, &Mapping::Match::OldSeries) +
                                  ", but not what comes instead",
                              "widen it if it is compared with names of metrics",
                              reached->lost.front().entry});
  }

  void Change(const QueryMention& mention, QuerySpan span, std::string text) {
    plan_.edits.Add({span, std::move(text)});
    Add(mention, Disposition::kChanged, FindingCode::kRenamed,
        "deprecated " + mention.match.OldSeries() + ", use " + mention.match.NewSeries(), "");
  }

  void Leave(const QueryMention& mention, FindingCode code, std::string message) {
    Add(mention, Disposition::kNeedsPerson, code, std::move(message),
        "change it by hand: " + mention.match.NewSeries());
  }

  void Add(const QueryMention& mention, Disposition disposition, FindingCode code,
           std::string message, std::string hint) {
    plan_.findings.push_back({disposition, code, mention.span, std::move(message), std::move(hint),
                              mention.match.entry});
  }

  std::string_view text_;
  const PlanOptions& options_;
  QueryPlan plan_;
};

}  // namespace

QueryPlan PlanPattern(std::string_view text, const Mapping& mapping, const PlanOptions& options) {
  return PatternPlanner(text, options).Run(mapping);
}

}  // namespace metrishift::rewrite
