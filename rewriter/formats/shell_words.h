#ifndef METRISHIFT_REWRITER_FORMATS_SHELL_WORDS_H_
#define METRISHIFT_REWRITER_FORMATS_SHELL_WORDS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "rewriter/formats/source_map.h"

namespace metrishift::formats {

// A word of a command as the command gets it, without quotes and escapes. What is expanded ($x,
// ${x}, $(x), `x`) stays as it is written.
struct ShellWord {
  std::string text;
  SourceMap map;  // from bytes of `text` to bytes of the script
  FileSpan span;  // in the script, quotes included
};

// The words of one simple command, without redirections; or of an array: then the first word ends
// with "=", and the others are its items.
struct ShellCommand {
  std::vector<ShellWord> words;
  bool is_array = false;
};

struct ShellScript {
  std::vector<ShellCommand> commands;
  std::vector<FileSpan> documents;  // here-documents, whole lines
};

enum class ShellSyntax : uint8_t {
  kScript,  // https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html
  // One value of a systemd unit: words and quotes, but neither operators nor comments, only lines
  // of them between the lines of one value.
  kUnitValue,
};

// Takes the script `text[range]` apart; what is no script gives some words. All spans are bytes of
// `text`. What stands in $(..) is part of a word. Linear in the size of the range; thread-safe.
ShellScript ReadShell(std::string_view text, FileSpan range, ShellSyntax syntax);

// The word at `begin`, if all its quotes are closed before `end`; otherwise an empty span.
ShellWord ReadShellWord(std::string_view text, size_t begin, size_t end);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_SHELL_WORDS_H_
