#include <gtest/gtest.h>

#include "core/yaml.h"
#include "rewriter/formats/json.h"
#include "rewriter/formats/source_map.h"

namespace metrishift::formats {
namespace {

using Style = ScalarStyle;
constexpr std::string_view kRefused = "REFUSED";

struct Row {
  std::string_view text;
  Style style;
  std::string_view escaped;
  Neighbours neighbours = {};
};

TEST(EscapeForScalar, Rows) {
  using namespace std::string_view_literals;
  const Row rows[] = {
      {"new_name", Style::kJsonString, "new_name"},
      {"new_name", Style::kPlain, "new_name"},
      {"new_name", Style::kSingleQuoted, "new_name"},
      {"new_name", Style::kDoubleQuoted, "new_name"},
      {"new_name", Style::kLiteral, "new_name"},
      {"new_name", Style::kFolded, "new_name"},
      {"1", Style::kJsonLiteral, kRefused},

      {R"({"a\b"}/é<)", Style::kJsonString, R"({\"a\\b\"}/é<)"},
      {"\n\r\t\b\f\x01\x7F", Style::kJsonString, "\\n\\r\\t\\b\\f\\u0001\x7F"},
      {"\0"sv, Style::kJsonString, "\\u0000"},
      {R"({"a\b"}/é'<)", Style::kDoubleQuoted, R"({\"a\\b\"}/é'<)"},
      {"\n\r\t\x01\x7F", Style::kDoubleQuoted, "\\n\\r\\t\\x01\\x7F"},
      {"\u0085\u00A0\u2028\uFEFF\U0001F600", Style::kDoubleQuoted,
       "\\x85\u00A0\\u2028\\uFEFF\U0001F600"},

      {"it's \"x\" \\", Style::kSingleQuoted, "it''s \"x\" \\"},
      {"a\nb", Style::kSingleQuoted, kRefused},
      {"a\nb", Style::kPlain, kRefused},
      {"a\nb", Style::kLiteral, kRefused},
      {"a\nb", Style::kFolded, kRefused},
      {"a\x01", Style::kLiteral, kRefused},
      {"a\u2028", Style::kPlain, kRefused},
      {"\xFF", Style::kJsonString, kRefused},
      {"\xC0\x80", Style::kDoubleQuoted, kRefused},
      {"\xED\xA0\x80", Style::kDoubleQuoted, kRefused},
      {"\xE2\x82", Style::kSingleQuoted, kRefused},

      {"(a{x=\"#\"} or b:c)", Style::kPlain, "(a{x=\"#\"} or b:c)", {'\0', '\0'}},
      {"\"new\"", Style::kPlain, "\"new\"", {'=', '}'}},
      {"\"new\"", Style::kPlain, kRefused, {'\0', ')'}},
      {"{\"new\"}", Style::kPlain, kRefused, {'\0', ' '}},
      {"{\"new\"}", Style::kPlain, "{\"new\"}", {'(', ')'}},
      {"a{b}", Style::kFlowPlain, kRefused},
      {"a, b", Style::kFlowPlain, kRefused},
      {"a[5m]", Style::kFlowPlain, kRefused},
      {"(a or b)", Style::kFlowPlain, "(a or b)"},
      {"a: b", Style::kFlowPlain, kRefused},
      {"-a", Style::kPlain, "-a", {'\0', '\0'}},
      {"- a", Style::kPlain, kRefused, {'\0', '\0'}},
      {"-", Style::kPlain, kRefused, {'\0', ' '}},
      {"a: b", Style::kPlain, kRefused},
      {"a:", Style::kPlain, kRefused, {' ', '\0'}},
      {"a:", Style::kPlain, kRefused, {' ', ' '}},
      {"a:", Style::kPlain, "a:", {' ', 'b'}},
      {" b", Style::kPlain, kRefused, {':', ' '}},
      {"a #b", Style::kPlain, kRefused},
      {"a#b", Style::kPlain, "a#b"},
      {"#b", Style::kPlain, kRefused, {' ', ' '}},
      {"a ", Style::kPlain, kRefused, {' ', '#'}},
      {"a ", Style::kPlain, kRefused, {' ', '\0'}},
      {" a", Style::kPlain, kRefused, {'\0', ' '}},
      {"", Style::kPlain, kRefused, {'\0', '\0'}},
      {"", Style::kPlain, kRefused, {':', ' '}},
      {"", Style::kPlain, "", {'a', 'b'}},

      {"a: b #c", Style::kLiteral, "a: b #c"},
      {" a", Style::kLiteral, kRefused, {'\0', ' '}},
      {" a", Style::kLiteral, " a", {'\n', ' '}},
      {" a", Style::kFolded, kRefused, {'\n', ' '}},
      {" a", Style::kFolded, " a", {'b', ' '}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(EscapeForScalar(row.text, row.style, row.neighbours).value_or(std::string(kRefused)),
              row.escaped)
        << row.text << " in style " << static_cast<int>(row.style);
  }
}

// What is let through must be read as it was meant: written into a file, the libraries read it
// back.
TEST(EscapeForScalar, LibrariesReadItBack) {
  struct Frame {
    Style style;
    std::string_view before;
    std::string_view after;
  };
  const Frame frames[] = {
      {Style::kJsonString, "{\"k\": \"", "\"}"},   {Style::kPlain, "k: ", "\nl: 1\n"},
      {Style::kSingleQuoted, "k: '", "'\nl: 1\n"}, {Style::kDoubleQuoted, "k: \"", "\"\nl: 1\n"},
      {Style::kLiteral, "k: |-\n  ", "\nl: 1\n"},  {Style::kFolded, "k: >-\n  ", "\nl: 1\n"},
  };
  // Every string of up to three of these.
  const std::string_view alphabet[] = {"a",  " ", "\t", ":", "#", "-", "?", "\"",     "'",
                                       "\\", "{", "}",  ",", "&", "!", "|", "\u00e9", "\n"};
  constexpr size_t kLetters = std::size(alphabet);
  size_t accepted = 0;
  for (size_t code = 0; code < kLetters * kLetters * kLetters; ++code) {
    std::string text;
    for (size_t rest = code; rest != 0; rest /= kLetters) text += alphabet[rest % kLetters];
    for (const Frame& frame : frames) {
      const auto escaped = EscapeForScalar(text, frame.style, {'\0', '\0'});
      if (!escaped) continue;
      ++accepted;
      const std::string file = std::string(frame.before) + *escaped + std::string(frame.after);
      const Outcome<TextTree> tree =
          frame.style == Style::kJsonString ? ParseJson(file) : ParseYaml(file);
      ASSERT_TRUE(tree) << file;
      const std::optional<NodeId> node = tree->Find(tree->documents[0], "k");
      ASSERT_TRUE(node) << file;
      ASSERT_EQ((*tree)[*node].value, text) << file;
    }
  }
  EXPECT_GT(accepted, 15'000u);
}

}  // namespace
}  // namespace metrishift::formats
