#include <algorithm>
#include <ostream>

#include "rewriter/cli/body.h"
#include "rewriter/cli/import_command.h"
#include "rewriter/cli/report.h"
#include "rewriter/cli/table_draft.h"

namespace metrishift::cli {
namespace {

using Family = std::pair<const std::string, BodyFamily>;

// Families of one body that have a HELP, by it.
using ByHelp = std::map<std::string_view, std::vector<const Family*>>;

// Families of `body` that `other` has, too: what is promoted is there before the old name goes.
ByHelp InBoth(const Body& body, const Body& other) {
  ByHelp families;
  for (const Family& family : body.families) {
    if (!family.second.help.empty() && other.families.contains(family.first))
      families[family.second.help].push_back(&family);
  }
  return families;
}

// Families that are in one body only.
std::vector<const Family*> Without(const Body& body, const Body& other) {
  std::vector<const Family*> families;
  for (const Family& family : body.families) {
    if (!other.families.contains(family.first)) families.push_back(&family);
  }
  return families;
}

std::set<std::string> Words(const std::string& name) {
  std::set<std::string> words;
  for (size_t at = 0; at <= name.size();) {
    const size_t end = std::min(name.find('_', at), name.size());
    if (end > at) words.insert(name.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

// The part of the words of two names that they share, from 0 to 100.
size_t Likeness(const std::string& a, const std::string& b) {
  const std::set<std::string> left = Words(a);
  const std::set<std::string> right = Words(b);
  const auto shared = static_cast<size_t>(
      std::ranges::count_if(left, [&](const std::string& word) { return right.contains(word); }));
  const size_t all = left.size() + right.size() - shared;
  return all == 0 ? 0 : 100 * shared / all;
}

struct Pair {
  const Family* old_family = nullptr;
  const Family* new_family = nullptr;
  bool help = false;
  bool type = false;
  bool labels = false;
  size_t likeness = 0;
  bool both = false;         // the old body has the new name, too
  bool same_values = false;  // ... and the same values under both

  // That neither has labels says less than that both have the same ones.
  size_t Score() const {
    const size_t for_labels = old_family->second.labels.empty() ? 30 : 60;
    return (help ? 200 : 0) + (type ? 60 : 0) + (labels ? for_labels : 0) + likeness;
  }
  bool AllAgree() const { return help && type && labels; }
};

Pair Compare(const Family& a, const Family& b) {
  const BodyFamily& left = a.second;
  const BodyFamily& right = b.second;
  return {&a,
          &b,
          !left.help.empty() && left.help == right.help,
          left.type == right.type,
          left.labels == right.labels,
          Likeness(a.first, b.first)};
}

// For a new name that the old body has, too. Nothing unless all is the same.
std::optional<Pair> CompareBoth(const Family& a, const Family& b, const Body& before) {
  Pair pair = Compare(a, b);
  if (!pair.AllAgree()) return std::nullopt;
  const BodyFamily& there = before.families.find(b.first)->second;
  pair.both = true;
  pair.same_values =
      a.second.samples > 0 && a.second.samples == there.samples && a.second.sum == there.sum;
  return pair;
}

// Below this, names and labels say no more than chance.
constexpr size_t kLeastScore = 150;
constexpr size_t kMostFamilies = 1'000;  // every one is compared with every other

// Pairs, best first; each family in one at most.
class Matching {
 public:
  Matching(const std::vector<const Family*>& gone, const std::vector<const Family*>& added,
           const ByHelp& stay, const Body& before) {
    for (const Family* old_family : gone) {
      for (const Family* new_family : added) Consider(Compare(*old_family, *new_family));
      const auto found = stay.find(old_family->second.help);
      if (found == stay.end() || found->second.size() > kMostFamilies) continue;
      for (const Family* new_family : found->second) {
        if (const auto pair = CompareBoth(*old_family, *new_family, before)) Consider(*pair);
      }
    }
    std::ranges::stable_sort(pairs_, std::ranges::greater(), &Pair::Score);
    std::set<const Family*> taken;
    std::erase_if(pairs_, [&](const Pair& pair) {
      if (taken.contains(pair.old_family) || taken.contains(pair.new_family)) return true;
      taken.insert({pair.old_family, pair.new_family});
      return false;
    });
    std::ranges::stable_sort(pairs_, {}, [](const Pair& pair) { return pair.old_family->first; });
  }

  const std::vector<Pair>& pairs() const { return pairs_; }

  // Nobody else has the same HELP, type and labels.
  bool Alone(const Pair& pair) const {
    return pair.AllAgree() && agreeing_.at(pair.old_family) == 1 &&
           agreeing_.at(pair.new_family) == 1;
  }

  bool Exact(const Pair& pair) const { return Alone(pair) && (!pair.both || pair.same_values); }

 private:
  void Consider(const Pair& pair) {
    if (pair.AllAgree()) {
      ++agreeing_[pair.old_family];
      ++agreeing_[pair.new_family];
    }
    if (pair.Score() >= kLeastScore) pairs_.push_back(pair);
  }

  std::vector<Pair> pairs_;
  std::map<const Family*, size_t> agreeing_;
};

std::string Confidence(const Matching& matching, const Pair& pair) {
  if (matching.Exact(pair)) {
    return pair.both ? "exact: the old body has both, with the same HELP, type, labels and values"
                     : "exact: HELP, type and labels are the same, and those of no other";
  }
  if (matching.Alone(pair)) {
    const bool compared = pair.old_family->second.samples > 0;
    return "likely: the old body has both, with the same HELP, type and labels, " +
           std::string(compared ? "and other values" : "whose values were not compared");
  }
  std::string differ;
  for (const auto& [agrees, what] :
       {std::pair(pair.help, "HELP"), {pair.type, "type"}, {pair.labels, "labels"}}) {
    if (!agrees) differ += (differ.empty() ? "" : ", ") + std::string(what);
  }
  if (differ.empty()) return "likely: HELP, type and labels are the same, but those of others, too";
  return (pair.help ? "likely: other " : "a guess: other ") + differ;
}

std::string LabelComment(const Pair& pair) {
  std::string gone;
  std::string added;
  for (const std::string& label : pair.old_family->second.labels) {
    if (!pair.new_family->second.labels.contains(label)) gone += " -" + label;
  }
  for (const std::string& label : pair.new_family->second.labels) {
    if (!pair.old_family->second.labels.contains(label)) added += " +" + label;
  }
  return gone + added;
}

DraftEntry EntryOf(const Matching& matching, const Pair& pair) {
  DraftEntry entry;
  const BodyFamily& old_side = pair.old_family->second;
  const BodyFamily& new_side = pair.new_family->second;
  entry.comment = Confidence(matching, pair);
  if (const std::string labels = LabelComment(pair); !labels.empty())
    entry.comment += "; labels" + labels;
  entry.keys = {{"old", YamlScalar(pair.old_family->first)},
                {"new", YamlScalar(pair.new_family->first)},
                {"type", std::string(MetricTypeName(old_side.type))}};
  const auto shared = SeriesSuffixes(new_side.type);
  const bool common = std::ranges::any_of(SeriesSuffixes(old_side.type), [&](auto suffix) {
    return std::ranges::count(shared, suffix) > 0;
  });
  if (new_side.type != old_side.type && common)
    entry.keys.emplace_back("new_type", MetricTypeName(new_side.type));
  if (!matching.Exact(pair)) entry.keys.emplace_back("equivalence", "approximate");
  return entry;
}

std::optional<Body> Load(const std::string& from, const Streams& streams) {
  std::string why;
  const std::string what = from.find("://") == std::string::npos ? Printable(from) : "the URL";
  const std::optional<std::string> text = FetchBody(from, &why);
  if (!text) {
    streams.err << "error: " << what << " cannot be read: " << why << "\n";
    return std::nullopt;
  }
  Body body = ParseBody(*text);
  if (!body.series.empty()) return body;
  streams.err << "error: there is no sample in " << what << "\n";
  return std::nullopt;
}

}  // namespace

ExitCode RunImportDiff(const std::string& old_body, const std::string& new_body,
                       const Streams& streams) {
  const std::optional<Body> before = Load(old_body, streams);
  const std::optional<Body> after = before ? Load(new_body, streams) : std::nullopt;
  if (!before || !after) return kError;
  const std::vector<const Family*> gone = Without(*before, *after);
  const std::vector<const Family*> added = Without(*after, *before);
  if (gone.size() > kMostFamilies || added.size() > kMostFamilies) {
    streams.err << "error: more than " << kMostFamilies
                << " families are in one of the bodies only: these are no two versions of one "
                   "program\n";
    return kError;
  }
  const Matching matching(gone, added, InBoth(*after, *before), *before);
  std::vector<DraftEntry> entries;
  std::set<const Family*> matched;
  for (const Pair& pair : matching.pairs()) {
    entries.push_back(EntryOf(matching, pair));
    matched.insert(pair.old_family);
  }
  for (const Family* family : gone) {
    if (matched.contains(family)) continue;
    entries.push_back({{{"old", YamlScalar(family->first)},
                        {"type", std::string(MetricTypeName(family->second.type))},
                        {"kind", "removed"},
                        {"note", "nothing like it is in the new body; say what to do"}},
                       "no match"});
  }
  streams.err << Plural(gone.size(), "family", "families") << " gone, " << added.size() << " new, "
              << matching.pairs().size() << " matched\n";
  if (entries.empty()) return kClean;
  streams.out << RenderDraft(
      {"A draft from two bodies: look at every entry, above all at values and "
       "units, which are not compared."},
      "two bodies of /metrics", entries);
  return kClean;
}

}  // namespace metrishift::cli
