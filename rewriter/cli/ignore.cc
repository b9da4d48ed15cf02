#include "rewriter/cli/ignore.h"

#include <algorithm>
#include <iterator>
#include <system_error>

#include "core/file.h"

namespace metrishift::cli {
namespace {

namespace fs = std::filesystem;

bool IsRepository(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / ".git", error);
}

void AppendPatterns(const fs::path& path, std::vector<PathPattern>& patterns) {
  std::error_code error;
  std::string why;
  if (!fs::is_regular_file(path, error)) return;
  if (const auto text = ReadFile(path.string(), &why)) {
    std::vector<PathPattern> more = ParsePatterns(*text);
    std::ranges::move(more, std::back_inserter(patterns));
  }
}

}  // namespace

void IgnoreRules::Begin(const fs::path& folder) {
  levels_.clear();
  path_.clear();
  std::error_code error;
  const fs::path start = fs::canonical(folder, error);
  if (error) return Push(folder);
  fs::path top = start;
  while (!IsRepository(top) && top.has_relative_path()) top = top.parent_path();
  if (!IsRepository(top)) return Push(start);
  Push(top);
  for (const fs::path& name : start.lexically_relative(top)) {
    if (name != ".") Enter(top /= name, name.string());
  }
}

void IgnoreRules::Enter(const fs::path& folder, std::string_view name) {
  path_.append(name).append("/");
  Push(folder);
}

void IgnoreRules::Push(const fs::path& folder) {
  Level level{path_.size(), IsRepository(folder), {}};
  if (level.top) AppendPatterns(folder / ".git/info/exclude", level.patterns);
  AppendPatterns(folder / ".gitignore", level.patterns);
  levels_.push_back(std::move(level));
}

void IgnoreRules::Leave() {
  levels_.pop_back();
  path_.resize(levels_.empty() ? 0 : levels_.back().path_size);
}

bool IgnoreRules::Ignores(std::string_view name, bool is_folder) const {
  const std::string path = path_ + std::string(name);
  for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
    const std::string_view below = std::string_view(path).substr(level->path_size);
    const auto last =
        std::find_if(level->patterns.rbegin(), level->patterns.rend(),
                     [&](const PathPattern& pattern) { return pattern.Matches(below, is_folder); });
    if (last != level->patterns.rend()) return !last->negated();
    if (level->top) break;
  }
  return false;
}

}  // namespace metrishift::cli
