#ifndef METRISHIFT_REWRITER_REWRITE_PREFILTER_H_
#define METRISHIFT_REWRITER_REWRITE_PREFILTER_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/find_bytes.h"
#include "core/mapping.h"
#include "rewriter/rewrite/recorded_names.h"
#include "rewriter/rewrite/setting_plan.h"

namespace metrishift::rewrite {

// Words beside regular expressions on names, for a test to compare with the table of places: with
// __name__, and without it. ("qryType" is looked at, too, and what it is.)
inline constexpr std::string_view kNameFilterWords[] = {"source_labels", "sourceLabels", "ilters"};
inline constexpr std::string_view kNameRegexWords[] = {"seriesFilters", "seriesQuery",
                                                       "keep_metrics", "drop_metrics"};
// Beside a dashboard that is compressed: what it names is not in the bytes of the file.
inline constexpr std::string_view kPackedWord = "gzipJson";

// False when no recording rule can be in a file of these bytes.
bool MayRecord(std::string_view text);

// Decides from the bytes of a file whether RewriteFile could find anything in it, at a tenth of the
// cost or less: a file that it says no to need not be parsed. A file may concern us if
//   - it has a deprecated name, or one of `recorded`, old or new, as a word (mention.h);
//   - it has a variable or an action (promql/template.h) with a word before it that a deprecated
//     name begins with, one behind it that a name ends with, or one between two that a name has;
//   - it may compare names with a regular expression;
//   - it may have a flag, a variable or a path that is deprecated (setting_plan.h);
//   - it may have a compressed dashboard in it;
//   - it has an escape that stands for a character of names or of variables, or for none.
// That is more than needed, and everything: the names of a query stand in the bytes of its file as
// they are, but for escapes. So where it says no, RewriteFile has no findings; the file may still
// not be read as YAML or JSON. Immutable; several threads may read it.
class Prefilter {
 public:
  // Looks at `recorded` here only.
  explicit Prefilter(Mapping mapping, const RecordedNames& recorded = {});

  bool MayConcern(std::string_view text) const;

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  void AddName(std::string name);
  std::string_view CommonBeginning() const;
  bool HasName(std::string_view text) const;
  bool IsName(std::string_view word) const;
  bool HasNameAt(std::string_view text, size_t begin, size_t end) const;
  bool MayCompareNames(std::string_view text, bool filters) const;
  bool MayLetThrough(std::string_view value) const;
  bool MayHaveNameRegex(std::string_view text, const WordFinder::Found& words) const;
  bool HasVariable(std::string_view text, const WordFinder::Found& words) const;
  bool HasEnclosed(std::string_view text, std::string_view opener, std::string_view closer) const;
  bool HasPercent(std::string_view text) const;
  bool FollowsPart(std::string_view text, size_t opener) const;
  bool PrecedesPart(std::string_view text, size_t end) const;
  bool MayBegin(std::string_view part) const;
  bool MayEnd(std::string_view part) const;
  bool MayHold(std::string_view part) const;

  Mapping mapping_;
  std::vector<SettingWords> setting_words_;
  WordFinder words_{{}};
  size_t programs_end_ = 0;  // the number of the first word behind those of programs
  bool everything_ = false;  // any word may be a deprecated name
  std::unordered_set<std::string, Hash, std::equal_to<>> names_;  // of series
  std::vector<std::string> forwards_;                             // the same, sorted
  std::vector<std::string> backwards_;  // the same, each read from its end, sorted
  std::vector<std::string> without_underscore_;
};

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_PREFILTER_H_
