#include "tests/e2e/equivalence/expressions.h"

#include <algorithm>
#include <cctype>
#include <set>

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

// Takes "[NAME...] " off the front of `line`; what stands behind the name, without ": ".
bool TakeMark(std::string_view& line, std::string_view name, std::string* rest = nullptr) {
  const size_t end = line.find("] ");
  if (!line.starts_with("[") || end == std::string_view::npos) return false;
  const std::string_view mark = line.substr(1, end - 1);
  if (!mark.starts_with(name)) return false;
  if (rest != nullptr) *rest = mark.substr(std::min(mark.size(), name.size() + 2));
  line.remove_prefix(end + 2);
  return true;
}

}  // namespace

std::vector<Row> ReadRows(std::string_view text) {
  constexpr std::string_view kArrow = " => ";
  std::vector<Row> rows;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    Row row;
    row.line = number;
    row.empty = TakeMark(line, "empty");
    row.already = TakeMark(line, "already");
    TakeMark(line, "differs", &row.differs);
    const size_t arrow = line.find(kArrow);
    row.expr = WithLineEnds(line.substr(0, arrow));
    if (arrow != std::string_view::npos) row.wrong = line.substr(arrow + kArrow.size());
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> MissingFromRows(const std::vector<Row>& rows) {
  std::vector<std::string> missing;
  std::set<std::string> seen;
  for (const Row& row : rows) {
    const promql::ParseResult parsed =
        promql::ParseExpr(row.expr, {promql::Dialect::kPrometheus, true});
    if (!parsed) {
      missing.push_back("line " + std::to_string(row.line) + ": " + parsed.error->message);
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

}  // namespace metrishift::e2e
