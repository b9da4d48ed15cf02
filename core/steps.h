#ifndef METRISHIFT_CORE_STEPS_H_
#define METRISHIFT_CORE_STEPS_H_

#include <string_view>
#include <vector>

#include "core/diagnostic.h"
#include "core/mapping_entry.h"
#include "core/step.h"

namespace metrishift {

// Tables, one step after the other. May be moved, not copied.
struct Steps {
  std::vector<MappingTable> tables;    // those of one component follow each other
  std::vector<Step> steps;             // one for each, which points to it
  std::vector<MappingEntry> entries;   // from the first old side to the last new one
  StringMap<FunctionEntry> functions;  // likewise, by their old names

  Steps() = default;
  Steps(Steps&&) = default;
  Steps& operator=(Steps&&) = default;
};

// What to do about entries that contradict each other or cannot follow each other.
enum class Conflicts {
  kRefuse,
  kLeaveOut,
  kAskWhose,  // an old name of several components gets an entry that says so; else as kRefuse
};

// Composes `tables`, which are in order. With kRefuse the first conflict is the only diagnostic,
// and there is no value; with kLeaveOut each is a warning, and both its entries are left out.
Outcome<Steps> ComposeSteps(std::vector<MappingTable> tables, Conflicts conflicts);

// What patterns say of the old series `name`: of the first step that has one for it, followed by
// the later steps of its component. An entry that a later step makes impossible comes as one that
// means something else (kSemantics), with the reason for its note, so that it is not overlooked.
std::vector<Step::Part> FollowPatterns(const std::vector<Step>& steps, std::string_view name);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_STEPS_H_
