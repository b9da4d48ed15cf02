#include "rewriter/rewrite/name_regex.h"

#include <re2/re2.h>

#include <algorithm>

namespace metrishift::rewrite {
namespace {

// A stretch of a regular expression.
struct Stretch {
  size_t begin = 0;
  size_t end = 0;
};

class Splitter {
 public:
  Splitter(std::string_view regex, NamePart part) : regex_(regex), part_(part) {}

  std::optional<std::vector<NameAlternative>> Run() {
    if (regex_.find("\\Q") != regex_.npos) {
      if (part_ != NamePart::kAll) return std::nullopt;
      return {{{0, regex_.size(), false, false}}};
    }
    const std::vector<Stretch> all = SplitGroup({0, regex_.size()}, '|');
    for (const Stretch& alternative : all) {
      if (part_ == NamePart::kAll) {
        Add(alternative, true, true, true);
        continue;
      }
      const std::vector<Stretch> labels = Split(alternative, ';');
      if (labels.size() < (part_ == NamePart::kMiddle ? 3 : 2)) return std::nullopt;
      if (part_ == NamePart::kFirst) AddLabel(Bare(labels.front(), true, false));
      if (part_ == NamePart::kLast) AddLabel(Bare(labels.back(), false, true));
      for (size_t i = 1; part_ == NamePart::kMiddle && i + 1 < labels.size(); ++i)
        AddLabel(labels[i]);
    }
    return std::move(alternatives_);
  }

  // Whether something that begins with `prefix` may match; true where that cannot be told.
  bool MayBegin(std::string_view prefix) {
    if (regex_.find("\\Q") != regex_.npos) return true;
    return MayBegin({{0, regex_.size()}}, prefix);
  }

 private:
  // Whether what matches `rest`, one after the other from the back, may begin with `prefix`.
  bool MayBegin(std::vector<Stretch> rest, std::string_view prefix) {
    constexpr size_t kMost = 1 << 20;
    if (prefix.empty() || looked_at_ > kMost) return true;
    if (rest.empty()) return false;
    const Stretch next = rest.back();
    rest.pop_back();
    if (next.begin == next.end) return MayBegin(std::move(rest), prefix);
    looked_at_ += next.end - next.begin;
    if (const std::vector<Stretch> all = Split(next, '|'); all.size() > 1) {
      return std::ranges::any_of(all, [&](const Stretch& alternative) {
        std::vector<Stretch> one = rest;
        one.push_back(alternative);
        return MayBegin(std::move(one), prefix);
      });
    }
    const size_t end = Next(next.begin, next.end);
    if (end < next.end && std::string_view("?*+{").find(regex_[end]) != std::string_view::npos)
      return true;
    rest.push_back({end, next.end});
    const char first = regex_[next.begin];
    if (IsMetricNameChar(first))
      return first == prefix.front() && MayBegin(std::move(rest), prefix.substr(1));
    if (first == '^') return MayBegin(std::move(rest), prefix);
    if (first != '(' || GroupEnd(next.begin, next.end) > next.end) return true;
    size_t begin = next.begin + 1;
    if (regex_.substr(begin).starts_with("?:")) begin += 2;
    if (regex_[begin] == '?') return true;
    rest.push_back({begin, end - 1});
    return MayBegin(std::move(rest), prefix);
  }

  // What one of several labels is compared with.
  void AddLabel(Stretch label) {
    const std::vector<Stretch> names = SplitGroup(label, '|');
    const bool in_group = names.front().begin != label.begin;
    for (const Stretch& name : names) Add(name, false, false, in_group);
  }

  void Add(Stretch stretch, bool from_begin, bool to_end, bool extensible) {
    stretch = Bare(stretch, from_begin, to_end);
    const std::string_view text = regex_.substr(stretch.begin, stretch.end - stretch.begin);
    alternatives_.push_back({stretch.begin, stretch.end, IsMetricName(text), extensible});
  }

  // Without the anchors that Prometheus puts there anyway.
  Stretch Bare(Stretch stretch, bool from_begin, bool to_end) const {
    if (from_begin && stretch.begin < stretch.end && regex_[stretch.begin] == '^') ++stretch.begin;
    const bool ends = to_end && stretch.begin < stretch.end && regex_[stretch.end - 1] == '$';
    if (ends && (stretch.end - stretch.begin < 2 || regex_[stretch.end - 2] != '\\')) --stretch.end;
    return stretch;
  }

  // The parts between each `separator` of `stretch`, or of what stands in the one group that it is.
  std::vector<Stretch> SplitGroup(Stretch stretch, char separator) const {
    std::vector<Stretch> parts = Split(stretch, separator);
    if (parts.size() > 1) return parts;
    const Stretch bare = part_ == NamePart::kAll ? Bare(stretch, true, true) : stretch;
    size_t begin = bare.begin;
    if (begin >= bare.end || regex_[begin] != '(' || GroupEnd(begin, bare.end) != bare.end)
      return parts;
    ++begin;
    if (regex_.substr(begin).starts_with("?:")) begin += 2;
    if (regex_[begin] == '?') return parts;
    return Split({begin, bare.end - 1}, separator);
  }

  std::vector<Stretch> Split(Stretch stretch, char separator) const {
    std::vector<Stretch> parts;
    size_t begin = stretch.begin;
    for (size_t at = stretch.begin; at < stretch.end;) {
      if (regex_[at] == separator) {
        parts.push_back({begin, at});
        begin = at + 1;
      }
      at = Next(at, stretch.end);
    }
    parts.push_back({begin, stretch.end});
    return parts;
  }

  // Behind the character, the escape, the class or the group that begins at `at`.
  size_t Next(size_t at, size_t end) const {
    switch (regex_[at]) {
      case '\\':
        return std::min(at + 2, end);
      case '[':
        return ClassEnd(at, end);
      case '(':
        return std::min(GroupEnd(at, end), end);
      default:
        return at + 1;
    }
  }

  size_t ClassEnd(size_t at, size_t end) const {
    ++at;
    if (at < end && regex_[at] == '^') ++at;
    for (bool first = true; at < end; first = false) {
      if (regex_[at] == ']' && !first) return at + 1;
      if (regex_.substr(at).starts_with("[:"))
        at = std::min(regex_.find(":]", at), end - 1) + 1;
      else if (regex_[at] == '\\')
        ++at;
      ++at;
    }
    return std::min(at, end);
  }

  size_t GroupEnd(size_t at, size_t end) const {
    size_t depth = 0;
    while (at < end) {
      if (regex_[at] == '(') {
        ++depth;
        ++at;
      } else if (regex_[at] == ')') {
        ++at;
        if (--depth == 0) return at;
      } else {
        at = Next(at, end);
      }
    }
    return regex_.size() + 1;  // it has no end
  }

  std::string_view regex_;
  NamePart part_;
  std::vector<NameAlternative> alternatives_;
  size_t looked_at_ = 0;  // bytes
};

// Whether some names of an open pattern may match, and not their new names.
bool MayReach(const std::string& text, const RE2& regex, const MappingPattern& pattern) {
  std::string low;
  std::string high;
  if (pattern.prefix.empty() || !regex.PossibleMatchRange(&low, &high, 64)) return false;
  const bool apart =
      high < pattern.prefix || (low > pattern.prefix && !low.starts_with(pattern.prefix));
  if (apart || !Splitter(text, NamePart::kAll).MayBegin(pattern.prefix)) return false;
  // What matches any name at all finds the new one, too.
  return !RE2::FullMatch(pattern.prefix + "metrishift_any_name", regex);
}

}  // namespace

std::optional<std::vector<NameAlternative>> SplitNameRegex(std::string_view regex, NamePart part) {
  return Splitter(regex, part).Run();
}

std::string JoinAlternatives(std::string_view regex,
                             const std::vector<NameAlternative>& alternatives) {
  std::string joined;
  for (const NameAlternative& each : alternatives) {
    const std::string text(regex.substr(each.begin, each.end - each.begin));
    joined += (joined.empty() ? "(?:" : "|(?:") + text + ")";
  }
  return joined;
}

std::string TemplateRegex(std::string_view text, promql::Dialect dialect,
                          promql::TemplateContext context, bool literal) {
  std::string regex;
  for (const promql::TemplatePiece& piece : promql::SplitTemplate(text, dialect, context)) {
    const std::string part(text.substr(piece.span.begin, piece.span.size()));
    if (piece.variable) {
      regex += ".*";
    } else {
      regex += literal ? RE2::QuoteMeta(part) : part;
    }
  }
  return regex;
}

std::optional<Reached> Reach(const std::string& regex_text, const Mapping& mapping) {
  RE2::Options options(RE2::Quiet);
  options.set_dot_nl(true);
  const RE2 regex(regex_text, options);
  if (!regex.ok() && (!mapping.entries().empty() || !mapping.patterns().empty()))
    return std::nullopt;
  Reached reached;
  for (const MappingEntry& entry : mapping.entries()) {
    for (const std::string_view suffix : SeriesSuffixes(entry.type)) {
      const Mapping::Match match{&entry, suffix};
      if (!RE2::FullMatch(match.OldSeries(), regex)) continue;
      const bool kept = match.HasNewSeries() && RE2::FullMatch(match.NewSeries(), regex);
      (kept ? reached.kept : reached.lost).push_back(match);
    }
  }
  for (const MappingPattern& pattern : mapping.patterns()) {
    if (MayReach(regex_text, regex, pattern)) reached.open = &pattern;
  }
  return reached;
}

void KeepReached(const std::string& regex_text, Reached& reached) {
  if (reached.lost.empty()) return;
  const RE2 regex(regex_text, RE2::Quiet);
  if (!regex.ok()) return;
  std::erase_if(reached.lost, [&](const Mapping::Match& match) {
    const bool kept = match.HasNewSeries() && RE2::FullMatch(match.NewSeries(), regex);
    if (kept) reached.kept.push_back(match);
    return kept;
  });
}

std::string NameSome(const std::vector<Mapping::Match>& matches,
                     std::string (Mapping::Match::*name)() const) {
  constexpr size_t kShown = 2;
  std::string names = (matches.front().*name)();
  if (matches.size() == kShown) return names + " and " + (matches.back().*name)();
  if (matches.size() < kShown) return names;
  return names + ", " + (matches[1].*name)() + " and " + std::to_string(matches.size() - kShown) +
         " more";
}

}  // namespace metrishift::rewrite
