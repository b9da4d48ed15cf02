#include "core/mapping_entry.h"

#include <algorithm>
#include <array>

namespace metrishift {
namespace {

struct Word {
  Equivalence equivalence;
  std::string_view name;
};
constexpr std::array kEquivalences = {
    Word{Equivalence::kNone, "none"},
    Word{Equivalence::kApproximate, "approximate"},
    Word{Equivalence::kSumCountOnly, "sum_count_only"},
    Word{Equivalence::kAggregated, "aggregated"},
    Word{Equivalence::kExact, "exact"},
};

}  // namespace

std::string_view EquivalenceName(Equivalence equivalence) {
  return std::ranges::find(kEquivalences, equivalence, &Word::equivalence)->name;
}

std::optional<Equivalence> ParseEquivalence(std::string_view word) {
  const auto found = std::ranges::find(kEquivalences, word, &Word::name);
  if (found == kEquivalences.end()) return std::nullopt;
  return found->equivalence;
}

bool MappingEntry::IsRename() const {
  return fate == Fate::kReplaced && when.empty() && !ChangesMoreThanTheName() &&
         equivalence == Equivalence::kExact && !SameName();
}

bool MappingEntry::ChangesMoreThanTheName() const {
  return type != new_type || !new_labels.empty() || !labels.empty() || !label_values.empty() ||
         scale != 1 || offset != 0 || buckets != Buckets::kSame || aggregate || !expr.empty();
}

std::optional<std::string> FlagEntry::NewValue(std::string_view old_value) const {
  if (values.empty()) return std::string(old_value);
  const auto found =
      std::ranges::find(values, old_value, &std::pair<std::string, std::string>::first);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace metrishift
