#ifndef METRISHIFT_REWRITER_REWRITE_RECORDED_NAMES_H_
#define METRISHIFT_REWRITER_REWRITE_RECORDED_NAMES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/diagnostic.h"
#include "core/mapping.h"

namespace metrishift::rewrite {

// A recording rule, as far as names go.
struct RecordingRule {
  std::string name;  // what it records
  // Words of its query that could be metric names, sorted, once each.
  std::vector<std::string> reads;
  std::string place;     // "file:line:col" of the record, for people
  bool editable = true;  // false: the bytes of the name cannot be rewritten
};

// A recorded name that comes from a deprecated one, and what becomes of it.
struct RecordedName {
  enum class Fate : uint8_t {
    kMoves,
    kHeld,  // it would move, but for `why`
    kKept,  // it is none that could be moved
  };
  Fate fate = Fate::kMoves;
  std::string new_name;  // empty where it cannot be said
  std::string place;     // of the first rule that records it
  size_t rules = 0;      // that record it
  size_t readers = 0;    // places in queries that read it; for whoever has seen them to count
  std::string why;       // kHeld, kKept: a clause
  std::string hint;      // what to do about it; may be empty
};

// What --cascade makes of the recorded names of one run.
struct RecordedNames {
  using Names = std::map<std::string, RecordedName, std::less<>>;
  using Loops = std::set<std::pair<std::string, std::string>, std::less<>>;

  Names names;  // by old name
  // {recorded name, deprecated name}: a rule that records the one must not come to read the new
  // name of the other, since that is recorded from what the rule records.
  Loops loops;

  const RecordedName* Find(std::string_view name) const;
};

// The name of the table that WithRecordedNames adds; MappingEntry::table of each move.
inline constexpr std::string_view kRecordedNamesTable = "recorded names (--cascade)";

// True iff the renaming (nullptr: none) is one of those.
bool IsMove(const TableEntry* entry);

// "deprecated x"; "renamed x" where it is one of those.
std::string DescribeOld(const Mapping::Match& match);

// Derives the new names of what `rules`, all of the run, record.
//
// A name is taken apart at its colons (level:metric:operations,
// https://prometheus.io/docs/practices/rules/). A part moves
//   1. where it is a deprecated name:              a:old_total:rate5m -> a:new_total:rate5m
//   2. where it holds one, with "_" around it, or is the beginning of one (two words at least, and
//      the new name ends as the old one does), that the rule's query reads, by its old or its new
//      name: a:old:rate5m -> a:new:rate5m. Not if the query also reads something of that beginning
//      that is not renamed so;
//   3. where it does so in a recorded name that the rule's query reads.
// In a name without a colon a part moves only where it holds a deprecated name and more: such a
// name is rather one that a metric had long ago, and that a rule keeps alive. Only entries that do
// nothing but rename count (MappingEntry::IsRename). A name that is itself an old or a new name of
// the mapping is there to be that name, and never moves.
//
// Held is what could become something else by another rule, what would get a name that is recorded
// already, or is a name of the mapping, two that would get the same name, and what is not editable.
// So the names that something moves to are new to the run, and no move can make a rule read what it
// records: `loops` are those that the mapping itself would make (rule_loops.h). Time and memory
// grow with the names that the rules read, times the parts of a name.
RecordedNames DeriveRecordedNames(std::span<const RecordingRule> rules, const Mapping& mapping);

// `mapping` and, as one more table, every name that moves: so that readers are rewritten by
// whatever rewrites the readers of a renamed metric. Fails where Mapping::FromTables does.
Outcome<Mapping> WithRecordedNames(const Mapping& mapping, const RecordedNames& recorded);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_RECORDED_NAMES_H_
