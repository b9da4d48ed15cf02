#ifndef METRISHIFT_REWRITER_GENERATE_NEW_SIDE_H_
#define METRISHIFT_REWRITER_GENERATE_NEW_SIDE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "rewriter/generate/companion.h"

namespace metrishift::generate {

// What an entry says of labels, seen from the new side: how its series are told from others of
// their name, and what has to happen to their labels for them to become old ones. All of it at
// once: each step reads the labels as the new side has them.
struct NewSide {
  // The series have these labels; "": they do not have the label.
  std::vector<Label> conditions;
  // Labels that get one old value; "": that go.
  std::vector<Label> fixed;
  struct Moved {
    std::string old_label;
    std::string new_label;
    bool revalued = false;              // values change,
    std::optional<LabelValues> to_old;  // and this has the old ones; nothing where they are lost
    bool Moves() const { return old_label != new_label; }
  };
  // Labels with other names or other values.
  std::vector<Moved> moved;

  bool ChangesLabels() const { return !fixed.empty() || !moved.empty(); }
  bool LosesValues() const;
  // True iff one step would read what another has written, if they were taken one after the other.
  bool IsCrossed() const;
};
NewSide NewSideOf(const MappingEntry& entry);

// True iff no series can meet both conditions: a label has to have two values.
bool AreDisjoint(const std::vector<Label>& a, const std::vector<Label>& b);

// The suffixes of the old family that PromQL has a use for: all but _created.
std::vector<std::string_view> UsedSuffixes(MetricType type);

// The names of a family's series as a regular expression behind the family's name: "" where that is
// its only series, "(_bucket|_sum)", "(|_sum|_count)".
std::string SuffixGroup(const std::vector<std::string_view>& suffixes, bool capture = true);

// A mapping of these entries, of one table, and no others.
Mapping MappingOf(std::vector<MappingEntry> entries);

// Why there is no need of the old series of `match`: the targets have them themselves.
std::optional<std::string> StillExposed(const Mapping& mapping, const Mapping::Match& match,
                                        const Options& options);

// True where a later table of its component may rename what the pattern gives, once more.
bool IsFollowed(const Mapping& mapping, const MappingPattern& pattern);

// Why nobody can have the old series of `match`, whatever he has to work with: there is no need of
// them, they are gone, there are no such new series, they are less equivalent than asked for.
// Nothing where there is no such reason.
std::optional<std::string> WhyNotThere(const Mapping& mapping, const Mapping::Match& match,
                                       const Options& options);

// False for names that are words of PromQL, too, which not every reader of it takes for names.
bool IsPlainName(const std::string& name);

// "kube_x from kube_y{resource=\"cpu\"}", for people.
std::string Describe(const MappingEntry& entry);

// For the head of a file: which tables it is made of, and how.
std::string MadeBy(const Mapping& mapping, std::string_view command);

}  // namespace metrishift::generate

#endif  // METRISHIFT_REWRITER_GENERATE_NEW_SIDE_H_
