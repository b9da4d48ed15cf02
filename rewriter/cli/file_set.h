#ifndef METRISHIFT_REWRITER_CLI_FILE_SET_H_
#define METRISHIFT_REWRITER_CLI_FILE_SET_H_

#include <optional>
#include <string>
#include <vector>

namespace metrishift::cli {

// A file to look at.
struct InputFile {
  std::string path;
  bool named = false;  // on the command line, not found in a folder
};

// Where the walk could not go, and why.
struct WalkError {
  std::string path;
  std::string message;
};

struct FileSet {
  std::vector<InputFile> files;
  std::vector<WalkError> errors;
};

// The files that `paths` stand for, each once. A folder stands for the files below it whose names
// FormatOf() knows, in order of their paths; hidden folders (.git) and links to folders are not
// entered, links that lead nowhere are passed by. A file stands for itself, whatever its name.
FileSet CollectFiles(const std::vector<std::string>& paths);

// Replaces the file at `path`, whose bytes were `expected`, with `text`: writes a file beside it,
// syncs it, renames it. Links are followed, so the link stays and its target changes; mode and
// owner are kept. A crash leaves either the old or the new file; SIGINT and its like wait until the
// file beside it is gone. Returns what went wrong ("changed since it was read"), and then the old
// file is untouched.
std::optional<std::string> ReplaceFile(const std::string& path, const std::string& expected,
                                       const std::string& text);

// Writes `text` to the file at `path` in one step, as ReplaceFile does where there is one already;
// one that has this very text is not touched. Returns what went wrong.
std::optional<std::string> WriteFile(const std::string& path, const std::string& text);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_FILE_SET_H_
