#include "rewriter/generate/yaml_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/yaml.h"

namespace metrishift::generate {
namespace {

constexpr const char* kTexts[] = {
    "plain",
    "etcd_mvcc_put_total",
    "sum without (a, b) (x{a=\"b\"})",
    "x / 512",
    "a:b:c",
    ":begins",
    "ends:",
    "a: b",
    "a #b",
    "#a",
    "",
    " ",
    " a",
    "a ",
    "-",
    "- a",
    "?",
    "null",
    "NULL",
    "~",
    "true",
    "Yes",
    "on",
    "y",
    "N",
    "=",
    "<<",
    "1",
    "1.5",
    "1e3",
    "0x10",
    "0o7",
    "1_000",
    "12:30:45",
    ".inf",
    "2001-01-01",
    "'",
    "\"",
    "it's",
    "\"so\"",
    "\\d+",
    "a\\nb",
    "{a}",
    "[a]",
    "*a",
    "&a",
    "!a",
    "%a",
    "@a",
    "`a`",
    "|",
    ">",
    "a, b",
    "$1",
    "${1}_x",
    "a\nb",
    "a\r\nb",
    "\n",
    "a\tb",
    "\t",
    "\x01",
    "\x1b[31m",
    "\x7f",
    "\xc2\x85",
    "a\xe2\x80\xa8"
    "b: c",
    "\xe2\x80\xa9",
    "\xef\xbb\xbf"
    "a",
    "\xef\xbf\xbf",
    "\xc3\x96sterreich",
    "\xf0\x9f\x87\xa6",
    "---",
    "...",
    "--- a",
};

TEST(YamlText, AScalarIsReadAsItsText) {
  for (const std::string text : kTexts) {
    const std::string scalar = YamlScalar(text);
    EXPECT_EQ(scalar.find('\n'), std::string::npos) << scalar;
    for (const std::string& document : {"key: " + scalar + "\n", "key:\n  - " + scalar + "\n"}) {
      const Outcome<TextTree> tree = ParseYaml(document);
      ASSERT_TRUE(tree) << document;
      const std::optional<NodeId> id = tree->Find(tree->documents.at(0), "key");
      ASSERT_TRUE(id) << document;
      const TextNode node = (*tree)[*id];
      const bool list = node.kind == TextNode::Kind::kSequence;
      EXPECT_EQ((list ? (*tree)[node.items.front()] : node).value, text) << document;
    }
  }
}

TEST(YamlText, APlainScalarIsAString) {
  // What readers of YAML 1.1 or 1.2 would take for a number, a truth value, a date or nothing.
  for (const char* text :
       {"null", "NULL", "~",   "true",  "Yes",      "on",   "y",          "N", "1",  "1.5",
        "1e3",  "0x10", "0o7", "1_000", "12:30:45", ".inf", "2001-01-01", "=", "<<", ""})
    EXPECT_EQ(YamlScalar(text), "'" + std::string(text) + "'");
}

TEST(YamlText, NothingGetsOutOfAComment) {
  for (const std::string text : kTexts) {
    const std::string comment = YamlComment("before " + text + " after: [", 2);
    const std::string document = comment + "key: value\n";
    const Outcome<TextTree> tree = ParseYaml(document);
    ASSERT_TRUE(tree) << comment;
    ASSERT_EQ(tree->documents.size(), 1u) << comment;
    EXPECT_EQ(tree->size(), 3u) << comment;
  }
}

TEST(YamlText, CommentsBreakBetweenWords) {
  EXPECT_EQ(YamlComment(""), "#\n");
  EXPECT_EQ(YamlComment("a\n b\t c ", 4), "    # a b c\n");
  const std::string word(60, 'w');
  EXPECT_EQ(YamlComment(word + " " + word), "# " + word + "\n# " + word + "\n");
  const std::string longer(200, 'w');
  EXPECT_EQ(YamlComment(longer), "# " + longer + "\n");
}

}  // namespace
}  // namespace metrishift::generate
