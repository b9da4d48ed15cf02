#include "core/compose.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/entry_labels.h"
#include "core/mapping.h"

namespace metrishift {
namespace {

using Fate = MappingEntry::Fate;

// What a condition on a label between the two steps says of the old side.
struct Condition {
  bool possible = true;
  std::optional<Label> label;  // nothing: it always holds
  std::string problem;
};

// `wanted` is a label of the new side of `first`.
Condition PullBack(const MappingEntry& first, const Label& wanted) {
  const LabelSource source = ResolvedSourceOf(first, wanted.name);
  if (source.fixed) return {*source.fixed == wanted.value, std::nullopt, ""};
  if (source.values == nullptr) return {true, Label{source.old_label, wanted.value}, ""};
  const std::optional<LabelValues> inverse = source.values->Inverse();
  if (!inverse) return {true, {}, "the values of " + source.old_label + " have no way back"};
  const std::string value = inverse->ToNew(wanted.value);
  if (source.values->ToNew(value) != wanted.value) return {false, std::nullopt, ""};
  return {true, Label{source.old_label, value}, ""};
}

std::string JoinNotes(const std::string& first, const std::string& second) {
  if (first.empty() || second.empty() || first == second) return first.empty() ? second : first;
  return first + "; " + second;
}

bool OldSideLacks(const MappingEntry& first, std::string_view label) {
  const std::string* fixed = FindLabel(first.new_labels, label);
  return (fixed != nullptr && !fixed->empty()) ||
         (std::ranges::count(first.labels, label, &LabelRename::new_name) > 0 &&
          std::ranges::count(first.labels, label, &LabelRename::old_name) == 0);
}

class Composer {
 public:
  Composer(const MappingEntry& first, const MappingEntry& second, std::string_view suffix)
      : first_(first), second_(second), suffix_(suffix), both_(first) {}

  Composition Run() {
    // What is about all series together can only be passed on as it is.
    if (first_.aggregate && (second_.ChangesMoreThanTheName() || !second_.when.empty()))
      return {std::nullopt, false, "the first is an aggregate"};
    Composition composition;
    composition.whole = true;
    for (const Label& wanted : second_.when) {
      const Condition condition = PullBack(first_, wanted);
      if (!condition.possible) return {};
      if (!condition.problem.empty()) return {std::nullopt, false, condition.problem};
      if (!condition.label) continue;
      composition.whole = false;
      both_.when.push_back(*condition.label);
    }
    if (second_.fate == Fate::kReplaced && HasNewSeries()) {
      Replaced();
    } else {
      Ended();
    }
    if (!problem_.empty()) return {std::nullopt, false, problem_};
    composition.entry = std::move(both_);
    return composition;
  }

 private:
  bool HasNewSeries() const {
    if (suffix_.empty()) {
      return second_.type == second_.new_type ||
             std::ranges::any_of(SeriesSuffixes(first_.type), [this](std::string_view suffix) {
               return Mapping::Match{&second_, suffix}.HasNewSeries();
             });
    }
    const bool other_bounds =
        suffix_ == "_bucket" && second_.buckets == MappingEntry::Buckets::kIncompatible;
    return Mapping::Match{&second_, suffix_}.HasNewSeries() && !other_bounds;
  }

  // Nothing takes the place of what `first` made.
  void Ended() {
    MappingEntry end;
    end.fate = second_.fate == Fate::kReplaced ? Fate::kRemoved : second_.fate;
    end.old_name = first_.old_name;
    end.type = end.new_type = first_.type;
    end.when = both_.when;
    end.equivalence = Equivalence::kNone;
    end.old_until = first_.old_until;
    end.note = second_.note;
    if (second_.fate == Fate::kReplaced) {
      const std::string gone =
          second_.new_name + " has nothing for " + second_.old_name + std::string(suffix_);
      end.note = JoinNotes(gone, second_.note);
    } else if (second_.fate != Fate::kRemoved && !first_.SameName()) {
      end.note = "it is called " + first_.new_name + " now; " + second_.note;
    }
    end.table = first_.table;
    end.span = first_.span;
    end.place = first_.place;
    both_ = std::move(end);
  }

  void Replaced() {
    both_.new_name = second_.new_name + std::string(suffix_);
    both_.new_since = second_.new_since;
    both_.note = JoinNotes(first_.note, second_.note);
    Types();
    Labels();
    Value();
    Whole();
    const bool exact_part = !suffix_.empty() && second_.equivalence == Equivalence::kSumCountOnly;
    if (!exact_part) both_.equivalence = std::min(first_.equivalence, second_.equivalence);
    if (!DroppedLabels(both_).empty())
      both_.equivalence = std::min(both_.equivalence, Equivalence::kApproximate);
  }

  // A type that one of the two does not know is that of the other.
  void Types() {
    if (!suffix_.empty()) return;
    if (first_.type == MetricType::kUntyped && first_.new_type == MetricType::kUntyped)
      both_.type = second_.type;
    both_.new_type = second_.new_type;
    if (second_.type == MetricType::kUntyped && second_.new_type == MetricType::kUntyped)
      both_.new_type = first_.new_type;
    if (second_.buckets == MappingEntry::Buckets::kIncompatible) both_.buckets = second_.buckets;
  }

  void Labels() {
    both_.labels.clear();
    both_.label_values.clear();
    both_.new_labels.clear();
    std::vector<std::string> names = MentionedLabels(first_);
    for (const std::string& name : MentionedLabels(second_)) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    std::vector<Label> fixed;
    for (const std::string& name : names) {
      const LabelSource source = SourceOfBoth(name);
      if (source.fixed) {
        fixed.push_back({name, *source.fixed});
        continue;
      }
      if (source.old_label != name) both_.labels.push_back({source.old_label, name});
      if (source.values == nullptr) continue;
      both_.label_values.push_back(*source.values);
      both_.label_values.back().label = source.old_label;
    }
    for (Label& label : fixed) {
      if (!IsUnderstood(label)) both_.new_labels.push_back(std::move(label));
    }
  }

  // Where a label of the second's new side comes from, seen from the first's old side.
  LabelSource SourceOfBoth(const std::string& name) {
    LabelSource second = SourceOf(second_, name);
    if (second.fixed) return second;
    LabelSource first = SourceOf(first_, second.old_label);
    if (!first.fixed) {
      const std::string* value = FindLabel(both_.when, first.old_label);
      if (value != nullptr) first.fixed = first.values ? first.values->ToNew(*value) : *value;
    }
    if (first.fixed) {
      if (second.values != nullptr) first.fixed = second.values->ToNew(*first.fixed);
      return first;
    }
    if (first.values != nullptr && second.values != nullptr)
      problem_ = "both map the values of " + second.old_label;
    if (first.values == nullptr) first.values = second.values;
    return first;
  }

  // True where `new_labels` need not say that `label` is fixed on the new side.
  bool IsUnderstood(const Label& label) const {
    const std::string* old_value = FindLabel(both_.when, label.name);
    if (old_value != nullptr) return *old_value == label.value;
    if (!label.value.empty()) return false;
    return OldSideLacks(first_, label.name) ||
           std::ranges::count(both_.labels, label.name, &LabelRename::old_name) > 0;
  }

  // old = s1 * (s2 * new + o2) + o1
  void Value() {
    const Mapping::Match match{&second_, suffix_};
    const double scale = suffix_.empty() ? second_.scale : match.Scale();
    const double offset = suffix_.empty() ? second_.offset : match.Offset();
    both_.scale = first_.scale * scale;
    both_.offset = first_.scale * offset + first_.offset;
    if (both_.scale == 0 || !std::isfinite(both_.scale) || !std::isfinite(both_.offset))
      problem_ = "the product of their scales is no number";
  }

  void Whole() {
    if (!second_.expr.empty() && first_.ChangesMoreThanTheName())
      problem_ = "the second is an expression";
    if (second_.aggregate) both_.aggregate = second_.aggregate;
    both_.expr = second_.expr;
  }

  const MappingEntry& first_;
  const MappingEntry& second_;
  std::string_view suffix_;
  MappingEntry both_;
  std::string problem_;
};

}  // namespace

Composition Compose(const MappingEntry& first, const MappingEntry& second,
                    std::string_view suffix) {
  return Composer(first, second, suffix).Run();
}

}  // namespace metrishift
