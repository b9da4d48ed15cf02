#ifndef METRISHIFT_REWRITER_REWRITE_SETTING_PLAN_H_
#define METRISHIFT_REWRITER_REWRITE_SETTING_PLAN_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/find_bytes.h"
#include "core/mapping.h"
#include "rewriter/formats/extract.h"
#include "rewriter/formats/settings.h"
#include "rewriter/rewrite/edit.h"
#include "rewriter/rewrite/finding.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::rewrite {

// What the tables say of flags, environment variables, keys of configuration files and paths of
// HTTP interfaces, done to one file.
struct SettingPlan {
  std::vector<Finding> findings;
  std::vector<FileEdit> edits;
  // A setting as it has to be found in the result.
  struct Expected {
    std::string name;
    std::optional<std::string> value;
    bool any_value = false;  // a path in it changes
  };
  std::vector<Expected> expected;  // in order
};

// A text that has none of the words has no setting and no path of the program that a mapping has an
// entry for. `program` belongs to the mapping.
struct SettingWords {
  const Program* program = nullptr;
  WordFinder words;
};

std::vector<SettingWords> SettingWordsOf(const Mapping& mapping);

// True iff `text` may hold a setting or a path that the mapping of `words` has an entry for.
// Decided from bytes, fast.
bool MayHaveSettings(std::string_view text, std::span<const SettingWords> words);

// Plans every setting of a program whose tables `mapping` has, and every path. Tables of one
// program apply one after the other. Nothing within `taken` (sorted, disjoint: queries) is changed.
//
// A command line takes one side only. So in a union what the old version knows under its new name
// as well is renamed at once, which is right before and after the upgrade; what it does not know
// stays, and is left to a person where the new version has no old name any more. Needs a person,
// too: what has no new name; what is set twice otherwise; a value that decides and is not known
// here (a variable); another setting that is needed where there is no room for it.
//
// A flag, variable or path that an entry is for and that stands anywhere else is a finding: a
// comment names it, or nobody knows whose it is. Pure; thread-safe.
SettingPlan PlanSettings(std::string_view text, formats::FileFormat format, const Mapping& mapping,
                         const PlanOptions& options, std::span<const FileSpan> taken);

// What is left where a text could not be read: each mention, for a person.
std::vector<Finding> FindSettingMentions(std::string_view text, const Mapping& mapping);

// True iff the settings of `text`, the result, are those of the plan.
bool HasSettings(std::string_view text, formats::FileFormat format, const Mapping& mapping,
                 const SettingPlan& plan);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_SETTING_PLAN_H_
