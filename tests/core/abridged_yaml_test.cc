// What libyaml is not shown changes nothing: the same tree, or the same error, as of the whole
// text.

#include "core/abridged_yaml.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "core/yaml.h"

namespace metrishift {
namespace {

constexpr size_t kAlways = 0;
constexpr size_t kNever = 101;

std::string Dump(const Outcome<TextTree>& tree) {
  const auto span = [](FileSpan at) {
    return std::to_string(at.begin) + "-" + std::to_string(at.end);
  };
  std::string dump;
  for (const Diagnostic& diagnostic : tree.diagnostics)
    dump += span(diagnostic.span) + " " + diagnostic.message + "\n";
  if (!tree) return dump;
  for (const NodeId id : tree->documents) dump += "document " + std::to_string(id) + "\n";
  for (NodeId id = 0; id < tree->size(); ++id) {
    const TextNode node = (*tree)[id];
    dump += std::to_string(id) + " " + std::to_string(static_cast<int>(node.kind)) + " " +
            std::to_string(static_cast<int>(node.style)) + (node.aliased ? "* " : " ") +
            span(node.span) + " <" + std::string(node.value) + ">";
    for (const auto& [key, value] : node.members)
      dump += " " + std::to_string(key) + ":" + std::to_string(value);
    for (const NodeId item : node.items) dump += " " + std::to_string(item);
    dump += "\n";
  }
  return dump;
}

void ExpectSame(const std::string& text) {
  const std::string whole = Dump(ParseYaml(text, kNever));
  EXPECT_EQ(Dump(ParseYaml(text, kAlways)), whole) << text;
  EXPECT_EQ(Dump(ParseYaml("\xEF\xBB\xBF" + text, kAlways)),
            Dump(ParseYaml("\xEF\xBB\xBF" + text, kNever)))
      << text;
}

TEST(AbridgedYaml, LeavesOut) {
  struct Row {
    std::string text;
    std::string abridged;  // "": nothing is left out
  };
  const Row rows[] = {
      {"a: |\n  1\n  2\n  3\nb: 4\n", "a: |\n  1\nb: 4\n"},
      {"a: |-\n  1\n  2\n- |+\n 3\n  4\n", "a: |-\n  1\n- |+\n 3\n"},
      {"a: |\n  1\n\n  2\n\nb: 4\n", "a: |\n  1\n\nb: 4\n"},
      {"a: |\n  1\n  \t2\n   3\n  #\n", "a: |\n  1\n"},
      // The longest run; what is not ASCII, and lines of blanks, stay.
      {"a: |\n  1\n  2\n  \u00e9\n  3\n  4\n", "a: |\n  1\n  2\n  \u00e9\n"},
      {"a: |\n  1\n  2\n \n  3\n  4\n", "a: |\n  1\n \n  3\n  4\n"},
      {"a: |\n  1\n  2\n \n\n  3\n  44\n", "a: |\n  1\n  2\n \n\n  3\n"},
      // Blocks in blocks are lines.
      {"a: |\n  b: |\n    1\n    2\nc: |\n 1\n 2\n", "a: |\n  b: |\nc: |\n 1\n"},
      // No line end, no second line, nothing that could be read off the first line.
      {"a: |\n  1\n  2", ""},
      {"a: |\n  1\n", ""},
      {"a: |\n\n  1\n  2\n", ""},
      {"a: |\n1\n2\n", ""},
      // Other headers, and none.
      {"a: >\n  1\n  2\n", ""},
      {"a: |2\n  1\n  2\n", ""},
      {"a: | # c\n  1\n  2\n", ""},
      {"a: &x |\n  1\n  2\n", ""},
      {"a: |\r\n  1\r\n  2\r\n", ""},
      {"a|\n  1\n  2\n", ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Abridge(row.text, kAlways).text, row.abridged) << row.text;
    ExpectSame(row.text);
  }
  // Where there is little to leave out, nothing is copied.
  const std::string large = rows[0].text + "c: " + std::string(182, 'x') + "\n";  // 8 of 208
  EXPECT_EQ(Abridge(large, 3).cuts.size(), 1U);
  EXPECT_EQ(Abridge(large, 4).cuts.size(), 0U);
  EXPECT_EQ(Abridge(large, 4).text, "");
}

// What looks like a block but is none, is one of another shape than it looks, or is in no YAML.
TEST(AbridgedYaml, IsReadAsTheWholeIs) {
  const std::string texts[] = {
      "# a: |\n#  1\n  # 2\n  # 3\nb: 1\n",
      "# x: |\n  # 1\n  # 2\n  # 3\nb: 1\n",
      "a: 'b: |\n  1\n  2\n  3'\n",
      "a: \"b: |\n  1\n  2\n  3\"\n",
      "a: b - |\n  1\n  2\n  3\n",
      "a: >\n  b: |\n    1\n    2\n    3\nc: d\n",
      "a:\n  b: |\n  1\n  2\n  3\n",
      "a:\n    b: |\n  1\n  2\n  3\n",
      "{a: |\n  1\n  2\n  3\n}\n",
      "a: |\n  1\n  2\n \t3\n  4\n",
      "a: |\n  1\n  2\n  3\nb\n",
      "a: |\n  1\n  2\n  3\n\tb: c\n",
      "a: |\n  1\n  2\n  3\nb: [\n",
      "a: |\n  1\n  2\n...\nb: |\n  1\n  2\n",
      "a: |\n  1\n  2\n---\n- |\n 1\n 2\n- *x\n",
      "\u00e9: |\n  \u00e9\n  2\n  3\n\u00e8: &x \u00e9\nb: *x\nc: |\n  1\n  \u00e9\n  2\nd: "
      "\u00e9\n",
      "a: |\n  1\n  2\n  \x01\n  3\nb: c\n",
      "a: |\n  1\n  2\n  \xff\n  3\nb: c\n",
      "a: |\n  1\n  2\n  \u0085\n  \u2028x\n  3\n  4\n  5\n  6\nb: c\n",
      "a: |\n  \u2028\n  2\n  3\n",
      "- - |\n    1\n    2\n  - |\n    3\n    4\n- 5\n",
      "? |\n  1\n  2\n: - |\n  3\n  4\n",
      "a: |\n   1\n   2\n  # 3\n # 4\nb: c\n",
      "a: |\n  1\n  2\n\n\n\n# c\n\nb: |+\n  1\n  2\n\n\n",
  };
  for (const std::string& text : texts) ExpectSame(text);
}

// Lines by chance, most of them blocks and what blocks are made of.
TEST(AbridgedYaml, IsReadAsTheWholeIsWhateverItIs) {
  const std::string_view pieces[] = {
      "a: |\n", "b: |-\n", "- |\n",    "- |+\n", "c: >\n",   "d:\n", "x\n",      "y: 1\n",
      "\n",     "# z\n",   "- w\n",    "{\n",    "'q: |\n",  "\"\n", "\u00e9\n", "---\n",
      "&p |\n", "e: |2\n", "f: | #\n", "*p\n",   "g: 'h'\n", "\t\n", "\u0085\n", "i: |\r\n"};
  std::mt19937 random(1);
  const auto below = [&random](size_t n) { return static_cast<size_t>(random() % n); };
  size_t abridged = 0;
  size_t held = 0;
  for (int i = 0; i < 30'000; ++i) {
    std::string text;
    size_t indent = 0;
    for (size_t lines = 1 + below(12); lines > 0; --lines) {
      if (below(3) == 0) indent = below(4) * 2;
      const std::string_view piece = pieces[below(2) == 0 ? below(8) : below(std::size(pieces))];
      const size_t spaces = piece == "\n" ? below(2) * below(5) : indent;
      text += std::string(spaces, ' ').append(piece);
    }
    if (below(8) == 0) text.pop_back();
    ExpectSame(text);
    if (Abridge(text, kAlways).cuts.empty()) continue;
    ++abridged;
    held += ParseYaml(text, kNever) ? 1 : 0;
  }
  EXPECT_GT(abridged, 3000U);
  EXPECT_GT(held, 500U);
}

TEST(AbridgedYaml, IsReadAsTheWholeIsInPublicFiles) {
  namespace fs = std::filesystem;
  const fs::path corpus = fs::path(METRISHIFT_SOURCE_DIR) / ".." / "shared" / "corpus";
  if (!fs::exists(corpus)) GTEST_SKIP() << corpus << " does not exist";
  size_t abridged = 0;
  for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
    const std::string extension = entry.path().extension();
    if (!entry.is_regular_file() || (extension != ".yaml" && extension != ".yml")) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(Dump(ParseYaml(text, kAlways)), Dump(ParseYaml(text, kNever))) << entry.path();
    abridged += Abridge(text, kAlways).cuts.empty() ? 0 : 1;
  }
  EXPECT_GT(abridged, 50U);
}

}  // namespace
}  // namespace metrishift
