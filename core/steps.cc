#include "core/steps.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <string>

#include "core/claims.h"
#include "core/reverse.h"

namespace metrishift {
namespace {

using Fate = MappingEntry::Fate;

// Where `when` of one step meets `when` of another, a few entries make many.
constexpr size_t kMaxComposedEntries = 200'000;

// The message names its places itself: they are in two texts, which a span could not say.
Diagnostic Contradiction(const MappingEntry& earlier, const MappingEntry& later) {
  return {
      Severity::kError,
      {},
      "tables contradict each other: " + DescribeEntry(earlier) + " and " + DescribeEntry(later),
      "use one of the two tables in a run"};
}

Diagnostic Contradiction(const FunctionEntry& earlier, const FunctionEntry& later) {
  return {Severity::kError,
          {},
          "tables contradict each other: " + earlier.place + " and " + later.place +
              " are both about the function " + later.old_name,
          "use one of the two tables in a run"};
}

Diagnostic ProblemOf(const MappingEntry& earlier, const Step::Advanced& advanced) {
  const MappingEntry& later = advanced.culprit->entry;
  if (advanced.contradiction) return Contradiction(earlier, later);
  return {Severity::kError,
          {},
          "one step cannot follow the other: " + DescribeEntry(earlier) + " and " +
              DescribeEntry(later) + ": " + advanced.problem,
          "use one of the two tables in a run, or one entry for both steps"};
}

// The name under which the series of `entry` are found after its step; empty where they are gone.
std::string_view NameNow(const MappingEntry& entry) {
  if (entry.fate == Fate::kReplaced) return entry.new_name;
  return entry.fate == Fate::kRemoved ? "" : std::string_view(entry.old_name);
}

class Composer {
 public:
  Composer(std::vector<MappingTable> tables, Conflicts conflicts) : conflicts_(conflicts) {
    result_.tables = std::move(tables);
  }

  Outcome<Steps> Run() {
    for (const MappingTable& table : result_.tables) {
      result_.steps.emplace_back(table);
      if (!Add(result_.steps.back())) return Refused();
      if (composed_.size() > kMaxComposedEntries) {
        diagnostics_.push_back({Severity::kError,
                                {},
                                "the tables make more than " + std::to_string(kMaxComposedEntries) +
                                    " entries together",
                                "use fewer of them in a run"});
        return Refused();
      }
    }
    if (!CompareOldSides()) return Refused();
    return {std::move(result_), std::move(diagnostics_)};
  }

 private:
  struct Composed {
    MappingEntry entry;
    std::string_view component;
  };

  // What earlier steps of the component have said of an old name.
  struct Past {
    const MappingEntry* any = nullptr;
    bool all_series = false;   // one entry is without `when`
    bool still_there = false;  // one has led to the very name that this step speaks of
  };
  using PastByName = StringMap<Past>;

  Outcome<Steps> Refused() { return {std::nullopt, {std::move(diagnostics_.back())}}; }

  // False where that ends everything.
  bool Conflict(Diagnostic problem) {
    if (conflicts_ == Conflicts::kLeaveOut) {
      problem.severity = Severity::kWarning;
      problem.hint = "neither has a way back";
    }
    diagnostics_.push_back(std::move(problem));
    return conflicts_ == Conflicts::kLeaveOut;
  }

  bool Add(const Step& step) {
    std::vector<Composed> before = std::move(composed_);
    composed_.clear();
    left_out_.clear();
    PastByName past;
    for (Composed& earlier : before) {
      if (earlier.component != step.table().component) {
        composed_.push_back(std::move(earlier));
        continue;
      }
      Past& own = past[earlier.entry.old_name];
      own.any = &earlier.entry;
      own.all_series = own.all_series || earlier.entry.when.empty();
      own.still_there = own.still_there || NameNow(earlier.entry) == earlier.entry.old_name;
      if (!Advance(earlier.entry, step)) return false;
    }
    for (const MappingEntry& entry : step.table().metrics) {
      if (!Begin(entry, step, past)) return false;
    }
    return AddFunctions(step.table());
  }

  // Functions belong to the language, whatever program the table is about. What an earlier step
  // has led away from its name cannot have it again.
  bool AddFunctions(const MappingTable& table) {
    for (const FunctionEntry& entry : table.functions) {
      for (auto& [name, earlier] : result_.functions) {
        if (earlier.new_name != entry.old_name) continue;
        earlier.new_name = entry.new_name;
        earlier.new_since = entry.new_since;
        if (!entry.note.empty()) earlier.note += (earlier.note.empty() ? "" : "; ") + entry.note;
      }
    }
    std::erase_if(result_.functions, [](const auto& function) {
      return function.second.old_name == function.second.new_name;
    });
    for (const FunctionEntry& entry : table.functions) {
      const auto [found, is_new] = result_.functions.try_emplace(entry.old_name, entry);
      if (is_new || found->second.new_name == entry.new_name) continue;
      if (!Conflict(Contradiction(found->second, entry))) return false;
      result_.functions.erase(found);
    }
    return true;
  }

  bool Advance(const MappingEntry& earlier, const Step& step) {
    Step::Advanced advanced = step.Advance(earlier);
    if (!advanced.problem.empty()) {
      left_out_.insert(advanced.culprit->source);
      return Conflict(ProblemOf(earlier, advanced));
    }
    for (MappingEntry& entry : advanced.entries)
      composed_.push_back({std::move(entry), step.table().component});
    return true;
  }

  // Adds an entry of `step` for those who have its old name from the version before.
  bool Begin(const MappingEntry& entry, const Step& step, const PastByName& past) {
    if (left_out_.contains(&entry)) return true;
    if (const auto found = past.find(entry.old_name); found != past.end()) {
      const Past& own = found->second;
      if (own.all_series && !own.still_there) {
        std::erase_if(composed_, [&](const Composed& composed) {
          return composed.entry.old_name == entry.old_name &&
                 composed.component == step.table().component;
        });
        return Conflict(Contradiction(*own.any, entry));
      }
      if (own.all_series) return true;
    }
    if (const std::optional<bool> begun = BeginByPattern(entry, step)) return *begun;
    composed_.push_back({entry, step.table().component});
    return true;
  }

  // An earlier pattern that keeps names may have changed something else about this one. Nothing
  // where there is none.
  std::optional<bool> BeginByPattern(const MappingEntry& entry, const Step& step) {
    const size_t own = result_.steps.size() - 1;
    for (size_t i = 0; i < own; ++i) {
      if (result_.steps[i].table().component != step.table().component) continue;
      std::vector<MappingEntry> entries;
      for (Step::Part& part : result_.steps[i].FindByPattern(entry.old_name, entry.type))
        entries.push_back(std::move(part.entry));
      const bool otherwise = std::ranges::any_of(
          entries, [](const MappingEntry& instance) { return instance.when.empty(); });
      const bool keeps = std::ranges::all_of(
          entries, [](const MappingEntry& instance) { return instance.SameName(); });
      if (entries.empty() || !otherwise || !keeps) continue;
      if (!by_pattern_.insert({own, entry.old_name}).second) return true;
      for (size_t j = i + 1; j <= own; ++j) {
        if (const auto error = AdvanceAll(entries, result_.steps[j])) return Conflict(*error);
      }
      for (MappingEntry& instance : entries)
        composed_.push_back({std::move(instance), step.table().component});
      return true;
    }
    return std::nullopt;
  }

  std::optional<Diagnostic> AdvanceAll(std::vector<MappingEntry>& entries, const Step& step) {
    if (step.table().component != result_.steps.back().table().component) return std::nullopt;
    std::vector<MappingEntry> after;
    for (const MappingEntry& entry : entries) {
      Step::Advanced advanced = step.Advance(entry);
      if (!advanced.problem.empty()) return ProblemOf(entry, advanced);
      std::ranges::move(advanced.entries, std::back_inserter(after));
    }
    entries = std::move(after);
    return std::nullopt;
  }

  // Leaves one entry for each old name that several components have, which says that it is theirs.
  void AskWhose() {
    std::vector<MappingEntry> entries;
    for (const Composed& composed : composed_) entries.push_back(composed.entry);
    const auto component_of = [&](const MappingEntry* entry) {
      return composed_[static_cast<size_t>(entry - entries.data())].component;
    };
    std::set<std::string, std::less<>> contested;
    for (const Clash& clash : FindOldClashes(entries)) {
      if (component_of(clash.earlier) == component_of(clash.later)) continue;
      contested.insert({clash.earlier->old_name, clash.later->old_name});
    }
    StringMap<size_t> first_of_name;
    for (size_t i = 0; i < entries.size(); ++i) {
      const size_t other = first_of_name.try_emplace(entries[i].old_name, i).first->second;
      if (composed_[other].component != composed_[i].component)
        contested.insert(entries[i].old_name);
    }
    StringMap<size_t> kept;
    std::vector<Composed> rest;
    for (Composed& composed : composed_) {
      const std::string name = composed.entry.old_name;
      if (!contested.contains(name)) {
        rest.push_back(std::move(composed));
      } else if (const auto found = kept.find(name); found != kept.end()) {
        AddOwner(rest[found->second].entry, composed.entry.table);
      } else {
        kept.emplace(name, rest.size());
        rest.push_back({Contested(composed.entry), composed.component});
      }
    }
    composed_ = std::move(rest);
  }

  static MappingEntry Contested(const MappingEntry& entry) {
    MappingEntry contested;
    contested.fate = Fate::kSemantics;
    contested.old_name = entry.old_name;
    contested.type = contested.new_type = entry.type;
    contested.equivalence = Equivalence::kNone;
    contested.note = "apply only the table of the program that is scraped: " + entry.table;
    contested.table = entry.table;
    contested.span = entry.span;
    contested.place = entry.place;
    return contested;
  }

  static void AddOwner(MappingEntry& contested, const std::string& table) {
    if (!contested.note.ends_with(" " + table)) contested.note += " or " + table;
  }

  // No old series may belong to entries that do not choose between its series, nor a name to two
  // components.
  bool CompareOldSides() {
    if (conflicts_ == Conflicts::kAskWhose) AskWhose();
    std::vector<MappingEntry> entries;
    for (Composed& composed : composed_) entries.push_back(std::move(composed.entry));
    std::vector<bool> clashing(entries.size());
    const auto clash = [&](size_t earlier, size_t later) {
      clashing[earlier] = clashing[later] = true;
      return Conflict(Contradiction(entries[earlier], entries[later]));
    };
    for (const Clash& found : FindOldClashes(entries)) {
      const MappingEntry* first = entries.data();
      if (!clash(static_cast<size_t>(found.earlier - first),
                 static_cast<size_t>(found.later - first)))
        return false;
    }
    StringMap<size_t> first_of_name;
    for (size_t i = 0; i < entries.size(); ++i) {
      const size_t other = first_of_name.try_emplace(entries[i].old_name, i).first->second;
      if (composed_[other].component != composed_[i].component && !clash(other, i)) return false;
    }
    for (size_t i = 0; i < entries.size(); ++i) {
      if (!clashing[i]) result_.entries.push_back(std::move(entries[i]));
    }
    return true;
  }

  Steps result_;
  Conflicts conflicts_;
  std::vector<Diagnostic> diagnostics_;
  std::vector<Composed> composed_;
  std::set<const MappingEntry*> left_out_;  // of the step that is being added
  std::set<std::pair<size_t, std::string>> by_pattern_;
};

}  // namespace

Outcome<Steps> ComposeSteps(std::vector<MappingTable> tables, Conflicts conflicts) {
  return Composer(std::move(tables), conflicts).Run();
}

std::vector<Step::Part> FollowPatterns(const std::vector<Step>& steps, std::string_view name) {
  std::vector<Step::Part> parts;
  size_t at = 0;
  while (at < steps.size() && (parts = steps[at].FindByPattern(name)).empty()) ++at;
  for (size_t later = at + 1; later < steps.size(); ++later) {
    if (steps[later].table().component != steps[at].table().component) continue;
    std::vector<Step::Part> after;
    for (Step::Part& part : parts) {
      Step::Advanced advanced = steps[later].Advance(part.entry);
      if (!advanced.problem.empty()) {
        part.entry.fate = Fate::kSemantics;
        part.entry.note = ProblemOf(part.entry, advanced).message;
        part.entry.new_name.clear();
        part.entry.equivalence = Equivalence::kNone;
        advanced.entries = {part.entry};
      }
      for (MappingEntry& entry : advanced.entries) after.push_back({std::move(entry), part.suffix});
    }
    parts = std::move(after);
  }
  return parts;
}

}  // namespace metrishift
