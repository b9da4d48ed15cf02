#include "tests/e2e/equivalence/oracle.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace metrishift::e2e {
namespace {

std::string NewBound(const std::string& bound, double scale) {
  if (bound == "+Inf" || scale == 1) return bound;
  return GoNumber(std::strtod(bound.c_str(), nullptr) / scale);
}

// `text` with $1 for what the first group of `pattern` has matched, when the whole name matches.
std::string Expand(const std::string& pattern, const std::string& text, std::string_view name) {
  LabelValues values;
  values.pattern = pattern;
  values.replacement = text;
  return values.ToNew(name);
}

const std::string* NewLabel(const MappingEntry& entry, const std::string& old_label) {
  const auto found = std::ranges::find(entry.labels, old_label, &LabelRename::old_name);
  return found == entry.labels.end() ? nullptr : &found->new_name;
}

std::string NewValue(const MappingEntry& entry, const std::string& old_label,
                     const std::string& value) {
  const auto found = std::ranges::find(entry.label_values, old_label, &LabelValues::label);
  return found == entry.label_values.end() ? value : found->ToNew(value);
}

Labels NewLabels(const MappingEntry& entry, std::string_view suffix, const Labels& labels) {
  Labels out;
  for (const auto& [name, value] : labels) {  // all at once: two labels may change places
    const std::string* new_name = NewLabel(entry, name);
    const bool bound = suffix == "_bucket" && name == "le";
    out[new_name == nullptr ? name : *new_name] =
        bound ? NewBound(value, entry.scale) : NewValue(entry, name, value);
  }
  for (const Label& label : entry.new_labels) {
    if (label.value.empty()) {
      out.erase(label.name);
    } else {
      out[label.name] = label.value;
    }
  }
  return out;
}

// What three series have of what the old side had in one. Sums of whole numbers stay whole when
// they are multiples of eight.
std::vector<double> Parts(const std::string& op) {
  if (op == "max") return {1, 0.5, 0.25};
  if (op == "count") return {0.5, 2, 4};
  if (op == "min") return {1, 2, 4};
  return {0.5, 0.375, 0.125};  // sum
}

// Series that differ in the label that the aggregate takes away. Their parts change places with
// each scrape, so that the largest of sums is not the sum of the largest; those of a counter stay,
// since it only grows.
std::vector<NewSeries> Split(const MappingEntry& entry, const NewSeries& whole) {
  const std::vector<std::string> zone = {"zone"};
  const std::vector<std::string>& labels =
      entry.aggregate->without ? entry.aggregate->labels : zone;
  const std::vector<double> parts = Parts(entry.aggregate->op);
  std::vector<NewSeries> out;
  for (size_t i = 0; i < parts.size(); ++i) {
    NewSeries& series = out.emplace_back(whole);
    for (const std::string& label : labels)
      series.labels[label] = std::string(1, static_cast<char>('a' + i));
    series.parts = parts;
    std::rotate(series.parts.begin(), series.parts.begin() + static_cast<std::ptrdiff_t>(i),
                series.parts.end());
    if (entry.type != MetricType::kGauge) series.parts.resize(1);
  }
  return out;
}

bool Chooses(const MappingEntry& entry, const Labels& labels) {
  return std::ranges::all_of(entry.when, [&labels](const Label& label) {
    const auto found = labels.find(label.name);
    return (found == labels.end() ? "" : found->second) == label.value;
  });
}

bool HasSuffix(MetricType type, std::string_view suffix) {
  return std::ranges::count(SeriesSuffixes(type), suffix) > 0;
}

}  // namespace

std::string GoNumber(double value) {
  std::array<char, 32> text;
  const auto print = [&](std::chars_format format) {
    return std::string(text.data(),
                       std::to_chars(text.data(), text.data() + text.size(), value, format).ptr);
  };
  const std::string scientific = print(std::chars_format::scientific);
  const int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
  return exponent < -4 || exponent >= 6 ? scientific : print(std::chars_format::fixed);
}

std::vector<Oracle::Candidate> Oracle::Candidates(std::string_view name) const {
  std::vector<Candidate> out;
  for (const MappingTable& table : tables_) {
    for (const MappingEntry& entry : table.metrics) {
      for (const std::string_view suffix : SeriesSuffixes(entry.type)) {
        if (entry.old_name + std::string(suffix) == name) out.push_back({entry, suffix});
      }
    }
  }
  if (!out.empty()) return out;  // an entry for the name itself goes before patterns
  for (const MappingTable& table : tables_) {
    for (const MappingPattern& pattern : table.patterns) {
      if (!RE2::FullMatch(re2::StringPiece(name.data(), name.size()), pattern.pattern)) continue;
      if (std::ranges::count(pattern.except, name) > 0) continue;
      MappingEntry entry = pattern.entry;
      entry.old_name = name;
      entry.new_name = Expand(pattern.pattern, entry.new_name, name);
      for (Label& label : entry.new_labels)
        label.value = Expand(pattern.pattern, label.value, name);
      out.push_back({std::move(entry), ""});
    }
  }
  return out;
}

std::optional<Oracle::Candidate> Oracle::Chosen(std::string_view name, const Labels& labels) const {
  std::optional<Candidate> chosen;
  for (Candidate& candidate : Candidates(name)) {
    const bool otherwise = candidate.entry.when.empty();
    if (!Chooses(candidate.entry, labels)) continue;
    if (!chosen || !otherwise) chosen = std::move(candidate);
  }
  return chosen;
}

std::optional<std::vector<NewSeries>> Oracle::Upgrade(std::string_view name,
                                                      const Labels& labels) const {
  const std::optional<Candidate> chosen = Chosen(name, labels);
  if (!chosen) return std::nullopt;
  const MappingEntry& entry = chosen->entry;
  const std::string_view suffix = chosen->suffix;
  if (entry.fate != MappingEntry::Fate::kReplaced || !entry.expr.empty()) return {{}};
  if (!HasSuffix(entry.new_type, suffix)) return {{}};  // quantiles, of a histogram
  NewSeries series;
  series.name = entry.new_name + std::string(suffix);
  series.labels = NewLabels(entry, suffix, labels);
  if (suffix.empty() || suffix == "_sum") {
    series.scale = entry.scale;
    series.offset = entry.offset;
  }
  if (entry.aggregate) return Split(entry, series);
  return {{series}};
}

std::vector<NewSeries> Oracle::Decoys(std::string_view name, const Labels& labels) const {
  const std::optional<std::vector<NewSeries>> upgraded = Upgrade(name, labels);
  if (!upgraded || upgraded->empty()) return {};
  const MappingEntry entry = Chosen(name, labels)->entry;
  if (entry.SameName()) return {};
  std::vector<NewSeries> out;
  for (const Label& label : entry.new_labels) {
    if (label.value.empty() && std::ranges::count(entry.when, label.name, &Label::name) == 0)
      continue;  // it had any value, and has been dropped
    NewSeries& decoy = out.emplace_back(upgraded->front());
    decoy.labels[label.name] = "not " + label.value;
    decoy.scale = 0.1;
  }
  return out;
}

bool Oracle::KeepsName(std::string_view name) const {
  return std::ranges::any_of(Candidates(name),
                             [](const Candidate& candidate) { return candidate.entry.SameName(); });
}

bool Oracle::HasWayBack(std::string_view name) const {
  return std::ranges::all_of(Candidates(name), [](const Candidate& candidate) {
    const MappingEntry& entry = candidate.entry;
    return entry.fate == MappingEntry::Fate::kReplaced && entry.expr.empty() &&
           entry.equivalence == Equivalence::kExact;
  });
}

Labels Oracle::Shown(const std::set<std::string>& names, const Labels& labels) const {
  Labels out = labels;
  for (const std::string& name : names) {
    for (const Candidate& candidate : Candidates(name)) {
      Labels renamed;
      for (const auto& [label, value] : out) {
        const std::string* new_label = NewLabel(candidate.entry, label);
        renamed[new_label == nullptr ? label : *new_label] =
            NewValue(candidate.entry, label, value);
      }
      out = std::move(renamed);
    }
  }
  return out;
}

}  // namespace metrishift::e2e
