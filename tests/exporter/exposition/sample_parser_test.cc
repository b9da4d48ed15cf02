#include "exporter/exposition/sample_parser.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "exporter/exposition/text_line.h"

namespace metrishift::exposition {
namespace {

// How much of the line may be compared by what was read before: the names here are "a", "ab", "b".
size_t StemOf(std::string_view line) { return line.starts_with('a') || line.starts_with('b'); }

// Everything that a reading says.
std::string Dump(SampleParser* parser, std::string_view line, size_t stem = 0) {
  const std::optional<Sample> sample = parser->Parse(line, stem);
  if (!sample) return "unreadable";
  std::string dump = std::string(sample->name) + (sample->quoted_name ? " quoted " : " ");
  for (const TextLabel& label : parser->labels()) {
    dump.append(label.name).append("|").append(label.value).append("|").append(label.whole) += ';';
  }
  return dump + std::string(sample->value) + "|" + std::string(sample->tail) + "|" +
         std::to_string(sample->labels);
}

const std::vector<std::string>& Lines() {
  static const std::vector<std::string> lines = {
      "a 1",
      "a 1 2",
      "a{x=\"1\"} 1",
      "a{x=\"22\"} 1.5",
      "a{x=\"\"} 1e+06",
      "a{x=\"1\",y=\"2\"} 1",
      "a{x=\"3\",y=\"a value that is longer than sixteen bytes\"} 1 1700000000000",
      "a{x=\"}\",y=\"{,=#\"} -1",
      "a{x=\"1\",y=\"\\\"\"} 1",
      "a{x=\"1\",y=\"\\x\"} 1",
      "a{x=\"1\",x=\"2\"} 1",
      "a{x=\"1\",y=\"2\" 1",
      "a{x=\"1\",y=\"2\"}  1",
      "a{x=\"1\",y=\"2\"}1",
      "a{x=\"1\",y=\"2\"} ",
      "a{x=\"1\",y=\"2\"}",
      "a{x=\"1\",y=\"2\"} one",
      "a{x=\"1\",y=\"2\"} 1 2 3",
      "a{ x = \"1\" , y = \"2\" , } 1",
      "b{x=\"1\",y=\"2\"} 1",
      "ab{x=\"1\"} 1",
      "a_bucket{x=\"1\",le=\"+Inf\"} 1",
      "a_bucket{x=\"1\",le=\"0.5\"} 1 # {t=\"1\"} 0.4",
      "{\"a\",x=\"1\"} 1",
      "{\"a.b\",x=\"2\"} 1",
      "{x=\"1\",\"a.b\"} 1",
      "{x=\"12345\",\"a.b\"} 1",
      "{\"a\",\"b\",x=\"1\"} 1",
  };
  return lines;
}

// What was read before does not matter, in either format: of each line, and of each of its starts.
TEST(SampleParser, RemembersNothingThatCouldBeSeen) {
  for (const Format format : {Format::kText, Format::kOpenMetrics}) {
    std::mt19937 random(1);
    SampleParser parser(format);
    for (int round = 0; round < 20'000; ++round) {
      std::string line = Lines()[random() % Lines().size()];
      if (random() % 4 == 0) line.resize(random() % (line.size() + 1));
      SampleParser fresh(format);
      const std::string in_full = Dump(&fresh, line);
      ASSERT_EQ(Dump(&parser, line, StemOf(line)), in_full) << line << " in round " << round;
      ASSERT_EQ(parser.CanRead(line, StemOf(line)), in_full != "unreadable") << line;
    }
  }
}

// The same label once more, and the longest lines that are remembered and the next ones.
TEST(SampleParser, ManyLabels) {
  SampleParser parser;
  for (const int labels : {1, 63, 64, 65, 1000}) {
    std::string line = "a{";
    for (int i = 0; i < labels; ++i)
      line += "l" + std::to_string(i) + "=\"" + std::string(9, 'v') + "\",";
    for (int twice = 0; twice < 2; ++twice) {
      EXPECT_TRUE(parser.Parse(line + "} 1", 1)) << labels;
      EXPECT_EQ(parser.labels().size(), static_cast<size_t>(labels));
      EXPECT_FALSE(parser.Parse(line + "l0=\"\"} 1", 1)) << labels;
    }
  }
}

TEST(SampleParser, PlainNumbersAreThoseThatFromCharsTakes) {
  for (const char* word : {"0", "12", "1.5", "0.000001", "1e+06", "1.25e-05", "9e+99"}) {
    EXPECT_TRUE(ParseValue(word, nullptr)) << word;
  }
  for (const char* word :
       {".", "-", "1..2", "1.2.3", "e+06", "1e", "1e+", "1e+0x", "1ee06", "1,5"}) {
    EXPECT_FALSE(ParseValue(word, nullptr)) << word;
  }
  double value = 0;
  for (const char* word : {"1.", ".5", "1e5", "1E5", "1e+006", "+1"}) {
    EXPECT_EQ(ParseValue(word, nullptr), ParseValue(word, &value)) << word;
  }
}

}  // namespace
}  // namespace metrishift::exposition
