#ifndef METRISHIFT_REWRITER_CLI_FILE_SET_H_
#define METRISHIFT_REWRITER_CLI_FILE_SET_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace metrishift::cli {

// Standard input, among the paths of a command line.
inline constexpr std::string_view kStandardInput = "-";

// A file to look at.
struct InputFile {
  std::string path;
  bool named = false;  // on the command line, not found in a folder or by a glob
};

// Where the walk could not go, and why.
struct WalkError {
  std::string path;
  std::string message;
};

struct FileSet {
  std::vector<InputFile> files;
  std::vector<WalkError> errors;
  size_t ignored = 0;  // files and folders that were passed by because git ignores them
};

// What is left out of a walk. Patterns are as path_pattern.h has them, about whole paths as
// InputFile::path gives them, without a slash at their beginning.
struct WalkOptions {
  std::vector<std::string> include;  // if any: only files that match one, whatever their names
  std::vector<std::string> exclude;  // neither files nor folders that match one
  bool ignore = true;                // nor what git ignores (ignore.h)
  bool code = false;                 // also programs and prose (FormatOf)
};

// The files that `paths` stand for, each once.
//   - A file stands for itself, whatever its name, and "-" for standard input.
//   - A folder stands for the files below it whose names FormatOf() knows, in order of their paths;
//     hidden folders (.git) and links to folders are not entered, links that lead nowhere are
//     passed by.
//   - A path with *, ? or [ that is not there is a glob: it stands for the files and folders it
//     matches, in order of their paths; of files, where its last name is * or **, for those whose
//     names FormatOf() knows. Hidden folders and what git ignores stay out as they do of a folder.
//     A glob that matches nothing is an error.
FileSet CollectFiles(const std::vector<std::string>& paths, const WalkOptions& options = {});

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_FILE_SET_H_
