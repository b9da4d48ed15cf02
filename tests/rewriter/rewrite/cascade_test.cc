#include "rewriter/rewrite/cascade.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>

#include "mappings/catalog.h"
#include "rewriter/promql/parser.h"
#include "rewriter/promql/walk.h"
#include "rewriter/rewrite/file_rewrite.h"

namespace metrishift::rewrite {
namespace {

using formats::FileFormat;

const Mapping& Etcd() {
  static const Mapping mapping = LoadMappings(std::array{std::string("etcd-3.5")}).mapping;
  return mapping;
}

using Files = std::map<std::string, std::string>;  // text by path

FileFormat FormatOf(const std::string& path) {
  return path.ends_with(".json") ? FileFormat::kJson : FileFormat::kYaml;
}

Cascade Plan(const Files& files, Mode mode = Mode::kReplace) {
  Cascade cascade(Etcd(), mode);
  for (const auto& [path, text] : files) cascade.FindRules(SourceText(path, text), FormatOf(path));
  cascade.Derive();
  for (const auto& [path, text] : files)
    cascade.FindReaders(SourceText(path, text), FormatOf(path));
  return cascade;
}

Files Apply(const Files& files, const Cascade& cascade, Mode mode = Mode::kReplace) {
  Files after;
  for (const auto& [path, text] : files) {
    const auto rewrite =
        RewriteFile(text, FormatOf(path), cascade.mapping(), mode, cascade.names());
    EXPECT_TRUE(rewrite) << path;
    if (rewrite) after[path] = rewrite->edits.Splice(text);
  }
  return after;
}

// "rules" as a rule file, each line of it an item of the list.
std::string RuleFile(const std::vector<std::string>& rules) {
  std::string text = "groups:\n- name: g\n  rules:\n";
  for (const std::string& rule : rules) text += "  - " + rule + "\n";
  return text;
}

constexpr std::string_view kOld = "j:etcd_debugging_mvcc_put_total:r";
constexpr std::string_view kNew = "j:etcd_mvcc_put_total:r";

// OLD and NEW in `text` are the names above.
std::string Named(std::string text) {
  RE2::GlobalReplace(&text, "OLD", std::string(kOld));
  RE2::GlobalReplace(&text, "NEW", std::string(kNew));
  return text;
}

struct HoldRow {
  const char* what;
  std::string other;  // a second file, beside a rule file that records OLD
  std::string why;    // "": it moves
};

TEST(Cascade, ANameMovesWithAllOfItsReadersOrNotAtAll) {
  const std::string names = "what names it at b.yml:";
  const HoldRow rows[] = {
      {"nobody reads it", RuleFile({}), ""},
      {"a rule", RuleFile({"{alert: A, expr: OLD > 0}"}), ""},
      {"a name in quotes", RuleFile({R"(expr: '{"OLD"} or {__name__="OLD", a="b"}')"}), ""},
      {"an alternation", RuleFile({R"(expr: '{__name__=~"up|OLD"}')"}), ""},
      {"a regular expression that reaches both", RuleFile({R"(expr: '{__name__=~"j:.*:r"}')"}), ""},
      {"a comment", "# OLD\n" + RuleFile({"expr: up # OLD"}), ""},
      {"a longer name", RuleFile({"expr: x:OLD + OLD:x"}), ""},
      {"a regular expression that reaches the old name alone",
       RuleFile({R"(expr: '{__name__=~"j:etcd_debug.*"}')"}),
       names + "4:24 cannot be rewritten (name-regex)"},
      {"and with it a metric, which is what its finding names",
       RuleFile({R"(expr: '{__name__=~".*etcd_debugging_mvcc_put_total.*"}')"}),
       names + "4:24 cannot be rewritten (name-regex)"},
      {"a name with a variable", RuleFile({R"(expr: 'j:etcd_debugging_{{ x }}:r')"}),
       names + "4:12 cannot be rewritten (templated-name)"},
      {"a string", RuleFile({R"(expr: 'label_replace(up, "a", "OLD", "b", "c")')"}),
       names + "4:36 cannot be rewritten (string-literal)"},
      {"a query that is none", RuleFile({"expr: OLD OLD"}),
       names + "4:11 cannot be rewritten (unparsable-query)"},
      {"a label", RuleFile({"{alert: A, expr: up, labels: {a: see OLD}}"}),
       names + "4:42 cannot be rewritten (unknown-place)"},
      {"a text for people", RuleFile({"{alert: A, expr: up, annotations: {a: see OLD}}"}), ""},
      {"a file that is no YAML", "{{ if x }}\nexpr: OLD\n",
       names + "2:7 cannot be rewritten (unknown-place)"},
      {"a rule that would read what it records",
       RuleFile({"{record: etcd_mvcc_put_total, expr: etcd_debugging_mvcc_put_total + OLD}"}),
       names + "4:73 cannot be rewritten (recorded-name)"},
      {"a query that reads the new name", RuleFile({"expr: NEW"}),
       "NEW is read already at b.yml:4:11, so there may be another one"},
      {"one that leaves it out", RuleFile({R"(expr: '{job="a", __name__!="NEW"}')"}),
       "NEW is read already at b.yml:4:33, so there may be another one"},
      {"a regular expression that would begin to reach it",
       RuleFile({R"(expr: '{__name__=~"j:etcd_mvcc_.*"}')"}),
       "NEW is read already at b.yml:4:24, so there may be another one"},
      {"a relabelling that reaches the old name alone",
       "scrape_configs:\n- metric_relabel_configs:\n"
       "  - {source_labels: [__name__], regex: 'j:etcd_debug.*', action: drop}\n",
       names + "3:41 cannot be rewritten (name-regex)"},
      {"one that lists it",
       "scrape_configs:\n- metric_relabel_configs:\n"
       "  - {source_labels: [__name__], regex: 'up|OLD', action: drop}\n",
       ""},
      {"one that would begin to reach the new name",
       "remote_write:\n- write_relabel_configs:\n"
       "  - {source_labels: [__name__], regex: 'j:etcd_mvcc_.*', action: keep}\n",
       "NEW is read already at b.yml:3:41, so there may be another one"},
      {"the new name in a text", RuleFile({"{alert: A, expr: up, annotations: {a: see NEW}}"}), ""},
      {"another rule records the new name", RuleFile({"{record: NEW, expr: up}"}),
       "NEW is recorded already at b.yml:4:14"},
      {"by an alias, which shares its query with another",
       RuleFile({"{record: a, expr: &e up}", "{record: NEW, expr: *e}"}),
       "NEW is recorded already at b.yml:5:14"},
      {"or merged from elsewhere", "x: &b {record: NEW}\n" + RuleFile({"{<<: *b, expr: a}"}),
       "NEW is recorded already at b.yml:1:16"},
  };
  for (const HoldRow& row : rows) {
    const Files files = {
        {"a.yml", RuleFile({Named("{record: OLD, expr: etcd_debugging_mvcc_txn_total}")})},
        {"b.yml", Named(row.other)}};
    const Cascade cascade = Plan(files);
    const RecordedName& name = cascade.names().names.at(std::string(kOld));
    EXPECT_EQ(name.why, Named(row.why)) << row.what;
    EXPECT_EQ(name.fate == RecordedName::Fate::kMoves, row.why.empty()) << row.what;
    EXPECT_EQ(cascade.mapping().FindOld(kOld).has_value(), row.why.empty()) << row.what;
    const auto a = RewriteFile(files.at("a.yml"), FileFormat::kYaml, cascade.mapping(),
                               Mode::kReplace, cascade.names());
    ASSERT_TRUE(a);
    EXPECT_EQ(a->edits.Splice(files.at("a.yml")),
              RuleFile({Named(row.why.empty() ? "{record: NEW, " : "{record: OLD, ") +
                        "expr: etcd_mvcc_txn_total}"}))
        << row.what;
  }
}

TEST(Cascade, AFileThatCannotBeReadHoldsEverything) {
  const std::string text = RuleFile({Named("{record: OLD, expr: up}")});
  Cascade cascade(Etcd(), Mode::kReplace);
  cascade.FindRules(SourceText("a", text), FileFormat::kYaml);
  cascade.Derive();
  EXPECT_TRUE(cascade.AnyMoves());
  cascade.Unreadable("b.yml");
  EXPECT_FALSE(cascade.AnyMoves());
  EXPECT_EQ(cascade.names().names.at(std::string(kOld)).why,
            "b.yml cannot be read, and may read it");
  EXPECT_FALSE(cascade.mapping().FindOld(kOld));
}

TEST(Cascade, OneRegularExpressionHoldsWhatItReachesAndNoMore) {
  std::vector<std::string> rules;
  for (int i = 0; i < 20; ++i) {
    rules.push_back("{record: 'r" + std::to_string(i) +
                    ":etcd_debugging_mvcc_put_total', expr: up}");
  }
  rules.push_back(R"({alert: A, expr: '{__name__=~"r1.?:etcd_debug.*"}'})");
  const Cascade cascade = Plan({{"a.yml", RuleFile(rules)}});
  for (const auto& [old_name, name] : cascade.names().names) {
    EXPECT_EQ(name.fate == RecordedName::Fate::kHeld, old_name.starts_with("r1")) << old_name;
  }
}

TEST(Cascade, RecordsAreRewrittenInEveryStyle) {
  const Files before = {
      {"a.yml",
       Named(RuleFile({"{record: OLD, expr: up}", "record: \"OLD\"  # c\n    expr: 'up'",
                       "expr: up\n    record:   &a 'OLD'", "{record: *a, expr: down}",
                       "record: |-\n      OLD\n    expr: OLD",
                       R"({record: !!str "j:\x65tcd_debugging_mvcc_put_total:r", expr: up})",
                       "record: >-\n      OLD\n    expr: up"}))},
      {"b.json", Named(R"({"groups":[{"rules":[{"record":"OLD","expr":"OLD\n/ 2"}]}]})")}};
  const Files after = {
      {"a.yml",
       Named(RuleFile({"{record: NEW, expr: up}", "record: \"NEW\"  # c\n    expr: 'up'",
                       "expr: up\n    record:   &a 'NEW'", "{record: *a, expr: down}",
                       "record: |-\n      NEW\n    expr: NEW", R"({record: !!str "NEW", expr: up})",
                       "record: >-\n      NEW\n    expr: up"}))},
      {"b.json", Named(R"({"groups":[{"rules":[{"record":"NEW","expr":"NEW\n/ 2"}]}]})")}};
  const Cascade cascade = Plan(before);
  EXPECT_EQ(cascade.names().names.at(std::string(kOld)).rules, 8u);
  EXPECT_EQ(cascade.names().names.at(std::string(kOld)).readers, 2u);
  EXPECT_EQ(Apply(before, cascade), after);
}

TEST(Cascade, EveryKindOfReaderOfADashboardMoves) {
  const std::string dashboard = R"~({"panels":[{"targets":[
          {"expr":"sum(OLD{job=~\"$job\"}) by ($x)"}]}],
        "annotations":{"list":[{"expr":"OLD > 1"}]},
        "templating":{"list":[{"type":"query","query":"label_values(OLD, job)"},
          {"type":"query","query":{"query":"query_result(max(OLD))"}},
          {"type":"query","query":"metrics(OLD|up)"},{"type":"query","definition":"OLD"}]}})~";
  const Files files = {{"d.json", Named(dashboard)},
                       {"r.yml", RuleFile({Named("{record: OLD, expr: up}")})}};
  const Cascade cascade = Plan(files);
  EXPECT_EQ(cascade.names().names.at(std::string(kOld)).readers, 6u);
  for (const auto& [path, text] : Apply(files, cascade)) {
    EXPECT_EQ(text.find(kOld), text.npos) << path;
  }
}

TEST(Cascade, FinalizeIsAsReplace) {
  const Files files = {
      {"r.yml",
       RuleFile(
           {Named("{record: OLD, expr: sum(etcd_mvcc_put_total or etcd_debugging_mvcc_put_total)}"),
            Named("{alert: A, expr: OLD}")})}};
  EXPECT_EQ(Apply(files, Plan(files, Mode::kFinalize), Mode::kFinalize).at("r.yml"),
            RuleFile({Named("{record: NEW, expr: sum(etcd_mvcc_put_total)}"),
                      Named("{alert: A, expr: NEW}")}));
}

TEST(Cascade, ALoopThatTheMappingWouldMakeIsLeftToAPerson) {
  const Files files = {
      {"a.yml", RuleFile({"{record: etcd_mvcc_put_total, expr: 'a:sum'}"})},
      {"b.yml", RuleFile({"{record: 'a:sum', expr: sum(etcd_debugging_mvcc_put_total)}",
                          "{alert: A, expr: etcd_debugging_mvcc_put_total}"})}};
  const Cascade cascade = Plan(files);
  const auto b = RewriteFile(files.at("b.yml"), FileFormat::kYaml, cascade.mapping(),
                             Mode::kReplace, cascade.names());
  ASSERT_TRUE(b);
  ASSERT_EQ(b->findings.size(), 2u);
  EXPECT_EQ(b->findings[0].disposition, Disposition::kNeedsPerson);
  EXPECT_EQ(b->findings[0].code, FindingCode::kRecordedName);
  EXPECT_EQ(b->findings[1].disposition, Disposition::kChanged);
}

// --- any rules: afterwards, each query reads what it has read before

// The recorded names among `universe` that the selectors of `expr` reach.
std::set<std::string> Reached(const std::string& expr, const std::set<std::string>& universe) {
  std::set<std::string> reached;
  const promql::ParseResult parsed = promql::ParseExpr(expr, {});
  EXPECT_TRUE(parsed) << expr;
  if (!parsed) return reached;
  promql::Walk(*parsed.expr, [&](const promql::Expr& node, const promql::Expr*) {
    const auto* selector = std::get_if<promql::VectorSelector>(&node.node);
    if (selector == nullptr) return;
    for (const std::string& name : universe) {
      bool reaches = !selector->name || selector->name->text == name;
      for (const promql::LabelMatcher& matcher : selector->matchers) {
        if (matcher.name.text != "__name__") continue;
        const bool regex = matcher.type == promql::MatchType::kRegexp ||
                           matcher.type == promql::MatchType::kNotRegexp;
        const bool positive =
            matcher.type == promql::MatchType::kEqual || matcher.type == promql::MatchType::kRegexp;
        const bool matches =
            regex ? RE2::FullMatch(name, matcher.value.text) : name == matcher.value.text;
        reaches = reaches && matches == positive;
      }
      if (reaches) reached.insert(name);
    }
  });
  return reached;
}

class RandomRules {
 public:
  explicit RandomRules(unsigned seed) : random_(seed) {}

  Files Next() {
    Files files;
    const size_t count = 1 + Below(3);
    for (size_t i = 0; i < count; ++i) {
      std::vector<std::string> rules;
      for (size_t n = 1 + Below(5); n > 0; --n) {
        rules.push_back((Below(3) == 0 ? "alert: A" : "record: '" + Recorded() + "'") +
                        std::string("\n    expr: '") + Expr() + "'");
      }
      files["f" + std::to_string(i) + ".yml"] = RuleFile(rules);
    }
    return files;
  }

 private:
  size_t Below(size_t n) { return random_() % n; }
  template <size_t n>
  std::string Pick(const std::array<const char*, n>& of) {
    return of[Below(n)];
  }

  std::string Metric() {
    return Pick(
        std::to_array({"etcd_debugging_mvcc_put_total", "etcd_mvcc_put_total",
                       "etcd_debugging_mvcc_keys_total", "etcd_debugging_mvcc_txn_total", "up"}));
  }
  std::string Recorded() {
    if (Below(12) == 0) return Metric();
    return Pick(std::to_array({"a:", "b:", ""})) +
           Pick(std::to_array({"etcd_debugging_mvcc_put_total", "etcd_mvcc_put_total",
                               "etcd_debugging_mvcc_put", "etcd_mvcc_put", "etcd_debugging_mvcc",
                               "all_etcd_debugging_mvcc_txn_total",
                               "etcd_debugging_mvcc_put_total:etcd_debugging_mvcc_put",
                               "etcd_mvcc_put_total:etcd_debugging_mvcc_put"})) +
           Pick(std::to_array({":x", ":y"}));
  }
  std::string Regex() {
    return Pick(std::to_array({"a:.*", ".*:x", "a:etcd_debugging_.*", ".*etcd_mvcc_put.*",
                               "b:etcd_(debugging_)?mvcc_put:x", ".+_total:[xy]"}));
  }
  std::string Selector() {
    switch (Below(8)) {
      case 0:
        return "{__name__=\"" + Recorded() + "\"}";
      case 1:
        return "{__name__=~\"" + Recorded() + "|" + Recorded() + "|" + Metric() + "\"}";
      case 2:
        return Below(3) == 0 ? "{__name__=~\"" + Regex() + "\"}" : "{\"" + Recorded() + "\"}";
      case 3:
        return Below(3) == 0 ? "{job=\"j\",__name__!=\"" + Recorded() + "\"}" : "up";
      case 4:
      case 5:
        return Metric();
      default:
        return Recorded() + (Below(2) == 0 ? "{a=\"b\"}" : "");
    }
  }
  std::string Expr() {
    std::string expr = Below(2) == 0 ? "sum(" + Selector() + ")" : Selector();
    if (Below(3) == 0) expr += " + rate(" + Selector() + "[5m])";
    return expr;
  }

  std::mt19937 random_;
};

std::vector<formats::EmbeddedQuery> QueriesOf(const Files& files) {
  std::vector<formats::EmbeddedQuery> queries;
  for (const auto& [path, text] : files) {
    const auto extraction = formats::Extract(FileFormat::kYaml, text);
    EXPECT_TRUE(extraction);
    queries.insert(queries.end(), extraction->queries.begin(), extraction->queries.end());
  }
  return queries;
}

TEST(CascadeProperty, QueriesReadTheSameRulesAsBefore) {
  RandomRules random(1);
  size_t moved = 0, held = 0, read = 0;
  for (int round = 0; round < 1000; ++round) {
    const Files before = random.Next();
    const Cascade cascade = Plan(before);
    const Files after = Apply(before, cascade);
    const auto move = [&](const std::string& name) {
      const RecordedName* found = cascade.names().Find(name);
      const bool moves = found != nullptr && found->fate == RecordedName::Fate::kMoves;
      return moves ? found->new_name : name;
    };
    const auto queries_before = QueriesOf(before);
    const auto queries_after = QueriesOf(after);
    ASSERT_EQ(queries_before.size(), queries_after.size());
    // Names that the mapping itself moves readers of are its own business.
    std::set<std::string> universe_before, universe_after;
    for (const auto& query : queries_before) {
      const bool mapped = Etcd().FindOld(query.record) || Etcd().IsNewSeries(query.record);
      if (!query.record.empty() && !mapped) universe_before.insert(query.record);
    }
    for (const std::string& name : universe_before) universe_after.insert(move(name));
    ASSERT_EQ(universe_after.size(), universe_before.size()) << "two names became one";
    for (size_t i = 0; i < queries_before.size(); ++i) {
      EXPECT_EQ(queries_after[i].record, move(queries_before[i].record));
      std::set<std::string> expected;
      for (const std::string& name : Reached(queries_before[i].text, universe_before))
        expected.insert(move(name));
      EXPECT_EQ(Reached(queries_after[i].text, universe_after), expected)
          << queries_before[i].text << "\n"
          << queries_after[i].text;
      read += expected.size();
    }
    for (const auto& [name, what] : cascade.names().names)
      ++(what.fate == RecordedName::Fate::kMoves ? moved : held);
    EXPECT_EQ(Apply(after, Plan(after)), after) << "not done at once";
    if (HasFailure()) {
      for (const auto& [path, text] : before) std::printf("%s:\n%s", path.c_str(), text.c_str());
      return;
    }
  }
  EXPECT_GT(moved, 500u);
  EXPECT_GT(held, 100u);
  EXPECT_GT(read, 1000u);
}

}  // namespace
}  // namespace metrishift::rewrite
