#include "core/entry_checks.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/entry_labels.h"
#include "core/replacement.h"

namespace metrishift {
namespace {

constexpr std::string_view kWhat = "an entry of metrics";

// A key beside which others make no sense.
struct Exclusion {
  std::string_view key;
  std::vector<std::string_view> others;
  std::string_view why;
};
const std::vector<Exclusion>& Exclusions() {
  static const std::vector<Exclusion> exclusions = {
      {"kind",
       {"new", "new_prefix", "new_type", "new_labels", "labels", "label_values", "scale", "offset",
        "buckets", "aggregate", "expr", "equivalence"},
       "nothing takes the place of such a metric; its note says what to do"},
      {"expr",
       {"new_type", "new_labels", "labels", "label_values", "scale", "offset", "buckets",
        "aggregate", "old_prefix", "old_pattern"},
       "the expression says all of it"},
      {"old",
       {"old_prefix", "old_pattern", "new_prefix", "names", "except"},
       "an entry is for one name, for a prefix or for a pattern"},
      {"old_prefix", {"old_pattern", "new"}, "the new names begin with new_prefix"},
      {"old_pattern", {"new_prefix"}, "`new` says the new names, with $1 for the first group"},
      {"names", {"except"}, "names is a closed list; leave the others out of it"},
  };
  return exclusions;
}

constexpr std::array<std::string_view, 8> kOperators = {"sum",   "min",   "max",    "avg",
                                                        "group", "count", "stddev", "stdvar"};

bool HasSuffix(MetricType type, std::string_view suffix) {
  return std::ranges::count(SeriesSuffixes(type), suffix) > 0;
}

bool IsBare(MetricType type) { return SeriesSuffixes(type).size() == 1; }

bool IsHistogram(MetricType type) { return HasSuffix(type, "_bucket"); }

// How much of a family of type `from` a family of type `to` has.
Equivalence OfTypes(MetricType from, MetricType to) {
  size_t shared = 0;
  size_t missing = 0;
  for (const std::string_view suffix : SeriesSuffixes(from)) {
    if (suffix == "_created") continue;
    ++(HasSuffix(to, suffix) ? shared : missing);
  }
  if (missing == 0) return Equivalence::kExact;
  if (shared == 0) return Equivalence::kNone;
  const bool sums = HasSuffix(from, "_sum") && HasSuffix(to, "_sum");
  return sums ? Equivalence::kSumCountOnly : Equivalence::kApproximate;
}

// What an entry of this kind gives at best.
Equivalence BestEquivalence(const MappingEntry& entry) {
  if (entry.fate != MappingEntry::Fate::kReplaced) return Equivalence::kNone;
  Equivalence best = OfTypes(entry.type, entry.new_type);
  if (entry.buckets == MappingEntry::Buckets::kIncompatible)
    best = std::min(best, Equivalence::kSumCountOnly);
  if (entry.aggregate) {
    const bool quantiles = entry.type == MetricType::kSummary;
    best = std::min(best, quantiles ? Equivalence::kSumCountOnly : Equivalence::kAggregated);
  }
  const bool loses = !DroppedLabels(entry).empty() ||
                     std::ranges::count(entry.label_values, false, &LabelValues::injective) > 0;
  return loses ? std::min(best, Equivalence::kApproximate) : best;
}

class Checks {
 public:
  Checks(NodeReader& reader, EntryText& text) : reader_(reader), text_(text), entry_(text.entry) {}

  void Run() {
    Keys();
    NewName();
    Suffix(entry_.old_name, entry_.type);
    Suffix(entry_.new_name, entry_.new_type);
    Types();
    LabelNames();
    Value();
    Aggregate();
    EquivalenceByHand();
    if (!text_.IsExact()) Patterns();
    ToItself();
  }

 private:
  bool Has(std::string_view key) const { return text_.Has(key); }

  // The value of `key`, or the whole item.
  FileSpan At(std::string_view key) const {
    const auto found = text_.at.find(key);
    return found == text_.at.end() ? entry_.span : reader_[found->second].span;
  }

  void Error(std::string_view key, std::string message, std::string hint = "") {
    reader_.Error(At(key), std::move(message), std::move(hint));
  }

  void Lacks(std::string_view key) { reader_.Lacks(entry_.span, std::string(kWhat), key); }

  void Keys() {
    for (const Exclusion& exclusion : Exclusions()) {
      if (!Has(exclusion.key)) continue;
      for (const std::string_view other : exclusion.others) {
        if (!Has(other)) continue;
        Error(other, std::string(other) + " cannot stand beside " + std::string(exclusion.key),
              std::string(exclusion.why));
      }
    }
    if (!Has("old") && !Has("old_prefix") && !Has("old_pattern")) Lacks("old");
    if (Has("kind")) {
      if (!Has("note")) Lacks("note");
    } else if (Has("old_prefix")) {
      if (!Has("new_prefix")) Lacks("new_prefix");
    } else if (!Has("new")) {
      Lacks("new");
    }
    if (Has("old") && !Has("type")) Lacks("type");
  }

  void NewName() {
    if (text_.IsExact() && Has("new")) entry_.new_name = reader_.MetricName(text_.at.at("new"));
  }

  // The name of a family with suffixes never ends in one of them: `type: histogram` with x_bucket
  // means series x_bucket_sum. The reverse is no rule: etcd has gauges and a histogram whose names
  // end in _total.
  void Suffix(const std::string& name, MetricType type) {
    for (const std::string_view suffix : SeriesSuffixes(type)) {
      if (suffix.empty() || !name.ends_with(suffix)) continue;
      reader_.Error(entry_.span,
                    "type " + std::string(MetricTypeName(type)) + " contradicts the name " + name +
                        ", which ends in " + std::string(suffix),
                    "name the family, without " + std::string(suffix) + ": its series follow");
    }
  }

  void Types() {
    if (OfTypes(entry_.type, entry_.new_type) != Equivalence::kNone) return;
    Error("new_type",
          "a " + std::string(MetricTypeName(entry_.type)) + " and a " +
              std::string(MetricTypeName(entry_.new_type)) + " have no series in common",
          "name the series that has the value, x_count say, with its own type, or use expr");
  }

  void LabelNames() {
    std::set<std::string_view> old_names;
    std::set<std::string_view> new_names;
    for (const LabelRename& rename : entry_.labels) {
      if (rename.old_name == rename.new_name)
        Error("labels", "label " + rename.old_name + " is renamed to itself", "delete it");
      if (!old_names.insert(rename.old_name).second)
        Error("labels", "label " + rename.old_name + " is renamed twice", "keep one of the two");
      if (!new_names.insert(rename.new_name).second ||
          FindLabel(entry_.new_labels, rename.new_name) != nullptr) {
        Error("labels", "two labels become " + rename.new_name, "keep one of the two");
      }
      OfFamily("labels", rename.old_name, entry_.type);
      OfFamily("labels", rename.new_name, entry_.new_type);
    }
    for (const LabelValues& values : entry_.label_values) {
      OfFamily("label_values", values.label, entry_.type);
      if (old_names.contains(values.label)) continue;
      if (FindLabel(entry_.new_labels, values.label) != nullptr ||
          new_names.contains(values.label)) {
        Error("label_values", "label " + values.label + " has another value on the new side",
              "delete one of the two; an old label is meant here");
      }
    }
    for (const Label& label : entry_.when) OfFamily("when", label.name, entry_.type);
  }

  // The bounds of buckets and the quantiles of a summary are no labels like others.
  void OfFamily(std::string_view key, const std::string& label, MetricType type) {
    const bool bound = label == "le" && IsHistogram(type);
    const bool quantile = label == "quantile" && type == MetricType::kSummary;
    if (!bound && !quantile) return;
    Error(key, "label " + label + " is part of a " + std::string(MetricTypeName(type)),
          "scale and buckets say what becomes of it");
  }

  void Value() {
    if (entry_.scale == 0)
      Error("scale", "a scale of 0 makes every value 0", "old = scale * new + offset");
    if (entry_.scale < 0 && !IsBare(entry_.type))
      Error("scale", "a negative scale turns a distribution round", "use expr");
    if (entry_.offset != 0 && !IsBare(entry_.type)) {
      Error("offset", "an offset does not carry over to a sum", "use expr for the series you need");
    }
    if (Has("buckets") && !IsHistogram(entry_.type))
      Error("buckets", "only a histogram has buckets", "delete the key");
    if (Has("expr") && !IsBare(entry_.type)) {
      Error("expr",
            "an expression gives one series, a " + std::string(MetricTypeName(entry_.type)) +
                " has several",
            "write an entry for each series, with its own type");
    }
  }

  void Aggregate() {
    if (!entry_.aggregate) return;
    const std::string& op = entry_.aggregate->op;
    if (std::ranges::count(kOperators, op) == 0) {
      Error("aggregate", "\"" + Printable(op) + "\" is no aggregation without parameters",
            "one of sum, min, max, avg, group, count, stddev, stdvar");
    } else if (op != "sum" && IsHistogram(entry_.type)) {
      Error("aggregate", "histograms can only be added up", "use op: sum");
    }
  }

  void EquivalenceByHand() {
    const Equivalence best = BestEquivalence(entry_);
    const bool by_expr = !entry_.expr.empty();
    // `by` loses what labels the targets have besides, job and instance first; only the author can
    // say that it does not matter.
    const bool by_labels = entry_.aggregate && !entry_.aggregate->without;
    if (!Has("equivalence")) {
      entry_.equivalence = by_expr || by_labels ? std::min(best, Equivalence::kApproximate) : best;
    } else if (entry_.equivalence > best && !by_expr) {
      Error("equivalence",
            "an entry of this kind is " + std::string(EquivalenceName(best)) + " at best",
            "lower it, or leave the key out");
    }
  }

  void Patterns() {
    const std::string_view key = Has("old_prefix") ? "old_prefix" : "old_pattern";
    const std::string pattern =
        Has("old_prefix") ? EscapeForPattern(text_.old_prefix) + "(.*)" : text_.old_pattern;
    if (!CheckPattern(reader_, pattern, At(key), text_.new_text, At("new"))) return;
    for (const Label& label : entry_.new_labels)
      CheckPattern(reader_, pattern, At(key), label.value, At("new_labels"));
    if (Has("new")) {
      const std::vector<std::string_view> groups(RE2(pattern).NumberOfCapturingGroups() + 1, "a");
      const std::string sample = ParseReplacement(text_.new_text).Expand(groups);
      if (!IsMetricName(sample)) {
        Error("new", "\"" + text_.new_text + "\" makes no metric names",
              "a name has letters, digits, '_' and ':' and does not begin with a digit");
      }
    }
    const RE2 regex(pattern);
    for (const auto* names : {&text_.names, &text_.except}) {
      for (const EntryText::Name& name : *names) {
        if (!RE2::FullMatch(name.text, regex))
          reader_.Error(name.span,
                        name.text + " is none of the names of this " + std::string(key.substr(4)));
      }
    }
  }

  void ToItself() {
    const bool same = text_.IsExact() ? !entry_.old_name.empty() && entry_.SameName()
                                      : Has("old_prefix") && text_.old_prefix == text_.new_prefix;
    if (same && !entry_.ChangesMoreThanTheName() && entry_.fate == MappingEntry::Fate::kReplaced) {
      reader_.Error(
          entry_.span,
          (text_.IsExact() ? entry_.old_name : text_.old_prefix) + " is renamed to itself",
          "delete the entry");
    }
  }

  NodeReader& reader_;
  EntryText& text_;
  MappingEntry& entry_;
};

}  // namespace

void CheckEntry(NodeReader& reader, EntryText& text) { Checks(reader, text).Run(); }

bool CheckPattern(NodeReader& reader, const std::string& pattern, FileSpan pattern_span,
                  std::string_view replacement, FileSpan replacement_span) {
  const RE2 regex(pattern, RE2::Quiet);
  if (!regex.ok()) {
    reader.Error(pattern_span, "no regular expression that RE2 knows: " + regex.error(),
                 "https://github.com/google/re2/wiki/Syntax");
    return false;
  }
  const Replacement parsed = ParseReplacement(replacement);
  if (!parsed.problem.empty()) {
    reader.Error(replacement_span, "\"" + parsed.problem + "\" is no reference to a group",
                 "write $1 or ${1}, the latter where a letter, digit or '_' follows, and $$ for $");
    return false;
  }
  const size_t groups = static_cast<size_t>(regex.NumberOfCapturingGroups());
  if (parsed.HighestGroup() <= groups) return true;
  reader.Error(replacement_span,
               "there is no group " + std::to_string(parsed.HighestGroup()) + " in " + pattern,
               "it has " + std::to_string(groups));
  return false;
}

}  // namespace metrishift
