#include "rewriter/rewrite/setting_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/find_bytes.h"
#include "core/metric_type.h"
#include "rewriter/rewrite/endpoint_plan.h"
#include "rewriter/rewrite/flag_step.h"
#include "rewriter/rewrite/line_heads.h"

namespace metrishift::rewrite {
namespace {

using formats::FileFormat;
using formats::Setting;
using formats::SettingForm;
using Obstacle = FlagChange::Obstacle;

// REQUIRES: `spans` is sorted and its elements do not overlap each other.
bool OverlapsOneOf(std::span<const FileSpan> spans, FileSpan span) {
  const auto after = std::ranges::lower_bound(spans, span.end, {}, &FileSpan::begin);
  return after != spans.begin() && (after - 1)->end > span.begin;
}

// Words that nobody would call a flag by accident.
bool IsTelling(std::string_view flag) { return HasBytes(flag, "-"); }

bool IsFlagChar(char c) { return IsMetricNameChar(c) || c == '-'; }

// Every place where `word` stands alone.
template <class Use>
void ForEachWord(std::string_view text, std::string_view word, const Use& use) {
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if (at > 0 && IsFlagChar(text[at - 1])) continue;
    if (end < text.size() && IsFlagChar(text[end])) continue;
    use(FileSpan{at, end});
  }
}

class Planner {
 public:
  Planner(std::string_view text, FileFormat format, const PlanOptions& options,
          std::span<const FileSpan> taken, const ProgramTables& program, SettingPlan& plan)
      : text_(text),
        lines_(text),
        format_(format),
        options_(options),
        taken_(taken),
        program_(program),
        plan_(plan) {}

  void Run() {
    const formats::Settings found = formats::FindSettings(format_, text_, *program_.program);
    foreign_ = found.foreign;
    std::vector<FlagChange> changes;
    for (const Setting& setting : found.settings) {
      changes.push_back(ChangeOf(setting, program_, options_.mode));
      ++names_[{setting.owner, FlagNameOf(setting, *program_.program)}];
      const FlagChange& change = changes.back();
      if (change.entry != nullptr && change.obstacle == Obstacle::kNone)
        planned_.insert({setting.owner, change.name});
    }
    for (const Setting& setting : found.settings) setting_names_.push_back(setting.name_span);
    Endpoints();
    for (size_t i = 0; i < changes.size(); ++i) {
      const Setting& setting = found.settings[i];
      plan_.expected.push_back(
          {setting.name, setting.value, OverlapsOneOf(changed_paths_, setting.value_span)});
      if (changes[i].entry != nullptr) Change(found.settings[i], changes[i]);
    }
    Mentions();
  }

 private:
  // The line of `at` is a comment, of whatever language.
  bool InComment(size_t at) {
    const std::string_view head = lines_.HeadOf(at);
    return head.starts_with('#') || head.starts_with(';') || head.starts_with("//");
  }

  std::string Shown(const Setting& setting, std::string_view flag,
                    const std::optional<std::string>& value) const {
    const std::string name = NameInForm(flag, setting.form, *program_.program);
    if (setting.form == SettingForm::kKey) return "key " + name + (value ? ": " + *value : "");
    return (setting.form == SettingForm::kFlag ? "--" : "") + name + (value ? "=" + *value : "");
  }

  // With its value, where the entry is for that only.
  std::string OldShown(const Setting& setting, const FlagEntry& entry) const {
    return "deprecated " + Shown(setting, FlagNameOf(setting, *program_.program), entry.value);
  }

  void Person(const Setting& setting, const FlagChange& change, FindingCode code,
              const std::string& why, std::string hint) {
    Report(Disposition::kNeedsPerson, setting, change, code, OldShown(setting, *change.entry) + why,
           std::move(hint));
  }

  void Report(Disposition disposition, const Setting& setting, const FlagChange& change,
              FindingCode code, std::string message, std::string hint) {
    spoken_of_.push_back(setting.name_span);
    plan_.findings.push_back(
        {disposition, code, setting.name_span, std::move(message), std::move(hint), change.entry});
  }

  void Change(const Setting& setting, const FlagChange& change) {
    const FlagEntry& entry = *change.entry;
    switch (change.obstacle) {
      case Obstacle::kNone:
        break;
      case Obstacle::kGone:
        return Person(setting, change, FindingCode::kNoReplacement, ", which is gone", entry.note);
      case Obstacle::kUnknownValue:
        return Person(setting, change, FindingCode::kFlagValue,
                      " may be meant: its value is not known here",
                      "see what the value is: the new flag is " + ShowNewFlags(entry));
      case Obstacle::kOddValue:
        return Person(setting, change, FindingCode::kFlagValue, " has a value that it cannot have",
                      "the new flag is " + ShowNewFlags(entry));
      case Obstacle::kNotYet:
        return NotYet(setting, change);
    }
    const std::string old_flag = FlagNameOf(setting, *program_.program);
    const bool renamed = change.name != old_flag;
    if (renamed && IsSetElsewhere(setting, change)) {
      return Person(setting, change, FindingCode::kFlagConflict,
                    ", but " + Shown(setting, change.name, std::nullopt) + " is set here as well",
                    "keep one of the two, as " + Shown(setting, change.name, change.value));
    }
    if (OverlapsOneOf(changed_paths_, setting.value_span) && change.value) return;
    if (OverlapsOneOf(taken_, setting.name_span) || OverlapsOneOf(taken_, setting.value_span)) {
      return Person(setting, change, FindingCode::kUnknownPlace, " in a query",
                    "change it by hand: " + ShowNewFlags(entry));
    }
    if (HasQuotes(setting.name_span) || (change.value && HasQuotes(setting.value_span))) {
      return Person(setting, change, FindingCode::kScalarStyle, " has quotes in it",
                    "change it by hand: " + ShowNewFlags(entry));
    }
    Write(setting, change);
  }

  // One of a pair would go and the other stay.
  bool HasQuotes(FileSpan span) const {
    return text_.substr(span.begin, span.size()).find_first_of("'\"") != text_.npos;
  }

  // The new name is there already, or something else is about to get it.
  bool IsSetElsewhere(const Setting& setting, const FlagChange& change) const {
    if (change.repeats && setting.form == SettingForm::kFlag) return false;
    return names_.contains({setting.owner, change.name}) ||
           planned_.count({setting.owner, change.name}) > 1;
  }

  void NotYet(const Setting& setting, const FlagChange& change) {
    const FlagEntry& entry = *change.entry;
    const std::string stays =
        OldShown(setting, entry).append(" stays: the old version has no other name");
    const std::string flags = ShowNewFlags(entry);
    if (change.stays_valid) {
      return Report(Disposition::kInfo, setting, change, FindingCode::kNoUnion,
                    std::string(stays).append(", and the new one takes it, still"),
                    "change it after the upgrade: " + flags);
    }
    Report(Disposition::kNeedsPerson, setting, change, FindingCode::kNoUnion,
           std::string(stays).append(", and the new one does not take it"),
           "change it with the program, member by member: " + flags);
  }

  // Flags that are needed besides, unless something sets them already.
  std::vector<FlagTarget> Others(const Setting& setting, const FlagChange& change) const {
    std::vector<FlagTarget> others;
    for (const FlagTarget& other : change.others) {
      const std::pair<size_t, std::string> key{setting.owner, other.name};
      if (!names_.contains(key) && !planned_.contains(key)) others.push_back(other);
    }
    return others;
  }

  void Write(const Setting& setting, const FlagChange& change) {
    const std::vector<FlagTarget> others = Others(setting, change);
    std::string shown = Shown(setting, change.name, change.value);
    for (const FlagTarget& other : others)
      shown.append(" ").append(Shown(setting, other.name, other.value));
    if (!others.empty() && !setting.another) {
      return Person(setting, change, FindingCode::kScalarStyle,
                    " needs another setting, for which there is no room here", "write " + shown);
    }
    const std::string name = NameInForm(change.name, setting.form, *program_.program);
    const bool has_value = setting.value && !setting.value_span.empty() &&
                           (setting.joined || !change.entry->is_switch);
    plan_.expected.back().name = name;
    if (change.value) plan_.expected.back().value = change.value;
    if (change.value && !has_value) {
      plan_.edits.push_back({setting.name_span, name + "=" + *change.value});
    } else {
      if (name != setting.name) plan_.edits.push_back({setting.name_span, name});
      if (change.value && change.value != setting.value)
        plan_.edits.push_back({setting.value_span, *change.value});
    }
    AddOthers(setting, others);
    Report(Disposition::kChanged, setting, change, FindingCode::kFlag,
           OldShown(setting, *change.entry) + ", use " + shown, change.entry->note);
  }

  void AddOthers(const Setting& setting, const std::vector<FlagTarget>& others) {
    std::string text;
    size_t at = 0;
    for (const FlagTarget& other : others) {
      Setting::Another another = *setting.another;
      const std::string name = NameInForm(other.name, setting.form, *program_.program);
      const bool list = setting.form == SettingForm::kKey &&
                        std::ranges::count(program_.program->lists, other.name) > 0;
      std::string value = other.value;
      if (list && another.after.empty()) {
        value.insert(0, "[").append("]");
      } else if (list) {  // the quotes belong to the item
        another.between.pop_back();
        value.insert(0, another.after).insert(0, "[").append(another.after).append("]");
        another.after.clear();
      }
      at = another.at;
      text.append(another.before).append(name).append(another.between).append(value);
      text.append(another.after);
      plan_.expected.push_back({name, list ? std::nullopt : std::optional(other.value)});
      planned_.insert({setting.owner, other.name});
    }
    if (!text.empty()) plan_.edits.push_back({{at, at}, std::move(text)});
  }

  // --- paths

  void Endpoints() {
    for (EndpointChange& change : FindEndpoints(text_, program_, options_.mode)) {
      const EndpointEntry& entry = *change.entry;
      Finding finding{
          Disposition::kChanged, FindingCode::kEndpoint, change.span, "", entry.note, &entry};
      const std::string path(text_.substr(change.span.begin, change.span.size()));
      const std::string method = entry.method.empty() ? "" : entry.method + " ";
      const bool gone = change.new_path.empty();
      std::string message = "deprecated ";
      message.append(method).append(path);
      if (OverlapsOneOf(setting_names_, change.span)) continue;
      if (InComment(change.span.begin)) {
        finding.disposition = Disposition::kInfo;
        finding.code = FindingCode::kComment;
        message.insert(0, "a comment names ");
      } else if (gone) {
        finding.disposition = Disposition::kNeedsPerson;
        finding.code = FindingCode::kNoReplacement;
        message += ", which is gone";
      } else if (format_ == FileFormat::kCode || OverlapsOneOf(taken_, change.span)) {
        finding.disposition = Disposition::kNeedsPerson;
        finding.code = FindingCode::kUnknownPlace;
        message += format_ == FileFormat::kCode ? " in a program" : " in a query";
        finding.hint = "change it by hand: " + change.new_path;
      } else {
        message += ", use " + change.new_path;
        changed_paths_.push_back(change.span);
        plan_.edits.push_back({change.span, change.new_path});
      }
      finding.message = std::move(message);
      spoken_of_.push_back(change.span);
      plan_.findings.push_back(std::move(finding));
    }
  }

  // --- what nobody has spoken of yet

  void Mentions() {
    std::ranges::sort(spoken_of_);
    for (const MappingTable* table : program_.tables) {
      for (const FlagEntry& entry : table->flags) Mentions(entry);
      for (const EndpointEntry& entry : table->endpoints) Mentions(entry);
    }
  }

  void Mentions(const FlagEntry& entry) {
    const std::string variable = NameInForm(entry.name, SettingForm::kVariable, *program_.program);
    const std::string instead = entry.targets.empty() ? entry.note : ShowNewFlags(entry);
    if (!entry.value)
      ForEachWord(text_, variable, [&](FileSpan span) { Mention(entry, variable, span, instead); });
    if (!IsTelling(entry.old_name.substr(2))) return;
    ForEachWord(text_, entry.old_name, [&](FileSpan span) {
      const FileSpan name{span.begin + 2, span.end};
      if (!OverlapsOneOf(foreign_, name)) Mention(entry, entry.old_name, name, instead);
    });
  }

  // The first part of a path, alone or before a variable: what follows is not known.
  void Mentions(const EndpointEntry& entry) {
    const std::string part = entry.old_name.substr(0, entry.old_name.size() - 1);
    if (entry.new_name.empty() || entry.within.empty() || part.rfind('/') != 0) return;
    for (size_t at = text_.find(part); at != text_.npos; at = text_.find(part, at + 1)) {
      const std::string_view rest = text_.substr(at + part.size());
      const bool ends = rest.empty() ||
                        (rest[0] != '/' && rest[0] != '.' && !IsFlagChar(rest[0])) ||
                        rest.starts_with("/$") || rest.starts_with("/{") ||
                        rest.starts_with("/\"") || rest.starts_with("/'");
      if (ends && (at == 0 || text_[at - 1] != '.'))
        Mention(entry, part, {at, at + part.size()}, entry.new_name);
    }
  }

  void Mention(const TableEntry& entry, const std::string& name, FileSpan span,
               const std::string& instead) {
    if (OverlapsOneOf(spoken_of_, span)) return;
    Finding finding{Disposition::kInfo,
                    FindingCode::kComment,
                    span,
                    "a comment names deprecated " + name,
                    "",
                    &entry};
    if (!InComment(span.begin)) {
      finding.disposition = Disposition::kNeedsPerson;
      finding.code = FindingCode::kUnknownPlace;
      finding.message = "deprecated " + name + " at a place that is not known to be " +
                        program_.program->name + "'s";
      finding.hint =
          "change it by hand if it is meant for " + program_.program->name + ": " + instead;
    }
    spoken_of_.insert(std::ranges::upper_bound(spoken_of_, span), span);
    plan_.findings.push_back(std::move(finding));
  }

  std::string_view text_;
  LineHeads lines_;
  FileFormat format_;
  const PlanOptions& options_;
  std::span<const FileSpan> taken_;
  const ProgramTables& program_;
  SettingPlan& plan_;
  std::vector<FileSpan> foreign_;
  std::vector<FileSpan> setting_names_;
  std::vector<FileSpan> changed_paths_;
  std::map<std::pair<size_t, std::string>, size_t> names_;  // that are set, by owner
  std::multiset<std::pair<size_t, std::string>> planned_;   // that are going to be
  std::vector<FileSpan> spoken_of_;
};

// An escape that stands for a letter, or for what stands between them: \u0064, \x64.
bool HasHidden(std::string_view text) {
  if (HasBytes(text, "\\x")) return true;
  for (size_t at = text.find("\\u00"); at != text.npos; at = text.find("\\u00", at + 1)) {
    const std::string_view digits = text.substr(at + 4, 2);
    if (digits.find_first_of("24567") == 0 || digits == "3d" || digits == "3D") return true;
  }
  return false;
}

// What a flag can be found by in any of its forms.
void AddWords(const FlagEntry& entry, const Program& program, std::vector<std::string>& words) {
  if (IsTelling(entry.name) || IsTelling(entry.key)) {
    words.insert(words.end(), {entry.name, entry.key});
  } else {
    words.push_back("-" + entry.name);
    for (const char* behind : {":", "\"", "'", " :"}) words.push_back(entry.name + behind);
  }
  words.push_back(NameInForm(entry.name, SettingForm::kVariable, program));
}

SettingWords WordsOf(const ProgramTables& program) {
  std::vector<std::string> words;
  for (const MappingTable* table : program.tables) {
    for (const FlagEntry& entry : table->flags) AddWords(entry, *program.program, words);
    for (const EndpointEntry& entry : table->endpoints) words.push_back(entry.old_name);
  }
  return {program.program, WordFinder(std::move(words))};
}

bool MayHave(std::string_view text, const SettingWords& words) {
  return formats::IsAbout(text, *words.program) &&
         (HasHidden(text) || std::ranges::count(words.words.FindIn(text), true) > 0);
}

}  // namespace

std::vector<SettingWords> SettingWordsOf(const Mapping& mapping) {
  std::vector<SettingWords> words;
  for (const ProgramTables& program : ProgramsOf(mapping)) words.push_back(WordsOf(program));
  return words;
}

bool MayHaveSettings(std::string_view text, std::span<const SettingWords> words) {
  return std::ranges::any_of(words, [text](const SettingWords& of) { return MayHave(text, of); });
}

SettingPlan PlanSettings(std::string_view text, FileFormat format, const Mapping& mapping,
                         const PlanOptions& options, std::span<const FileSpan> taken) {
  SettingPlan plan;
  for (const ProgramTables& program : ProgramsOf(mapping)) {
    if (MayHave(text, WordsOf(program))) Planner(text, format, options, taken, program, plan).Run();
  }
  return plan;
}

std::vector<Finding> FindSettingMentions(std::string_view text, const Mapping& mapping) {
  // A program's text holds no settings that could be changed.
  return PlanSettings(text, FileFormat::kCode, mapping, Mode::kReplace, {}).findings;
}

bool HasSettings(std::string_view text, FileFormat format, const Mapping& mapping,
                 const SettingPlan& plan) {
  auto expected = plan.expected.begin();
  for (const ProgramTables& program : ProgramsOf(mapping)) {
    if (plan.expected.empty()) break;
    for (const Setting& setting : formats::FindSettings(format, text, *program.program).settings) {
      if (expected == plan.expected.end() || expected->name != setting.name) return false;
      if (!expected->any_value && setting.joined && expected->value != setting.value) return false;
      ++expected;
    }
  }
  return expected == plan.expected.end();
}

}  // namespace metrishift::rewrite
