#include "core/name_pattern.h"

#include <algorithm>

#include "core/entry_labels.h"
#include "core/regex.h"

namespace metrishift {
namespace {

constexpr size_t kMaxNameBytes = 4096;

// The new names as a regular expression.
std::string ImageOf(const Replacement& replacement) {
  std::string regex;
  for (const Replacement::Piece& piece : replacement.pieces)
    regex += piece.group ? ".*" : EscapeForPattern(piece.text);
  return regex;
}

bool IsRecorded(std::string_view name) { return name.find(':') != name.npos; }

}  // namespace

NamePattern::NamePattern(MappingPattern pattern)
    : pattern_(std::move(pattern)),
      regex_(std::make_unique<const RE2>(pattern_.pattern, RE2::Quiet)),
      new_name_(ParseReplacement(pattern_.entry.new_name)),
      new_regex_(std::make_unique<const RE2>(ImageOf(new_name_), RE2::Quiet)) {
  for (const Label& label : pattern_.entry.new_labels)
    new_labels_.push_back(ParseReplacement(label.value));
}

std::optional<MappingEntry> NamePattern::EntryFor(std::string_view name) const {
  if (name.size() > kMaxNameBytes || IsRecorded(name)) return std::nullopt;
  if (!name.starts_with(pattern_.prefix)) return std::nullopt;
  if (std::ranges::count(pattern_.except, name) > 0) return std::nullopt;
  const auto groups = MatchWhole(*regex_, name);
  if (!groups) return std::nullopt;
  MappingEntry entry = pattern_.entry;
  entry.old_name = name;
  if (entry.fate == MappingEntry::Fate::kReplaced) {
    entry.new_name = new_name_.Expand(*groups);
    if (!IsMetricName(entry.new_name)) return std::nullopt;
    if (entry.SameName() && !entry.ChangesMoreThanTheName()) return std::nullopt;
  }
  for (size_t i = 0; i < new_labels_.size(); ++i)
    entry.new_labels[i].value = new_labels_[i].Expand(*groups);
  Normalize(entry);
  return entry;
}

bool NamePattern::MayBeNewName(std::string_view family) const {
  return pattern_.entry.fate == MappingEntry::Fate::kReplaced && !IsRecorded(family) &&
         RE2::FullMatch(re2::StringPiece(family.data(), family.size()), *new_regex_);
}

std::string LiteralPrefix(std::string_view pattern) {
  const auto pieces = SplitPattern(pattern);
  return pieces && !pieces->empty() && !pieces->front().group ? pieces->front().text : "";
}

}  // namespace metrishift
