#include "rewriter/rewrite/name_part_plan.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rewriter/promql/template.h"
#include "rewriter/rewrite/name_regex.h"

namespace metrishift::rewrite {
namespace {

// A name that the argument is, of a series or of the family that has no series of that very name.
struct Names {
  std::string old_name;
  std::string new_name;
  const MappingEntry* entry = nullptr;
};

std::optional<Names> FindRename(std::string_view name, const Mapping& mapping) {
  if (const auto match = mapping.FindOld(name)) {
    if (!match->entry->IsRename() || !match->HasNewSeries()) return std::nullopt;
    return {{match->OldSeries(), match->NewSeries(), match->entry}};
  }
  const auto entry = std::ranges::find(mapping.entries(), name, &MappingEntry::old_name);
  if (entry == mapping.entries().end() || !entry->IsRename()) return std::nullopt;
  return {{entry->old_name, entry->new_name, &*entry}};
}

std::string Anywhere(std::string_view regex) { return ".*" + std::string(regex) + ".*"; }

class NamePartPlanner {
 public:
  NamePartPlanner(std::string_view text, QuerySpan span, const Mapping& mapping,
                  const PlanOptions& options)
      : part_(text.substr(span.begin, span.size())),
        span_(span),
        mapping_(mapping),
        options_(options) {}

  std::vector<QueryFinding> FindLost() {
    who_ = "older Grafana's metrics()";
    if (!IsTemplated()) Report(FindingCode::kNameRegex, part_);
    std::erase_if(plan_.findings, [](const QueryFinding& finding) {
      return finding.disposition != Disposition::kNeedsPerson;
    });
    return std::move(plan_.findings);
  }

  QueryPlan Run() {
    using promql::Dialect;
    using promql::TemplateContext;
    if (IsTemplated()) {
      Report(FindingCode::kTemplatedName,
             TemplateRegex(part_, Dialect::kGrafana, TemplateContext::kString, false));
    } else if (const auto united = United()) {
      Unite(*united);
    } else if (const auto names = FindRename(part_, mapping_); names && IsClear(*names)) {
      const bool unites = options_.mode == Mode::kUnion;
      Change(*names, unites ? Union(*names) : names->new_name);
    } else {
      Report(FindingCode::kNameRegex, part_);
    }
    return std::move(plan_);
  }

 private:
  bool IsTemplated() const {
    return promql::HasTemplate(part_, promql::Dialect::kGrafana, promql::TemplateContext::kString);
  }

  static std::string Union(const Names& names) {
    return "(?:" + names.new_name + "|" + names.old_name + ")";
  }

  // What the argument is a union of.
  std::optional<Names> United() const {
    const size_t bar = part_.find('|');
    if (bar == part_.npos || !part_.ends_with(')')) return std::nullopt;
    auto names = FindRename(part_.substr(bar + 1, part_.size() - bar - 2), mapping_);
    return names && Union(*names) == part_ ? std::move(names) : std::nullopt;
  }

  void Unite(const Names& names) {
    if (options_.mode != Mode::kUnion) return Change(names, names.new_name);
    Add(Disposition::kInfo, FindingCode::kAlreadyUnion,
        "deprecated " + names.old_name + " is joined with " + names.new_name + " already", "",
        names.entry);
  }

  // Whether the new name finds what the old one has found, and nothing else.
  bool IsClear(const Names& names) const {
    if (names.new_name.find(names.old_name) != std::string::npos) return false;
    std::optional<Reached> reached = Reach(Anywhere(part_), mapping_);
    if (!reached) return false;
    KeepReached(Anywhere(names.new_name), *reached);
    const auto finds_another = [&names](const MappingEntry& entry) {
      return entry.new_name.find(names.new_name) != std::string::npos &&
             entry.new_name.find(names.old_name) == std::string::npos &&
             entry.old_name.find(names.old_name) == std::string::npos;
    };
    return reached->lost.empty() && std::ranges::none_of(mapping_.entries(), finds_another);
  }

  void Change(const Names& names, std::string text) {
    plan_.edits.Add({span_, std::move(text)});
    Add(Disposition::kChanged, FindingCode::kRenamed,
        "deprecated " + names.old_name + ", use " + names.new_name, "", names.entry);
  }

  void Report(FindingCode code, std::string_view regex) {
    // Variables and blanks alone find everything.
    if (std::ranges::none_of(regex, IsMetricNameChar)) return;
    std::optional<Reached> reached = Reach(Anywhere(regex), mapping_);
    if (!reached) {
      return Add(Disposition::kNeedsPerson, code,
                 "this regular expression on metric names cannot be evaluated",
                 "see whether it reaches a deprecated name", nullptr);
    }
    std::erase_if(reached->kept,
                  [](const Mapping::Match& match) { return match.entry->SameName(); });
    const std::string what = who_ + " finds deprecated ";
    if (!reached->lost.empty()) {
      const std::vector<Mapping::Match>& lost = reached->lost;
      return Add(Disposition::kNeedsPerson, code,
                 what + NameSome(lost, &Mapping::Match::OldSeries) +
                     " by this part of a name, but not what comes instead",
                 "write what finds both: " + InsteadOf(lost.front()), lost.front().entry);
    }
    if (!reached->kept.empty()) {
      return Add(Disposition::kInfo, code,
                 what + NameSome(reached->kept, &Mapping::Match::OldSeries) +
                     " by this part of a name, and what comes instead",
                 "", reached->kept.front().entry);
    }
    ReportOpen(code);
  }

  // Names that a pattern stands for have no list.
  void ReportOpen(FindingCode code) {
    for (const MappingPattern& pattern : mapping_.patterns()) {
      const bool finds_old = pattern.prefix.find(part_) != std::string::npos ||
                             (!pattern.prefix.empty() && part_.starts_with(pattern.prefix));
      if (!finds_old || pattern.entry.new_name.find(part_) != std::string::npos) continue;
      return Add(Disposition::kNeedsPerson, code,
                 who_ + " may find deprecated names that begin with " + pattern.prefix +
                     " by this part of a name",
                 "write what also finds their new names", &pattern.entry);
    }
  }

  void Add(Disposition disposition, FindingCode code, std::string message, std::string hint,
           const MappingEntry* entry) {
    plan_.findings.push_back(
        {disposition, code, span_, std::move(message), std::move(hint), entry});
  }

  std::string_view part_;
  QuerySpan span_;
  std::string who_ = "label_names()";
  const Mapping& mapping_;
  const PlanOptions& options_;
  QueryPlan plan_;
};

}  // namespace

QueryPlan PlanNamePart(std::string_view text, QuerySpan span, const Mapping& mapping,
                       const PlanOptions& options) {
  return NamePartPlanner(text, span, mapping, options).Run();
}

std::vector<QueryFinding> LostByPart(std::string_view text, QuerySpan span,
                                     const Mapping& mapping) {
  const PlanOptions options;
  return NamePartPlanner(text, span, mapping, options).FindLost();
}

}  // namespace metrishift::rewrite
