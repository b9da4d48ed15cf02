#include "rewriter/rewrite/recorded_names.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <unordered_map>

#include "rewriter/rewrite/rule_loops.h"

namespace metrishift::rewrite {
namespace {

// True iff `name` is made as those of rules are. One without a colon is rather what a metric was
// called long ago: {record: node_cpu, expr: node_cpu_seconds_total}.
bool IsOfRules(std::string_view name) { return name.find(':') != name.npos; }

// Longer names are left alone: the work grows with the number of parts.
constexpr size_t kMaxNameBytes = 500;

// What a part may become. Two are as good as many: it is undecided.
using Becomes = std::set<std::string>;
constexpr size_t kUndecided = 2;

// The parts of one name that become something.
using PartMoves = std::map<std::string, Becomes, std::less<>>;

void Merge(const Becomes& from, Becomes& into) {
  for (const std::string& name : from) {
    if (into.size() < kUndecided) into.insert(name);
  }
}

template <class Use>
void ForEachPart(std::string_view name, Use use) {
  for (;;) {
    const size_t colon = name.find(':');
    use(name.substr(0, colon));
    if (colon == name.npos) return;
    name.remove_prefix(colon + 1);
  }
}

// True iff `part` is the metric `series`, or words that its name begins with.
bool IsBeginning(std::string_view part, std::string_view series) {
  if (!series.starts_with(part) || series.find(':') != series.npos) return false;
  return series.size() == part.size() || series[part.size()] == '_';
}

// Where `part` holds `series` between "_"; npos where it does not.
size_t FindInside(std::string_view part, std::string_view series) {
  size_t at = part.find(series);
  for (; at != part.npos; at = part.find(series, at + 1)) {
    const size_t end = at + series.size();
    if ((at == 0 || part[at - 1] == '_') && (end == part.size() || part[end] == '_')) break;
  }
  return at;
}

// `part` with the new name for the old one that it holds; not where it holds the new one already.
std::optional<std::string> ReplaceInside(std::string_view part, std::string_view old_series,
                                         std::string_view new_series) {
  const size_t at = FindInside(part, old_series);
  if (at == part.npos || FindInside(part, new_series) != part.npos) return std::nullopt;
  return std::string(part).replace(at, old_series.size(), new_series);
}

// The beginning of `new_series` that corresponds to `part`, a beginning of `old_series`. One word
// says too little: in node:cpu:sum it is a level.
std::optional<std::string> NewBeginning(std::string_view part, std::string_view old_series,
                                        std::string_view new_series) {
  if (!IsBeginning(part, old_series) || part.find('_') == part.npos) return std::nullopt;
  const std::string_view rest = old_series.substr(part.size());
  if (!new_series.ends_with(rest) || new_series.size() == rest.size()) return std::nullopt;
  return std::string(new_series.substr(0, new_series.size() - rest.size()));
}

// Says what the parts of recorded names become.
class PartDeriver {
 public:
  explicit PartDeriver(const Mapping& mapping) : mapping_(mapping) {
    for (const MappingEntry& entry : mapping.entries()) {
      if (!entry.IsRename()) continue;
      for (const std::string_view suffix : SeriesSuffixes(entry.type)) {
        const Mapping::Match match{&entry, suffix};
        old_of_[match.NewSeries()].push_back(match.OldSeries());
      }
    }
  }

  // The new name of series `name`, if all that the mapping does to it is to rename it.
  std::optional<std::string> NewSeries(std::string_view name) const {
    const std::span<const Mapping::Match> matches = mapping_.FindAllOld(name);
    if (matches.size() != 1 || !matches[0].entry->IsRename() || !matches[0].HasNewSeries())
      return std::nullopt;
    return matches[0].NewSeries();
  }

  // What the parts of the name of `rule` become. A part that would move again in the next run, when
  // the query has been rewritten, is undecided.
  PartMoves Derive(const RecordingRule& rule) const {
    const bool by_beginning = IsOfRules(rule.name);
    const Reads reads = ReadsOf(rule.reads, by_beginning);
    std::vector<std::string> later_words = rule.reads;
    for (std::string& word : later_words) word = NewSeries(word).value_or(word);
    std::ranges::sort(later_words);
    const Reads later = ReadsOf(later_words, by_beginning);
    PartMoves moves;
    ForEachPart(rule.name, [&](std::string_view part) {
      Becomes found = DerivePart(part, reads);
      if (found.size() == 1) Merge(DerivePart(*found.begin(), later), found);
      if (!found.empty()) moves.emplace(part, std::move(found));
    });
    return moves;
  }

 private:
  struct Rename {
    std::string_view read;  // by its old or its new name
    std::string old_series;
    std::string new_series;
  };

  struct Reads {
    std::span<const std::string> words;  // sorted
    std::vector<Rename> renames;         // of those words
    bool by_beginning;                   // a part may be the beginning of one
  };

  Reads ReadsOf(std::span<const std::string> words, bool by_beginning) const {
    Reads reads{words, {}, by_beginning};
    for (const std::string& word : words) {
      const std::optional<std::string> renamed = NewSeries(word);
      const std::string& new_series = renamed ? *renamed : word;
      if (renamed) reads.renames.push_back({word, word, new_series});
      // What has become that name before stands for it as well: after the run nobody can tell.
      const auto olds = old_of_.find(new_series);
      if (olds == old_of_.end()) continue;
      for (const std::string& old_series : olds->second) {
        if (old_series != word) reads.renames.push_back({word, old_series, new_series});
      }
    }
    return reads;
  }

  Becomes DerivePart(std::string_view part, const Reads& reads) const {
    if (std::optional<std::string> whole = NewSeries(part)) return {*std::move(whole)};
    Becomes found;
    std::set<std::string_view> sources;
    for (const Rename& rename : reads.renames) {
      std::optional<std::string> moved = ReplaceInside(part, rename.old_series, rename.new_series);
      if (!moved && reads.by_beginning)
        moved = NewBeginning(part, rename.old_series, rename.new_series);
      if (!moved && IsBeginning(part, rename.old_series)) return {};
      if (!moved || *moved == part) continue;
      sources.insert(rename.read);
      Merge({*std::move(moved)}, found);
    }
    if (found.empty() || StandsForAnother(part, reads.words, sources)) return {};
    return found;
  }

  // True iff the query reads something else than `sources` that the part may stand for.
  static bool StandsForAnother(std::string_view part, std::span<const std::string> words,
                               const std::set<std::string_view>& sources) {
    for (auto word = std::ranges::lower_bound(words, part);
         word != words.end() && word->starts_with(part); ++word) {
      if (IsBeginning(part, *word) && !sources.contains(*word)) return true;
    }
    return false;
  }

  const Mapping& mapping_;
  std::unordered_map<std::string, std::vector<std::string>> old_of_;  // old series by new one
};

// Joins the parts of `name`, each as `which` says of what it may become.
template <class Which>
std::string Join(std::string_view name, const PartMoves& moves, Which which) {
  std::string out;
  ForEachPart(name, [&](std::string_view part) {
    if (part.data() != name.data()) out += ':';
    const auto move = moves.find(part);
    out += move == moves.end() ? part : std::string_view(which(move->second));
  });
  return out;
}

class Derivation {
 public:
  Derivation(std::span<const RecordingRule> rules, const Mapping& mapping)
      : rules_(rules), mapping_(mapping), deriver_(mapping) {}

  RecordedNames::Names Run() {
    for (const RecordingRule& rule : rules_) place_of_.emplace(rule.name, rule.place);
    for (const RecordingRule& rule : rules_) Derive(rule);
    Propagate();
    for (const RecordingRule& rule : rules_) Name(rule);
    HoldCollisions();
    return std::move(names_);
  }

 private:
  // True iff the mapping knows `name` as that of a metric.
  bool IsMapped(const std::string& name) const {
    return !mapping_.FindAllOld(name).empty() || mapping_.IsNewSeries(name) ||
           !mapping_.FindNewFamily(name).empty();
  }

  static bool IsPlain(const std::string& name) {
    return IsMetricName(name) && name.size() <= kMaxNameBytes;
  }

  void Derive(const RecordingRule& rule) {
    if (!IsPlain(rule.name) || IsMapped(rule.name)) return;
    Add(rule.name, deriver_.Derive(rule));
    for (const std::string& read : rule.reads) {
      if (IsOfRules(rule.name) && place_of_.contains(read)) readers_[read].push_back(&rule);
    }
  }

  void Add(const std::string& name, const PartMoves& moves) {
    if (moves.empty()) return;
    PartMoves& known = parts_[name];
    bool changed = false;
    for (const auto& [part, found] : moves) {
      Becomes& becomes = known[part];
      const size_t before = becomes.size();
      Merge(found, becomes);
      changed = changed || becomes.size() != before;
    }
    if (changed) changed_.push_back(name);
  }

  // Lets parts move in the names of what reads them. Ends, as nothing is taken back.
  void Propagate() {
    for (; !changed_.empty(); changed_.pop_front()) {
      const PartMoves moves = parts_[changed_.front()];
      for (const RecordingRule* reader : readers_[changed_.front()]) {
        PartMoves same;
        ForEachPart(reader->name, [&](std::string_view part) {
          if (const auto move = moves.find(part); move != moves.end()) same.insert(*move);
        });
        Add(reader->name, same);
      }
    }
  }

  void Name(const RecordingRule& rule) {
    const bool plain = IsPlain(rule.name);
    if (plain ? !parts_.contains(rule.name) : !HoldsDeprecated(rule.name)) return;
    const auto [at, is_new] = names_.try_emplace(rule.name);
    RecordedName& name = at->second;
    ++name.rules;
    if (is_new) Begin(rule, plain, name);
    if (!rule.editable && name.fate == RecordedName::Fate::kMoves) {
      Hold(name, "its scalar at " + rule.place + " cannot be rewritten");
      name.hint = "write the name as a plain scalar";
    }
  }

  void Begin(const RecordingRule& rule, bool plain, RecordedName& name) {
    name.place = rule.place;
    if (!plain) {
      name.fate = RecordedName::Fate::kKept;
      name.why = rule.name.size() > kMaxNameBytes ? "it is very long"
                                                  : "it is no metric name (a template, perhaps)";
      return;
    }
    const PartMoves& moves = parts_.at(rule.name);
    name.new_name = Join(rule.name, moves, [](const auto& found) { return *found.begin(); });
    const std::string other =
        Join(rule.name, moves, [](const auto& found) { return *found.rbegin(); });
    if (other == name.new_name) return;
    Hold(name, "it could become " + name.new_name + " or " + other);
    name.new_name.clear();
  }

  // A part of a text that is no name as a whole.
  bool HoldsDeprecated(std::string_view text) const {
    for (size_t at = 0; at < text.size(); ++at) {
      const size_t begin = at;
      while (at < text.size() && IsMetricNameChar(text[at]) && text[at] != ':') ++at;
      if (deriver_.NewSeries(text.substr(begin, at - begin))) return true;
    }
    return false;
  }

  static void Hold(RecordedName& name, std::string why) {
    name.fate = RecordedName::Fate::kHeld;
    name.why = std::move(why);
    name.hint = "see which of the two is meant, and rename it by hand";
  }

  void HoldCollisions() {
    using Claim = std::pair<std::string, RecordedName*>;
    std::unordered_map<std::string, std::vector<Claim>> by_new_name;
    for (auto& [old_name, name] : names_) {
      if (name.new_name.empty()) continue;
      by_new_name[name.new_name].emplace_back(old_name, &name);
      if (IsMapped(name.new_name)) {
        Hold(name, name.new_name + " is the name of a metric in a table");
      } else if (const auto taken = place_of_.find(name.new_name); taken != place_of_.end()) {
        Hold(name, name.new_name + " is recorded already at " + taken->second);
        // If that one moved, the next run would find its place free.
        if (const auto there = names_.find(name.new_name); there != names_.end())
          Hold(there->second, old_name + " at " + name.place + " would take its place");
      }
    }
    for (const auto& [new_name, same] : by_new_name) {
      for (const auto& [old_name, name] : same) {
        if (same.size() == 1 || name->fate != RecordedName::Fate::kMoves) continue;
        const auto& [other_name, other] = same[name == same[0].second ? 1 : 0];
        std::string why = other_name + " at ";
        why.append(other->place).append(" would become ").append(new_name).append(", too");
        Hold(*name, std::move(why));
      }
    }
  }

  std::span<const RecordingRule> rules_;
  const Mapping& mapping_;
  PartDeriver deriver_;
  std::unordered_map<std::string, std::string> place_of_;  // of what is recorded: first place
  std::unordered_map<std::string, std::vector<const RecordingRule*>> readers_;  // by what they read
  std::unordered_map<std::string, PartMoves> parts_;                            // by recorded name
  std::deque<std::string> changed_;  // of which readers have not been told
  RecordedNames::Names names_;
};

}  // namespace

const RecordedName* RecordedNames::Find(std::string_view name) const {
  const auto found = names.find(name);
  return found == names.end() ? nullptr : &found->second;
}

bool IsMove(const TableEntry* entry) {
  return entry != nullptr && entry->table == kRecordedNamesTable;
}

std::string DescribeOld(const Mapping::Match& match) {
  return (IsMove(match.entry) ? "renamed " : "deprecated ") + match.OldSeries();
}

RecordedNames DeriveRecordedNames(std::span<const RecordingRule> rules, const Mapping& mapping) {
  return {Derivation(rules, mapping).Run(), FindRuleLoops(rules, mapping)};
}

Outcome<Mapping> WithRecordedNames(const Mapping& mapping, const RecordedNames& recorded) {
  MappingTable table;
  table.name = table.title = table.component = kRecordedNamesTable;
  for (const auto& [old_name, name] : recorded.names) {
    if (name.fate != RecordedName::Fate::kMoves) continue;
    MappingEntry entry;
    entry.old_name = old_name;
    entry.new_name = name.new_name;
    entry.table = table.name;
    entry.place = name.place;
    table.metrics.push_back(std::move(entry));
  }
  return mapping.With(std::move(table));
}

}  // namespace metrishift::rewrite
