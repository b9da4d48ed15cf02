#include "rewriter/rewrite/flag_step.h"

#include <algorithm>

#include "core/version.h"

namespace metrishift::rewrite {
namespace {

using formats::Setting;
using formats::SettingForm;
using Obstacle = FlagChange::Obstacle;

char ToUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// As strconv.ParseBool reads it, and YAML.
std::optional<std::string> AsSwitch(std::string_view value) {
  std::string lower(value);
  std::ranges::transform(lower, lower.begin(), ToLower);
  for (const std::string_view yes : {"true", "t", "1", "yes", "on", "y"}) {
    if (lower == yes) return "true";
  }
  for (const std::string_view no : {"false", "f", "0", "no", "off", "n"}) {
    if (lower == no) return "false";
  }
  return std::nullopt;
}

// A value that is nothing but itself: no variable, no action, and no need for quotes.
bool IsPlainValue(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._:/,=-").find(c) != std::string_view::npos;
  });
}

// Nothing in it decides otherwise when it runs.
bool IsLiteral(std::string_view value) {
  return value.find_first_of("$`{}") == std::string_view::npos;
}

// A flag on its way through the steps.
struct State {
  std::string name;
  std::optional<std::string> value;  // nothing: it stands alone, or nobody knows
  bool known = true;
};

// The entry of `table` for it: one for this very value goes before one for any.
const FlagEntry* FindEntry(const MappingTable& table, const State& state, bool as_key,
                           bool* undecided) {
  const FlagEntry* any = nullptr;
  for (const FlagEntry& entry : table.flags) {
    if ((as_key ? entry.key : entry.name) != state.name) continue;
    if (!entry.value) {
      any = &entry;
      continue;
    }
    if (state.known && state.value == entry.value) return &entry;
    if (!state.known && any == nullptr) {
      *undecided = true;
      return &entry;
    }
  }
  return any;
}

// The value that the first target gets; nothing where it keeps its own. False: it cannot be said.
bool NewValueOf(const FlagEntry& entry, const State& state, std::optional<std::string>& value,
                FlagChange& change) {
  const FlagTarget& target = entry.targets.front();
  if (target.value == kOldValue && entry.values.empty()) return true;
  value = target.value;
  const size_t at = value->find(kOldValue);
  if (at == std::string::npos) return true;
  change.obstacle = Obstacle::kUnknownValue;
  if (!state.known) return false;
  std::optional<std::string> old_value = state.value;
  if (entry.is_switch) old_value = AsSwitch(state.value.value_or("true"));
  if (old_value) old_value = entry.NewValue(*old_value);
  change.obstacle = Obstacle::kOddValue;
  if (!old_value || !IsPlainValue(*old_value)) return false;
  change.obstacle = Obstacle::kNone;
  value->replace(at, kOldValue.size(), *old_value);
  return true;
}

}  // namespace

std::vector<ProgramTables> ProgramsOf(const Mapping& mapping) {
  std::vector<ProgramTables> programs;
  for (const MappingTable& table : mapping.tables()) {
    if (!table.program || (table.flags.empty() && table.endpoints.empty())) continue;
    const auto same = std::ranges::find_if(programs, [&table](const ProgramTables& other) {
      return other.program->name == table.program->name;
    });
    if (same == programs.end())
      programs.push_back({&*table.program, {&table}});
    else
      same->tables.push_back(&table);
  }
  return programs;
}

std::string FlagNameOf(const Setting& setting, const Program& program) {
  if (setting.form != SettingForm::kVariable) return setting.name;
  std::string flag = setting.name.substr(program.variables.size());
  std::ranges::transform(flag, flag.begin(), [](char c) { return c == '_' ? '-' : ToLower(c); });
  return flag;
}

std::string NameInForm(std::string_view flag, SettingForm form, const Program& program) {
  std::string name(flag);
  if (form != SettingForm::kVariable) return name;
  std::ranges::transform(name, name.begin(), [](char c) { return c == '-' ? '_' : ToUpper(c); });
  return program.variables + name;
}

std::string ShowNewFlags(const FlagEntry& entry) {
  std::string out;
  for (const FlagTarget& target : entry.targets) {
    out += (out.empty() ? "--" : " --") + target.name;
    if (target.value != kOldValue) out += "=" + target.value;
    std::string values;
    for (const auto& [old_value, new_value] : entry.values)
      values.append(values.empty() ? "" : ", ").append(old_value).append(": ").append(new_value);
    if (&target == &entry.targets.front() && !values.empty()) out += " (" + values + ")";
  }
  return out;
}

bool NewSideIsKnownBefore(const TableEntry& entry, const MappingTable& table) {
  return std::ranges::any_of(entry.new_since, [&table](const std::string& version) {
    return IsWithinOrBefore(version, table.from_version);
  });
}

bool OldSideIsKnownAfter(const TableEntry& entry, const MappingTable& table) {
  return entry.old_until.empty() || !IsWithinOrBefore(entry.old_until, table.to_version);
}

FlagChange ChangeOf(const Setting& setting, const ProgramTables& program, Mode mode) {
  FlagChange change;
  State state{FlagNameOf(setting, *program.program), setting.value, true};
  state.known = setting.value ? IsLiteral(*setting.value) : setting.form == SettingForm::kFlag;
  for (const MappingTable* table : program.tables) {
    const bool as_key = change.entry == nullptr && setting.form == SettingForm::kKey;
    bool undecided = false;
    const FlagEntry* entry = FindEntry(*table, state, as_key, &undecided);
    if (entry == nullptr) continue;
    // What is behind a blank is none of a switch's.
    State own = state;
    if (entry->is_switch && !setting.joined) own = {state.name, std::nullopt, true};
    const bool first = change.entry == nullptr;
    std::optional<std::string> value;
    FlagChange step;
    if (undecided) {
      step.obstacle = Obstacle::kUnknownValue;
    } else if (entry->targets.empty()) {
      step.obstacle = Obstacle::kGone;
    } else if (mode == Mode::kUnion && !NewSideIsKnownBefore(*entry, *table)) {
      step.obstacle = Obstacle::kNotYet;
      step.stays_valid = OldSideIsKnownAfter(*entry, *table);
    } else {
      NewValueOf(*entry, own, value, step);
    }
    if (step.obstacle != Obstacle::kNone) {
      // What earlier steps have made of it is better than nothing.
      if (!first) return change;
      step.entry = entry;
      return step;
    }
    if (first) change.entry = entry;
    change.name = entry->targets.front().name;
    change.repeats = entry->repeats;
    if (value) change.value = value;
    change.others.insert(change.others.end(), entry->targets.begin() + 1, entry->targets.end());
    state.name = change.name;
    if (value) state = {change.name, value, true};
  }
  return change;
}

}  // namespace metrishift::rewrite
