#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "rewriter/generate/companion.h"
#include "rewriter/generate/made_up.h"
#include "rewriter/generate/new_side.h"
#include "rewriter/generate/old_series.h"
#include "rewriter/generate/yaml_text.h"
#include "rewriter/promql/parser.h"
#include "rewriter/promql/walk.h"
#include "rewriter/rewrite/conversion.h"

namespace metrishift::generate {
namespace {

// When the rules have been evaluated a few times. Not 0: time() is to count.
constexpr std::string_view kWhen = "5m";

// A query with all that it has to give.
struct Query {
  std::string expr;
  std::vector<std::pair<std::string, double>> samples;  // series or labels, value
};

// What is asked of one old name.
struct Proof {
  std::vector<Sample> from;
  std::vector<Query> queries;
};

Proof ProofByTable(const OldSeries& series, double& number) {
  Proof proof;
  Query query{Sample{series.name, {}, 0}.Series(), {}};
  for (const Mapping::Match& match : series.matches) {
    MadeUp made = MakeUp(match, number);
    for (const Sample& sample : made.to) query.samples.emplace_back(sample.Series(), sample.value);
    std::ranges::move(made.from, std::back_inserter(proof.from));
  }
  if (!query.samples.empty()) proof.queries.push_back(std::move(query));
  return proof;
}

// A series for each selector of an expression, with the labels that others ask for, so that they
// meet.
std::vector<Sample> SamplesFor(const promql::Expr& expr, double& number) {
  std::vector<Sample> samples;
  std::map<std::string, std::string> all = {{"instance", "a"}, {"job", "b"}};
  promql::Walk(expr, [&](const promql::Expr& node, const promql::Expr*) {
    const auto* selector = std::get_if<promql::VectorSelector>(&node.node);
    if (selector == nullptr) return;
    Sample sample{selector->name ? selector->name->text : "", {}, 0};
    for (const promql::LabelMatcher& matcher : selector->matchers) {
      if (matcher.type != promql::MatchType::kEqual) continue;
      (matcher.name.text == "__name__" ? sample.name : sample.labels[matcher.name.text]) =
          matcher.value.text;
    }
    all.insert(sample.labels.begin(), sample.labels.end());
    samples.push_back(std::move(sample));
  });
  for (Sample& sample : samples) {
    sample.labels.insert(all.begin(), all.end());
    std::erase_if(sample.labels, [](const auto& label) { return label.second.empty(); });
  }
  std::ranges::sort(samples, {}, &Sample::Series);
  const auto same = [](const Sample& x, const Sample& y) { return x.Series() == y.Series(); };
  samples.erase(std::unique(samples.begin(), samples.end(), same), samples.end());
  for (Sample& sample : samples) sample.value = number++;
  return samples;
}

// What the table says is itself an expression: each of its series is there, and nothing else.
Proof ProofByExpr(const OldSeries& series, double& number) {
  const std::string& expr = series.matches.front().entry->expr;
  const promql::ParseResult parsed = promql::ParseExpr(expr);
  if (!parsed) return {};
  const std::string old_side = Sample{series.name, {}, 0}.Series();
  return {SamplesFor(*parsed.expr, number),
          {{"count(" + old_side + " == (" + expr + ")) / count(" + expr + ")", {{"{}", 1}}},
           {"count(" + old_side + ") / count(" + expr + ")", {{"{}", 1}}}}};
}

Proof ProofOf(const OldSeries& series, double& number) {
  const bool by_expr = series.matches.size() == 1 && !series.matches.front().entry->expr.empty();
  return by_expr ? ProofByExpr(series, number) : ProofByTable(series, number);
}

// Old names whose proofs share their input.
class Group {
 public:
  // True iff the input of `series` would not be seen by the queries that are here, nor theirs by
  // its own.
  bool HasRoomFor(const OldSeries& series) const {
    return std::ranges::all_of(series.reads, [&](const std::string& name) {
      const auto found = readers_.find(name);
      return found == readers_.end() ||
             std::ranges::all_of(found->second, [&series](const OldSeries* other) {
               return AreApart(*other, series);
             });
    });
  }

  void Add(const OldSeries& series, const Proof& proof) {
    for (const std::string& name : series.reads) readers_[name].push_back(&series);
    for (const Sample& sample : proof.from) {
      inputs_ += "      - series: " + YamlScalar(sample.Series()) +
                 "\n        values: " + YamlScalar(rewrite::NumberText(sample.value) + "x5") + "\n";
    }
    for (const Query& query : proof.queries) {
      queries_ += "      - expr: " + YamlScalar(query.expr) +
                  "\n        eval_time: " + std::string(kWhen) + "\n        exp_samples:\n";
      for (const auto& [labels, value] : query.samples) {
        queries_ += "          - labels: " + YamlScalar(labels) +
                    "\n            value: " + rewrite::NumberText(value) + "\n";
      }
    }
  }

  std::string Text() const {
    return "  - interval: 1m\n    input_series:\n" + inputs_ + "    promql_expr_test:\n" + queries_;
  }

 private:
  // Each of the two selects by labels what the other does not.
  static bool AreApart(const OldSeries& a, const OldSeries& b) {
    return std::ranges::all_of(a.matches, [&b](const Mapping::Match& x) {
      return std::ranges::all_of(b.matches, [&x](const Mapping::Match& y) {
        return !x.entry->aggregate && !y.entry->aggregate && x.entry->expr.empty() &&
               y.entry->expr.empty() &&
               AreDisjoint(NewSideOf(*x.entry).conditions, NewSideOf(*y.entry).conditions);
      });
    });
  }

  std::map<std::string, std::vector<const OldSeries*>> readers_;
  std::string inputs_;
  std::string queries_;
};

std::string Head(const Mapping& mapping) {
  return YamlComment(
             "Unit tests for the recording rules of the same tables: made-up new series, and the "
             "deprecated ones that they have to become.") +
         MadeBy(mapping, "promtool-test") + YamlComment("Run by: promtool test rules FILE");
}

}  // namespace

Companion PromtoolTest(const Mapping& mapping, const Options& options) {
  const std::vector<OldSeries> all = OldSeriesOf(mapping, options);
  Companion companion;
  std::vector<Group> groups;
  std::string left;
  double number = 3;
  for (const OldSeries& series : all) {
    companion.left += series.left.empty() ? 0 : 1;
    if (series.expr.empty()) {
      left += YamlComment("No rule, no test: " + series.name);
      continue;
    }
    Proof proof = ProofOf(series, number);
    if (proof.queries.empty()) {
      left += YamlComment("No test: no series can be made up for " + series.name);
      continue;
    }
    auto room = std::ranges::find_if(
        groups, [&series](const Group& group) { return group.HasRoomFor(series); });
    if (room == groups.end()) room = groups.insert(groups.end(), Group());
    room->Add(series, proof);
    ++companion.made;
  }
  companion.text = Head(mapping) + left + "rule_files:\n  - " + YamlScalar(options.rules_file) +
                   "\nevaluation_interval: 1m\n" + (groups.empty() ? "tests: []\n" : "tests:\n");
  for (const Group& group : groups) companion.text += group.Text();
  return companion;
}

}  // namespace metrishift::generate
