#ifndef METRISHIFT_EXPORTER_EXPOSITION_ALIKE_LINES_H_
#define METRISHIFT_EXPORTER_EXPOSITION_ALIKE_LINES_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "exporter/exposition/line_scanner.h"

// Most sample lines of a family differ only in what stands between double quotes, and in their
// value. What is left of a line without the former is its outline: {job="",le=""} for
// {job="a",le="1"}. Where the machine has AVX-512 with VBMI2, 64 bytes are compared at a time.
namespace metrishift::exposition {

inline constexpr size_t kNoMatch = SIZE_MAX;

// The size of the beginning of `bytes` whose outline is `outline`. kNoMatch where there is none,
// and where a backslash between quotes would have to be understood; perhaps also where one follows.
// REQUIRES: an even number of quotes in `outline`, and a last byte that is none.
size_t MatchOutline(std::string_view bytes, std::string_view outline);

// The same on any machine; for tests.
size_t MatchOutlineByFind(std::string_view bytes, std::string_view outline);

// Where this is false, CopyAlikeLines takes no lines.
extern const bool kCanCopyAlikeLines;

// What lines that are alike have in common, and how they are to be copied.
struct AlikeLines {
  std::string_view family;   // each begins with this ...
  std::string_view outline;  // ... then comes what has this outline, then a value
  std::string_view target;   // what is written in place of the family
  size_t most_bytes = 0;     // of one line, without its "\n"
};

// Copies lines from the front of `lines` to [to, end) while they are alike and there is room, and
// takes them away. Stops at any value that is not a plain number. Returns the end of the copy; adds
// to `*count` how many lines it took: perhaps none, although there are some.
char* CopyAlikeLines(const AlikeLines& alike, LineQueue* lines, char* to, const char* end,
                     size_t* count);

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_ALIKE_LINES_H_
