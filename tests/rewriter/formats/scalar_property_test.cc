// Random YAML and JSON scalars: our decoding is the library's, and the map is right for every part
// of it.

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/yaml.h"
#include "rewriter/formats/json.h"
#include "rewriter/formats/source_map.h"
#include "tests/rewriter/formats/piece_check.h"

namespace metrishift::formats {
namespace {

using Random = std::mt19937;

size_t Below(Random& random, size_t bound) { return random() % bound; }

template <size_t N>
std::string_view Pick(Random& random, const std::string_view (&from)[N]) {
  return from[Below(random, N)];
}

// What scalars are made of. Letters and blanks come often, so that most texts are valid.
constexpr std::string_view kText[] = {"a", "x", "up", "sum", "(", ")", "é", "€", "😀", " ",
                                      "a", "b", " ",  "0",   "{", "}", "'", "+", ":", "#"};
constexpr std::string_view kBlanks[] = {" ", " ", "  ", "\t", "   "};
constexpr std::string_view kYamlEscapes[] = {
    "\\n", "\\t",         "\\\"", "\\\\", "\\x41", "\\u20ac", "\\ ",    "\\0",      "\\N",
    "\\L", "\\U0001F600", "\\/",  "\\e",  "\\_",   "\\\n",    "\\\n  ", "\\\n \n ", "\\P"};
constexpr std::string_view kJsonEscapes[] = {"\\n", "\\t",     "\\\"",    "\\\\",           "\\/",
                                             "\\b", "\\u0041", "\\u20AC", "\\ud83d\\ude00", "\\f"};

// Line ends of one file, mostly all the same.
std::string_view LineEnd(Random& random, bool crlf) {
  if (Below(random, 40) == 0) return Pick(random, {"\r", "\xC2\x85", "\xE2\x80\xA8", "\r\n"});
  return crlf ? "\r\n" : "\n";
}

std::string FlowContent(Random& random, ScalarStyle style, bool crlf) {
  std::string out = style == ScalarStyle::kPlain ? "p" : "";
  for (size_t i = Below(random, 12); i > 0; --i) {
    const size_t what = Below(random, 10);
    if (what == 0) {
      out += Below(random, 2) == 0 ? Pick(random, kBlanks) : "";
      for (size_t breaks = 1 + Below(random, 3); breaks > 0; --breaks) {
        out += LineEnd(random, crlf);
        if (Below(random, 2) == 0) out += Pick(random, kBlanks);
      }
      out += "  q";
    } else if (what == 1 && style == ScalarStyle::kDoubleQuoted) {
      out += Pick(random, kYamlEscapes);
    } else if (what == 1 && style == ScalarStyle::kSingleQuoted) {
      out += "''";
    } else {
      out += Pick(random, kText);
    }
  }
  return out;
}

std::string Block(Random& random, ScalarStyle style, bool crlf, size_t parent_indent) {
  std::string out = style == ScalarStyle::kLiteral ? "|" : ">";
  const size_t indent = parent_indent + 1 + Below(random, 4);
  const std::string digit =
      Below(random, 2) == 0 ? std::to_string(indent - parent_indent) : std::string();
  const std::string_view chomping = Pick(random, {"", "+", "-"});
  out += Below(random, 2) == 0 ? digit + std::string(chomping) : std::string(chomping) + digit;
  out += Pick(random, {"", "", " ", " # a: comment", "\t# c"});
  out += LineEnd(random, crlf);
  for (size_t lines = Below(random, 8); lines > 0; --lines) {
    switch (Below(random, 5)) {
      case 0:  // empty, or nothing but spaces
        out += std::string(Below(random, indent + 3), ' ');
        break;
      case 1:  // indented more
        out += std::string(indent, ' ');
        out += Pick(random, kBlanks);
        out += Pick(random, kText);
        break;
      default:
        out += std::string(indent, ' ');
        for (size_t i = 1 + Below(random, 5); i > 0; --i) out += Pick(random, kText);
    }
    if (lines > 1 || Below(random, 4) != 0) out += LineEnd(random, crlf);
  }
  return out;
}

std::string YamlFile(Random& random, ScalarStyle style) {
  constexpr std::string_view kBefore[] = {"k: ", "- ",     "a:\n   - b: ", "- - ",
                                          "é: ", "k: &a ", "k: !!str "};
  const size_t frame = Below(random, std::size(kBefore));
  constexpr size_t kParentIndent[] = {0, 0, 5, 2, 0, 0, 0};
  const bool crlf = Below(random, 4) == 0;
  std::string out(kBefore[frame]);
  if (style == ScalarStyle::kLiteral || style == ScalarStyle::kFolded) {
    return out + Block(random, style, crlf, kParentIndent[frame]);
  }
  const std::string_view quote = style == ScalarStyle::kSingleQuoted   ? "'"
                                 : style == ScalarStyle::kDoubleQuoted ? "\""
                                                                       : "";
  out += std::string(quote) + FlowContent(random, style, crlf) + std::string(quote);
  out += Pick(random, {"", "\n", " # c\n", "\r\n"});
  return out;
}

// The scalar node that comes last in the file.
TextNode LastScalar(const TextTree& tree) {
  TextNode last;
  for (NodeId id = 0; id < tree.size(); ++id) {
    const TextNode node = tree[id];
    if (node.kind == TextNode::Kind::kScalar && last.span <= node.span) last = node;
  }
  return last;
}

// Decodes `bytes`, taken out of a scalar of this style, as a scalar of its own.
std::optional<std::string> DecodeAlone(std::string_view bytes, ScalarStyle style) {
  const std::string_view quote = style == ScalarStyle::kSingleQuoted ? "'" : "\"";
  const std::string file = std::string(quote) + std::string(bytes) + std::string(quote);
  const Outcome<TextTree> tree =
      style == ScalarStyle::kJsonString ? ParseJson(file) : ParseYaml(file);
  if (!tree || tree->documents.size() != 1) return std::nullopt;
  return std::string((*tree)[tree->documents[0]].value);
}

// The bytes of every part that begins and ends between atoms decode to that part: in verbatim
// pieces because they are the same, in quotes because the library says so.
void CheckParts(std::string_view file, ScalarStyle style, const DecodedScalar& scalar) {
  const bool quoted = style == ScalarStyle::kJsonString || style == ScalarStyle::kSingleQuoted ||
                      style == ScalarStyle::kDoubleQuoted;
  for (const SourceMap::Piece& first : scalar.map.pieces()) {
    for (size_t begin = first.query_begin; first.verbatim && begin < first.query_end(); ++begin) {
      for (size_t end = begin; end <= first.query_end(); ++end) {
        const FileSpan span = scalar.map.ToFile({begin, end});
        ASSERT_EQ(file.substr(span.begin, span.size()), scalar.text.substr(begin, end - begin));
      }
    }
    for (const SourceMap::Piece& last : scalar.map.pieces()) {
      if (!quoted || last.query_begin < first.query_begin) continue;
      const FileSpan span = scalar.map.ToFile({first.query_begin, last.query_end()});
      // Blanks at an end would be trimmed with a fold beside them.
      const std::string part =
          scalar.text.substr(first.query_begin, last.query_end() - first.query_begin);
      ASSERT_EQ(DecodeAlone(file.substr(span.begin, span.size()), style), part) << file;
    }
  }
}

// Replaces a part of the scalar by a name and asks the library what it reads now.
void CheckReplacement(Random& random, std::string_view file, const TextNode& node,
                      const DecodedScalar& scalar) {
  const auto& pieces = scalar.map.pieces();
  const SourceMap::Piece& piece = pieces[Below(random, pieces.size())];
  if (!piece.verbatim) return;
  const size_t begin = piece.query_begin + Below(random, piece.query_size);
  size_t end = begin;
  while (end < piece.query_end() && std::isalnum(static_cast<unsigned char>(scalar.text[end])))
    ++end;
  if (end == begin) return;
  const std::string_view new_text = Pick(random, {"n", "(n or o)", "n{a=\"'\\\\\"}"});
  const Neighbours neighbours{begin == 0 ? '\0' : scalar.text[begin - 1],
                              end == scalar.text.size() ? '\0' : scalar.text[end]};
  const auto escaped = EscapeForScalar(new_text, node.style, neighbours);
  ASSERT_TRUE(escaped) << new_text;
  const FileSpan span = scalar.map.ToFile({begin, end});
  std::string after(file);
  after.replace(span.begin, span.size(), *escaped);
  std::string expected = scalar.text;
  expected.replace(begin, end - begin, new_text);
  const Outcome<TextTree> tree =
      node.style == ScalarStyle::kJsonString ? ParseJson(after) : ParseYaml(after);
  ASSERT_TRUE(tree) << after;
  ASSERT_EQ(LastScalar(*tree).value, expected) << file << "\n--- became\n" << after;
}

// Returns false when the library refuses the file.
bool CheckFile(Random& random, const std::string& file, ScalarStyle style) {
  const Outcome<TextTree> tree =
      style == ScalarStyle::kJsonString ? ParseJson(file) : ParseYaml(file);
  if (!tree) return false;
  for (NodeId id = 0; id < tree->size(); ++id) {
    const TextNode node = (*tree)[id];
    if (node.kind != TextNode::Kind::kScalar) continue;
    const auto scalar = DecodeScalar(file, node.span, node.style, node.value);
    EXPECT_TRUE(scalar) << "<<<" << file << ">>> is read as <<<" << node.value << ">>>";
    if (!scalar) return true;
    EXPECT_EQ(PieceProblem(file, node.span, scalar->text, scalar->map), "") << file;
  }
  const TextNode node = LastScalar(*tree);
  const auto scalar = DecodeScalar(file, node.span, node.style, node.value);
  if (node.style != style || scalar->text.empty()) return true;
  CheckParts(file, style, *scalar);
  CheckReplacement(random, file, node, *scalar);
  return true;
}

class ScalarProperty : public testing::TestWithParam<ScalarStyle> {};

TEST_P(ScalarProperty, DecodesAsTheLibraryDoes) {
  Random random(20260101u + static_cast<unsigned>(GetParam()));
  constexpr size_t kFiles = 20'000;
  size_t valid = 0;
  for (size_t i = 0; i < kFiles && !HasFailure(); ++i) {
    std::string file;
    if (GetParam() == ScalarStyle::kJsonString) {
      file = "{\"k\": \"";
      for (size_t j = Below(random, 12); j > 0; --j) {
        file += Below(random, 3) == 0 ? Pick(random, kJsonEscapes) : Pick(random, kText);
      }
      file += "\"}";
    } else {
      file = YamlFile(random, GetParam());
    }
    valid += CheckFile(random, file, GetParam());
  }
  EXPECT_GT(valid, kFiles / 2) << "too few of the random files are valid to say much";
}

INSTANTIATE_TEST_SUITE_P(Styles, ScalarProperty,
                         testing::Values(ScalarStyle::kJsonString, ScalarStyle::kPlain,
                                         ScalarStyle::kSingleQuoted, ScalarStyle::kDoubleQuoted,
                                         ScalarStyle::kLiteral, ScalarStyle::kFolded));

}  // namespace
}  // namespace metrishift::formats
