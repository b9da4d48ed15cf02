#ifndef METRISHIFT_REWRITER_REWRITE_FLAG_STEP_H_
#define METRISHIFT_REWRITER_REWRITE_FLAG_STEP_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "rewriter/formats/settings.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::rewrite {

// The tables of one program, in the order of steps.
struct ProgramTables {
  const Program* program = nullptr;
  std::vector<const MappingTable*> tables;
};
std::vector<ProgramTables> ProgramsOf(const Mapping& mapping);

// What becomes of a flag, whatever form it has.
struct FlagChange {
  enum class Obstacle : uint8_t {
    kNone,
    kGone,          // nothing takes its place
    kUnknownValue,  // its value decides, and is not known
    kOddValue,      // its value is none that the entry knows
    kNotYet,        // a union: the old version does not know the new name
  };
  const FlagEntry* entry = nullptr;  // the first that applies; nullptr: nothing changes
  Obstacle obstacle = Obstacle::kNone;
  bool stays_valid = false;          // kNotYet: the new version knows the old name, still
  std::string name;                  // the new one
  std::optional<std::string> value;  // to be written; nothing: it stays as it is
  bool repeats = false;
  std::vector<FlagTarget> others;  // to be added
};

// The flag that `setting` is about, as it would stand on a command line: log-output.
std::string FlagNameOf(const formats::Setting& setting, const Program& program);

// A flag's name in the form of a setting: ETCD_LOG_OUTPUT.
std::string NameInForm(std::string_view flag, formats::SettingForm form, const Program& program);

// The new side of an entry for people: "--log-outputs", "--log-level (true: debug, false: info)".
std::string ShowNewFlags(const FlagEntry& entry);

// What the steps make of `setting`, one after the other.
FlagChange ChangeOf(const formats::Setting& setting, const ProgramTables& program, Mode mode);

// In a union: true iff the version before the upgrade knows the new side as well; and iff the
// version after it knows the old side, still.
bool NewSideIsKnownBefore(const TableEntry& entry, const MappingTable& table);
bool OldSideIsKnownAfter(const TableEntry& entry, const MappingTable& table);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_FLAG_STEP_H_
