#include "rewriter/generate/made_up.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/replacement.h"
#include "rewriter/generate/new_side.h"
#include "rewriter/rewrite/conversion.h"

namespace metrishift::generate {
namespace {

using Labels = std::map<std::string, std::string>;

// The most old series that are made up for one entry.
constexpr size_t kMaxSeries = 20;
constexpr std::string_view kOther = "other";

// A value for a label, another one for each.
std::string Some(std::string_view label) { return "some_" + std::string(label); }

void Set(Labels& labels, const std::string& name, const std::string& value) {
  if (value.empty()) {
    labels.erase(name);
  } else {
    labels[name] = value;
  }
}

// A text that `pattern` matches, where one is easily found.
std::optional<std::string> TextFor(const std::string& pattern) {
  constexpr std::array kTries = {"0", "1", "a", "x1", "ab", "A", "1.5", "a_b", "/a", ""};
  const RE2 whole(pattern, RE2::Quiet);
  if (!whole.ok()) return std::nullopt;
  const std::optional<std::vector<PatternPiece>> pieces = SplitPattern(pattern);
  if (!pieces) return std::nullopt;
  std::string text;
  for (const PatternPiece& piece : *pieces) {
    if (!piece.group) {
      text += piece.text;
      continue;
    }
    const RE2 group(piece.text, RE2::Quiet);
    const auto* found = std::ranges::find_if(
        kTries, [&group](const char* attempt) { return RE2::FullMatch(attempt, group); });
    if (found == kTries.end()) return std::nullopt;
    text += *found;
  }
  return text;
}

// Some values that the table maps, and one that it leaves alone, as the old side has them.
std::vector<std::string> OldValues(const LabelValues& values) {
  std::vector<std::string> all;
  if (!values.pattern.empty()) {
    if (const std::optional<std::string> text = TextFor(values.pattern)) all.push_back(*text);
  }
  for (const auto& [old_value, new_value] : values.values) all.push_back(old_value);
  all.push_back(Some(values.label));
  const std::optional<LabelValues> back = values.Inverse();
  std::erase_if(all, [&](const std::string& value) {
    return !back || back->ToNew(values.ToNew(value)) != value;
  });
  return all;
}

double Aggregated(const std::string& op, double a, double b) {
  if (op == "sum") return a + b;
  if (op == "min") return std::min(a, b);
  if (op == "max") return std::max(a, b);
  if (op == "avg") return (a + b) / 2;
  if (op == "count") return 2;
  if (op == "stddev") return std::abs(a - b) / 2;
  if (op == "stdvar") return (a - b) / 2 * ((a - b) / 2);
  return 1;  // group
}

class Maker {
 public:
  Maker(const Mapping::Match& match, double& number)
      : match_(match), entry_(*match.entry), side_(NewSideOf(entry_)), number_(number) {}

  MadeUp Make() {
    if (!entry_.expr.empty() || side_.LosesValues()) return {};
    for (const Labels& labels : OldSides()) {
      if (made_.to.size() < kMaxSeries) Add(labels);
    }
    if (!made_.to.empty()) Others();
    return std::move(made_);
  }

 private:
  // Labels of old series: one for each value of a label whose values are mapped.
  std::vector<Labels> OldSides() const {
    Labels base;
    if (!IsNamed("instance")) base["instance"] = "a";
    if (!IsNamed("job")) base["job"] = "b";
    if (entry_.aggregate && !entry_.aggregate->without) {
      for (const std::string& label : entry_.aggregate->labels) {
        if (std::ranges::count(side_.moved, label, &NewSide::Moved::new_label) == 0)
          base.try_emplace(label, Some(label));
      }
    }
    for (const Label& label : entry_.when) Set(base, label.name, label.value);
    std::vector<Labels> all = {base};
    for (const NewSide::Moved& moved : side_.moved) {
      if (base.contains(moved.old_label)) continue;
      std::vector<Labels> more;
      for (const std::string& value : ValuesOf(moved.old_label)) {
        // Every value once, and not each of one label with each of another.
        const Labels& labels = more.size() < all.size() ? all[more.size()] : all.front();
        more.push_back(labels);
        Set(more.back(), moved.old_label, value);
      }
      if (!more.empty()) {
        for (size_t i = more.size(); i < all.size(); ++i) {
          more.push_back(all[i]);
          Set(more.back(), moved.old_label, more.front()[moved.old_label]);
        }
        all = std::move(more);
      }
    }
    return WithOwnLabel(std::move(all));
  }

  // The label that a family's own series have.
  std::vector<Labels> WithOwnLabel(std::vector<Labels> all) const {
    const bool summary = match_.suffix.empty() && entry_.type == MetricType::kSummary;
    if (match_.suffix != "_bucket" && !(summary && !IsNamed("quantile"))) return all;
    for (Labels& labels : all) labels[summary ? "quantile" : "le"] = "0.5";
    all.push_back(all.front());
    all.back()[summary ? "quantile" : "le"] = summary ? "0.99" : "+Inf";
    return all;
  }

  std::vector<std::string> ValuesOf(const std::string& label) const {
    const auto found = std::ranges::find(entry_.label_values, label, &LabelValues::label);
    if (found == entry_.label_values.end()) return {Some(label)};
    return OldValues(*found);
  }

  // True iff the table says something of this label.
  bool IsNamed(std::string_view label) const {
    const auto is = [label](const Label& other) { return other.name == label; };
    const auto moves = [label](const NewSide::Moved& moved) {
      return moved.old_label == label || moved.new_label == label;
    };
    return std::ranges::any_of(entry_.when, is) || std::ranges::any_of(entry_.new_labels, is) ||
           std::ranges::any_of(side_.moved, moves) ||
           (entry_.aggregate && entry_.aggregate->without &&
            std::ranges::count(entry_.aggregate->labels, label) > 0);
  }

  Labels ToNew(const Labels& old_side) const {
    Labels labels = old_side;
    for (const NewSide::Moved& moved : side_.moved) labels.erase(moved.old_label);
    for (const NewSide::Moved& moved : side_.moved) {
      const auto found = old_side.find(moved.old_label);
      if (found == old_side.end()) continue;
      const auto values =
          std::ranges::find(entry_.label_values, moved.old_label, &LabelValues::label);
      Set(labels, moved.new_label,
          values == entry_.label_values.end() ? found->second : values->ToNew(found->second));
    }
    for (const Label& label : entry_.new_labels) Set(labels, label.name, label.value);
    return labels;
  }

  void Add(Labels old_side) {
    const Labels new_side = ToNew(old_side);
    if (!entry_.aggregate) return To(std::move(old_side), From(new_side));
    const double one = From(ToAggregate(new_side, "some"));
    const double two = From(ToAggregate(new_side, kOther));
    To(std::move(old_side), Aggregated(entry_.aggregate->op, one, two));
  }

  // One of the new series that are aggregated to one.
  Labels ToAggregate(Labels new_side, std::string_view value) const {
    const MappingEntry::Aggregate& aggregate = *entry_.aggregate;
    if (!aggregate.without) new_side["more"] = value;
    if (aggregate.without) {
      for (const std::string& label : aggregate.labels) new_side[label] = value;
    }
    return new_side;
  }

  double From(const Labels& labels) {
    const double inverse = std::round(1 / entry_.scale);
    // A division comes out even where the table has one: 1/512 for sectors.
    const bool divides = Divides();
    const double value = divides ? number_ * std::abs(inverse) : number_;
    ++number_;
    made_.from.push_back({match_.NewSeries(), labels, value});
    return value;
  }

  bool Divides() const {
    return std::abs(entry_.scale) < 1 && 1 / std::round(1 / entry_.scale) == entry_.scale;
  }

  void To(Labels labels, double value) {
    if (entry_.aggregate && !entry_.aggregate->without) KeepOnly(labels);
    const double scale = match_.Scale();
    const double scaled = scale == 1  ? value
                          : Divides() ? value / std::round(1 / scale)
                                      : value * scale;
    made_.to.push_back({match_.OldSeries(), std::move(labels), scaled + match_.Offset()});
  }

  // The labels that an aggregation by some leaves.
  void KeepOnly(Labels& labels) const {
    std::erase_if(labels, [this](const auto& label) {
      if (std::ranges::find(side_.fixed, label.first, &Label::name) != side_.fixed.end())
        return false;
      const auto moved = std::ranges::find(side_.moved, label.first, &NewSide::Moved::old_label);
      const std::string& name = moved == side_.moved.end() ? label.first : moved->new_label;
      return std::ranges::count(entry_.aggregate->labels, name) == 0;
    });
  }

  // New series that differ in one label from what the entry is for.
  void Others() {
    for (const Label& condition : side_.conditions) {
      if (condition.value.empty()) continue;
      Labels labels = made_.from.front().labels;
      labels[condition.name] = kOther;
      From(labels);
    }
  }

  const Mapping::Match& match_;
  const MappingEntry& entry_;
  const NewSide side_;
  double& number_;
  MadeUp made_;
};

}  // namespace

std::string Sample::Series() const {
  const bool plain = IsPlainName(name);
  std::string text = plain ? "" : "{__name__=" + rewrite::Quote(name);
  for (const auto& [label, label_value] : labels)
    text += (text.empty() ? "{" : ",") + label + "=" + rewrite::Quote(label_value);
  return (plain ? name : "") + text + (text.empty() ? "" : "}");
}

MadeUp MakeUp(const Mapping::Match& match, double& number) { return Maker(match, number).Make(); }

}  // namespace metrishift::generate
