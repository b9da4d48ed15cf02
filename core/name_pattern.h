#ifndef METRISHIFT_CORE_NAME_PATTERN_H_
#define METRISHIFT_CORE_NAME_PATTERN_H_

#include <re2/re2.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping_entry.h"
#include "core/replacement.h"

namespace metrishift {

// A MappingPattern, ready to be asked. Immutable; several threads may read it.
class NamePattern {
 public:
  explicit NamePattern(MappingPattern pattern);

  // The entry for the family `name`. Nothing where the pattern does not match, for what it leaves
  // out, for a name that would come out as none, for names longer than 4096 bytes, which may grow
  // in a pattern: no program has such; and for names with a colon: those are of recording rules
  // (https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels).
  std::optional<MappingEntry> EntryFor(std::string_view name) const;

  // True where `family` may be a new name: it matches the new side with anything in place of each
  // group, and has no colon.
  bool MayBeNewName(std::string_view family) const;

  const MappingPattern& pattern() const { return pattern_; }

 private:
  MappingPattern pattern_;
  std::unique_ptr<const RE2> regex_;
  Replacement new_name_;
  std::unique_ptr<const RE2> new_regex_;
  std::vector<Replacement> new_labels_;
};

// The text that everything that `pattern` matches begins with, as far as it can be read off it.
std::string LiteralPrefix(std::string_view pattern);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_NAME_PATTERN_H_
