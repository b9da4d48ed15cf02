#include "rewriter/cli/file_set.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "rewriter/cli/ignore.h"
#include "rewriter/cli/path_pattern.h"
#include "rewriter/formats/extract.h"

namespace metrishift::cli {
namespace {

namespace fs = std::filesystem;

// ./a//b as a/b. Not where there is a "..": behind a link it does not lead back.
std::string Tidy(const fs::path& path) {
  const std::string& text = path.native();  // of most it is tidy
  if (!text.starts_with('.') && text.find("/.") == text.npos && text.find("//") == text.npos)
    return text;
  return std::ranges::find(path, "..") == path.end() ? path.lexically_normal().string()
                                                     : path.string();
}

std::vector<PathPattern> PatternsOf(const std::vector<std::string>& texts) {
  std::vector<PathPattern> patterns;
  for (const std::string& text : texts) {
    if (std::optional<PathPattern> pattern = PathPattern::Parse(text))
      patterns.push_back(*std::move(pattern));
  }
  return patterns;
}

bool MatchesOneOf(const std::vector<PathPattern>& patterns, std::string_view path, bool is_folder) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  return std::ranges::any_of(
      patterns, [&](const PathPattern& pattern) { return pattern.Matches(path, is_folder); });
}

// A glob: the folder where it begins, and what is asked of paths below it.
struct Glob {
  fs::path folder;
  PathPattern pattern;
  size_t depth = 0;       // of what it can match; unlimited with "**"
  bool any_name = false;  // its last name is nothing but stars
};

std::optional<Glob> ParseGlob(const std::string& path) {
  fs::path folder;
  std::string rest;
  size_t depth = 0;
  bool any_name = false;
  for (const fs::path& name : fs::path(path)) {
    if (rest.empty() && !IsGlob(name.string())) {
      folder /= name;
      continue;
    }
    rest += "/" + name.string();
    any_name = name == "*" || name == "**";
    depth = name == "**" || depth == SIZE_MAX ? SIZE_MAX : depth + 1;
  }
  std::optional<PathPattern> pattern = PathPattern::Parse(rest);
  if (!pattern) return std::nullopt;
  return Glob{folder.empty() ? "." : folder, *std::move(pattern), depth, any_name};
}

// The file that standard output goes to, if it is one: `check --format json . > report.json` is not
// to find its own report.
class OutputFile {
 public:
  OutputFile() { known_ = ::fstat(STDOUT_FILENO, &info_) == 0 && S_ISREG(info_.st_mode); }
  bool Is(const fs::path& path) const {
    struct stat info {};
    return known_ && ::stat(path.c_str(), &info) == 0 && info.st_dev == info_.st_dev &&
           info.st_ino == info_.st_ino;
  }

 private:
  struct stat info_ {};
  bool known_ = false;
};

// Collects the files of one command line.
class Collector {
 public:
  Collector(const WalkOptions& options, bool one_path)
      : include_(PatternsOf(options.include)),
        exclude_(PatternsOf(options.exclude)),
        some_included_(!options.include.empty()),
        ignore_(options.ignore),
        code_(options.code),
        apart_(one_path) {}

  void Add(const std::string& path) {
    std::error_code error;
    if (path == kStandardInput) return Use({path, true});
    if (fs::is_directory(path, error)) return AddFolder(path);
    if (!fs::exists(fs::symlink_status(path, error)) && IsGlob(path)) {
      if (const std::optional<Glob> glob = ParseGlob(path)) return AddGlob(path, *glob);
    }
    const std::string tidy = Tidy(path);
    if (!MatchesOneOf(exclude_, tidy, false) && Included(tidy, true)) Use({tidy, true});
  }

  FileSet Take() { return std::move(set_); }

 private:
  void AddFolder(const fs::path& folder) {
    if (MatchesOneOf(exclude_, Tidy(folder), true)) return;
    found_.clear();
    if (ignore_) rules_.Begin(folder);
    Walk(folder, {.taken = true});
    UseFound();
  }

  void AddGlob(const std::string& path, const Glob& glob) {
    found_.clear();
    matched_ = false;
    std::error_code error;
    if (ignore_) rules_.Begin(glob.folder);
    if (fs::is_directory(glob.folder, error)) Walk(glob.folder, {.glob = &glob, .depth = 1});
    if (!matched_) set_.errors.push_back({path, "no file matches"});
    UseFound();
  }

  void UseFound() {
    std::ranges::sort(found_);
    for (std::string& file : found_) Use({std::move(file), false});
  }

  // How a folder is walked.
  struct Way {
    bool taken = false;          // all that is in it, by its name
    const Glob* glob = nullptr;  // and what matches this one
    size_t depth = 0;            // of what is in it, to the glob
  };

  void Walk(const fs::path& folder, const Way& way) {
    std::error_code error;
    fs::directory_iterator at(folder, error);
    for (; !error && at != fs::directory_iterator(); at.increment(error)) {
      std::error_code ignored;
      if (at->is_directory(ignored) && !at->is_symlink(ignored)) {
        Folder(at->path(), way);
      } else {
        File(*at, way);
      }
    }
    if (error) set_.errors.push_back({Tidy(folder), error.message()});
  }

  // What `path` is called below the folder of `glob`.
  static std::string Below(const fs::path& path, const Glob& glob) {
    return path.lexically_relative(glob.folder).string();
  }

  void Folder(const fs::path& path, Way way) {
    const std::string name = path.filename().string();
    if (name.starts_with('.') || MatchesOneOf(exclude_, Tidy(path), true)) return;
    const bool matches =
        way.glob != nullptr && way.glob->pattern.Matches(Below(path, *way.glob), true);
    way.taken = way.taken || matches;
    if (way.glob != nullptr && way.depth++ == way.glob->depth) way.glob = nullptr;
    if ((!way.taken && way.glob == nullptr) || Ignored(name, true)) return;
    matched_ = matched_ || matches;
    if (ignore_) rules_.Enter(path, name);
    Walk(path, way);
    if (ignore_) rules_.Leave();
  }

  void File(const fs::directory_entry& entry, const Way& way) {
    const fs::path& path = entry.path();
    const Glob* const glob = way.glob;
    const bool matches = glob != nullptr && glob->pattern.Matches(Below(path, *glob), false);
    if (!matches && !way.taken) return;
    const bool known =
        (matches && !glob->any_name) || formats::FormatOf(path.string(), "", code_).has_value();
    const std::string tidy = Tidy(path);
    if (!Included(tidy, known) || MatchesOneOf(exclude_, tidy, false)) return;
    if (Ignored(path.filename().string(), false)) return;
    std::error_code why;
    if (entry.is_regular_file(why)) {
      if (output_.Is(path)) return;
      matched_ = true;
      apart_ = apart_ && !entry.is_symlink();
      found_.push_back(tidy);
    }
    const bool dangling = why == std::errc::no_such_file_or_directory;
    if (why && !dangling) set_.errors.push_back({tidy, why.message()});
  }

  bool Ignored(std::string_view name, bool is_folder) {
    const bool ignored = ignore_ && rules_.Ignores(name, is_folder);
    if (ignored) ++set_.ignored;
    return ignored;
  }

  bool Included(std::string_view tidy, bool known) const {
    return some_included_ ? MatchesOneOf(include_, tidy, false) : known;
  }

  // Adds a file unless it is there already, perhaps under another path.
  void Use(InputFile file) {
    if (apart_) return set_.files.push_back(std::move(file));
    const auto [place, is_new] = seen_.try_emplace(IdentityOf(file.path), set_.files.size());
    if (is_new)
      set_.files.push_back(std::move(file));
    else
      set_.files[place->second].named |= file.named;
  }

  // What two paths to one file have in common. Hard links are files of their own, since only one of
  // them would be replaced.
  static std::string IdentityOf(const std::string& path) {
    struct stat info {};
    if (path == kStandardInput || ::stat(path.c_str(), &info) != 0) return "missing " + path;
    std::error_code error;
    if (info.st_nlink > 1) return "linked " + fs::canonical(path, error).string();
    return std::to_string(info.st_dev) + " " + std::to_string(info.st_ino);
  }

  std::vector<PathPattern> include_;
  std::vector<PathPattern> exclude_;
  bool some_included_;
  bool ignore_;
  bool code_;
  bool apart_;  // no two paths can lead to one file
  OutputFile output_;
  IgnoreRules rules_;
  std::vector<std::string> found_;                // of the path that is looked at
  bool matched_ = false;                          // the glob matched something
  std::unordered_map<std::string, size_t> seen_;  // places in set_.files, by identity
  FileSet set_;
};

}  // namespace

FileSet CollectFiles(const std::vector<std::string>& paths, const WalkOptions& options) {
  Collector collector(options, paths.size() == 1);
  for (const std::string& path : paths) collector.Add(path);
  return collector.Take();
}

}  // namespace metrishift::cli
