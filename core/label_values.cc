#include "core/label_values.h"

#include <memory>
#include <set>
#include <unordered_map>

#include "core/regex.h"
#include "core/replacement.h"

namespace metrishift {
namespace {

// Compiled once for each thread: a value is asked for each series of a scrape, and LabelValues is a
// plain value, which has no place for it. Tables have few patterns; whoever has more compiles more.
const RE2& Compiled(const std::string& pattern) {
  constexpr size_t kMaxPatterns = 64;
  thread_local std::unordered_map<std::string, std::unique_ptr<const RE2>> patterns;
  if (const auto found = patterns.find(pattern); found != patterns.end()) return *found->second;
  if (patterns.size() >= kMaxPatterns) patterns.clear();
  RE2::Options options(RE2::Quiet);
  options.set_dot_nl(true);  // as Prometheus' relabelling has it
  return *patterns.emplace(pattern, std::make_unique<const RE2>(pattern, options)).first->second;
}

}  // namespace

std::string LabelValues::ToNew(std::string_view value) const {
  for (const auto& [old_value, new_value] : values) {
    if (old_value == value) return new_value;
  }
  if (pattern.empty()) return std::string(value);
  const auto groups = MatchWhole(Compiled(pattern), value);
  return groups ? ParseReplacement(replacement).Expand(*groups) : std::string(value);
}

std::optional<LabelValues> LabelValues::Inverse() const {
  if (!injective) return std::nullopt;
  LabelValues inverse;
  inverse.label = label;
  std::set<std::string_view> images;
  for (const auto& [old_value, new_value] : values) {
    if (!images.insert(new_value).second) return std::nullopt;
    inverse.values.emplace_back(new_value, old_value);
  }
  if (pattern.empty()) return inverse;
  if (!Compiled(pattern).ok()) return std::nullopt;
  std::optional<PatternAndReplacement> back = InvertPattern({pattern, replacement});
  if (!back || back->pattern.empty()) return std::nullopt;
  inverse.pattern = std::move(back->pattern);
  inverse.replacement = std::move(back->replacement);
  return inverse;
}

}  // namespace metrishift
