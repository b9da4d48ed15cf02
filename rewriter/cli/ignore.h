#ifndef METRISHIFT_REWRITER_CLI_IGNORE_H_
#define METRISHIFT_REWRITER_CLI_IGNORE_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "rewriter/cli/path_pattern.h"

namespace metrishift::cli {

// What git ignores, asked while folders are walked (https://git-scm.com/docs/gitignore): by the
// .gitignore files from the top of a repository down to the folder of a path, and by its
// .git/info/exclude; the last pattern that matches decides, that of the deepest file first. Outside
// of repositories, by the .gitignore files below the first folder. Two things are not asked for:
// what one user has told git for all repositories, since a run gives the same for everybody, and
// whether git tracks a file all the same. Not thread-safe.
class IgnoreRules {
 public:
  // Starts anew: the rules of the folders above `folder` and of itself.
  void Begin(const std::filesystem::path& folder);

  // While a folder is walked: it is `folder`, whose name is `name`, in the one that was entered
  // last.
  void Enter(const std::filesystem::path& folder, std::string_view name);
  void Leave();

  // Whether `name`, in the folder that was entered last, is ignored.
  bool Ignores(std::string_view name, bool is_folder) const;

 private:
  struct Level {
    size_t path_size = 0;  // of the path of its folder, with a slash unless that is empty
    bool top = false;      // of a repository: what lies above does not count
    std::vector<PathPattern> patterns;
  };

  void Push(const std::filesystem::path& folder);

  std::string path_;  // of the folder, from the first level on; each name with a slash behind it
  std::vector<Level> levels_;
};

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_IGNORE_H_
