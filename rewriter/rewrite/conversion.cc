#include "rewriter/rewrite/conversion.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "core/entry_labels.h"
#include "core/replacement.h"
#include "rewriter/promql/parser.h"
#include "rewriter/promql/walk.h"
#include "rewriter/rewrite/tree.h"

namespace metrishift::rewrite {
namespace {

using promql::LabelMatcher;
using promql::MatchType;
using promql::VectorSelector;

constexpr std::string_view kNameLabel = "__name__";

bool Matches(MatchType type, const std::string& pattern, const std::string& value) {
  switch (type) {
    case MatchType::kEqual:
      return value == pattern;
    case MatchType::kNotEqual:
      return value != pattern;
    case MatchType::kRegexp:
    case MatchType::kNotRegexp:
      break;
  }
  RE2::Options options(RE2::Quiet);
  options.set_dot_nl(true);
  const RE2 regex(pattern, options);
  // What RE2 does not read is left to the new side: better too many series than none.
  return !regex.ok() || RE2::FullMatch(value, regex) == (type == MatchType::kRegexp);
}

const Label* Find(const std::vector<Label>& labels, std::string_view name) {
  const auto found = std::ranges::find(labels, name, &Label::name);
  return found == labels.end() ? nullptr : &*found;
}

const LabelValues* FindValues(const MappingEntry& entry, std::string_view label) {
  const auto found = std::ranges::find(entry.label_values, label, &LabelValues::label);
  return found == entry.label_values.end() ? nullptr : &*found;
}

std::string Join(const std::vector<std::string>& words, std::string_view separator) {
  std::string out;
  for (const std::string& word : words) out.append(out.empty() ? "" : separator).append(word);
  return out;
}

// The alternatives of a regular expression that is nothing but literal text, '|' and ".*"/".+"
// alone.
std::optional<std::vector<std::string>> PlainAlternatives(const std::string& regex) {
  if (regex.find_first_of("\\.+*?()[]{}^$") != std::string::npos) return std::nullopt;
  std::vector<std::string> alternatives(1);
  for (const char c : regex) {
    if (c == '|') {
      alternatives.emplace_back();
    } else {
      alternatives.back() += c;
    }
  }
  return alternatives;
}

bool MatchesAll(const LabelMatcher& matcher) {
  return matcher.value.text == ".*" || matcher.value.text == ".+" || matcher.value.text.empty();
}

// Adds matchers to a list and takes some away, touching as few bytes as it can.
class MatcherList {
 public:
  MatcherList(std::string_view text, const VectorSelector& selector, QuerySpan name)
      : text_(text), selector_(selector), name_(name), removed_(selector.matchers.size()) {}

  void Remove(size_t index) { removed_[index] = true; }
  void Add(std::string matcher) { added_.push_back(std::move(matcher)); }

  // `keeps_braces`: what is added can be taken away again without a trace.
  void Edit(QueryEditSet& out, bool keeps_braces = false) const {
    const bool name_in_braces = selector_.name && selector_.name->quoted;
    const std::string added = Join(added_, ",");
    if (!selector_.braces) {
      if (!added.empty()) out.Add({{name_.end, name_.end}, "{" + added + "}"});
      return;
    }
    const size_t inside = selector_.braces->begin + 1;
    if (name_in_braces) {
      Removals(out);
      const size_t at = selector_.name->span.end;
      if (!added.empty()) out.Add({{at, at}, "," + added});
    } else if (std::ranges::count(removed_, false) > 0) {
      Removals(out);
      if (!added.empty()) out.Add({{inside, inside}, added + ","});
    } else if (selector_.matchers.empty()) {
      if (!added.empty()) out.Add({{inside, inside}, added + (keeps_braces ? "," : "")});
    } else {
      All(out, added);
    }
  }

 private:
  // Every matcher goes. A comma behind the last one says that the braces were there before it.
  void All(QueryEditSet& out, const std::string& added) const {
    const size_t last = selector_.matchers.back().span.end;
    const size_t comma = text_.find(',', last);
    const bool trailing = comma < selector_.braces->end;
    if (!added.empty() || trailing) {
      out.Add({{selector_.matchers.front().span.begin, trailing ? comma + 1 : last}, added});
    } else {
      out.Add({*selector_.braces, ""});
    }
  }

  void Removals(QueryEditSet& out) const {
    const auto& matchers = selector_.matchers;
    for (size_t begin = 0; begin < matchers.size();) {
      size_t end = begin;
      while (end < matchers.size() && removed_[end]) ++end;
      if (end == begin) {
        ++begin;
        continue;
      }
      const bool at_end = end == matchers.size();
      const size_t before = begin > 0 ? matchers[begin - 1].span.end : selector_.name->span.end;
      out.Add({{at_end ? before : matchers[begin].span.begin,
                at_end ? matchers[end - 1].span.end : matchers[end].span.begin},
               ""});
      begin = end;
    }
  }

  std::string_view text_;
  const VectorSelector& selector_;
  QuerySpan name_;
  std::vector<bool> removed_;
  std::vector<std::string> added_;
};

class Converter {
 public:
  Converter(std::string_view text, const promql::Expr& expr, QuerySpan name,
            const Mapping::Match& match)
      : text_(text),
        expr_(expr),
        selector_(std::get<VectorSelector>(expr.node)),
        entry_(*match.entry),
        list_(text, selector_, name),
        guard_(text, selector_, name) {
    conversion_.match = match;
    if (!entry_.SameName()) conversion_.edits.Add({name, match.NewSeries()});
  }

  ConversionResult Run() {
    for (size_t i = 0; i < selector_.matchers.size(); ++i) {
      const LabelMatcher& matcher = selector_.matchers[i];
      if (matcher.form == LabelMatcher::Form::kQuotedName || matcher.name.text == kNameLabel)
        continue;
      if (matcher.form == LabelMatcher::Form::kVariable) continue;
      if (const std::optional<Unfit> unfit = Matcher(i, matcher))
        return {std::nullopt, *unfit, matcher.span};
    }
    for (const Label& label : entry_.when) When(label);
    for (const Label& label : entry_.new_labels) Fixed(label);
    Mapped();
    if (conversion_.match.suffix == "_bucket" && entry_.scale != 1 && !pinned_bound_) {
      LabelChange& change = Change(LabelChange::Kind::kBounds, "le", "le");
      change.scale = entry_.scale;
    }
    if (entry_.aggregate) Extra();
    MatcherList guarded = list_;
    for (const std::string& matcher : new_side_only_) guarded.Add(matcher);
    conversion_.union_edits = conversion_.edits;
    guarded.Edit(conversion_.union_edits);
    list_.Edit(conversion_.edits);
    guard_.Edit(conversion_.guard, true);
    if (!entry_.expr.empty() && !ByExpr()) return {std::nullopt, Unfit::kClock, expr_.span};
    return {std::move(conversion_), {}, {}};
  }

 private:
  static bool Templated(const LabelMatcher& matcher) {
    return matcher.value.templated || matcher.form != LabelMatcher::Form::kPlain;
  }

  std::optional<Unfit> Matcher(size_t index, const LabelMatcher& matcher) {
    const std::string& label = matcher.name.text;
    const Label* when = Find(entry_.when, label);
    const Label* fixed = Find(entry_.new_labels, label);
    const bool renamed_away = std::ranges::count(entry_.labels, label, &LabelRename::old_name) > 0;
    const bool renamed_to = std::ranges::count(entry_.labels, label, &LabelRename::new_name) > 0;
    if (IsDropped(label)) return Dropped(index, matcher);
    const bool gone = fixed != nullptr && !renamed_away;
    if (when != nullptr || gone || (renamed_to && !renamed_away) || IsExtra(label)) {
      const bool only_new = renamed_to && when == nullptr && fixed == nullptr;
      if (Templated(matcher))
        return entry_.SameName() && only_new ? Unfit::kMigrated : Unfit::kVariable;
      // Who speaks of the new label means the new side; only our own guard means the old one.
      const bool guard = matcher.type == MatchType::kEqual && matcher.value.text.empty();
      if (entry_.SameName() && renamed_to && !guard) return Unfit::kMigrated;
      conversion_.guarded = conversion_.guarded || (entry_.SameName() && renamed_to);
      if (!Matches(matcher.type, matcher.value.text, when != nullptr ? when->value : "")) {
        const bool migrated =
            entry_.SameName() &&
            (renamed_to ||
             (fixed != nullptr && Matches(matcher.type, matcher.value.text, fixed->value)));
        return migrated ? Unfit::kMigrated : Unfit::kNotMeant;
      }
      if (when != nullptr && matcher.type == MatchType::kEqual) decided_.push_back(label);
      if (when == nullptr || fixed != nullptr) list_.Remove(index);
      return std::nullopt;
    }
    if (renamed_away) Rename(matcher);
    if (label == "le" && conversion_.match.suffix == "_bucket" && entry_.scale != 1)
      return Bound(matcher);
    if (const LabelValues* values = FindValues(entry_, label)) return Value(matcher, *values);
    return std::nullopt;
  }

  // True iff the old side has no such label, since it is added up there.
  bool IsExtra(const std::string& label) const {
    if (!entry_.aggregate) return false;
    return (std::ranges::count(entry_.aggregate->labels, label) > 0) == entry_.aggregate->without;
  }

  // True iff the new side has nothing of the label's values, whatever they are.
  bool IsDropped(const std::string& label) const { return std::ranges::count(dropped_, label) > 0; }

  std::optional<Unfit> Dropped(size_t index, const LabelMatcher& matcher) {
    if (Templated(matcher)) return Unfit::kVariable;
    if (matcher.type != MatchType::kRegexp || matcher.value.text != ".*") return Unfit::kOpaque;
    list_.Remove(index);
    return std::nullopt;
  }

  void Rename(const LabelMatcher& matcher) {
    const auto rename = std::ranges::find(entry_.labels, matcher.name.text, &LabelRename::old_name);
    const size_t quote = matcher.name.quoted ? 1 : 0;
    conversion_.edits.Add(
        {{matcher.name.span.begin + quote, matcher.name.span.end - quote}, rename->new_name});
    if (matcher.type == MatchType::kEqual && !matcher.value.text.empty())
      not_empty_.push_back(rename->new_name);
  }

  std::optional<Unfit> Value(const LabelMatcher& matcher, const LabelValues& values) {
    if (Templated(matcher)) {
      conversion_.variable_values = true;
      return std::nullopt;
    }
    // Values that are none on the old side and some other value's on the new one.
    const std::optional<LabelValues> to_old = values.Inverse();
    const auto foreign = [&](const std::string& value) {
      return to_old && values.ToNew(value) == value && to_old->ToNew(value) != value;
    };
    const bool plain = matcher.type == MatchType::kEqual || matcher.type == MatchType::kNotEqual;
    if (plain && foreign(matcher.value.text)) {
      // Who keeps the name and asks for new values has been there.
      if (entry_.SameName()) return Unfit::kMigrated;
      return matcher.type == MatchType::kEqual ? Unfit::kNotMeant : Unfit::kOpaque;
    }
    if (plain) {
      SetValue(matcher, values.ToNew(matcher.value.text));
      return std::nullopt;
    }
    if (MatchesAll(matcher)) return std::nullopt;
    std::optional<std::vector<std::string>> alternatives = PlainAlternatives(matcher.value.text);
    if (!alternatives) return Unfit::kOpaque;
    if (entry_.SameName() && std::ranges::all_of(*alternatives, foreign)) return Unfit::kMigrated;
    if (std::ranges::any_of(*alternatives, foreign)) return Unfit::kOpaque;
    for (std::string& alternative : *alternatives)
      alternative = EscapeForPattern(values.ToNew(alternative));
    SetValue(matcher, Join(*alternatives, "|"));
    return std::nullopt;
  }

  std::optional<Unfit> Bound(const LabelMatcher& matcher) {
    if (Templated(matcher)) return Unfit::kOpaque;
    if (matcher.value.text == "+Inf" || MatchesAll(matcher)) {
      pinned_bound_ = matcher.type == MatchType::kEqual;
      return std::nullopt;
    }
    const auto scaled = [this](const std::string& bound) -> std::optional<std::string> {
      double value = 0;
      const auto end = std::from_chars(bound.data(), bound.data() + bound.size(), value);
      if (end.ec != std::errc() || end.ptr != bound.data() + bound.size()) return std::nullopt;
      return NumberText(value / entry_.scale);
    };
    if (matcher.type == MatchType::kRegexp || matcher.type == MatchType::kNotRegexp)
      return Unfit::kOpaque;
    const std::optional<std::string> bound = scaled(matcher.value.text);
    if (!bound) return Unfit::kOpaque;
    SetValue(matcher, *bound);
    if (matcher.type == MatchType::kEqual) {
      pinned_bound_ = true;
      LabelChange& change = Change(LabelChange::Kind::kFixed, "le", "le");
      change.old_value = matcher.value.text;
      change.new_value = *bound;
      change.asked = true;
    }
    return std::nullopt;
  }

  void SetValue(const LabelMatcher& matcher, const std::string& value) {
    if (value == matcher.value.text) return;
    const std::string quoted = Quote(value);
    const QuerySpan token = matcher.value.span;
    // The quotes stay where the value can stand between any.
    if (quoted.size() == value.size() + 2 && value.find_first_of("'`") == std::string::npos) {
      conversion_.edits.Add({{token.begin + 1, token.end - 1}, value});
    } else {
      conversion_.edits.Add({token, quoted});
    }
  }

  void When(const Label& label) {
    if (Find(entry_.new_labels, label.name) != nullptr) return;
    if (std::ranges::count(decided_, label.name) > 0) return;
    list_.Add(label.name + "=" + Quote(label.value));
    conversion_.added.push_back(label.name);
  }

  void Fixed(const Label& label) {
    const Label* when = Find(entry_.when, label.name);
    const std::string old_value = when != nullptr ? when->value : "";
    // Who has the label is not meant, either.
    if (!IsDropped(label.name) && std::ranges::count(entry_.never_there, label.name) == 0)
      list_.Add(label.name + "=" + Quote(label.value));
    if (IsDropped(label.name))
      Change(LabelChange::Kind::kMapped, label.name, label.name).revalued = true;
    if (old_value == label.value) return;
    if (entry_.SameName()) guard_.Add(label.name + "=" + Quote(old_value));
    LabelChange& change = Change(LabelChange::Kind::kFixed, label.name, label.name);
    change.old_value = old_value;
    change.new_value = label.value;
    change.asked = std::ranges::count(decided_, label.name) > 0;
  }

  void Mapped() {
    for (const LabelRename& rename : entry_.labels) {
      Values(Change(LabelChange::Kind::kMapped, rename.old_name, rename.new_name));
      if (!entry_.SameName()) continue;
      guard_.Add(rename.new_name + "=\"\"");
      if (std::ranges::count(not_empty_, rename.new_name) == 0)
        new_side_only_.push_back(rename.new_name + "!=\"\"");
    }
    for (const LabelValues& values : entry_.label_values) {
      if (std::ranges::count(entry_.labels, values.label, &LabelRename::old_name) > 0) continue;
      Values(Change(LabelChange::Kind::kMapped, values.label, values.label));
    }
  }

  void Values(LabelChange& change) const {
    const LabelValues* values = FindValues(entry_, change.old_label);
    if (values == nullptr) return;
    change.revalued = true;
    change.to_old = values->Inverse();
  }

  void Extra() {
    const MappingEntry::Aggregate& aggregate = *entry_.aggregate;
    // With "by" nobody knows which labels are there besides.
    std::vector<std::string> labels = {""};
    if (aggregate.without) labels = aggregate.labels;
    for (const std::string& label : labels)
      Change(LabelChange::Kind::kExtra, "", label).aggregation = aggregate.op;
  }

  LabelChange& Change(LabelChange::Kind kind, const std::string& old_label,
                      const std::string& new_label) {
    LabelChange& change = conversion_.labels.emplace_back();
    change.kind = kind;
    change.old_label = old_label;
    change.new_label = new_label;
    return change;
  }

  // Puts the entry's expression in place of the selector, with the query's matchers and modifiers
  // at each of its selectors.
  bool ByExpr() {
    const promql::ParseResult parsed = promql::ParseExpr(entry_.expr);
    if (!parsed) return false;
    std::string matchers;
    if (selector_.braces) {
      for (const LabelMatcher& matcher : selector_.matchers) {
        if (matcher.name.text == kNameLabel || matcher.form == LabelMatcher::Form::kQuotedName)
          continue;
        matchers += (matchers.empty() ? "" : ",") +
                    std::string(text_.substr(matcher.span.begin, matcher.span.size()));
      }
    }
    const size_t head = std::max(selector_.name ? selector_.name->span.end : 0,
                                 selector_.braces ? selector_.braces->end : 0);
    const std::string modifiers(text_.substr(head, expr_.span.end - head));
    QueryEditSet edits;
    bool tells_time = false;
    promql::Walk(*parsed.expr, [&](const promql::Expr& node, const promql::Expr*) {
      tells_time = tells_time || IsCallOf(&node, {"time", "timestamp"});
      const auto* selector = As<VectorSelector>(&node);
      if (selector == nullptr) return;
      std::string behind = modifiers;
      if (!matchers.empty() && !selector->braces) {
        behind.insert(0, "{" + matchers + "}");
      } else if (!matchers.empty()) {
        const size_t at = selector->braces->begin + 1;
        edits.Add({{at, at}, matchers + (selector->matchers.empty() ? "" : ",")});
      }
      if (!behind.empty()) edits.Add({{node.span.end, node.span.end}, behind});
    });
    // The time itself cannot be asked for as it was five minutes ago.
    if (tells_time && !modifiers.empty()) return false;
    conversion_.edits = {};
    conversion_.edits.Add({expr_.span, edits.Splice(entry_.expr)});
    conversion_.union_edits = conversion_.edits;
    if (const auto* binary = As<promql::BinaryExpr>(parsed.expr.get())) conversion_.op = binary->op;
    conversion_.computed = !IsMetricName(entry_.expr);
    return true;
  }

  std::string_view text_;
  const promql::Expr& expr_;
  const VectorSelector& selector_;
  const MappingEntry& entry_;
  MatcherList list_;
  MatcherList guard_;
  const std::vector<std::string> dropped_ = DroppedLabels(entry_);
  std::vector<std::string> decided_;        // labels of `when` that the query fixes itself
  std::vector<std::string> not_empty_;      // new labels that a matcher says are there
  std::vector<std::string> new_side_only_;  // matchers that old series of the same name do not pass
  bool pinned_bound_ = false;
  Conversion conversion_;
};

}  // namespace

QueryEditSet RemoveGuard(std::string_view text, const VectorSelector& selector, QuerySpan name,
                         const MappingEntry& entry) {
  QueryEditSet edits;
  if (!entry.SameName()) return edits;
  MatcherList list(text, selector, name);
  for (size_t i = 0; i < selector.matchers.size(); ++i) {
    const LabelMatcher& matcher = selector.matchers[i];
    if (matcher.form != LabelMatcher::Form::kPlain || matcher.type != MatchType::kEqual) continue;
    const std::string& label = matcher.name.text;
    const Label* when = Find(entry.when, label);
    const bool fixed = Find(entry.new_labels, label) != nullptr &&
                       matcher.value.text == (when != nullptr ? when->value : "");
    const bool renamed = matcher.value.text.empty() &&
                         std::ranges::count(entry.labels, label, &LabelRename::new_name) > 0;
    if (fixed || renamed) list.Remove(i);
  }
  list.Edit(edits);
  return edits;
}

ConversionResult Convert(std::string_view text, const promql::Expr& selector, QuerySpan name,
                         const Mapping::Match& match) {
  return Converter(text, selector, name, match).Run();
}

}  // namespace metrishift::rewrite
