#include "core/step.h"

#include <algorithm>
#include <array>
#include <span>

#include "core/compose.h"
#include "core/entry_labels.h"

namespace metrishift {
namespace {

using Fate = MappingEntry::Fate;

bool IsBare(MetricType type) { return SeriesSuffixes(type).size() == 1; }

// What is untyped may be of any type that has no suffixes.
bool TypesAgree(MetricType a, MetricType b) {
  const bool open = a == MetricType::kUntyped || b == MetricType::kUntyped;
  return a == b || (open && IsBare(a) && IsBare(b));
}

Step::Advanced Problem(const Step::Part& culprit, std::string problem, bool contradiction) {
  return {{}, std::move(problem), contradiction, culprit};
}

// The words of an expression that may be metric names.
std::vector<std::string_view> Words(std::string_view expr) {
  std::vector<std::string_view> words;
  for (size_t begin = 0; begin < expr.size();) {
    size_t end = begin;
    while (end < expr.size() && IsMetricNameChar(expr[end])) ++end;
    if (end > begin) words.push_back(expr.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

bool IsNothing(const MappingEntry& entry) {
  return entry.fate == Fate::kReplaced && entry.SameName() && !entry.ChangesMoreThanTheName();
}

// True where two of the entries, each with its own `when`, could both be meant.
bool Overlap(const std::vector<MappingEntry>& entries) {
  for (size_t i = 0; i < entries.size(); ++i) {
    for (size_t j = i + 1; j < entries.size(); ++j) {
      if (!entries[i].when.empty() && !entries[j].when.empty() &&
          CanBothHold(entries[i].when, entries[j].when))
        return true;
    }
  }
  return false;
}

// Composes `earlier` with everything that one step says of what it makes.
Step::Advanced ComposeAll(const MappingEntry& earlier, const std::vector<Step::Part>& parts) {
  Step::Advanced advanced;
  bool rest = true;  // whether something is left that no part is about
  for (const Step::Part& part : parts) {
    Composition composition = Compose(earlier, part.entry, part.suffix);
    if (!composition.problem.empty()) return Problem(part, composition.problem, false);
    if (!composition.entry) continue;
    if (composition.entry->new_name == earlier.old_name && !earlier.SameName())
      return Problem(part, "they lead back to " + earlier.old_name, true);
    const bool chosen = !part.entry.when.empty() && composition.whole;
    if (chosen) advanced.entries.clear();
    advanced.entries.push_back(*std::move(composition.entry));
    rest = rest && !composition.whole;
    if (chosen) break;
  }
  if (rest) advanced.entries.push_back(earlier);
  if (advanced.entries.size() == 1 && earlier.when.empty() && IsNothing(advanced.entries.front()))
    advanced.entries.clear();
  if (!earlier.when.empty() && Overlap(advanced.entries))
    return Problem(parts.front(), "both choose among the series of one name", false);
  return advanced;
}

}  // namespace

Step::Step(const MappingTable& table) : table_(&table) {
  for (const MappingEntry& entry : table.metrics) {
    for (const std::string_view suffix : SeriesSuffixes(entry.type))
      by_series_[entry.old_name + std::string(suffix)].push_back({&entry, suffix});
  }
  for (const MappingPattern& pattern : table.patterns) patterns_.emplace_back(pattern);
}

std::vector<Step::Part> Step::Find(std::string_view name) const {
  const auto found = by_series_.find(name);
  if (found == by_series_.end()) return FindByPattern(name);
  std::vector<Part> parts;
  for (const Series& series : found->second)
    parts.push_back({*series.entry, series.suffix, series.entry});
  return parts;
}

std::vector<Step::Part> Step::FindByPattern(std::string_view name,
                                            std::optional<MetricType> family) const {
  constexpr std::array<std::string_view, 1> kWhole = {""};
  std::vector<Part> parts;
  std::string_view regex;
  for (const NamePattern& pattern : patterns_) {
    const MetricType type = pattern.pattern().entry.type;
    if (!parts.empty() && pattern.pattern().pattern != regex) continue;
    if (family && type != MetricType::kUntyped && type != *family) continue;
    for (const std::string_view suffix :
         family ? std::span<const std::string_view>(kWhole) : SeriesSuffixes(type)) {
      if (!name.ends_with(suffix)) continue;
      std::optional<MappingEntry> entry =
          pattern.EntryFor(name.substr(0, name.size() - suffix.size()));
      if (!entry) continue;
      regex = pattern.pattern().pattern;
      parts.push_back({*std::move(entry), suffix});
      break;
    }
  }
  return parts;
}

bool Step::MayMakeByPattern(std::string_view name) const {
  return std::ranges::any_of(patterns_, [name](const NamePattern& pattern) {
    return std::ranges::any_of(
        SeriesSuffixes(pattern.pattern().entry.new_type), [&](std::string_view suffix) {
          return name.ends_with(suffix) &&
                 pattern.MayBeNewName(name.substr(0, name.size() - suffix.size()));
        });
  });
}

std::vector<Step::Part> Step::PartsOf(const MappingEntry& earlier, Advanced& problem) const {
  const auto other_type = [&](const Part& part) {
    problem = Problem(part, "one metric has two types", true);
    return std::vector<Part>();
  };
  if (IsBare(earlier.new_type)) {
    std::vector<Part> parts = Find(earlier.new_name);
    for (const Part& part : parts) {
      if (part.suffix.empty() && !TypesAgree(earlier.new_type, part.entry.type))
        return other_type(part);
    }
    return parts;
  }
  std::vector<Part> parts;
  for (const std::string_view suffix : SeriesSuffixes(earlier.new_type)) {
    const auto found = by_series_.find(earlier.new_name + std::string(suffix));
    if (found == by_series_.end()) continue;
    for (const Series& series : found->second) {
      Part part = {*series.entry, "", series.entry};
      if (part.entry.old_name != earlier.new_name || part.entry.type != earlier.new_type)
        return other_type(part);
      const bool known = std::ranges::count(parts, series.entry, &Part::source) > 0;
      if (!known) parts.push_back(std::move(part));
    }
  }
  return parts.empty() ? FindByPattern(earlier.new_name, earlier.new_type) : parts;
}

// A name that is still there may be about to change; what was said of it goes on to be true.
Step::Advanced Step::AdvanceFate(const MappingEntry& earlier) const {
  if (earlier.fate == Fate::kRemoved) return {{earlier}, "", false, std::nullopt};
  MappingEntry stays;
  stays.old_name = stays.new_name = earlier.old_name;
  stays.type = stays.new_type = earlier.type;
  stays.when = earlier.when;
  stays.table = earlier.table;
  stays.span = earlier.span;
  stays.place = earlier.place;
  Advanced advanced;
  const std::vector<Part> parts = PartsOf(stays, advanced);
  if (!advanced.problem.empty()) return advanced;
  advanced = ComposeAll(stays, parts);
  for (MappingEntry& entry : advanced.entries) {
    const bool meant_otherwise = earlier.fate == Fate::kSemantics && entry.fate == Fate::kReplaced;
    if (meant_otherwise || IsNothing(entry)) {
      std::vector<Label> when = std::move(entry.when);
      entry = earlier;
      entry.when = std::move(when);
    } else if (entry.fate == Fate::kReplaced) {
      entry.note = earlier.note + (entry.note.empty() ? "" : "; " + entry.note);
    }
  }
  if (advanced.problem.empty() && advanced.entries.empty()) advanced.entries.push_back(earlier);
  return advanced;
}

Step::Advanced Step::AdvanceExpr(const MappingEntry& earlier) const {
  for (const std::string_view word : Words(earlier.expr)) {
    const std::vector<Part> parts = Find(word);
    if (!parts.empty())
      return Problem(parts.front(), "the first is an expression over " + std::string(word), false);
  }
  return {{earlier}, "", false, std::nullopt};
}

Step::Advanced Step::Advance(const MappingEntry& earlier) const {
  if (earlier.fate != Fate::kReplaced) return AdvanceFate(earlier);
  if (!earlier.expr.empty()) return AdvanceExpr(earlier);
  Advanced advanced;
  const std::vector<Part> parts = PartsOf(earlier, advanced);
  if (!advanced.problem.empty()) return advanced;
  if (parts.empty()) return {{earlier}, "", false, std::nullopt};
  return ComposeAll(earlier, parts);
}

}  // namespace metrishift
