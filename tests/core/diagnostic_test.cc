#include "core/diagnostic.h"

#include <gtest/gtest.h>

namespace metrishift {
namespace {

TEST(SourceText, LocatesBytesByLineAndCodePoint) {
  const std::string text = "ab\nc\u00e9d\r\n\nlast";
  const SourceText source("f", text);
  struct Row {
    size_t offset;
    LineColumn at;
  };
  const Row rows[] = {
      {0, {1, 1}}, {2, {1, 3}},  {3, {2, 1}},  {4, {2, 2}},    {6, {2, 3}},
      {9, {3, 1}}, {10, {4, 1}}, {14, {4, 5}}, {1000, {4, 5}},
  };
  for (const Row& row : rows) EXPECT_EQ(source.Locate(row.offset), row.at) << row.offset;
  EXPECT_EQ(source.line_count(), 4u);
  EXPECT_EQ(source.LineSpan(2), (FileSpan{3, 9}));
  EXPECT_EQ(source.LineSpan(4), (FileSpan{10, 14}));
}

TEST(SourceText, LocatesInLongLines) {
  std::string text = "first\n";
  while (text.size() < 20000) text += "\u00e9a";
  const SourceText source("f", text);
  for (size_t at = 6; at <= text.size(); at += 3) {
    EXPECT_EQ(source.Locate(at), (LineColumn{2, (at - 6) / 3 * 2 + 1})) << at;
  }
}

TEST(SourceText, AFinalLineEndBeginsNoLine) {
  EXPECT_EQ(SourceText("f", "a\n").line_count(), 1u);
  EXPECT_EQ(SourceText("f", "a\n\n").line_count(), 2u);
  EXPECT_EQ(SourceText("f", "").line_count(), 0u);
  EXPECT_EQ(SourceText("f", "a\n").Locate(2), (LineColumn{1, 3}));
}

TEST(RenderDiagnostic, ShowsPlaceLineCaretAndHint) {
  const SourceText source("rules.yml", "groups:\n\texpr: rate(x\n");
  const Diagnostic diagnostic{Severity::kError, {15, 21}, "no closing parenthesis", "add one"};
  EXPECT_EQ(RenderDiagnostic(source, diagnostic, false),
            "rules.yml:2:8: error: no closing parenthesis\n"
            "  \texpr: rate(x\n"
            "  \t      ^~~~~~\n"
            "  hint: add one\n");
}

TEST(RenderDiagnostic, SpanOverSeveralLinesIsMarkedOnTheFirst) {
  const SourceText source("f", "ab\ncd\n");
  EXPECT_EQ(RenderDiagnostic(source, {Severity::kWarning, {1, 5}, "m", ""}, false),
            "f:1:2: warning: m\n  ab\n   ^\n");
}

TEST(RenderDiagnostic, AByteOrderMarkHasNoColumn) {
  const std::string text =
      "\xEF\xBB\xBF"
      "expr: x\ny\n";
  const SourceText source("f", text);
  EXPECT_EQ(RenderDiagnostic(source, {Severity::kInfo, {9, 10}, "m", ""}, false),
            "f:1:7: info: m\n  expr: x\n        ^\n");
  EXPECT_EQ(RenderDiagnostic(source, {Severity::kInfo, {0, 0}, "m", ""}, false),
            "f:1:1: info: m\n  expr: x\n  ^\n");
  EXPECT_EQ(source.Locate(11), (LineColumn{2, 1}));
  EXPECT_EQ(SourceText("f", text.substr(0, 3)).Locate(3), (LineColumn{1, 1}));
}

TEST(RenderDiagnostic, ControlCharactersDoNotReachTheTerminal) {
  const SourceText source("f\x1b\n", "\x1b[2J x");
  EXPECT_EQ(RenderDiagnostic(source, {Severity::kInfo, {5, 6}, "m\x1b", "h\x1b"}, false),
            "f??:1:6: info: m?\n  ?[2J x\n       ^\n  hint: h?\n");
}

TEST(Printable, Table) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", ""},
      {"a\tb", "a\tb"},
      {"\r\n\x7F", "???"},
      {"\xC2\x9B"
       "31m",
       "?31m"},
      {"\xC2\xA0", "\xC2\xA0"},
      {"\xC2", "\xC2"},
      {"\u00e9\u4e2d", "\u00e9\u4e2d"},
  };
  for (const auto& [text, shown] : rows) EXPECT_EQ(Printable(text), shown);
}

TEST(RenderDiagnostic, LongLinesAreCutAroundTheCaret) {
  const std::string text = std::string(5000, 'a') + "NAME" + std::string(5000, 'b');
  const SourceText source("f", text);
  const std::string rendered =
      RenderDiagnostic(source, {Severity::kError, {5000, 5004}, "m", ""}, false);
  EXPECT_LT(rendered.size(), 450u);
  const size_t line = rendered.find("\n") + 1;
  const size_t caret_line = rendered.find("\n", line) + 1;
  EXPECT_EQ(rendered.find("NAME") - line, rendered.find("^~~~") - caret_line);
}

TEST(RenderDiagnostic, LongLinesOfBrokenUtf8AreCutSomewhere) {
  const std::string text = "abc" + std::string(500, '\x90') + "def";
  for (size_t at = 0; at <= text.size(); ++at) {
    EXPECT_LT(RenderSnippet(SourceText("f", text), {at, at + 2}, "", false).size(), 700u) << at;
  }
}

TEST(RenderDiagnostic, EmptyTextAndSpanPastTheEnd) {
  EXPECT_EQ(RenderDiagnostic(SourceText("f", ""), {Severity::kError, {0, 0}, "m", ""}, false),
            "f:1:1: error: m\n");
  EXPECT_EQ(RenderDiagnostic(SourceText("f", "ab\n"), {Severity::kError, {3, 9}, "m", ""}, false),
            "f:1:4: error: m\n  ab\n    ^\n");
}

TEST(RenderDiagnostic, ColoursOnlyOnRequest) {
  const SourceText source("f", "ab");
  const Diagnostic diagnostic{Severity::kError, {0, 1}, "m", ""};
  EXPECT_EQ(RenderDiagnostic(source, diagnostic, false).find('\x1b'), std::string::npos);
  EXPECT_NE(RenderDiagnostic(source, diagnostic, true).find("\x1b[1;31merror:\x1b[0m"),
            std::string::npos);
}

}  // namespace
}  // namespace metrishift
