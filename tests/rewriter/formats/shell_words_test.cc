#include "rewriter/formats/shell_words.h"

#include <gtest/gtest.h>

namespace metrishift::formats {
namespace {

// The words of every command, "a|b" each, with "(..)" around arrays, and here-documents as <..>.
std::string Words(std::string_view text, ShellSyntax syntax = ShellSyntax::kScript) {
  std::string out;
  const ShellScript script = ReadShell(text, {0, text.size()}, syntax);
  for (const ShellCommand& command : script.commands) {
    std::string words;
    for (const ShellWord& word : command.words) words += (words.empty() ? "" : "|") + word.text;
    out += (out.empty() ? "" : " ; ") + (command.is_array ? "(" + words + ")" : words);
  }
  for (const FileSpan& document : script.documents)
    out += "<" + std::string(text.substr(document.begin, document.size())) + ">";
  return out;
}

TEST(ReadShell, TakesCommandsApart) {
  struct Row {
    std::string_view text;
    std::string_view words;
  };
  const Row rows[] = {
      {"a b\tc", "a|b|c"},
      {"a 'b c' \"d e\" f\\ g", "a|b c|d e|f g"},
      {"a --x=\"b\"'c'd", "a|--x=bcd"},
      {"a \"\\$x \\\" \\n\"", "a|$x \" \\n"},
      {"a \\\n  b \\\r\n c\nd", "a|b|c ; d"},
      {"a b\\\nc", "a|bc"},
      {"a # b\nc#d", "a ; c#d"},
      {"a; b && c | d & e || f", "a ; b ; c ; d ; e ; f"},
      {"(a b)", "a|b"},
      {"a >b 2>&1 <c d", "a|d"},
      {"a $(b; c) ${d e} `f; g` $h", "a|$(b; c)|${d e}|`f; g`|$h"},
      {"A=(b\n c) d", "(A=|b|c) ; d"},
      {"cat <<EOF >x\na; b\nEOF\nc", "cat ; c<a; b\n>"},
      {"cat <<-'E O'\n\ta\n\tE O\nc", "cat ; c<\ta\n>"},
      {"a <<< b c", "a|c"},
      {"cat <<EOF\na", "cat ; a"},
      {"a '", "a|"},
      {"a \"$(", "a|$("},
      {"", ""},
      {"\\", "\\"},
  };
  for (const Row& row : rows) EXPECT_EQ(Words(row.text), row.words) << row.text;
  EXPECT_EQ(Words("a; b | 'c d' # e \\\n # comment \\\n  f $(g h)", ShellSyntax::kUnitValue),
            "a;|b|||c d|#|e|f|$(g|h)");
}

TEST(ReadShell, WordsKnowTheirBytes) {
  const std::string_view text = "x --a='b'\\c\"d\"";
  const ShellScript script = ReadShell(text, {0, text.size()}, ShellSyntax::kScript);
  const ShellWord& word = script.commands.at(0).words.at(1);
  EXPECT_EQ(word.text, "--a=bcd");
  EXPECT_EQ(word.span, (FileSpan{2, text.size()}));
  const FileSpan value = word.map.ToFile({4, 7});
  EXPECT_EQ(text.substr(value.begin, value.size()), "b'\\c\"d");
}

TEST(ReadShellWord, IsNoneWithoutItsLastQuote) {
  EXPECT_EQ(ReadShellWord("'a b' c", 0, 7).text, "a b");
  EXPECT_TRUE(ReadShellWord("'a b", 0, 4).span.empty());
}

}  // namespace
}  // namespace metrishift::formats
