#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <ostream>
#include <set>
#include <variant>

#include "core/file.h"
#include "rewriter/cli/import_command.h"
#include "rewriter/cli/input.h"
#include "rewriter/cli/report.h"
#include "rewriter/cli/table_draft.h"
#include "rewriter/promql/parser.h"
#include "rewriter/promql/walk.h"

namespace metrishift::cli {
namespace {

using promql::Expr;

// What a rule's expression makes of the one metric that it reads.
struct Derivation {
  std::string metric;
  std::vector<std::pair<std::string, std::string>> fixed;   // labels that it asks for
  std::vector<std::pair<std::string, std::string>> labels;  // to, from
  // label, text before and behind its values
  std::vector<std::pair<std::string, std::pair<std::string, std::string>>> wrapped;
  std::string aggregate;  // as the value of that key; empty for none
  double scale = 1;
  double offset = 0;
};

std::optional<double> Number(const Expr& expr) {
  const auto* number = std::get_if<promql::NumberLiteral>(&expr.node);
  if (number == nullptr || number->duration || !std::isfinite(number->value)) return std::nullopt;
  return number->value;
}

std::string Shown(double value) {
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

const std::string* Literal(const promql::Call& call, size_t index) {
  const auto* literal = std::get_if<promql::StringLiteral>(&call.args[index]->node);
  return literal == nullptr || literal->token.templated ? nullptr : &literal->token.text;
}

// Takes an expression apart from the outside in, one layer a step.
class Reader {
 public:
  std::optional<Derivation> Read(const Expr& expr) {
    const Expr* at = &expr;
    while (at != nullptr) {
      if (std::holds_alternative<promql::VectorSelector>(at->node)) {
        if (!Selector(std::get<promql::VectorSelector>(at->node))) return std::nullopt;
        return std::move(derivation_);
      }
      at = Inner(*at);
    }
    return std::nullopt;
  }

 private:
  const Expr* Inner(const Expr& expr) {
    if (const auto* paren = std::get_if<promql::ParenExpr>(&expr.node)) return paren->expr.get();
    if (const auto* binary = std::get_if<promql::BinaryExpr>(&expr.node)) return Binary(*binary);
    if (const auto* call = std::get_if<promql::Call>(&expr.node)) return Call(*call);
    if (const auto* aggregate = std::get_if<promql::AggregateExpr>(&expr.node))
      return Aggregate(*aggregate);
    return nullptr;
  }

  // The layers stand outside of what is still to come: value = scale * (factor * x + summand) +
  // offset.
  const Expr* Linear(double factor, double summand, const Expr* inner) {
    if (!derivation_.aggregate.empty()) return nullptr;
    derivation_.offset += derivation_.scale * summand;
    derivation_.scale *= factor;
    const bool sound = derivation_.scale != 0 && std::isfinite(derivation_.scale) &&
                       std::isfinite(derivation_.offset);
    return sound ? inner : nullptr;
  }

  const Expr* Binary(const promql::BinaryExpr& binary) {
    const std::optional<double> left = Number(*binary.lhs);
    const std::optional<double> right = Number(*binary.rhs);
    if (left.has_value() == right.has_value() || binary.matching) return nullptr;
    const Expr* inner = left ? binary.rhs.get() : binary.lhs.get();
    const double number = left ? *left : *right;
    switch (binary.op) {
      case promql::TokenKind::kMul:
        return Linear(number, 0, inner);
      case promql::TokenKind::kAdd:
        return Linear(1, number, inner);
      case promql::TokenKind::kSub:
        return left ? Linear(-1, number, inner) : Linear(1, -number, inner);
      case promql::TokenKind::kDiv:
        return left || number == 0 ? nullptr : Linear(1 / number, 0, inner);
      default:
        return nullptr;
    }
  }

  // label_replace(x, "new", "$1", "old", "(.*)"), or with text around the $1.
  const Expr* Call(const promql::Call& call) {
    if (call.name.text != "label_replace" || call.args.size() != 5) return nullptr;
    const std::string* to = Literal(call, 1);
    const std::string* value = Literal(call, 2);
    const std::string* from = Literal(call, 3);
    const std::string* regex = Literal(call, 4);
    if (to == nullptr || value == nullptr || from == nullptr || regex == nullptr) return nullptr;
    if (*regex != "(.*)" && *regex != "(.+)") return nullptr;
    const size_t reference = value->find("$1");
    if (reference == std::string::npos || value->find('$', reference + 1) != std::string::npos)
      return nullptr;
    if (*value != "$1") {
      if (*to != *from) return nullptr;
      derivation_.wrapped.emplace_back(
          *to, std::pair(value->substr(0, reference), value->substr(reference + 2)));
    } else if (*to != *from) {
      derivation_.labels.emplace_back(*to, *from);
    }
    return call.args.front().get();
  }

  const Expr* Aggregate(const promql::AggregateExpr& aggregate) {
    static const std::set<std::string, std::less<>> kKnown = {"sum", "min", "max", "avg", "count"};
    if (!kKnown.contains(aggregate.op.text) || aggregate.HasParam() || !aggregate.grouping ||
        !derivation_.aggregate.empty() || !derivation_.labels.empty() ||
        !derivation_.wrapped.empty())
      return nullptr;
    std::string labels;
    for (const promql::NameToken& label : aggregate.grouping->labels.labels)
      labels += (labels.empty() ? "" : ", ") + YamlScalar(label.text);
    derivation_.aggregate = "{op: " + aggregate.op.text +
                            (aggregate.grouping->without ? ", without: [" : ", by: [") + labels +
                            "]}";
    return &aggregate.vector();
  }

  bool Selector(const promql::VectorSelector& selector) {
    const promql::Modifiers& modifiers = selector.modifiers;
    if (!selector.name || selector.name->templated || modifiers.offset || modifiers.at)
      return false;
    derivation_.metric = selector.name->text;
    for (const promql::LabelMatcher& matcher : selector.matchers) {
      if (matcher.form != promql::LabelMatcher::Form::kPlain ||
          matcher.type != promql::MatchType::kEqual || matcher.value.templated)
        return false;
      derivation_.fixed.emplace_back(matcher.name.text, matcher.value.text);
    }
    return true;
  }

  Derivation derivation_;
};

// What stands for the way from the metric that is read to the one that is recorded, as keys of an
// entry. With `records_new` the two change places, and so does everything else.
class EntryWriter {
 public:
  EntryWriter(const Derivation& derivation, bool records_new)
      : derivation_(derivation), records_new_(records_new) {}

  // Nothing where there is no way back to say.
  std::optional<DraftEntry> Write(const std::string& record) const {
    const std::string& old_name = records_new_ ? derivation_.metric : record;
    const std::string& new_name = records_new_ ? record : derivation_.metric;
    if (records_new_ && !derivation_.aggregate.empty()) return std::nullopt;
    DraftEntry entry{{{"old", YamlScalar(old_name)}, {"new", YamlScalar(new_name)}}, ""};
    entry.keys.emplace_back("type", new_name.ends_with("_total") ? "counter" : "untyped");
    if (!derivation_.fixed.empty())
      entry.keys.emplace_back(records_new_ ? "when" : "new_labels", Map(derivation_.fixed));
    if (!derivation_.labels.empty()) entry.keys.emplace_back("labels", Labels());
    if (!derivation_.wrapped.empty()) entry.keys.emplace_back("label_values", Values());
    const double scale = records_new_ ? 1 / derivation_.scale : derivation_.scale;
    const double offset =
        records_new_ ? -derivation_.offset / derivation_.scale : derivation_.offset;
    if (scale != 1) entry.keys.emplace_back("scale", Shown(scale));
    if (offset != 0) entry.keys.emplace_back("offset", Shown(offset));
    if (!derivation_.aggregate.empty()) entry.keys.emplace_back("aggregate", derivation_.aggregate);
    return entry;
  }

 private:
  static std::string Map(const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::string out;
    for (const auto& [key, value] : pairs)
      out += (out.empty() ? "{" : ", ") + YamlScalar(key) + ": " + YamlScalar(value);
    return out + "}";
  }

  std::string Labels() const {
    std::string out;
    for (const auto& [to, from] : derivation_.labels) {
      out += (out.empty() ? "[{old: " : ", {old: ") + YamlScalar(records_new_ ? from : to) +
             ", new: " + YamlScalar(records_new_ ? to : from) + "}";
    }
    return out + "]";
  }

  // Values of old labels: with the text around them on the old side, or on the new one.
  std::string Values() const {
    std::string out;
    for (const auto& [label, around] : derivation_.wrapped) {
      const std::string inside = "(.+)";
      const std::string whole = Quoted(around.first) + inside + Quoted(around.second);
      out += (out.empty() ? "{" : ", ") + YamlScalar(label) +
             ": {pattern: " + YamlScalar(records_new_ ? inside : whole) +
             ", new: " + YamlScalar(records_new_ ? around.first + "${1}" + around.second : "$1") +
             "}";
    }
    return out + "}";
  }

  static std::string Quoted(const std::string& text) {
    std::string out;
    for (const char c : text) {
      if (!IsMetricNameChar(c)) out += '\\';
      out += c;
    }
    return out;
  }

  const Derivation& derivation_;
  bool records_new_;
};

// The first metric that an expression reads; "" where there is none with a name.
std::string FirstMetric(const Expr& expr) {
  std::string metric;
  promql::Walk(expr, [&](const Expr& node, const Expr*) {
    const auto* selector = std::get_if<promql::VectorSelector>(&node.node);
    if (metric.empty() && selector != nullptr && selector->name && !selector->name->templated)
      metric = selector->name->text;
  });
  return metric;
}

// The entries of a draft, each checked against those before it.
class Draft {
 public:
  explicit Draft(bool records_new) : records_new_(records_new) {}

  // False where the rule is none that an entry can be made of.
  bool Add(const formats::EmbeddedQuery& rule) {
    const promql::ParseResult parsed = promql::ParseExpr(rule.text);
    // A name with colons is a rule's own, and no metric's of old.
    if (!parsed || !IsMetricName(rule.record) || rule.record.find(':') != std::string::npos)
      return false;
    const std::optional<Derivation> derivation = Reader().Read(*parsed.expr);
    const bool legacy = derivation && IsMetricName(derivation->metric);
    if (legacy && derivation->metric == rule.record) return false;
    if (legacy) {
      const std::optional<DraftEntry> entry =
          EntryWriter(*derivation, records_new_).Write(rule.record);
      if (entry && Claim(*entry)) {
        entries_.push_back(*entry);
        return true;
      }
    }
    return !records_new_ && AddExpression(rule, *parsed.expr);
  }

  const std::vector<DraftEntry>& entries() const { return entries_; }

 private:
  static std::string ValueOf(const DraftEntry& entry, std::string_view key) {
    for (const auto& [name, value] : entry.keys) {
      if (name == key) return value;
    }
    return "";
  }

  // One entry for an old name (and `when`), and one for new series.
  bool Claim(const DraftEntry& entry) {
    const std::string old_side = ValueOf(entry, "old") + ValueOf(entry, "when");
    const std::string labels = ValueOf(entry, "new_labels");
    std::set<std::string>& taken = new_sides_[ValueOf(entry, "new")];
    const bool free =
        taken.empty() || (!labels.empty() && !taken.contains("") && !taken.contains(labels));
    if (!free && ValueOf(entry, "aggregate").empty()) return false;
    if (!old_sides_.insert(old_side).second) return false;
    taken.insert(labels);
    return true;
  }

  // An expression over several metrics, or one that says more than an entry can.
  bool AddExpression(const formats::EmbeddedQuery& rule, const Expr& expr) {
    const std::string metric = FirstMetric(expr);
    if (!IsMetricName(metric) || metric == rule.record) return false;
    if (!old_sides_.insert(YamlScalar(rule.record)).second) return false;
    entries_.push_back(
        {{{"old", YamlScalar(rule.record)},
          {"new", YamlScalar(metric)},
          {"type", metric.ends_with("_total") ? "counter" : "untyped"},
          {"expr", YamlScalar(rule.text.substr(0, rule.text.find_last_not_of(" \n") + 1))}},
         "an expression: see whether another kind of entry says the same"});
    return true;
  }

  bool records_new_;
  std::vector<DraftEntry> entries_;
  std::set<std::string> old_sides_;
  std::map<std::string, std::set<std::string>> new_sides_;  // by name, their fixed labels
};

}  // namespace

ExitCode RunImportRules(const std::string& path, bool records_new, const Streams& streams) {
  std::string why;
  InputReader reader("<stdin>", false);
  const std::optional<Input> input = reader.Read({path, true}, &why);
  if (!input) {
    streams.err << Printable(path) << ": error: " << why << "\n";
    return kError;
  }
  const SourceText source(path, input->text);
  const auto extraction = formats::Extract(input->format, input->text);
  if (!extraction) {
    for (const Diagnostic& diagnostic : extraction.diagnostics)
      streams.err << RenderDiagnostic(source, diagnostic, streams.err_color);
    return kError;
  }
  Draft draft(records_new);
  ExitCode code = kClean;
  size_t derived = 0;
  for (const formats::EmbeddedQuery& query : extraction->queries) {
    if (query.record.empty() || draft.Add(query)) continue;
    // Rules give names like job:requests:rate5m to what no program ever exposed.
    if (query.record.find(':') != std::string::npos) {
      ++derived;
      continue;
    }
    code = kFindings;
    streams.err << RenderDiagnostic(
        source,
        {Severity::kWarning, query.span, "no entry says what this rule does",
         "write one by hand, if it gives a metric another name"},
        streams.err_color);
  }
  if (derived > 0) {
    streams.err << Plural(derived, "rule", "rules")
                << " with a colon in the name left out: they name what is computed, not a metric\n";
  }
  if (draft.entries().empty()) {
    streams.err << Printable(path)
                << ": error: there is no recording rule that gives a metric another name\n";
    return kError;
  }
  streams.out << RenderDraft({"A draft from the recording rules of " + path + ".",
                              "Types are not said there: untyped stands for what nobody knows."},
                             path, draft.entries());
  return code;
}

}  // namespace metrishift::cli
