#include "tests/e2e/equivalence/expressions.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <sstream>
#include <utility>

#include "rewriter/promql/parser.h"
#include "rewriter/promql/walk.h"

namespace metrishift::e2e {
namespace {

using promql::Expr;

// Source: prometheus/prometheus v2.42.0, promql/parser/functions.go and lex.go.
constexpr std::string_view kPrometheus242[] = {
    // functions
    "abs", "absent", "absent_over_time", "acos", "acosh", "asin", "asinh", "atan", "atanh",
    "avg_over_time", "ceil", "changes", "clamp", "clamp_max", "clamp_min", "cos", "cosh",
    "count_over_time", "day_of_month", "day_of_week", "day_of_year", "days_in_month", "deg",
    "delta", "deriv", "exp", "floor", "histogram_count", "histogram_fraction", "histogram_quantile",
    "histogram_sum", "holt_winters", "hour", "idelta", "increase", "irate", "label_join",
    "label_replace", "last_over_time", "ln", "log10", "log2", "max_over_time", "min_over_time",
    "minute", "month", "pi", "predict_linear", "present_over_time", "quantile_over_time", "rad",
    "rate", "resets", "round", "scalar", "sgn", "sin", "sinh", "sort", "sort_desc", "sqrt",
    "stddev_over_time", "stdvar_over_time", "sum_over_time", "tan", "tanh", "time", "timestamp",
    "vector", "year",
    // aggregations
    "avg", "bottomk", "count", "count_values", "group", "max", "min", "quantile", "stddev",
    "stdvar", "sum", "topk", "by", "without",
    // operators
    "+", "-", "*", "/", "%", "^", "==", "!=", ">", "<", ">=", "<=", "and", "or", "unless", "atan2",
    "bool", "on", "ignoring", "group_left", "group_right", "unary -", "unary +",
    // what follows a selector
    "[range]", "[subquery]", "offset", "@", "@ start()", "@ end()"};

std::string Lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

// Collects what a tree is made of, under the names of the list above.
class Inventory {
 public:
  Inventory(std::string_view text, std::set<std::string>& seen) : text_(text), seen_(seen) {}

  void operator()(const promql::VectorSelector& e) { After(e.modifiers); }
  void operator()(const promql::MatrixSelector& e) {
    seen_.insert("[range]");
    After(e.modifiers);
  }
  void operator()(const promql::SubqueryExpr& e) {
    seen_.insert("[subquery]");
    After(e.modifiers);
  }
  void operator()(const promql::AggregateExpr& e) {
    seen_.insert(Lower(e.op.text));
    if (e.grouping) Word(e.grouping->keyword_span);
  }
  void operator()(const promql::BinaryExpr& e) {
    Word(e.op_span);
    if (e.bool_keyword) Word(*e.bool_keyword);
    if (!e.matching) return;
    if (e.matching->matching_keyword) Word(*e.matching->matching_keyword);
    if (e.matching->group_keyword) Word(*e.matching->group_keyword);
  }
  void operator()(const promql::Call& e) { seen_.insert(e.name.text); }
  void operator()(const promql::UnaryExpr& e) {
    seen_.insert(e.op == promql::TokenKind::kSub ? "unary -" : "unary +");
  }
  template <class Other>
  void operator()(const Other&) {}

 private:
  void Word(QuerySpan span) { seen_.insert(Lower(text_.substr(span.begin, span.size()))); }

  void After(const promql::Modifiers& modifiers) {
    if (modifiers.offset) seen_.insert("offset");
    if (!modifiers.at) return;
    using Kind = promql::AtModifier::Kind;
    if (modifiers.at->kind == Kind::kTimestamp) seen_.insert("@");
    if (modifiers.at->kind == Kind::kStart) seen_.insert("@ start()");
    if (modifiers.at->kind == Kind::kEnd) seen_.insert("@ end()");
  }

  std::string_view text_;
  std::set<std::string>& seen_;
};

// `text` with a line end for each "↵".
std::string WithLineEnds(std::string_view text) {
  constexpr std::string_view kSign = "↵";
  std::string out(text);
  for (size_t at = 0; (at = out.find(kSign, at)) != std::string::npos;)
    out.replace(at, kSign.size(), "\n");
  return out;
}

// Takes "[MARK] " off the front of `line`.
std::string_view TakeMark(std::string_view& line) {
  const size_t end = line.find("] ");
  if (!line.starts_with("[") || end == std::string_view::npos) return {};
  const std::string_view mark = line.substr(1, end - 1);
  line.remove_prefix(end + 2);
  return mark;
}

// Sets `expects` for the ways that `ways` names ("replace,keep"), for each of them when it is
// empty. False when there is no such way.
bool ForWays(std::string_view ways, Expect expect, std::array<Expect, kWays.size()>& expects) {
  constexpr std::array<std::string_view, kWays.size()> kNames = {"replace", "keep", "union"};
  if (ways.empty()) expects.fill(expect);
  while (!ways.empty()) {
    const std::string_view name = ways.substr(0, ways.find(','));
    ways.remove_prefix(std::min(ways.size(), name.size() + 1));
    const auto found = std::ranges::find(kNames, name);
    if (found == kNames.end()) return false;
    expects.at(static_cast<size_t>(found - kNames.begin())) = expect;
  }
  return true;
}

// False when there is no such mark.
bool SetMark(std::string_view mark, Row& row) {
  const std::string_view name = mark.substr(0, mark.find(':'));
  std::string_view rest = mark.substr(std::min(mark.size(), name.size() + 1));
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  if (name == "empty") return row.empty = true;
  if (name == "already") return row.already = true;
  if (name == "oneway") return row.one_way = true;
  if (name == "differs") return !(row.differs = rest).empty();
  if (name == "person") return ForWays(rest, Expect::kYes, row.person);
  if (name == "person?") return ForWays(rest, Expect::kEither, row.person);
  if (name == "rest") {
    row.rest = Expect::kYes;
    return rest.empty();
  }
  if (name == "same?") return ForWays(rest, Expect::kEither, row.same);
  if (name == "same") return ForWays(rest, Expect::kYes, row.same);
  const std::optional<Equivalence> least = ParseEquivalence(rest);
  row.least = least.value_or(row.least);
  return name == "least" && least;
}

// Splits `line` at what says how its two expressions are related, if there are two.
void ReadExpressions(std::string_view line, Row& row) {
  constexpr std::array<std::pair<std::string_view, Relation>, 4> kSigns = {{
      {" ~> ", Relation::kWrongReplacement},
      {" ~ ", Relation::kReplacement},
      {" <=> ", Relation::kUnion},
      {" => ", Relation::kWrongUnion},
  }};
  row.expr = WithLineEnds(line);
  for (const auto& [sign, relation] : kSigns) {
    const size_t at = line.find(sign);
    if (at == std::string_view::npos) continue;
    row.expr = WithLineEnds(line.substr(0, at));
    row.relation = relation;
    row.other = WithLineEnds(line.substr(at + sign.size()));
    return;
  }
}

}  // namespace

std::vector<Row> ReadRows(std::string_view text) {
  std::vector<Row> rows;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    Row row;
    row.place = "expressions.txt:" + std::to_string(number);
    for (std::string_view mark = TakeMark(line); !mark.empty(); mark = TakeMark(line)) {
      if (!SetMark(mark, row)) row.problem = "no such mark: " + std::string(mark);
    }
    ReadExpressions(line, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> MissingFromRows(const std::vector<Row>& rows) {
  std::vector<std::string> missing;
  std::set<std::string> seen;
  for (const Row& row : rows) {
    if (!row.problem.empty()) missing.push_back(row.place + ": " + row.problem);
    const promql::ParseResult parsed =
        promql::ParseExpr(row.expr, {promql::Dialect::kPrometheus, true});
    if (!parsed) {
      missing.push_back(row.place + ": " + parsed.error->message);
      continue;
    }
    Inventory inventory(row.expr, seen);
    promql::Walk(*parsed.expr,
                 [&](const Expr& node, const Expr*) { std::visit(inventory, node.node); });
  }
  for (const std::string_view part : kPrometheus242) {
    if (!seen.contains(std::string(part))) missing.emplace_back(part);
  }
  return missing;
}

std::set<std::string> MetricNames(std::string_view expr) {
  std::set<std::string> names;
  const promql::ParseResult parsed = promql::ParseExpr(expr, {promql::Dialect::kPrometheus, true});
  if (!parsed) return names;
  promql::Walk(*parsed.expr, [&names](const Expr& node, const Expr*) {
    const auto* selector = std::get_if<promql::VectorSelector>(&node.node);
    if (selector == nullptr) return;
    if (selector->name) names.insert(selector->name->text);
    for (const promql::LabelMatcher& matcher : selector->matchers) {
      if (matcher.name.text != "__name__") continue;
      std::istringstream alternatives(matcher.value.text);
      for (std::string name; std::getline(alternatives, name, '|');) names.insert(name);
    }
  });
  return names;
}

}  // namespace metrishift::e2e
