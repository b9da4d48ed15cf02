#include "rewriter/promql/dump.h"

#include <charconv>
#include <cmath>
#include <vector>

#include "rewriter/promql/keywords.h"

namespace metrishift::promql {

namespace {

bool IsIdentifier(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != ':') return false;
  }
  return true;
}

class Dumper {
 public:
  // A node writes its head, its leading child and its tail. The leading children are followed
  // without recursion, since there may be thousands.
  void Add(const Expr& expr) {
    std::vector<const Expr*> chain;
    for (const Expr* e = &expr; e != nullptr; e = LeadingChild(*e)) {
      chain.push_back(e);
      std::visit([this](const auto& node) { Head(node); }, e->node);
    }
    for (auto e = chain.rbegin(); e != chain.rend(); ++e) {
      std::visit([this](const auto& node) { Tail(node); }, (*e)->node);
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  void Head(const VectorSelector& e) {
    out_ += "(sel";
    if (e.name) {
      out_ += ' ';
      Add(*e.name);
    }
    for (const LabelMatcher& matcher : e.matchers) Add(matcher);
    Add(e.modifiers);
    out_ += ')';
  }

  void Head(const MatrixSelector&) { out_ += "(range "; }

  void Tail(const MatrixSelector& e) {
    Child(e.range);
    Add(e.modifiers);
    out_ += ')';
  }

  void Head(const SubqueryExpr&) { out_ += "(subquery "; }

  void Tail(const SubqueryExpr& e) {
    Child(e.range);
    if (e.step) Child(e.step);
    Add(e.modifiers);
    out_ += ')';
  }

  void Head(const AggregateExpr& e) {
    out_ += "(agg ";
    if (e.kind == TokenKind::kTemplate) {
      Add(e.op);
    } else {
      out_ += SpellingOf(e.kind);
    }
    if (e.grouping) {
      out_ += e.grouping->without ? " without=" : " by=";
      Add(e.grouping->labels);
    }
    for (const ExprPtr& arg : e.args) Child(arg);
    out_ += ')';
  }

  void Head(const BinaryExpr& e) {
    out_ += "(op ";
    out_ += e.op == TokenKind::kTemplate ? "~" : SpellingOf(e.op);
    if (e.bool_keyword) out_ += " bool";
    if (e.matching) Add(*e.matching);
    out_ += ' ';
  }

  void Tail(const BinaryExpr& e) {
    Child(e.rhs);
    out_ += ')';
  }

  void Head(const Call& e) {
    out_ += "(call ";
    Add(e.name);
    for (const ExprPtr& arg : e.args) Child(arg);
    out_ += ')';
  }

  void Head(const UnaryExpr& e) {
    out_ += e.op == TokenKind::kSub ? "(neg" : "(pos";
    Child(e.expr);
    out_ += ')';
  }

  void Head(const ParenExpr& e) {
    out_ += "(paren";
    Child(e.expr);
    out_ += ')';
  }

  void Head(const NumberLiteral& e) { Add(e.value); }
  void Head(const StringLiteral& e) { Add(e.token); }

  void Head(const Variable& e) {
    out_ += "(var ";
    Add(e.token);
    out_ += ')';
  }

  template <class Leaf>
  void Tail(const Leaf&) {}  // nodes that begin with a token of their own are complete

  void Child(const ExprPtr& child) {
    out_ += ' ';
    Add(*child);
  }

  void Add(double value) {
    if (std::isnan(value)) {
      out_ += "NaN";
    } else if (std::isinf(value)) {
      out_ += value < 0 ? "-Inf" : "+Inf";
    } else {
      char buffer[32];
      out_.append(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr);
    }
  }

  void Add(const VectorMatching& m) {
    if (m.matching_keyword) {
      out_ += m.on ? " on=" : " ignoring=";
      Add(m.matching_labels);
    }
    if (m.group_keyword) {
      out_ += m.card == VectorMatching::Card::kManyToOne ? " group_left" : " group_right";
      if (m.include) {
        out_ += '=';
        Add(*m.include);
      }
    }
    AddFill(" fill_left=", m.fill_left);
    AddFill(" fill_right=", m.fill_right);
  }

  void AddFill(const char* name, const std::optional<double>& value) {
    if (!value) return;
    out_ += name;
    Add(*value);
  }

  void AddQuoted(std::string_view text) {
    out_ += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') out_ += '\\';
      if (c == '\n') {
        out_ += "\\n";
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  void Add(const NameToken& name) {
    if (name.templated) out_ += '~';
    if (IsIdentifier(name.text)) {
      out_ += name.text;
    } else {
      AddQuoted(name.text);
    }
  }

  void Add(const StringToken& string) {
    if (string.templated) out_ += '~';
    AddQuoted(string.text);
  }

  void Add(const LabelList& list) {
    out_ += '[';
    for (size_t i = 0; i < list.labels.size(); ++i) {
      if (i > 0) out_ += ',';
      Add(list.labels[i]);
    }
    out_ += ']';
  }

  void Add(const LabelMatcher& matcher) {
    static constexpr const char* kOperators[] = {"=", "!=", "=~", "!~"};
    out_ += ' ';
    Add(matcher.name);
    if (matcher.form == LabelMatcher::Form::kVariable) return;
    const bool templated = matcher.form == LabelMatcher::Form::kTemplatedOperator;
    out_ += templated ? "~" : kOperators[static_cast<size_t>(matcher.type)];
    Add(matcher.value);
  }

  void Add(const Modifiers& m) {
    if (m.offset) {
      out_ += " offset=";
      Add(*m.offset->duration);
    }
    if (m.at) {
      out_ += " @";
      switch (m.at->kind) {
        case AtModifier::Kind::kTimestamp:
          Add(m.at->timestamp);
          break;
        case AtModifier::Kind::kStart:
          out_ += "start()";
          break;
        case AtModifier::Kind::kEnd:
          out_ += "end()";
          break;
        case AtModifier::Kind::kVariable:
          out_ += '~';
      }
    }
    if (m.anchored) out_ += " anchored";
    if (m.smoothed) out_ += " smoothed";
  }

  std::string out_;
};

}  // namespace

std::string Dump(const Expr& expr) {
  Dumper dumper;
  dumper.Add(expr);
  return dumper.Take();
}

}  // namespace metrishift::promql
