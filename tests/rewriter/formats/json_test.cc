#include "rewriter/formats/json.h"

#include <gtest/gtest.h>

namespace metrishift::formats {
namespace {

// Every node of the tree as its bytes in the file, strings followed by "=" and their value.
std::string Dump(const TextTree& tree, std::string_view text, NodeId id) {
  const TextNode& node = tree[id];
  const std::string bytes(text.substr(node.span.begin, node.span.size()));
  std::string out;
  switch (node.kind) {
    case TextNode::Kind::kScalar:
      return node.style == ScalarStyle::kJsonString ? bytes + "=" + std::string(node.value)
             : bytes == node.value                  ? bytes
                                                    : "WRONG VALUE " + std::string(node.value);
    case TextNode::Kind::kMapping:
      for (const auto& [key, value] : node.members) {
        out += (out.empty() ? "" : ", ") + Dump(tree, text, key) + ": " + Dump(tree, text, value);
      }
      EXPECT_TRUE(bytes.starts_with('{') && bytes.ends_with('}')) << bytes;
      return "{" + out + "}";
    case TextNode::Kind::kSequence:
      for (const NodeId item : node.items) {
        out += (out.empty() ? "" : ", ") + Dump(tree, text, item);
      }
      EXPECT_TRUE(bytes.starts_with('[') && bytes.ends_with(']')) << bytes;
      return "[" + out + "]";
  }
  return out;
}

TEST(ParseJson, SpansAreBytesOfTheFile) {
  struct Row {
    std::string_view text;
    std::string_view dump;
  };
  const Row rows[] = {
      {R"({"a":"b"})", R"({"a"=a: "b"=b})"},
      {"{ \"a\" :\r\n\t\"b\" }\r\n", R"({"a"=a: "b"=b})"},
      {R"(["a\"b", "\\", "\u00e9\ud83d\ude00/\/"])",
       "[\"a\\\"b\"=a\"b, \"\\\\\"=\\, \"\\u00e9\\ud83d\\ude00/\\/\"=\u00e9\U0001F600//]"},
      {"[\"\u00e9\U0001F600\", \"x\"]", "[\"\u00e9\U0001F600\"=\u00e9\U0001F600, \"x\"=x]"},
      {R"([1, -2, 1.50, 1e3, -0.5E+10, 12345678901234567890123, true, false, null])",
       "[1, -2, 1.50, 1e3, -0.5E+10, 12345678901234567890123, true, false, null]"},
      {R"([1,"a",2,{"b":3}])", R"([1, "a"=a, 2, {"b"=b: 3}])"},
      {"\xEF\xBB\xBF{\"a\": 1}", R"({"a"=a: 1})"},
      {"\xEF\xBB\xBF 12 ", "12"},
      {"12", "12"},
      {"\"x\"", "\"x\"=x"},
      {R"({"k": 1, "k": "two", "": {}})", R"({"k"=k: 1, "k"=k: "two"=two, ""=: {}})"},
      {"[[], [[]], {}]", "[[], [[]], {}]"},
      {R"({"a":[1 ,2 ],"b":"c"})", R"({"a"=a: [1, 2], "b"=b: "c"=c})"},
  };
  for (const Row& row : rows) {
    const Outcome<TextTree> tree = ParseJson(row.text);
    ASSERT_TRUE(tree) << row.text << ": " << tree.diagnostics[0].message;
    ASSERT_EQ(tree->documents.size(), 1u) << row.text;
    EXPECT_EQ(Dump(*tree, row.text, tree->documents[0]), row.dump);
  }
}

TEST(ParseJson, Errors) {
  struct Row {
    std::string_view text;
    std::string_view rendered;
  };
  using namespace std::string_view_literals;
  const Row rows[] = {
      {"", "d.json:1:1: error: not valid JSON: there is no value"},
      {" \n", "d.json:1:1: error: not valid JSON: there is no value"},
      {"{\n  \"a\": 1,\n}\n",
       "d.json:3:1: error: not valid JSON: unexpected '}'; expected string literal"},
      {"{\"a\" 1}", "d.json:1:6: error: not valid JSON: unexpected number literal; expected ':'"},
      {"[1,,2]",
       "d.json:1:4: error: not valid JSON: unexpected ','; expected '[', '{', or a literal"},
      {"[1 \"ab\"]", "d.json:1:4: error: not valid JSON: unexpected string literal; expected ']'"},
      {"{\"a\": \"b", "d.json:1:7: error: not valid JSON: invalid string: missing closing quote"},
      {"[\"a\", \"x\ny\"]",
       "d.json:1:7: error: not valid JSON: invalid string: control character U+000A (LF) must be "
       "escaped to \\u000A or \\n"},
      {"[\"\\q\"]",
       "d.json:1:2: error: not valid JSON: invalid string: forbidden character after backslash"},
      {"[\"\xFF\"]", "d.json:1:2: error: not valid JSON: invalid string: ill-formed UTF-8 byte"},
      {"[tru]", "d.json:1:2: error: not valid JSON: invalid literal"},
      {"[1 x]", "d.json:1:4: error: not valid JSON: invalid literal; expected ']'"},
      {"[1] x", "d.json:1:5: error: not valid JSON: invalid literal; expected end of input"},
      {"{,}", "d.json:1:2: error: not valid JSON: unexpected ','; expected string literal"},
      {"[1 :2]", "d.json:1:4: error: not valid JSON: unexpected ':'; expected ']'"},
      {"[1] [2]", "d.json:1:5: error: not valid JSON: unexpected '['; expected end of input"},
      {"// c\n{}", "d.json:1:1: error: not valid JSON: invalid literal"},
      {"{{ if .x }}", "d.json:1:2: error: not valid JSON: unexpected '{'; expected string literal"},
      {"[1e999]", "d.json:1:2: error: not valid JSON: number overflow parsing '1e999'"},
      {"{\"a\": [1, 2",
       "d.json:1:12: error: not valid JSON: unexpected end of input; expected ']'"},
      {"{\"a\": 1}\0{\"b\": 2}"sv, "d.json:1:9: error: not valid JSON: a NUL byte"},
      {"{\"a\": 1}\0"sv, "d.json:1:9: error: not valid JSON: a NUL byte"},
  };
  for (const Row& row : rows) {
    const Outcome<TextTree> tree = ParseJson(row.text);
    EXPECT_FALSE(tree) << row.text;
    ASSERT_EQ(tree.diagnostics.size(), 1u) << row.text;
    const SourceText source("d.json", row.text);
    const std::string rendered = RenderDiagnostic(source, tree.diagnostics[0], false);
    EXPECT_EQ(rendered.substr(0, rendered.find('\n')), row.rendered);
    EXPECT_LE(tree.diagnostics[0].span.end, row.text.size());
  }
}

TEST(ParseJson, Depth) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + "\"x\"" + std::string(depth, ']');
  };
  EXPECT_TRUE(ParseJson(nested(kMaxTreeDepth)));
  const Outcome<TextTree> deep = ParseJson(nested(kMaxTreeDepth + 1));
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.diagnostics[0].span, (FileSpan{kMaxTreeDepth, kMaxTreeDepth + 1}));
  EXPECT_EQ(deep.diagnostics[0].message, "nested more than 200 levels deep");
  EXPECT_FALSE(ParseJson(std::string(1'000'000, '[')));
}

// Every prefix of a text stops somewhere else in the grammar.
TEST(ParseJson, EveryPrefixIsRefusedWithAPlace) {
  const std::string_view text = R"({"a": [1, -2.5e3, "x\u00e9\n", {"b": null}], "c": true})";
  for (size_t size = 0; size < text.size(); ++size) {
    const Outcome<TextTree> tree = ParseJson(text.substr(0, size));
    ASSERT_FALSE(tree) << text.substr(0, size);
    ASSERT_EQ(tree.diagnostics.size(), 1u);
    EXPECT_LE(tree.diagnostics[0].span.begin, tree.diagnostics[0].span.end);
    EXPECT_LE(tree.diagnostics[0].span.end, size);
  }
}

}  // namespace
}  // namespace metrishift::formats
