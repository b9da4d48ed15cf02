#include "rewriter/promql/type_check.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "rewriter/promql/keywords.h"
#include "rewriter/promql/quote.h"
#include "rewriter/promql/regex_syntax.h"

namespace metrishift::promql {

namespace {

bool IsComparison(TokenKind op) {
  return op >= TokenKind::kEqual && op <= TokenKind::kGreaterEqual;
}

bool IsSetOperator(TokenKind op) {
  return op == TokenKind::kAnd || op == TokenKind::kOr || op == TokenKind::kUnless;
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Whether a value of type `got` may stand where `want` is expected.
bool Fits(ValueType got, ValueType want) { return got == want || got == ValueType::kAny; }

bool FitsOperator(ValueType type) {
  return Fits(type, ValueType::kScalar) || Fits(type, ValueType::kVector);
}

ValueType Combine(ValueType lhs, ValueType rhs) {
  const bool vector = lhs == ValueType::kVector || rhs == ValueType::kVector;
  if (vector) return ValueType::kVector;
  if (lhs == ValueType::kAny || rhs == ValueType::kAny) return ValueType::kAny;
  const bool scalars = lhs == ValueType::kScalar && rhs == ValueType::kScalar;
  return scalars ? ValueType::kScalar : ValueType::kVector;
}

// A selector that ends in a variable may end in anything: x$suffix with suffix = "{a='b'}[5m]".
ValueType TypeOfSelector(const VectorSelector& selector) {
  const bool open =
      selector.name && selector.name->templated && !selector.name->quoted && !selector.braces;
  return open ? ValueType::kAny : ValueType::kVector;
}

ValueType TypeOfCall(const Call& call) {
  return call.function != nullptr ? call.function->result : ValueType::kAny;
}

bool MatchesEmpty(const LabelMatcher& matcher) {
  if (matcher.value.templated || matcher.form == LabelMatcher::Form::kVariable) return false;
  switch (matcher.type) {
    case MatchType::kEqual:
      return matcher.value.text.empty();
    case MatchType::kNotEqual:
      return !matcher.value.text.empty();
    case MatchType::kRegexp:
      return CheckRegex(matcher.value.text).matches_empty;
    case MatchType::kNotRegexp:
      return !CheckRegex(matcher.value.text).matches_empty;
  }
  return false;
}

class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  // Checks `expr` and what is below it. The result means nothing after an error.
  // Operands come before operators, so a chain of leading children is checked from its far end;
  // there may be thousands.
  ValueType Check(const Expr& expr) {
    if (LeadingChild(expr) == nullptr) return CheckOne(expr, ValueType::kAny);
    std::vector<const Expr*> chain;
    for (const Expr* e = &expr; e != nullptr; e = LeadingChild(*e)) chain.push_back(e);
    ValueType type = ValueType::kAny;
    for (auto e = chain.rbegin(); e != chain.rend() && !error_; ++e) type = CheckOne(**e, type);
    return type;
  }

  std::optional<ParseError> TakeError() { return std::move(error_); }

 private:
  // These take the type of the leading child, which is checked already.
  ValueType CheckOne(const Expr& expr, ValueType leading) {
    return std::visit([&](const auto& node) { return CheckNode(expr, node, leading); }, expr.node);
  }

  ValueType CheckNode(const Expr& expr, const VectorSelector& e, ValueType) {
    CheckSelector(expr, e, false);
    return TypeOfSelector(e);
  }

  ValueType CheckNode(const Expr&, const MatrixSelector&, ValueType) { return ValueType::kMatrix; }

  ValueType CheckNode(const Expr& expr, const SubqueryExpr&, ValueType type) {
    if (!Fits(type, ValueType::kVector)) {
      Fail(expr.span, std::string("a subquery is only allowed on an instant vector, got ") +
                          ValueTypeName(type));
    }
    return ValueType::kMatrix;
  }

  ValueType CheckNode(const Expr&, const AggregateExpr& e, ValueType) {
    if (e.kind == TokenKind::kTemplate) {
      for (const ExprPtr& arg : e.args) Check(*arg);
      return ValueType::kVector;
    }
    Expect(e.vector(), ValueType::kVector, "aggregation");
    if (e.HasParam()) {
      const bool string = e.kind == TokenKind::kCountValues;
      Expect(*e.args[0], string ? ValueType::kString : ValueType::kScalar, "aggregation parameter");
    }
    return ValueType::kVector;
  }

  ValueType CheckNode(const Expr& expr, const BinaryExpr& e, ValueType lhs) {
    const ValueType rhs = Check(*e.rhs);
    if (error_ || e.op == TokenKind::kTemplate) return Combine(lhs, rhs);
    CheckOperator(e, lhs, rhs);
    if (!FitsOperator(lhs)) FailOperand(*e.lhs, lhs);
    if (!FitsOperator(rhs)) FailOperand(*e.rhs, rhs);
    const bool any = lhs == ValueType::kAny || rhs == ValueType::kAny;
    const bool vectors = lhs == ValueType::kVector && rhs == ValueType::kVector;
    const bool scalar = lhs == ValueType::kScalar || rhs == ValueType::kScalar;
    if (scalar || !any) CheckMatching(expr.span, e, vectors);
    if (scalar && IsSetOperator(e.op)) {
      Fail(expr.span,
           "set operator \"" + std::string(SpellingOf(e.op)) + "\" is not allowed with a scalar");
    }
    return Combine(lhs, rhs);
  }

  void CheckOperator(const BinaryExpr& e, ValueType lhs, ValueType rhs) {
    if (e.bool_keyword && !IsComparison(e.op)) {
      Fail(OperatorSpan(e), "bool is only allowed with comparison operators");
    }
    const bool scalars = lhs == ValueType::kScalar && rhs == ValueType::kScalar;
    if (IsComparison(e.op) && !e.bool_keyword && scalars) {
      Fail(OperatorSpan(e), "comparisons between scalars must use bool");
    }
    if (e.matching == nullptr || !e.matching->on || !e.matching->include) return;
    const VectorMatching& m = *e.matching;
    std::set<std::string_view> included;
    for (const NameToken& label : m.include->labels) included.insert(label.text);
    for (const NameToken& label : m.matching_labels.labels) {
      if (included.count(label.text) == 0) continue;
      Fail(OperatorSpan(e), "label " + QuoteForMessage(label.text) +
                                " must not be in on and group_left or group_right at once");
      return;
    }
  }

  void CheckMatching(QuerySpan span, const BinaryExpr& e, bool vectors) {
    if (e.matching == nullptr) return;
    const VectorMatching& m = *e.matching;
    const bool fill = m.fill_left || m.fill_right;
    if (!vectors) {
      if (!m.matching_labels.labels.empty()) {
        Fail(span, "vector matching is only allowed between instant vectors");
      }
      if (fill) Fail(span, "fill is only allowed between instant vectors");
    } else if (IsSetOperator(e.op)) {
      if (m.group_keyword) {
        Fail(span, "no grouping is allowed for \"" + std::string(SpellingOf(e.op)) + "\"");
      }
      if (fill) Fail(span, "fill is not allowed for set operators");
    }
  }

  ValueType CheckNode(const Expr& expr, const Call& e, ValueType) {
    if (e.function == nullptr) {
      for (const ExprPtr& arg : e.args) Check(*arg);
      return ValueType::kAny;
    }
    const Function& f = *e.function;
    CheckCount(expr, f, e.args.size());
    const bool info = f.name == "info" && e.args.size() > 1;
    if (info) CheckInfo(expr, *e.args[1]);
    for (size_t i = 0; i < e.args.size() && !error_; ++i) {
      if (i >= f.arg_count && f.variadic == 0) break;
      const ValueType want = f.arg_types[std::min<size_t>(i, f.arg_count - 1U)];
      const auto* selector = std::get_if<VectorSelector>(&e.args[i]->node);
      ValueType got = ValueType::kVector;
      if (info && i == 1 && selector != nullptr) {
        CheckSelector(*e.args[i], *selector, true);
      } else {
        got = Check(*e.args[i]);
      }
      if (!Fits(got, want))
        FailType(e.args[i]->span, want, "call of \"" + std::string(f.name) + "\"", got);
    }
    return f.result;
  }

  void CheckCount(const Expr& expr, const Function& f, size_t got) {
    const size_t at_least = f.variadic == 0 ? f.arg_count : f.arg_count - 1U;
    const bool bounded = f.variadic >= 0;
    const size_t at_most = at_least + (bounded ? static_cast<size_t>(f.variadic) : 0);
    if (got >= at_least && (!bounded || got <= at_most)) return;
    const char* bound = f.variadic == 0 ? "" : got < at_least ? "at least " : "at most ";
    Fail(expr.span,
         std::string("expected ") + bound + std::to_string(got < at_least ? at_least : at_most) +
             " argument(s) in call of \"" + std::string(f.name) + "\", got " + std::to_string(got));
  }

  // The second argument of info() says which labels to add, so it is written as a selector without
  // a name.
  void CheckInfo(const Expr& call, const Expr& arg) {
    const ValueType type = TypeOf(arg);
    if (!Fits(type, ValueType::kVector))
      FailType(call.span, ValueType::kVector, "call of \"info\"", type);
    if (std::holds_alternative<Variable>(arg.node)) return;
    const auto* selector = std::get_if<VectorSelector>(&arg.node);
    if (selector == nullptr || (selector->name && !selector->name->quoted)) {
      Fail(arg.span, "expected label matchers in braces");
    }
  }

  ValueType CheckNode(const Expr& expr, const UnaryExpr& e, ValueType) {
    const ValueType type = Check(*e.expr);
    if (!FitsOperator(type)) {
      Fail(expr.span,
           std::string("a sign is only allowed before a scalar or instant vector, got ") +
               ValueTypeName(type));
    }
    return type;
  }

  ValueType CheckNode(const Expr&, const ParenExpr& e, ValueType) { return Check(*e.expr); }
  ValueType CheckNode(const Expr&, const NumberLiteral&, ValueType) { return ValueType::kScalar; }
  ValueType CheckNode(const Expr&, const StringLiteral&, ValueType) { return ValueType::kString; }
  ValueType CheckNode(const Expr&, const Variable&, ValueType) { return ValueType::kAny; }

  void CheckSelector(const Expr& expr, const VectorSelector& e, bool may_be_empty) {
    const bool named = e.name && !e.name->quoted;
    if (named) {
      for (const LabelMatcher& matcher : e.matchers) {
        if (matcher.name.text == "__name__") {
          Fail(expr.span, "metric name must not be set twice: " + QuoteForMessage(e.name->text) +
                              " or " + QuoteForMessage(matcher.value.text));
        }
      }
      return;
    }
    if (may_be_empty || (e.name && !e.name->text.empty())) return;
    for (const LabelMatcher& matcher : e.matchers) {
      if (!MatchesEmpty(matcher)) return;
    }
    Fail(expr.span,
         "a vector selector must have at least one matcher that does not match the empty string");
  }

  void Expect(const Expr& expr, ValueType want, const char* context) {
    const ValueType got = Check(expr);
    if (!Fits(got, want)) FailType(expr.span, want, context, got);
  }

  void FailType(QuerySpan span, ValueType want, const std::string& context, ValueType got) {
    Fail(span, std::string("expected ") + ValueTypeName(want) + " in " + context + ", got " +
                   ValueTypeName(got));
  }

  void FailOperand(const Expr& operand, ValueType got) {
    Fail(operand.span,
         std::string("operands must be scalars or instant vectors, got ") + ValueTypeName(got));
  }

  // From the operator to the last byte before the right operand, as Prometheus measures it.
  QuerySpan OperatorSpan(const BinaryExpr& e) const {
    size_t begin = e.lhs->span.end;
    while (IsSpace(text_[begin])) ++begin;
    size_t end = e.rhs->span.begin - 1;
    while (IsSpace(text_[end])) --end;
    return {begin, std::max(begin, end)};
  }

  void Fail(QuerySpan span, std::string message) {
    if (!error_) error_ = ParseError{span, std::move(message)};
  }

  std::string_view text_;
  std::optional<ParseError> error_;
};

ValueType TypeOfBinary(const BinaryExpr& binary) {
  ValueType type = TypeOf(*binary.rhs);
  const Expr* lhs = binary.lhs.get();
  while (const auto* below = std::get_if<BinaryExpr>(&lhs->node)) {
    type = Combine(TypeOf(*below->rhs), type);
    lhs = below->lhs.get();
  }
  return Combine(TypeOf(*lhs), type);
}

}  // namespace

ValueType TypeOf(const Expr& expr) {
  struct Types {
    ValueType operator()(const VectorSelector& e) const { return TypeOfSelector(e); }
    ValueType operator()(const MatrixSelector&) const { return ValueType::kMatrix; }
    ValueType operator()(const SubqueryExpr&) const { return ValueType::kMatrix; }
    ValueType operator()(const AggregateExpr&) const { return ValueType::kVector; }
    ValueType operator()(const BinaryExpr& e) const { return TypeOfBinary(e); }
    ValueType operator()(const Call& e) const { return TypeOfCall(e); }
    ValueType operator()(const UnaryExpr& e) const { return TypeOf(*e.expr); }
    ValueType operator()(const ParenExpr& e) const { return TypeOf(*e.expr); }
    ValueType operator()(const NumberLiteral&) const { return ValueType::kScalar; }
    ValueType operator()(const StringLiteral&) const { return ValueType::kString; }
    ValueType operator()(const Variable&) const { return ValueType::kAny; }
  };
  return std::visit(Types{}, expr.node);
}

std::optional<ParseError> CheckTypes(const Expr& expr, std::string_view text) {
  Checker checker(text);
  checker.Check(expr);
  return checker.TakeError();
}

}  // namespace metrishift::promql
