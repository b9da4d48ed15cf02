#include "rewriter/rewrite/name_regex.h"

#include <re2/re2.h>

namespace metrishift::rewrite {
namespace {

// Whether some names of an open pattern may match, and not their new names.
bool MayReach(const RE2& regex, const MappingPattern& pattern) {
  std::string low;
  std::string high;
  if (pattern.prefix.empty() || !regex.PossibleMatchRange(&low, &high, 64)) return false;
  const bool apart =
      high < pattern.prefix || (low > pattern.prefix && !low.starts_with(pattern.prefix));
  // What matches any name at all finds the new one, too.
  return !apart && !RE2::FullMatch(pattern.prefix + "metrishift_any_name", regex);
}

}  // namespace

bool IsAlternationOfNames(std::string_view regex) {
  for (const char c : regex) {
    if (c != '|' && !IsMetricNameChar(c)) return false;
  }
  return !regex.empty();
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
    if (MayReach(regex, pattern)) reached.open = &pattern;
  }
  return reached;
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
