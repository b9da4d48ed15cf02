#include "core/yaml.h"

#include <gtest/gtest.h>

namespace metrishift {
namespace {

// One line for a node: {key: value}, [item], scalars as their bytes in the file between < and >.
std::string Dump(const TextTree& tree, std::string_view text, NodeId id) {
  const TextNode& node = tree[id];
  std::string out;
  switch (node.kind) {
    case TextNode::Kind::kScalar:
      return "<" + std::string(text.substr(node.span.begin, node.span.size())) + ">";
    case TextNode::Kind::kMapping:
      for (const auto& [key, value] : node.members) {
        out += (out.empty() ? "" : ", ") + Dump(tree, text, key) + ": " + Dump(tree, text, value);
      }
      return "{" + out + "}";
    case TextNode::Kind::kSequence:
      for (const NodeId item : node.items)
        out += (out.empty() ? "" : ", ") + Dump(tree, text, item);
      return "[" + out + "]";
  }
  return out;
}

TEST(ParseYaml, SpansAreBytesOfTheFile) {
  struct Row {
    std::string_view text;
    std::string_view dump;
  };
  const Row rows[] = {
      {"a: 1\nb: [x, 'y']\n", "{<a>: <1>, <b>: [<x>, <'y'>]}"},
      {"\u00e9\u00e8: \"\u4e2d\U0001F600\" # c\nb: c",
       "{<\u00e9\u00e8>: <\"\u4e2d\U0001F600\">, <b>: <c>}"},
      {"\xEF\xBB\xBF\u00e9: b", "{<\u00e9>: <b>}"},
      {"\xEF\xBB\xBFk: b", "{<k>: <b>}"},
      {"\xEF\xBB\xBFk:\n- a: \u00e9\nb: c\n", "{<k>: [{<a>: <\u00e9>}], <b>: <c>}"},
      {"a: &x {b: c}\nd: *x\n", "{<a>: {<b>: <c>}, <d>: {<b>: <c>}}"},
      {"a: \r\nb: c\r\n", "{<a>: <>, <b>: <c>}"},
      {"{\"a\": [1, true, null]}", "{<\"a\">: [<1>, <true>, <null>]}"},
  };
  for (const Row& row : rows) {
    const Outcome<TextTree> tree = ParseYaml(row.text);
    ASSERT_TRUE(tree) << row.text;
    ASSERT_EQ(tree->documents.size(), 1u) << row.text;
    EXPECT_EQ(Dump(*tree, row.text, tree->documents[0]), row.dump);
  }
}

TEST(ParseYaml, ReadsEveryDocument) {
  const std::string_view text = "a: 1\n---\nb: 2\n---\n- c\n";
  const Outcome<TextTree> tree = ParseYaml(text);
  ASSERT_TRUE(tree);
  ASSERT_EQ(tree->documents.size(), 3u);
  EXPECT_EQ(Dump(*tree, text, tree->documents[2]), "[<c>]");
  EXPECT_EQ(ParseYaml("")->documents.size(), 0u);
}

TEST(ParseYaml, AliasIsTheNodeOfItsAnchor) {
  const Outcome<TextTree> tree = ParseYaml("a: &x v\nb: *x\n");
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->Find(tree->documents[0], "a"), tree->Find(tree->documents[0], "b"));
  EXPECT_EQ(tree->Find(tree->documents[0], "c"), std::nullopt);
  EXPECT_TRUE((*tree)[*tree->Find(tree->documents[0], "a")].aliased);
}

// Positions in a text that is not ASCII have to be counted; that must not begin anew for each.
TEST(ParseYaml, LongTextsThatAreNotAscii) {
  std::string text;
  for (size_t i = 0; i < 100'000; ++i) text += "- \u00e9\u20ac\n";
  const Outcome<TextTree> tree = ParseYaml(text);
  ASSERT_TRUE(tree);
  const TextNode root = (*tree)[tree->documents[0]];
  ASSERT_EQ(root.items.size(), 100'000u);
  EXPECT_EQ((*tree)[root.items.back()].span, (FileSpan{text.size() - 6, text.size() - 1}));
}

TEST(ParseYaml, ErrorsSayWhere) {
  struct Row {
    std::string text;
    size_t line;
    std::string_view part;
  };
  const Row rows[] = {
      {"a: 1\nb: [c\n", 2, "not valid YAML"},
      {"a: {{ template }}\n b: c", 2, "not valid YAML"},
      {"a: *x\n", 1, "alias *x has no anchor before it"},
      {"a: &x [*x]\n", 1, "stands inside its own anchor"},
      {"a: &x 1\n---\nb: *x\n", 3, "alias *x has no anchor before it"},
      {"a: \xff\n", 1, "not valid YAML"},
      {"\xEF\xBB\xBF\n\xff", 2, "not valid YAML"},
      {std::string(300, '[') + std::string(300, ']'), 1, "nested more than 200 levels deep"},
  };
  for (const Row& row : rows) {
    const Outcome<TextTree> tree = ParseYaml(row.text);
    ASSERT_FALSE(tree) << row.text;
    ASSERT_EQ(tree.diagnostics.size(), 1u);
    EXPECT_NE(tree.diagnostics[0].message.find(row.part), std::string::npos)
        << tree.diagnostics[0].message;
    EXPECT_EQ(SourceText("f", row.text).Locate(tree.diagnostics[0].span.begin).line, row.line)
        << row.text;
  }
}

}  // namespace
}  // namespace metrishift
