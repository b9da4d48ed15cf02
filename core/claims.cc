#include "core/claims.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/entry_labels.h"
#include "core/mapping.h"

namespace metrishift {
namespace {

// An entry with the labels that all its series on the side in question have.
struct Claim {
  const MappingEntry* entry;
  std::vector<Label> labels;
};

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

// Collects claims of one side.
class Finder {
 public:
  using Clashing = bool (*)(const Claim&, const Claim&);
  explicit Finder(Clashing clashing) : clashing_(clashing) {}

  // Claims the series of `family` that the entry is about.
  void Add(const Claim& claim, const std::string& family, bool old_side) {
    for (const std::string_view suffix : SeriesSuffixes(claim.entry->type)) {
      if (!old_side && !Mapping::Match{claim.entry, suffix}.HasNewSeries()) continue;
      const std::string series = family + std::string(suffix);
      std::vector<Claim>& others = claims_[series];
      if (others.size() >= kMaxEntriesOfName) {
        Report({others.front().entry, claim.entry, series, true});
        continue;
      }
      const auto other = std::ranges::find_if(
          others, [&](const Claim& earlier) { return clashing_(earlier, claim); });
      if (other != others.end()) Report({other->entry, claim.entry, series, false});
      others.push_back(claim);
    }
  }

  std::vector<Clash> Take() { return std::move(clashes_); }

 private:
  void Report(Clash clash) {
    if (reported_.insert(clash.later).second) clashes_.push_back(std::move(clash));
  }

  Clashing clashing_;
  std::map<std::string, std::vector<Claim>> claims_;  // by series name
  std::vector<Clash> clashes_;
  std::set<const MappingEntry*> reported_;
};

}  // namespace

std::vector<Clash> FindOldClashes(std::span<const MappingEntry> entries) {
  Finder finder(OldSidesClash);
  for (const MappingEntry& entry : entries) {
    if (!entry.old_name.empty()) finder.Add({&entry, entry.when}, entry.old_name, true);
  }
  return finder.Take();
}

std::vector<Clash> FindNewClashes(std::span<const MappingEntry> entries) {
  Finder finder(NewSidesClash);
  for (const MappingEntry& entry : entries) {
    if (entry.new_name.empty() || entry.aggregate || !entry.expr.empty()) continue;
    finder.Add({&entry, FixedNewLabels(entry)}, entry.new_name, false);
  }
  return finder.Take();
}

}  // namespace metrishift
