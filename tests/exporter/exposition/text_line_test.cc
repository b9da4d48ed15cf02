#include "exporter/exposition/text_line.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "exporter/exposition/sample_parser.h"

namespace metrishift::exposition {
namespace {

using std::string_literals::operator""s;

// "name" for a readable sample, "name!" when only the name can be told, "!" for neither.
std::string DumpSample(std::string_view line) {
  SampleParser parser;
  const std::optional<Sample> sample = parser.Parse(line);
  const std::string name(SampleName(line, Format::kText));
  if (!sample) return name + "!";
  EXPECT_EQ(sample->name, name) << line;
  return name;
}

TEST(TextLine, Samples) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"a 1", "a"},
      {"a:b_C9 1", "a:b_C9"},
      {"a\t1\t2", "a"},
      {"  a 1 ", "a"},
      {"a{} 1", "a"},
      {"a{}1", "a"},
      {"a {x=\"1\"} 1", "a"},
      {"a{ x = \"1\" , y=\"\" , } 1 -5", "a"},
      {R"(a{x="\\\"\n}{,= #"} 1)", "a"},
      {"a{x=\"\xff\xc3\xa9\"} 1", "a"},
      {"a{x=\"\0\"} 1"s, "a"},
      {"a{\"x y\"=\"1\"} 1", "a"},
      {"{\"a.b\",x=\"1\"} 1", "a.b"},
      {"{x=\"1\",\"a b\"} 1", "a b"},
      {"a NaN", "a"},
      {"a nan", "a"},
      {"a +Inf", "a"},
      {"a -inf", "a"},
      {"a infinity", "a"},
      {"a +1.5e-3", "a"},
      {"a .5", "a"},
      {"a 5.", "a"},
      {"a 1 1395066363000", "a"},
      // Readers differ or refuse:
      {"", "!"},
      {"1 1", "!"},
      {"-a 1", "!"},
      {"\xc3\xa9 1", "!"},
      {"\0a 1"s, "!"},
      {"a", "a!"},
      {"a ", "a!"},
      {"a1", "a1!"},
      {"a\0 1"s, "a!"},
      {"a 1\r", "a!"},
      {"a 1\0"s, "a!"},
      {"a x", "a!"},
      {"a 1_0", "a!"},
      {"a 0x10", "a!"},
      {"a 0x1p4", "a!"},
      {"a 1e999", "a!"},
      {"a +-1", "a!"},
      {"a --1", "a!"},
      {"a +nan", "a!"},
      {"a nan(1)", "a!"},
      {"a 1 1.5", "a!"},
      {"a 1 +5", "a!"},
      {"a 1 99999999999999999999", "a!"},
      {"a 1 2 3", "a!"},
      {"a 1 # {x=\"1\"} 1", "a!"},
      {"a{ 1", "a!"},
      {"a{,} 1", "a!"},
      {"a{x=\"1\",,} 1", "a!"},
      {"a{x=\"1\" y=\"2\"} 1", "a!"},
      {"a{x=1} 1", "a!"},
      {"a{x} 1", "a!"},
      {"a{\"\"=\"1\"} 1", "a!"},
      {"a{x:y=\"1\"} 1", "a!"},
      {"a{x=\"1} 1", "a!"},
      {R"(a{x="\t"} 1)", "a!"},
      {"a{x=\"1\\", "a!"},
      {"a{x=\"1\",x=\"2\"} 1", "a!"},
      {"a{x=\"1\",\"x\"=\"2\"} 1", "a!"},
      {"a{__name__=\"b\"} 1", "a!"},
      {"a{\"b\"} 1", "a!"},
      {"{x=\"1\"} 1", "!"},
      {"{\"a\",\"b\"} 1", "a!"},
      {"{} 1", "!"},
      {"{", "!"},
  };
  for (const auto& [line, dump] : rows) EXPECT_EQ(DumpSample(line), dump) << line;
}

uint64_t LabelsOf(std::string_view line) {
  SampleParser parser;
  const std::optional<Sample> sample = parser.Parse(line);
  EXPECT_TRUE(sample) << line;
  return sample ? sample->labels : 0;
}

TEST(TextLine, EqualLabelSets) {
  const std::vector<std::vector<std::string>> classes = {
      {"a 1", "a{} 2", "a{x=\"\"} 3 4", "b 1", "{\"a\"} 1"},
      {"a{x=\"1\",y=\"2\"} 1", "a{ y = \"2\" , x=\"1\", } 1", "a{\"y\"=\"2\",z=\"\",x=\"1\"} 1"},
      {"a{x=\"2\",y=\"1\"} 1"},
      {"a{x=\"1\"} 1"},
      {"a{y=\"1\"} 1"},
      {"a{x=\"12\"} 1"},
      {"a{x1=\"2\"} 1"},
  };
  for (size_t i = 0; i < classes.size(); ++i) {
    for (const std::string& line : classes[i]) {
      EXPECT_EQ(LabelsOf(line), LabelsOf(classes[i][0])) << line;
      for (size_t j = 0; j < i; ++j) {
        EXPECT_NE(LabelsOf(line), LabelsOf(classes[j][0])) << line << " and " << classes[j][0];
      }
    }
  }
}

std::string DumpMetadata(std::string_view line) {
  const std::optional<Metadata> metadata = ParseMetadata(line);
  if (!metadata) return "-";
  return (metadata->kind == Metadata::Kind::kHelp ? "HELP[" : "TYPE[") +
         std::string(metadata->name) + "][" + std::string(metadata->text) + "]";
}

TEST(TextLine, Metadata) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"# HELP a Some text. ", "HELP[a][Some text. ]"},
      {"# TYPE a counter", "TYPE[a][counter]"},
      {" \t#\tTYPE\ta \t counter \t", "TYPE[a][counter]"},
      {"# HELP a", "HELP[a][]"},
      {"# TYPE a", "TYPE[a][]"},
      {"#TYPE a counter", "TYPE[a][counter]"},
      {"# TYPE \"a.b\" gauge", "TYPE[a.b][gauge]"},
      {"# HELP a # TYPE b counter", "HELP[a][# TYPE b counter]"},
      {"# TYPE a counter\r", "TYPE[a][counter\r]"},
      {"# TYPE", "-"},
      {"# HELP ", "-"},
      {"# TYPE \"a counter", "-"},
      {"# EOF", "-"},
      {"# HELPX a b", "-"},
      {"# help a b", "-"},
      {"#", "-"},
      {"", "-"},
      {"a 1", "-"},
  };
  for (const auto& [line, dump] : rows) EXPECT_EQ(DumpMetadata(line), dump) << line;
}

TEST(TextLine, Types) {
  for (const char* word : {"counter", "gauge", "histogram", "summary", "untyped"}) {
    EXPECT_TRUE(ParseTypeWord(word, Format::kText)) << word;
  }
  // OpenMetrics' other types, and what is no type at all.
  for (const char* word : {"unknown", "info", "stateset", "gaugehistogram", "Counter", "", "x"}) {
    EXPECT_FALSE(ParseTypeWord(word, Format::kText)) << word;
  }
}

TEST(TextLine, HelpEscapes) {
  for (const char* text : {"", "plain", R"(a\\b)", R"(a\n)", R"(\\\n)", "\"quoted\""}) {
    EXPECT_TRUE(IsHelpText(text, Format::kText)) << text;
  }
  for (const char* text : {R"(\)", R"(a\)", R"(a\\\)", R"(C:\temp)", R"(\")"}) {
    EXPECT_FALSE(IsHelpText(text, Format::kText)) << text;
  }
}

}  // namespace
}  // namespace metrishift::exposition
