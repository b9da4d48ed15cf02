#ifndef METRISHIFT_REWRITER_CLI_WRITE_FILE_H_
#define METRISHIFT_REWRITER_CLI_WRITE_FILE_H_

#include <cstddef>
#include <optional>
#include <string>

namespace metrishift::cli {

// Replaces the file at `path`, whose bytes were `expected`, with `text`: writes a file beside it,
// syncs it, renames it. Links are followed, so the link stays and its target changes; mode and
// owner are kept; other hard links to the old file keep the old text. A crash leaves either the old
// or the new file; SIGINT and its like wait until the file beside it is gone. A file that may not
// be written is not replaced. Returns what went wrong ("changed since it was read"), and then the
// old file is untouched. The caller ignores SIGXFSZ.
std::optional<std::string> ReplaceFile(const std::string& path, const std::string& expected,
                                       const std::string& text);

// The number of other names (hard links) that the file at `path` has.
size_t OtherHardLinks(const std::string& path);

// Writes `text` to the file at `path` in one step, as ReplaceFile does where there is one already;
// one that has this very text is not touched. Returns what went wrong.
std::optional<std::string> WriteFile(const std::string& path, const std::string& text);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_WRITE_FILE_H_
