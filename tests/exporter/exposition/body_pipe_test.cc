#include "exporter/exposition/body_pipe.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "exporter/exposition/escaping.h"
#include "tests/exporter/exposition/test_mapping.h"

namespace metrishift::exposition {
namespace {

std::string Gzip(const std::string& text, int level, int strategy = Z_DEFAULT_STRATEGY,
                 size_t flush_every = 0) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, strategy);
  std::string out(compressBound(text.size()) + 1000 + text.size(), '\0');
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  for (size_t at = 0; flush_every > 0 && at < text.size(); at += flush_every) {
    const std::string part = text.substr(at, flush_every);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    stream.avail_in = static_cast<uInt>(part.size());
    deflate(&stream, at % 2 == 0 ? Z_PARTIAL_FLUSH : Z_SYNC_FLUSH);
  }
  if (flush_every == 0) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
  }
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// As gunzip reads it, checks included; "damaged" for what it refuses.
std::string Gunzip(const std::string& gzip, size_t* members = nullptr) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string text;
  int result = Z_OK;
  while (result == Z_OK) {
    std::array<char, 4096> out;
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(out.data(), out.size() - stream.avail_out);
    if (result != Z_STREAM_END) continue;
    if (members != nullptr) ++*members;
    if (stream.avail_in == 0) break;
    inflateReset(&stream);
    result = Z_OK;
  }
  inflateEnd(&stream);
  return result == Z_STREAM_END ? text : "damaged";
}

const RuleSet& Rules() {
  static const RuleSet rules(
      TestMapping({{"old_total", "new_total"}, {"oldh", "newh", MetricType::kHistogram}}));
  return rules;
}

std::string Pipe(Format format, bool gzip, const std::string& body,
                 const std::vector<size_t>& cuts = {}, Limits limits = {},
                 LimitReached* limit = nullptr) {
  std::string out;
  BodyPipe pipe(Rules(), format, gzip, limits, [&out](std::string_view bytes) {
    out += bytes;
    return true;
  });
  std::vector<AliasReport> reports;
  bool ok = true;
  size_t at = 0;
  for (size_t i = 0; i <= cuts.size(); ++i) {
    const size_t end = i < cuts.size() ? cuts[i] : body.size();
    ok = ok && pipe.Feed(std::string_view(body).substr(at, end - at));
    at = end;
  }
  ok = ok && pipe.Finish(&reports);
  if (limit != nullptr) *limit = pipe.limit_reached();
  return ok ? out : "failed";
}

std::string TextBody(int lines) {
  std::string body = "# TYPE new_total counter\nnew_total 1\n";
  for (int i = 0; i < lines; ++i) {
    body += "x" + std::to_string(i * 7919 % 1000) + "{l=\"" + std::to_string(i) + "\"} 1\n";
  }
  return body;
}

TEST(BodyPipe, GzipIsSpliced) {
  for (const int lines : {0, 1, 2, 3, 10, 3000}) {
    const std::string body = TextBody(lines);
    const std::string plain = Pipe(Format::kText, false, body);
    for (const int level : {0, 1, 6, 9}) {
      for (const int strategy : {Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY}) {
        for (const size_t flush_every : {size_t{0}, size_t{37}, size_t{1000}}) {
          const std::string gzip = Gzip(body, level, strategy, flush_every);
          const std::string out = Pipe(Format::kText, true, gzip);
          size_t members = 0;
          ASSERT_EQ(Gunzip(out, &members), plain) << lines << " " << level << " " << flush_every;
          ASSERT_EQ(members, 1U);
        }
      }
    }
  }
}

TEST(BodyPipe, EveryCutOfGzipGivesTheSame) {
  const std::string gzip = Gzip(TextBody(5), 6) + Gzip("y 1\n", 1);
  const std::string out = Pipe(Format::kText, true, gzip);
  for (size_t cut = 0; cut <= gzip.size(); ++cut) {
    ASSERT_EQ(Pipe(Format::kText, true, gzip, {cut}), out) << cut;
  }
  std::vector<size_t> every_byte(gzip.size());
  for (size_t i = 0; i < gzip.size(); ++i) every_byte[i] = i;
  ASSERT_EQ(Pipe(Format::kText, true, gzip, every_byte), out);
}

TEST(BodyPipe, MembersAndGarbage) {
  const std::string body = TextBody(3);
  const std::string plain = Pipe(Format::kText, false, body);
  for (size_t cut = 0; cut <= body.size(); ++cut) {
    const std::string two = Gzip(body.substr(0, cut), 6) + Gzip(body.substr(cut), 6);
    ASSERT_EQ(Gunzip(Pipe(Format::kText, true, two)), plain) << cut;
  }
  // What stands behind the last member passes, and nothing is added: readers differ about it.
  for (const std::string& garbage : {std::string("x"), std::string("\x1f"), std::string("\x1fx"),
                                     std::string(100, '\0'), std::string("\x1f\x8b garbage")}) {
    const std::string out = Pipe(Format::kText, true, Gzip(body, 6) + garbage);
    EXPECT_TRUE(out.ends_with(garbage)) << testing::PrintToString(garbage);
    EXPECT_EQ(Gunzip(out.substr(0, out.size() - garbage.size())), body);
  }
}

// Neither damage nor a cut may come out whole; a cut does not even come to an end.
TEST(BodyPipe, DamageStaysDamage) {
  const std::string body = TextBody(40);
  const std::string gzip = Gzip(body, 6);
  for (size_t size = 0; size < gzip.size(); ++size) {
    EXPECT_EQ(Pipe(Format::kText, true, gzip.substr(0, size)), "failed") << size;
    EXPECT_EQ(
        Pipe(Format::kText, true, Gzip("x 1\n", 1) + gzip.substr(0, std::max(size, size_t{2}))),
        "failed")
        << size;
  }
  for (size_t i = 10; i < gzip.size(); ++i) {
    std::string damaged = gzip;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    if (Gunzip(damaged) == body) continue;  // a bit that nothing uses
    EXPECT_EQ(Gunzip(Pipe(Format::kText, true, damaged)), "damaged") << i;
  }
}

constexpr const char* kOpenMetrics = "# TYPE new counter\nnew_total 1\n# EOF\n";

TEST(BodyPipe, AliasesGoBeforeEof) {
  const std::string out =
      "# TYPE new counter\nnew_total 1\n# TYPE old counter\n# HELP old Deprecated: use new_total "
      "instead; this name is gone from version 3.5.0 on.\nold_total 1\n# EOF\n";
  const std::string body = kOpenMetrics;
  EXPECT_EQ(Pipe(Format::kOpenMetrics, false, body), out);
  EXPECT_EQ(Pipe(Format::kOpenMetrics, false, out), out);
  EXPECT_EQ(Gunzip(Pipe(Format::kOpenMetrics, true, Gzip(body, 6))), out);
  for (size_t i = 0; i <= body.size(); ++i) {
    for (size_t j = i; j <= body.size(); ++j) {
      ASSERT_EQ(Pipe(Format::kOpenMetrics, false, body, {i, j}), out) << i << " " << j;
    }
  }
  EXPECT_EQ(Pipe(Format::kOpenMetrics, false, body.substr(0, body.size() - 1)),
            out.substr(0, out.size() - 1));
}

TEST(BodyPipe, OpenMetricsWithoutItsEnd) {
  for (const std::string& body :
       {std::string("new_total 1\n"), std::string("new_total 1\n# EO"), std::string("# EOF\nx 1\n"),
        std::string("new_total 1\n# EOF\n\n"), std::string("new_total 1\n# EOF\n# EOF x"),
        std::string("new_total 1\nx# EOF\n"), std::string("# EOF x\n"), std::string()}) {
    for (size_t cut = 0; cut <= body.size(); ++cut) {
      ASSERT_EQ(Pipe(Format::kOpenMetrics, false, body, {cut}), body) << cut;
    }
  }
}

TEST(BodyPipe, DamagedGzipIsNotCompressedAnew) {
  const std::string gzip = Gzip(kOpenMetrics, 6);
  for (size_t i = 10; i < gzip.size(); ++i) {
    std::string damaged = gzip;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    if (Gunzip(damaged) == "damaged") {
      EXPECT_EQ(Pipe(Format::kOpenMetrics, true, damaged), "failed") << i;
    }
    EXPECT_EQ(Pipe(Format::kOpenMetrics, true, gzip.substr(0, i)), "failed") << i;
  }
}

TEST(BodyPipe, InflationCeilings) {
  const std::string bomb = Gzip(std::string(4 << 20, '\n'), 9);
  LimitReached limit{};
  EXPECT_EQ(Pipe(Format::kText, true, bomb, {}, {}, &limit), "failed");
  EXPECT_EQ(limit, LimitReached::kInflateRatio);
  EXPECT_EQ(Pipe(Format::kText, true, bomb, {}, {.max_inflated_bytes = 1000}, &limit), "failed");
  EXPECT_EQ(limit, LimitReached::kInflatedBytes);
  Pipe(Format::kText, true, bomb, {}, {.max_inflate_ratio = 2000}, &limit);
  EXPECT_EQ(limit, LimitReached::kNone);
}

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The OpenMetrics suite: whatever the body, what comes out is the body, up to its "# EOF". (That
// readers take the output whenever they take the input is asked of real ones in e2e.)
TEST(BodyPipe, OpenMetricsSuite) {
  const std::filesystem::path suite =
      METRISHIFT_SOURCE_DIR "/../shared/conformance/openmetrics/tests/testdata/parsers";
  if (!std::filesystem::exists(suite)) GTEST_SKIP() << suite << " is not here";
  Mapping prefix = *Mapping::FromTables({[] {
    MappingTable table;
    table.name = table.component = "t";
    MappingPattern pattern;
    pattern.pattern = "old_(.*)";
    pattern.prefix = "old_";
    pattern.entry.old_name = pattern.pattern;
    pattern.entry.new_name = "$1";
    table.patterns = {pattern};
    return table;
  }()});
  const RuleSet rules(prefix);
  size_t cases = 0;
  size_t with_aliases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(suite)) {
    const std::string body = ReadAll(entry.path() / "metrics");
    std::string out;
    BodyPipe pipe(rules, Format::kOpenMetrics, false, {}, [&out](std::string_view bytes) {
      out += bytes;
      return true;
    });
    std::vector<AliasReport> reports;
    ASSERT_TRUE(pipe.Feed(body) && pipe.Finish(&reports)) << entry.path();
    ++cases;
    if (out == body) continue;
    ++with_aliases;
    const size_t eof = body.rfind("# EOF");
    EXPECT_EQ(out.substr(0, eof), body.substr(0, eof)) << entry.path();
    EXPECT_TRUE(out.ends_with(body.substr(eof))) << entry.path();
    EXPECT_EQ(Translate(rules, out, nullptr, Format::kOpenMetrics), out) << entry.path();
  }
  EXPECT_EQ(cases, 211U);
  EXPECT_GT(with_aliases, 40U);
}

TEST(ContentType, Formats) {
  const std::vector<std::pair<const char*, int>> rows = {
      {"", 0},
      {"text/plain", 0},
      {"Text/Plain; Version=0.0.4; charset=utf-8; escaping=underscores", 0},
      {"text/plain;version=\"1.0.0\"", 0},
      {"application/openmetrics-text; version=1.0.0; charset=utf-8", 1},
      {"application/openmetrics-text; version=0.0.1", 1},
      {"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
       "encoding=delimited",
       2},
      {"application/openmetrics-text; version=2.0.0", -1},
      {"text/plain; version=0.0.5", -1},
      {"text/plain; escaping=morse", -1},
      {"text/html", -1},
      {"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=text",
       -1},
      {";;;=", 0},
  };
  for (const auto& [text, format] : rows) {
    const std::optional<BodyFormat> parsed = ParseContentType(text);
    EXPECT_EQ(parsed ? static_cast<int>(parsed->format) : -1, format) << text;
  }
}

TEST(Escaping, Names) {
  const auto all = [](std::string_view name) {
    return EscapeName(name, Escaping::kUnderscores) + " " + EscapeName(name, Escaping::kDots) +
           " " + EscapeName(name, Escaping::kValues);
  };
  EXPECT_EQ(all("a_b:c1"), "a_b:c1 a_b:c1 a_b:c1");
  EXPECT_EQ(all("a.b_c"), "a_b_c a_dot_b__c U__a_2e_b__c");
  EXPECT_EQ(all("1a"), "_a __a U___31_a");
  EXPECT_EQ(all("\xe2\x82\xac"), "_ __ U___20ac_");
  EXPECT_EQ(EscapeName("a\xff", Escaping::kValues), "U__a_FFFD_");
}

}  // namespace
}  // namespace metrishift::exposition
