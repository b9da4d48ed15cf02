#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

#include "core/replacement.h"
#include "rewriter/generate/companion.h"
#include "rewriter/generate/new_side.h"
#include "rewriter/generate/yaml_text.h"

namespace metrishift::generate {
namespace {

// Labels that live only while a series is relabelled; no target has any that begin so.
constexpr std::string_view kTemporary = "__tmp_metrishift_";
constexpr std::string_view kOldName = "__tmp_metrishift_old_name";
constexpr size_t kIndent = 6;

// One item of metric_relabel_configs.
struct Step {
  std::vector<std::string> sources;
  std::string regex;
  std::string target;
  std::string replacement;
  std::string separator = ";";
};

std::string Text(const Step& step) {
  // The reader of Prometheus 2 takes this word for nothing here, even between quotes.
  const std::string regex = step.regex == "null" ? "(?:null)" : step.regex;
  const std::string begin(kIndent, ' ');
  std::string text = begin + "- source_labels: [";
  for (const std::string& source : step.sources) {
    if (&source != step.sources.data()) text += ", ";
    text += YamlScalar(source);
  }
  text += "]\n";
  if (step.separator != ";") text += begin + "  separator: " + YamlScalar(step.separator) + "\n";
  return text + begin + "  regex: " + YamlScalar(regex) + "\n" + begin +
         "  target_label: " + YamlScalar(step.target) + "\n" + begin +
         "  replacement: " + YamlScalar(step.replacement) + "\n";
}

// A regular expression for a label's old value out of a new one, and its replacement.
struct ValueStep {
  std::string regex;
  std::string replacement;
};

std::vector<ValueStep> ValueSteps(const LabelValues& to_old) {
  if (!to_old.pattern.empty()) return {{to_old.pattern, to_old.replacement}};
  std::vector<ValueStep> steps;
  for (const auto& [new_value, old_value] : to_old.values)
    steps.push_back({EscapeForPattern(new_value), EscapeForReplacement(old_value)});
  return steps;
}

std::string Joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (&part != parts.data()) out += separator;
    out += part;
  }
  return out;
}

// What one entry needs: the series that it is for get their old name in a label, and what else is
// different follows that label.
struct Renaming {
  std::string comment;
  std::vector<Step> marks;
  std::vector<Step> fixes;
};

// Which old names are there for one entry and which are not, and why.
struct Choice {
  std::vector<std::string_view> suffixes;
  std::map<std::string, std::vector<std::string>> left;  // by reason
};

std::optional<std::string> WhyNotByRelabelling(const Mapping::Match& match) {
  const MappingEntry& entry = *match.entry;
  if (entry.aggregate) return "is made of several new series, and relabelling sees one at a time";
  if (!entry.expr.empty()) return "is computed, and relabelling computes nothing";
  if (match.Scale() != 1 || match.Offset() != 0 || (match.suffix == "_bucket" && entry.scale != 1))
    return "is in another unit, and relabelling computes nothing";
  if (NewSideOf(entry).LosesValues()) return "has label values that cannot be turned back";
  return std::nullopt;
}

Choice Choose(const Mapping& mapping, const MappingEntry& entry, const Options& options) {
  Choice choice;
  for (const std::string_view suffix : SeriesSuffixes(entry.type)) {
    const Mapping::Match match{&entry, suffix};
    std::optional<std::string> why = WhyNotThere(mapping, match, options);
    if (why) {
      // Its own words name the series already.
      const std::string self = "deprecated " + match.OldSeries() + " ";
      if (why->starts_with(self)) why->erase(0, self.size());
    } else {
      why = WhyNotByRelabelling(match);
    }
    if (!why) {
      choice.suffixes.push_back(suffix);
    } else if (suffix != "_created") {
      choice.left[*why].push_back(match.OldSeries());
    }
  }
  return choice;
}

class Relabeller {
 public:
  Relabeller(const Mapping& mapping, const Options& options)
      : mapping_(mapping), options_(options) {}

  Companion Run() {
    for (const MappingPattern& pattern : mapping_.patterns()) Pattern(pattern);
    for (const MappingEntry& entry : mapping_.entries()) Entry(entry);
    companion_.made = given_.size();
    companion_.left = left_.size();
    std::string steps;
    for (const std::string& why : left_) steps += YamlComment("Left: " + why, kIndent);
    steps += IsDirect() ? Direct() : InTurn();
    companion_.text = Head() + "scrape_configs:\n  - job_name: metrishift-example\n" +
                      "    static_configs:\n      - targets: [localhost:9090]\n" +
                      (companion_.made == 0 ? "    metric_relabel_configs: []\n"
                                            : "    metric_relabel_configs:\n") +
                      YamlComment(">>> copy from here into the job of your targets", kIndent) +
                      steps + YamlComment("<<< to here", kIndent);
    return std::move(companion_);
  }

 private:
  std::string Head() const {
    return YamlComment(
               "Relabelling that gives series their deprecated names INSTEAD of the new "
               "ones, when they are scraped.") +
           MadeBy(mapping_, "relabel-config") + "#\n" +
           YamlComment(
               "For targets that do not expose the deprecated names any more: where one exposes "
               "both, a sample comes twice and Prometheus drops one of the two. Whatever asks for "
               "the new names finds nothing of these targets.") +
           YamlComment(
               "Each step looks at each series of a scrape: put the steps only where they are "
               "needed.");
  }

  void Entry(const MappingEntry& entry) {
    const Choice choice = Choose(mapping_, entry, options_);
    Leave(choice);
    const NewSide side = NewSideOf(entry);
    if (!patterns_.empty() && !choice.left.empty() && !entry.new_name.empty()) {
      const std::string name =
          EscapeForPattern(entry.new_name) + SuffixGroup(UsedSuffixes(entry.new_type));
      exact_.push_back({Describe(entry) + " is none of them", {Mark(side, name, "")}, {}});
    }
    if (choice.suffixes.empty()) return;
    for (const MappingEntry* other : taken_[entry.new_name]) {
      if (AreDisjoint(NewSideOf(*other).conditions, side.conditions)) continue;
      left_.push_back("deprecated " + entry.old_name + " is now the same as deprecated " +
                      other->old_name + ", which goes before it: a series has one name");
      return;
    }
    taken_[entry.new_name].push_back(&entry);
    for (const std::string_view suffix : choice.suffixes) {
      if (suffix != "_created") given_.insert(entry.old_name + std::string(suffix));
    }
    const std::string group = SuffixGroup(choice.suffixes);
    Renaming renaming;
    renaming.comment = Describe(entry);
    if (entry.IsRename()) {
      renames_.push_back({{"__name__"},
                          EscapeForPattern(entry.new_name) + group,
                          "__name__",
                          entry.old_name + (group.empty() ? "" : "${1}")});
      for (const std::string_view suffix : choice.suffixes) {
        makes_.insert(entry.old_name + std::string(suffix));
        takes_.insert(entry.new_name + std::string(suffix));
      }
    } else {
      plain_ = false;
    }
    // Several entries of one old name tell their series apart by a number behind it.
    const size_t count = ++count_[entry.old_name];
    numbered_ = numbered_ || count > 1;
    const std::string number = count == 1 ? "" : "@" + std::to_string(count);
    renaming.marks.push_back(Mark(side, EscapeForPattern(entry.new_name) + group,
                                  entry.old_name + (group.empty() ? "" : "${1}") + number));
    Fix(side, EscapeForPattern(entry.old_name) + SuffixGroup(choice.suffixes, false) + number,
        renaming);
    exact_.push_back(std::move(renaming));
  }

  // Finds the series of `side`, whose name matches `name`.
  static Step Mark(const NewSide& side, const std::string& name, std::string mark) {
    Step step{{"__name__"}, "", std::string(kOldName), std::move(mark)};
    std::string all;
    for (const Label& label : side.conditions) all += label.value;
    for (const char* separator : {";", "|", "&", "@@", "\x1f"}) {
      step.separator = separator;
      if (all.find(separator) == all.npos) break;
    }
    step.regex = name;
    for (const Label& label : side.conditions) {
      step.sources.push_back(label.name);
      step.regex += EscapeForPattern(step.separator) + EscapeForPattern(label.value);
    }
    return step;
  }

  // Gives the series whose mark matches `mark` (without groups) their old labels.
  static void Fix(const NewSide& side, const std::string& mark, Renaming& renaming) {
    const auto step = [&](const std::string& source, const std::string& regex,
                          const std::string& target, const std::string& replacement) {
      Step fix{{std::string(kOldName)}, mark, target, replacement};
      if (!source.empty()) {
        fix.sources.push_back(source);
        fix.regex += ";" + regex;
      }
      renaming.fixes.push_back(std::move(fix));
    };
    for (const Label& label : side.fixed)
      step("", "", label.name, EscapeForReplacement(label.value));
    const bool crossed = side.IsCrossed();
    const auto source = [crossed](const std::string& label) {
      return crossed ? std::string(kTemporary) + "label_" + label : label;
    };
    if (crossed) {
      for (const NewSide::Moved& moved : side.moved)
        step(moved.new_label, "(.*)", source(moved.new_label), "${1}");
    }
    for (const NewSide::Moved& moved : side.moved) {
      // A target that has not been upgraded may have the same name, and the old label.
      if (moved.Moves())
        step(source(moved.new_label), crossed ? "(.*)" : "(.+)", moved.old_label, "${1}");
      if (!moved.revalued) continue;
      for (const ValueStep& value : ValueSteps(*moved.to_old))
        step(source(moved.new_label), value.regex, moved.old_label, value.replacement);
    }
    for (const NewSide::Moved& moved : side.moved) {
      if (moved.Moves() &&
          std::ranges::count(side.moved, moved.new_label, &NewSide::Moved::old_label) == 0)
        step("", "", moved.new_label, "");
    }
  }

  void Leave(const Choice& choice) {
    for (const auto& [why, names] : choice.left) {
      const std::vector<std::string> others(names.begin() + 1, names.end());
      left_.push_back("deprecated " + names.front() + " " + why +
                      (others.empty() ? "" : "; likewise " + Joined(others, ", ")));
    }
  }

  void Pattern(const MappingPattern& pattern) {
    const MappingEntry& entry = pattern.entry;
    const Choice choice = Choose(mapping_, entry, options_);
    Leave(choice);
    if (choice.suffixes.empty()) return;
    if (IsFollowed(mapping_, pattern)) {
      left_.push_back("deprecated " + entry.old_name +
                      " have other names by a later table: generate this for each table alone");
      return;
    }
    const NewSide side = NewSideOf(entry);
    const std::string number = "@p" + std::to_string(patterns_.size() + 1);
    Renaming renaming;
    renaming.comment =
        Describe(entry) +
        "; this renames every series that fits, also one that never had another name";
    for (const std::string_view suffix : choice.suffixes) {
      const std::optional<Step> mark = Mark(pattern, side, suffix);
      if (!mark) {
        left_.push_back("deprecated " + entry.old_name +
                        " cannot be told from the new names, which could be read in two ways");
        return;
      }
      AddMark(*mark, number, renaming);
    }
    const std::string left_out = LeftOut(pattern);
    if (!left_out.empty()) {
      renaming.marks.push_back(
          {{std::string(kOldName)}, "(?:" + left_out + ")" + number, std::string(kOldName), ""});
    }
    Fix(side, "[^@]+" + number, renaming);
    plain_ = mapping_.entries().empty() && mapping_.patterns().size() == 1 &&
             !side.ChangesLabels() && renaming.marks.size() == 1;
    if (plain_) renames_.push_back(*Mark(pattern, side, choice.suffixes.front(), "__name__"));
    numbered_ = true;
    given_.insert(pattern.pattern);
    patterns_.push_back(std::move(renaming));
  }

  // Finds the series with a name that `pattern` has made, with its labels where they say what the
  // old name was, which goes to label `target`. Nothing where there is no such way back.
  static std::optional<Step> Mark(const MappingPattern& pattern, const NewSide& side,
                                  std::string_view suffix, std::string_view target = kOldName) {
    std::string forward = Braced(pattern.entry.new_name).append(suffix);
    Step step{{"__name__"}, "", std::string(target), ""};
    for (size_t i = 0; i < side.conditions.size(); ++i) {
      const Label& label = side.conditions[i];
      const bool refers = i < pattern.entry.new_labels.size();
      step.sources.push_back(label.name);
      forward += ";" + (refers ? Braced(label.value) : EscapeForReplacement(label.value));
    }
    std::optional<PatternAndReplacement> back =
        InvertPattern({pattern.pattern + std::string(suffix), std::move(forward)});
    if (!back) return std::nullopt;
    step.regex = std::move(back->pattern);
    step.replacement = Braced(back->replacement);
    return step;
  }

  // A replacement in which every reference has braces, so that anything can stand behind it.
  static std::string Braced(std::string_view text) {
    std::string out;
    for (const Replacement::Piece& piece : ParseReplacement(text).pieces) {
      out += piece.group ? "${" + std::to_string(*piece.group) + "}"
                         : EscapeForReplacement(piece.text);
    }
    return out;
  }

  void AddMark(Step mark, const std::string& number, Renaming& renaming) {
    // What begins with what was in the middle of a name, or in a label, may be no name: Prometheus
    // would refuse the whole scrape.
    if (mark.sources.size() == 1 && !mark.replacement.starts_with('$')) {
      mark.replacement += number;
      renaming.marks.push_back(std::move(mark));
      return;
    }
    mark.target = std::string(kTemporary) + "name_" + std::to_string(++candidates_);
    const std::string candidate = mark.target;
    renaming.marks.push_back(std::move(mark));
    renaming.marks.push_back(
        {{candidate}, "([a-zA-Z_:][a-zA-Z0-9_:]*)", std::string(kOldName), "${1}" + number});
  }

  // The names that a pattern would reach and that are not its own, as alternatives.
  std::string LeftOut(const MappingPattern& pattern) const {
    std::vector<std::string> names;
    for (const std::string& name : pattern.except) {
      for (const std::string_view suffix : SeriesSuffixes(pattern.entry.type))
        names.push_back(EscapeForPattern(name + std::string(suffix)));
    }
    const RE2 regex(pattern.pattern, RE2::Quiet);
    for (const MappingEntry& entry : mapping_.entries()) {
      for (const std::string_view suffix : SeriesSuffixes(entry.type)) {
        const std::string name = entry.old_name + std::string(suffix);
        if (entry.table == pattern.entry.table && RE2::FullMatch(name, regex))
          names.push_back(EscapeForPattern(name));
      }
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return Joined(names, "|");
  }

  // True where names alone change and no step can see what another has made.
  bool IsDirect() const {
    return plain_ && std::ranges::none_of(
                         makes_, [this](const std::string& name) { return takes_.contains(name); });
  }

  std::string Direct() const {
    std::string text;
    for (const Step& step : renames_) text += Text(step);
    return text;
  }

  // First every series that is meant gets a mark, while all labels are as scraped; then the marked
  // ones change.
  std::string InTurn() const {
    std::string text =
        YamlComment("Which series are meant, while all labels are as scraped:", kIndent);
    for (const std::vector<Renaming>* all : {&patterns_, &exact_}) {
      for (const Renaming& renaming : *all) {
        text += YamlComment(renaming.comment, kIndent);
        for (const Step& step : renaming.marks) text += Text(step);
      }
    }
    std::string fixes;
    for (const std::vector<Renaming>* all : {&patterns_, &exact_}) {
      for (const Renaming& renaming : *all) {
        for (const Step& step : renaming.fixes) fixes += Text(step);
      }
    }
    if (!fixes.empty()) text += YamlComment("What else is different about them:", kIndent) + fixes;
    text += YamlComment("Their names:", kIndent) +
            Text({{std::string(kOldName)}, numbered_ ? "([^@]+).*" : "(.+)", "__name__", "${1}"});
    const std::string begin(kIndent, ' ');
    return text + begin + "- regex: " + std::string(kTemporary) + ".*\n" + begin +
           "  action: labeldrop\n";
  }

  const Mapping& mapping_;
  const Options& options_;
  Companion companion_;
  std::set<std::string> given_;
  std::vector<std::string> left_;
  std::vector<Renaming> patterns_;
  std::vector<Renaming> exact_;
  std::vector<Step> renames_;  // the same as exact_, where that is all there is
  bool plain_ = true;
  std::set<std::string> makes_;
  std::set<std::string> takes_;
  bool numbered_ = false;  // some marks have a number behind the name
  std::map<std::string, std::vector<const MappingEntry*>> taken_;  // by new name
  size_t candidates_ = 0;
  std::map<std::string, size_t> count_;  // of the entries of each old name
};

}  // namespace

Companion RelabelConfig(const Mapping& mapping, const Options& options) {
  return Relabeller(mapping, options).Run();
}

}  // namespace metrishift::generate
