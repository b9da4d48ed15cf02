#ifndef METRISHIFT_REWRITER_CLI_PATH_PATTERN_H_
#define METRISHIFT_REWRITER_CLI_PATH_PATTERN_H_

#include <re2/re2.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace metrishift::cli {

// A line of a .gitignore, which is also how --include, --exclude and globs are written
// (https://git-scm.com/docs/gitignore#_pattern_format): *, ? and [a-z] match within one name, **
// any number of folders. Without a slash, or with one at its end only, a pattern is for names at
// any depth. Bytes are compared, not characters. Immutable; several threads may read it.
class PathPattern {
 public:
  // Nothing for what is no pattern: a blank line, a comment, and what git takes for broken and
  // matches with nothing.
  static std::optional<PathPattern> Parse(std::string_view line);

  // `path` is relative to the folder that the pattern is about, with one "/" between names. What is
  // in a folder that matches does not match for that.
  bool Matches(std::string_view path, bool is_folder) const;

  bool negated() const { return negated_; }

 private:
  PathPattern() = default;

  std::shared_ptr<const RE2> regex_;
  bool negated_ = false;
  bool folders_only_ = false;
};

// Every pattern of a file of them.
std::vector<PathPattern> ParsePatterns(std::string_view text);

// True iff `path` has a character that makes a glob of it.
bool IsGlob(std::string_view path);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_PATH_PATTERN_H_
