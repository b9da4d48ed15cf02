#ifndef METRISHIFT_CORE_YAML_H_
#define METRISHIFT_CORE_YAML_H_

#include <string_view>

#include "core/diagnostic.h"
#include "core/text_tree.h"

namespace metrishift {

// Reads every document of a YAML 1.1 stream with libyaml, the code family that Prometheus' own
// reader descends from. Positions are bytes of `text`, whatever its characters. A byte order mark
// is allowed. On a syntax error, an alias without anchor or inside its own anchor, or nesting
// beyond kMaxTreeDepth, there is one error diagnostic and no value. Mappings keep duplicate keys;
// the caller decides what they mean. `text` must outlive the tree. Thread-safe.
//
// `percent`: libyaml is spared lines of literal blocks where they are so much of the text
// (core/abridged_yaml.h). The outcome does not depend on it; tests find out.
Outcome<TextTree> ParseYaml(std::string_view text, size_t percent = 50);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_YAML_H_
