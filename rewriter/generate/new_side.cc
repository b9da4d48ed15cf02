#include "rewriter/generate/new_side.h"

#include <algorithm>
#include <array>

#include "core/name_pattern.h"
#include "rewriter/generate/yaml_text.h"
#include "rewriter/promql/keywords.h"
#include "rewriter/rewrite/conversion.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::generate {
namespace {

const Label* Find(const std::vector<Label>& labels, std::string_view name) {
  const auto found = std::ranges::find(labels, name, &Label::name);
  return found == labels.end() ? nullptr : &*found;
}

const LabelValues* FindValues(const MappingEntry& entry, std::string_view label) {
  const auto found = std::ranges::find(entry.label_values, label, &LabelValues::label);
  return found == entry.label_values.end() ? nullptr : &*found;
}

std::string NewLabelName(const MappingEntry& entry, const std::string& old_label) {
  const auto found = std::ranges::find(entry.labels, old_label, &LabelRename::old_name);
  return found == entry.labels.end() ? old_label : found->new_name;
}

// The numbers of a version, without zeros at its end: 3.5 is 3.5.0.
std::vector<unsigned long> VersionNumbers(std::string_view version) {
  std::vector<unsigned long> numbers(1, 0);
  for (const char c : version.substr(0, version.find('-'))) {
    if (c == '.') numbers.push_back(0);
    if (c >= '0' && c <= '9')
      numbers.back() = numbers.back() * 10 + static_cast<unsigned long>(c - '0');
  }
  while (!numbers.empty() && numbers.back() == 0) numbers.pop_back();
  return numbers;
}

const MappingTable* TableOf(const Mapping& mapping, const MappingEntry& entry) {
  const auto table = std::ranges::find(mapping.tables(), entry.table, &MappingTable::name);
  return table == mapping.tables().end() ? nullptr : &*table;
}

// A table of the way back.
bool IsReversed(const MappingTable& table) {
  return VersionNumbers(table.to_version) < VersionNumbers(table.from_version);
}

// The version that the tables of one component lead to.
std::string LastVersion(const Mapping& mapping, const MappingTable& table) {
  std::string last = table.to_version;
  for (const MappingTable& other : mapping.tables()) {
    if (other.component == table.component) last = other.to_version;
  }
  return last;
}

// True iff `version` has what came with `since`: the first versions of some branches
// (3.3.9, 3.4.0), the last of which all later versions follow.
bool Has(const std::vector<std::string>& since, const std::string& version) {
  const auto branch = [](std::vector<unsigned long> numbers) {
    numbers.resize(2);
    return numbers;
  };
  const std::vector<unsigned long> asked = VersionNumbers(version);
  std::vector<unsigned long> last;
  for (const std::string& first : since) last = std::max(last, VersionNumbers(first));
  return std::ranges::any_of(since, [&](const std::string& first) {
    const std::vector<unsigned long> numbers = VersionNumbers(first);
    return numbers <= asked && (numbers == last || branch(numbers) == branch(asked));
  });
}

NewSide::Moved MovedOf(const MappingEntry& entry, const std::string& old_label,
                       const std::string& new_label) {
  NewSide::Moved moved{old_label, new_label, false, {}};
  if (const LabelValues* values = FindValues(entry, old_label)) {
    moved.revalued = true;
    moved.to_old = values->Inverse();
  }
  return moved;
}

}  // namespace

bool NewSide::LosesValues() const {
  return std::ranges::any_of(moved,
                             [](const Moved& label) { return label.revalued && !label.to_old; });
}

NewSide NewSideOf(const MappingEntry& entry) {
  NewSide side;
  for (const Label& label : entry.new_labels) {
    const Label* when = Find(entry.when, label.name);
    const std::string old_value = when != nullptr ? when->value : "";
    side.conditions.push_back(label);
    if (old_value != label.value) side.fixed.push_back({label.name, old_value});
  }
  for (const Label& label : entry.when) {
    if (Find(entry.new_labels, label.name) != nullptr) continue;
    const LabelValues* values = FindValues(entry, label.name);
    side.conditions.push_back({NewLabelName(entry, label.name),
                               values != nullptr ? values->ToNew(label.value) : label.value});
  }
  for (const LabelRename& rename : entry.labels)
    side.moved.push_back(MovedOf(entry, rename.old_name, rename.new_name));
  for (const LabelValues& values : entry.label_values) {
    if (std::ranges::count(entry.labels, values.label, &LabelRename::old_name) == 0)
      side.moved.push_back(MovedOf(entry, values.label, values.label));
  }
  return side;
}

bool NewSide::IsCrossed() const {
  return std::ranges::any_of(moved, [this](const Moved& label) {
    if (label.Moves()) return std::ranges::count(moved, label.old_label, &Moved::new_label) > 0;
    if (!label.revalued || !label.to_old) return false;
    const auto& pairs = label.to_old->values;
    return std::ranges::any_of(pairs, [&pairs](const auto& one) {
      return std::ranges::any_of(
          pairs, [&one](const auto& other) { return &one != &other && one.first == other.second; });
    });
  });
}

bool AreDisjoint(const std::vector<Label>& a, const std::vector<Label>& b) {
  return std::ranges::any_of(a, [&b](const Label& label) {
    const Label* other = Find(b, label.name);
    return other != nullptr && other->value != label.value;
  });
}

std::vector<std::string_view> UsedSuffixes(MetricType type) {
  std::vector<std::string_view> suffixes;
  for (const std::string_view suffix : SeriesSuffixes(type)) {
    if (suffix != "_created") suffixes.push_back(suffix);
  }
  return suffixes;
}

std::string SuffixGroup(const std::vector<std::string_view>& suffixes, bool capture) {
  if (suffixes.size() == 1 && suffixes.front().empty()) return "";
  std::string group;
  for (const std::string_view& suffix : suffixes) {
    group += &suffix == suffixes.data() ? (capture ? "(" : "(?:") : "|";
    group += suffix;
  }
  return group + ")";
}

Mapping MappingOf(std::vector<MappingEntry> entries) {
  MappingTable table;
  if (!entries.empty()) table.name = table.component = entries.front().table;
  table.metrics = std::move(entries);
  Outcome<Mapping> mapping = Mapping::FromTables({std::move(table)});
  return mapping ? *mapping : Mapping();
}

std::optional<std::string> StillExposed(const Mapping& mapping, const Mapping::Match& match,
                                        const Options& options) {
  const MappingEntry& entry = *match.entry;
  const MappingTable* table = TableOf(mapping, entry);
  if (table == nullptr) return std::nullopt;
  const std::string version =
      options.target_version.empty() ? LastVersion(mapping, *table) : options.target_version;
  const std::string exposed =
      "deprecated " + match.OldSeries() + " is exposed by " + version + " itself";
  if (IsReversed(*table))
    return Has(entry.new_since, version) ? std::optional(exposed) : std::nullopt;
  if (entry.old_until.empty() || VersionNumbers(entry.old_until) <= VersionNumbers(version))
    return std::nullopt;
  return exposed + "; " + entry.old_until +
         " is the first version without it: generate this with --target-version " +
         entry.old_until + " for targets that have come so far";
}

bool IsFollowed(const Mapping& mapping, const MappingPattern& pattern) {
  const MappingTable* table = TableOf(mapping, pattern.entry);
  if (table == nullptr) return false;
  const NamePattern names(pattern);
  return std::ranges::any_of(mapping.tables(), [&](const MappingTable& other) {
    if (&other <= table || other.component != table->component) return false;
    return !other.patterns.empty() ||
           std::ranges::any_of(other.metrics, [&names](const MappingEntry& entry) {
             return names.MayBeNewName(entry.old_name);
           });
  });
}

std::optional<std::string> WhyNotThere(const Mapping& mapping, const Mapping::Match& match,
                                       const Options& options) {
  if (std::optional<std::string> why = StillExposed(mapping, match, options)) return why;
  using rewrite::FindingCode;
  constexpr std::array kCodes = {FindingCode::kNoReplacement, FindingCode::kDefaultOff,
                                 FindingCode::kChangedMeaning, FindingCode::kNotExact};
  rewrite::PlanOptions plan_options;
  plan_options.least = options.least;
  const rewrite::QueryPlan plan =
      rewrite::PlanQuery("{__name__=" + rewrite::Quote(match.OldSeries()) + "}",
                         formats::QueryKind::kPromQL, MappingOf({*match.entry}), plan_options);
  for (const rewrite::QueryFinding& finding : plan.findings) {
    if (std::ranges::find(kCodes, finding.code) == kCodes.end()) continue;
    return finding.message + (finding.hint.empty() ? "" : ": " + finding.hint);
  }
  return std::nullopt;
}

bool IsPlainName(const std::string& name) {
  return promql::FindKeyword(name) == promql::TokenKind::kIdentifier;
}

std::string Describe(const MappingEntry& entry) {
  std::string labels;
  for (const Label& label : NewSideOf(entry).conditions) {
    labels += (labels.empty() ? "{" : ",") + label.name + "=" + rewrite::Quote(label.value);
  }
  return entry.old_name + " from " + entry.new_name + labels + (labels.empty() ? "" : "}");
}

std::string MadeBy(const Mapping& mapping, std::string_view command) {
  std::string options;
  std::string lines;
  for (const MappingTable& table : mapping.tables()) {
    if (IsReversed(table) && options.empty()) options = " --reverse";
    options += " --mapping " + table.name;
    lines += YamlComment("Table " + table.name + ": " + table.title + " (" + table.source + ")" +
                         (IsReversed(table) ? ", turned round: what is called deprecated here is "
                                              "what its later version has"
                                            : ""));
  }
  return YamlComment("Made by: metrishift generate " + std::string(command) + options) + lines;
}

}  // namespace metrishift::generate
