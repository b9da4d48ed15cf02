#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_ORACLE_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_ORACLE_H_

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "tests/e2e/equivalence/labels.h"

namespace metrishift::e2e {

// A number as Go prints a float64 (%g, the shortest text that reads back), and so the client
// libraries print bounds.
std::string GoNumber(double value);

// One series that the new side has for a series of the old one, and its values.
struct NewSeries {
  std::string name;
  Labels labels;
  double scale = 1;
  double offset = 0;
  // Its part in what an aggregate adds up or chooses from: one number, or one for each of several
  // scrapes in turn.
  std::vector<double> parts = {1};

  double Value(double old, size_t scrape) const {
    return (old - offset) / scale * parts.at(scrape % parts.size());
  }
};

// What tables mean, read off their entries field by field: the fields of core/mapping_entry.h are
// all it shares with what it is to judge, not the lookups of Mapping. One table a component, one
// step.
class Oracle {
 public:
  explicit Oracle(std::span<const MappingTable> tables) : tables_(tables) {}

  // The new series for the old series `name` with `labels`; several for an aggregate, none where
  // the new side has nothing or only an expression. Nothing at all where no entry speaks of the
  // series: it stays as it is.
  std::optional<std::vector<NewSeries>> Upgrade(std::string_view name, const Labels& labels) const;

  // What the new side may have beside them under the same name, and an expression over the old
  // series must not see: each label that says which of the new series are meant, with another
  // value. Nothing beside what keeps its name, which has to be told from the old side instead.
  std::vector<NewSeries> Decoys(std::string_view name, const Labels& labels) const;

  // True iff some old series has this name.
  bool IsOld(std::string_view name) const { return !Candidates(name).empty(); }

  // True iff the series of this old name, or some of them, have it on the new side, too.
  bool KeepsName(std::string_view name) const;

  // True iff what was replaced for series of this old name tells the way back.
  bool HasWayBack(std::string_view name) const;

  // `labels` of a result as the new side calls them, where entries of `names` rename labels or
  // their values. What has new names already stays as it is.
  Labels Shown(const std::set<std::string>& names, const Labels& labels) const;

 private:
  struct Candidate {
    MappingEntry entry;  // with what a pattern has put in
    std::string_view suffix;
  };
  std::vector<Candidate> Candidates(std::string_view name) const;
  std::optional<Candidate> Chosen(std::string_view name, const Labels& labels) const;

  std::span<const MappingTable> tables_;
};

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_ORACLE_H_
