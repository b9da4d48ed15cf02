#ifndef METRISHIFT_REWRITER_CLI_TABLE_DRAFT_H_
#define METRISHIFT_REWRITER_CLI_TABLE_DRAFT_H_

#include <string>
#include <utility>
#include <vector>

namespace metrishift::cli {

// One entry of a draft: keys and their values as YAML, and what a person should know.
struct DraftEntry {
  std::vector<std::pair<std::string, std::string>> keys;
  std::string comment;  // one line; may be empty
};

// A scalar as YAML that reads back as `text`, whatever is in it.
std::string YamlScalar(const std::string& text);

// A table of these entries that loads: name, title and the like are made up and have to be changed.
// `about` are lines of comment at its head.
std::string RenderDraft(const std::vector<std::string>& about, const std::string& source,
                        const std::vector<DraftEntry>& entries);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_TABLE_DRAFT_H_
