#include "core/claims.h"

#include <map>
#include <set>

#include "core/entry_labels.h"

namespace metrishift {
namespace {

// An entry with the labels that all its series on the side in question have.
struct Claim {
  const MappingEntry* entry;
  std::vector<Label> labels;
};

using Claims = std::map<std::string, std::vector<Claim>>;  // by series name

bool IsOtherwise(const MappingEntry& entry) { return entry.when.empty(); }

bool OldSidesClash(const Claim& a, const Claim& b) {
  if (a.entry->old_name != b.entry->old_name || a.entry->type != b.entry->type) return true;
  if (IsOtherwise(*a.entry) != IsOtherwise(*b.entry)) return false;
  return CanBothHold(a.labels, b.labels);
}

// What is for the rest of an old name may go where another part of it goes: that says no more than
// that the two do not meet there. And a name that stays may have had the series of another before,
// too: kube-state-metrics 1.4 to 1.9 has its resource metrics twice.
bool NewSidesClash(const Claim& a, const Claim& b) {
  const bool rest_of_one_name =
      a.entry->old_name == b.entry->old_name && IsOtherwise(*a.entry) != IsOtherwise(*b.entry);
  const bool one_stays = a.entry->SameName() != b.entry->SameName();
  return !rest_of_one_name && !one_stays && CanBothHold(a.labels, b.labels);
}

class Finder {
 public:
  std::vector<Clash> Find(std::span<const MappingEntry> entries) {
    Claims old_claims;
    Claims new_claims;
    for (const MappingEntry& entry : entries) {
      if (!entry.old_name.empty())
        Add(old_claims, {&entry, entry.when}, entry.old_name, entry.type, true);
      const bool claims = entry.fate == MappingEntry::Fate::kReplaced && !entry.aggregate &&
                          entry.expr.empty() && !entry.new_name.empty();
      if (claims)
        Add(new_claims, {&entry, FixedNewLabels(entry)}, entry.new_name, entry.new_type, false);
    }
    return std::move(clashes_);
  }

 private:
  void Add(Claims& claims, const Claim& claim, const std::string& family, MetricType type,
           bool old_side) {
    for (const std::string_view suffix : SeriesSuffixes(type)) {
      const std::string series = family + std::string(suffix);
      std::vector<Claim>& others = claims[series];
      if (others.size() >= kMaxEntriesOfName) {
        Report({others.front().entry, claim.entry, series, old_side, true});
        continue;
      }
      for (const Claim& other : others) {
        if (!(old_side ? OldSidesClash(other, claim) : NewSidesClash(other, claim))) continue;
        Report({other.entry, claim.entry, series, old_side, false});
        break;
      }
      others.push_back(claim);
    }
  }

  void Report(Clash clash) {
    if (reported_.insert(clash.later).second) clashes_.push_back(std::move(clash));
  }

  std::vector<Clash> clashes_;
  std::set<const MappingEntry*> reported_;
};

}  // namespace

std::vector<Clash> FindClashes(std::span<const MappingEntry> entries) {
  return Finder().Find(entries);
}

}  // namespace metrishift
