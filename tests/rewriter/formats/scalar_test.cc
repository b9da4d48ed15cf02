#include <gtest/gtest.h>

#include "core/yaml.h"
#include "rewriter/formats/json.h"
#include "rewriter/formats/source_map.h"
#include "tests/rewriter/formats/piece_check.h"

namespace metrishift::formats {
namespace {

// Makes line ends and other invisible bytes visible.
std::string Visible(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// The pieces of a decoded scalar: verbatim ones as their text, atoms as <bytes in the file=text>,
// "~" where file bytes lie between two pieces.
std::string Dump(std::string_view file, const DecodedScalar& scalar) {
  std::string out;
  size_t file_end = 0;
  for (const SourceMap::Piece& piece : scalar.map.pieces()) {
    if (file_end != 0 && piece.file().begin != file_end) out += '~';
    file_end = piece.file().end;
    const std::string text = scalar.text.substr(piece.query_begin, piece.query_size);
    const std::string_view bytes = file.substr(piece.file().begin, piece.file().size());
    out += piece.verbatim ? text : "<" + std::string(bytes) + "=" + text + ">";
  }
  return Visible(out);
}

// Decodes the first scalar that is no key and dumps it.
std::string DumpFirst(std::string_view file, const Outcome<TextTree>& tree) {
  if (!tree) return "PARSE ERROR " + tree.diagnostics[0].message;
  NodeId id = tree->documents.at(0);
  while ((*tree)[id].kind != TextNode::Kind::kScalar) {
    const TextNode& parent = (*tree)[id];
    id = parent.items.empty() ? parent.members[0].second : parent.items[0];
  }
  const TextNode& node = (*tree)[id];
  const auto scalar = DecodeScalar(file, node.span, node.style, node.value);
  if (!scalar) return "DIFFERS FROM " + Visible(node.value);
  EXPECT_EQ(PieceProblem(file, node.span, scalar->text, scalar->map), "") << Visible(file);
  return Dump(file, *scalar);
}

struct Row {
  std::string_view file;
  std::string_view dump;
};

TEST(DecodeScalar, Json) {
  const Row rows[] = {
      {R"j(["rate(x{a=\"b\"}[5m])"])j", R"j(rate(x{a=<\"=">b<\"=">}[5m]))j"},
      {R"(["\\\/\b\f\n\r\t"])", "<\\\\=\\><\\/=/><\\b=\b><\\f=\f><\\n=\\n><\\r=\\r><\\t=\\t>"},
      {R"(["a/\u0041\u00e9\u20AC\ud83d\ude00."])",
       "a/<\\u0041=A><\\u00e9=\u00e9><\\u20AC=\u20ac><\\ud83d\\ude00=\U0001F600>."},
      {"[\"\u00e9x\"]", "\u00e9x"},
      {R"([""])", ""},
      {R"([  1.50  ])", "1.50"},
  };
  for (const Row& row : rows) EXPECT_EQ(DumpFirst(row.file, ParseJson(row.file)), row.dump);
}

TEST(DecodeScalar, YamlPlain) {
  const Row rows[] = {
      {"a: up\n", "up"},
      {"a: up", "up"},
      {"a: sum by (x)  (y) # c\n", "sum by (x)  (y)"},
      {"a: x\n  + y\n", "x<\\n  = >+ y"},
      {"a: x  \n\n   \t\n  y\n", "x<  \\n\\n   \\t\\n  =\\n\\n>y"},
      {"a:\n  x\r\n  y\r\n", "x<\\r\\n  = >y"},
      {"a:\n", ""},
      {"a: &q up\nb: *q\n", "up"},
      {"a: !!str &q\n  # c\n  up\n", "up"},
      {"a: &q\nb: 1\n", ""},
      {"a: &q:up\n", ":up"},
      {"a: &q\xE2\x80\xA8  # c\xC2\x85  up\n", "up"},
      {"[it's \"x\", 2]", "it's \"x\""},
      {"- x\xE2\x80\xA8  y", "x<\xE2\x80\xA8  =\xE2\x80\xA8>y"},
      {"- x\xC2\x85  y", "x<\xC2\x85  = >y"},
      {"- x\xC2\xA0\xE2\x82\xACy", "x\xC2\xA0\xE2\x82\xACy"},
  };
  for (const Row& row : rows) EXPECT_EQ(DumpFirst(row.file, ParseYaml(row.file)), row.dump);
}

TEST(DecodeScalar, YamlSingleQuoted) {
  const Row rows[] = {
      {"a: 'x{l=\"v\"}'", "x{l=\"v\"}"},
      {"a: 'it''s'''", "it<''='>s<''='>"},
      {"a: ' x '", " x "},
      {"a: ''", ""},
      {"a: 'x \n  y'", "x< \\n  = >y"},
      {"a: 'x\n\n\n  y\n  '", "x<\\n\\n\\n  =\\n\\n>y<\\n  = >"},
      {"a: '\n  y'", "<\\n  = >y"},
      {"a: 'x\\n'", "x\\n"},
      {"a: &b 'x'", "x"},
  };
  for (const Row& row : rows) EXPECT_EQ(DumpFirst(row.file, ParseYaml(row.file)), row.dump);
}

TEST(DecodeScalar, YamlDoubleQuoted) {
  const Row rows[] = {
      {R"(a: "x{l=\"v\"}")", R"(x{l=<\"=">v<\"=">})"},
      {R"(a: "\a\b\t\n\v\f\r\e\ \/\\")",
       "<\\a=\a><\\b=\b><\\t=\\t><\\n=\\n><\\v=\v><\\f=\f><\\r=\\r><\\e=\x1B><\\ = "
       "><\\/=/><\\\\=\\>"},
      {R"(a: "\N\_\L\P\x41\u00e9\U0001F600")",
       "<\\N=\xC2\x85><\\_=\xC2\xA0><\\L=\xE2\x80\xA8><\\P=\xE2\x80\xA9><\\x41=A><\\u00e9=\u00e9>"
       "<\\U0001F600=\U0001F600>"},
      {"a: \"x\n  y\"", "x<\\n  = >y"},
      {"a: \"x \\\n   y\"", "x ~y"},
      {"a: \"x \\\n \n\n  \\  y\"", "x <\\\\n \\n\\n  =\\n\\n><\\ = > y"},
      {"a: \"x\t\n\n  y\"", "x<\\t\\n\\n  =\\n>y"},
      {"a: \"\\\r\n  x\"", "x"},
      {"a: \"'\"", "'"},
  };
  for (const Row& row : rows) EXPECT_EQ(DumpFirst(row.file, ParseYaml(row.file)), row.dump);
}

TEST(DecodeScalar, YamlLiteral) {
  const Row rows[] = {
      {"a: |\n  x\n  y\n", "x\\n~y\\n"},
      {"a: |-\n  x\n  y\n\n\n", "x\\n~y"},
      {"a: |+\n  x\n\n\n", "x\\n\\n\\n"},
      {"a: |+\n  x\n  \n \nb: 1", "x\\n~\\n~\\n"},
      {"a: |\n  x", "x"},
      {"a: |+\n  x", "x"},
      {"a: | # c\n  x\n", "x\\n"},
      {"a: |+2 # c\n   x\n", " x\\n"},
      {"a: |2+ \n   x\n\n", " x\\n\\n"},
      {"- |1\n  x\n", " x\\n"},
      {"a: |\n\n\n  x\n    y\n  z\n", "\\n\\n~x\\n~  y\\n~z\\n"},
      {"a: |\n  x\r\n\r\n  y\r\n", "x<\\r\\n=\\n><\\r\\n=\\n>~y<\\r\\n=\\n>"},
      {"a: |2\n  \tx\n  y\t\n", "\\tx\\n~y\\t\\n"},
      {"a: |\n  x\n # c\nb: 1\n", "x\\n"},
      {"a: |2\n    \n  x\n", "  \\n~x\\n"},
      {"a: |2\n    \n", "  \\n"},
      {"a: |\n\n", ""},
      {"a: |+\n\n", "\\n"},
      {"a: &q !!str |\n  x\n", "x\\n"},
      {"- - - |\n     x\n     y\n", "x\\n~y\\n"},
      {"- |\n  \u00e9\n  x\xE2\x80\xA9  y\n", "\u00e9\\n~x\xE2\x80\xA9~y\\n"},
  };
  for (const Row& row : rows) EXPECT_EQ(DumpFirst(row.file, ParseYaml(row.file)), row.dump);
}

TEST(DecodeScalar, YamlFolded) {
  const Row rows[] = {
      {"a: >\n  x\n  y\n", "x<\\n= >~y\\n"},
      {"a: >-\n  x\n\n  y\n", "x~\\n~y"},
      {"a: >\n  x\n    y\n  z\n", "x\\n~  y\\n~z\\n"},
      {"a: >\n  x\n\n    y\n\n  z\n", "x\\n\\n~  y\\n\\n~z\\n"},
      {"a: >\n\n  x\n  y\n\n", "\\n~x<\\n= >~y\\n"},
      {"a: >+\n  x\r\n  y\r\n\r\n", "x<\\r\\n= >~y<\\r\\n=\\n><\\r\\n=\\n>"},
      {"a: >\n  x\n  \ty\n  z\n", "x\\n~\\ty\\n~z\\n"},
      {"a: >2-\n   x\n   y\n  z\n", " x\\n~ y\\n~z"},
  };
  for (const Row& row : rows) EXPECT_EQ(DumpFirst(row.file, ParseYaml(row.file)), row.dump);
}

TEST(DecodeScalar, RefusesWhatItCannotReproduce) {
  struct BadRow {
    std::string_view token;
    ScalarStyle style;
    std::string_view expected;
    const char* why;
  };
  using Style = ScalarStyle;
  const BadRow rows[] = {
      {R"("ab")", Style::kJsonString, "abc", "other text"},
      {R"("ab)", Style::kJsonString, "ab", "no closing quote"},
      {R"(")", Style::kJsonString, "", "one quote is not two"},
      {R"("\q")", Style::kJsonString, "q", "an unknown escape"},
      {R"("\u12")", Style::kJsonString, "\x12", "too few digits"},
      {R"("\u12zz")", Style::kJsonString, "", "no digits"},
      {R"("\ud83d")", Style::kJsonString, "", "half a surrogate pair"},
      {R"("\ud83d\u0041")", Style::kJsonString, "", "half a surrogate pair and a letter"},
      {R"("\")", Style::kJsonString, "\"", "an escape without an end"},
      {"'ab\"", Style::kSingleQuoted, "ab", "another quote"},
      {"'a'b'", Style::kSingleQuoted, "a'b", "a lone quote"},
      {"\"\\xZZ\"", Style::kDoubleQuoted, "", "no digits"},
      {"\"\\U00110000\"", Style::kDoubleQuoted, "", "beyond the last character"},
      {"x", Style::kLiteral, "x", "no header"},
      {">\n x\n", Style::kLiteral, "x\n", "the header of the other style"},
      {"|\n  x\n y\n", Style::kLiteral, "x\ny\n", "a line indented too little"},
      {"", Style::kLiteral, "", "nothing at all"},
  };
  for (const BadRow& row : rows) {
    const FileSpan span{0, row.token.size()};
    EXPECT_FALSE(DecodeScalar(row.token, span, row.style, row.expected)) << row.why;
  }
  EXPECT_FALSE(DecodeScalar("x", {0, 2}, Style::kPlain, "x")) << "beyond the end of the file";
  EXPECT_FALSE(DecodeScalar("x", {1, 0}, Style::kPlain, "x")) << "a span the wrong way round";
}

// The comparison by a greedy match of decoded bytes would find the last "A" in the comment.
TEST(DecodeScalar, MapIsRecordedNotGuessed) {
  const std::string_view file = "a: \"x # \\u0041\"\nb: A\n";
  EXPECT_EQ(DumpFirst(file, ParseYaml(file)), "x # <\\u0041=A>");
}

}  // namespace
}  // namespace metrishift::formats
