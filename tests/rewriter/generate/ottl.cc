#include "tests/rewriter/generate/ottl.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <variant>

#include "core/yaml.h"

namespace metrishift::ottl {
namespace {

// More metrics than this come only from copies of copies.
constexpr size_t kMaxMetrics = 1000;

struct Nil {
  friend bool operator==(Nil, Nil) = default;
};
using Value = std::variant<Nil, bool, double, std::string, std::vector<std::string>>;

// The lexer's rules, in their order (buildLexer of grammar.go).
std::vector<std::string> Tokens(const std::string& text) {
  static const RE2 kToken(
      R"re(\s*([-+]?\d*\.\d+(?:[eE][-+]?\d+)?|[-+]?\d+|"(?:\\.|[^\\"])*"|==|!=|[-+*/=(),.\[\]]|[A-Z][A-Z0-9_]*|[a-z][a-z0-9_]*))re");
  std::vector<std::string> tokens;
  re2::StringPiece rest(text);
  for (std::string token; RE2::Consume(&rest, kToken, &token);) tokens.push_back(token);
  if (!rest.empty()) throw std::runtime_error("no token: " + std::string(rest));
  return tokens;
}

std::string Unquoted(const std::string& token) {
  std::string text;
  for (size_t i = 1; i + 1 < token.size(); ++i) {
    if (token[i] != '\\') {
      text += token[i];
    } else {
      text += token[++i] == 'n' ? '\n' : token[i];
    }
  }
  return text;
}

// Evaluates one statement or condition for one metric, or one of its data points.
class Evaluation {
 public:
  Evaluation(const std::string& text, Metrics& metrics, Metric& metric, DataPoint* point)
      : tokens_(Tokens(text)), metrics_(metrics), metric_(metric), point_(point) {}

  bool Condition() {
    const bool holds = Or();
    if (at_ != tokens_.size()) Fail();
    return holds;
  }

  void Statement() {
    const auto where = std::ranges::find(tokens_, "where");
    if (where != tokens_.end()) {
      at_ = static_cast<size_t>(where - tokens_.begin()) + 1;
      if (!Condition()) return;
      tokens_.erase(where, tokens_.end());
    }
    at_ = 0;
    Editor();
    if (at_ != tokens_.size()) Fail();
  }

 private:
  [[noreturn]] void Fail() const {
    throw std::runtime_error("not understood: " +
                             (at_ < tokens_.size() ? tokens_[at_] : "the end"));
  }
  bool Is(std::string_view token) const { return at_ < tokens_.size() && tokens_[at_] == token; }
  bool Take(std::string_view token) { return Is(token) && ++at_ > 0; }
  void Need(std::string_view token) {
    if (!Take(token)) Fail();
  }

  bool Or() {
    bool holds = And();
    while (Take("or")) holds = And() || holds;
    return holds;
  }
  bool And() {
    bool holds = Boolean();
    while (Take("and")) holds = Boolean() && holds;
    return holds;
  }
  bool Boolean() {
    if (Take("not")) return !Boolean();
    if (Take("(")) {
      const bool holds = Or();
      Need(")");
      return holds;
    }
    const Value left = Sum();
    if (const bool* holds = std::get_if<bool>(&left)) return *holds;
    if (Take("==")) return left == Sum();
    Need("!=");
    return left != Sum();
  }

  Value Sum() {
    Value value = Product();
    while (Is("+") || Is("-")) {
      const bool plus = Take("+");
      if (!plus) Need("-");
      const double other = std::get<double>(Product());
      value = std::get<double>(value) + (plus ? other : -other);
    }
    return value;
  }
  Value Product() {
    Value value = Operand();
    while (Take("*")) value = std::get<double>(value) * std::get<double>(Operand());
    return value;
  }

  Value Operand() {
    if (at_ == tokens_.size()) Fail();
    const std::string token = tokens_[at_];
    if (token.starts_with('"')) return ++at_, Value(Unquoted(token));
    if (RE2::FullMatch(token, R"([-+]?\d*\.\d+.*)")) return ++at_, Value(std::stod(token));
    if (Take("nil")) return Nil{};
    if (Is("[")) return List();
    if (token == "C" || token == "E" || token == "I") return Converter();
    return Get(Path());
  }

  std::vector<std::string> List() {
    std::vector<std::string> items;
    Need("[");
    while (!Take("]")) {
      items.push_back(std::get<std::string>(Sum()));
      if (!Is("]")) Need(",");
    }
    return items;
  }

  // The lexer takes Concat for C and oncat.
  std::string Name() {
    std::string name;
    while (at_ < tokens_.size() && RE2::FullMatch(tokens_[at_], "[A-Za-z][A-Za-z0-9_]*"))
      name += tokens_[at_++];
    return name;
  }

  Value Converter() {
    const std::string name = Name();
    Need("(");
    if (name == "Concat") {
      std::string text;
      for (const std::string& part : List()) text += part;
      Need(",");
      if (std::get<std::string>(Sum()) != "") Fail();
      Need(")");
      return text;
    }
    const std::string target = std::get<std::string>(Sum());
    Need(",");
    const RE2 regex(std::get<std::string>(Sum()), RE2::Quiet);
    Need(")");
    if (!regex.ok()) Fail();
    if (name == "IsMatch") return RE2::PartialMatch(target, regex);
    if (name != "ExtractPatterns") Fail();
    Need("[");
    const std::string group = std::get<std::string>(Sum());
    Need("]");
    return Group(regex, target, group);
  }

  Value Group(const RE2& regex, const std::string& target, const std::string& group) const {
    const auto number = regex.NamedCapturingGroups().find(group);
    if (number == regex.NamedCapturingGroups().end()) Fail();
    std::vector<re2::StringPiece> groups(static_cast<size_t>(regex.NumberOfCapturingGroups()) + 1);
    if (!regex.Match(target, 0, target.size(), RE2::UNANCHORED, groups.data(),
                     static_cast<int>(groups.size())))
      return Nil{};
    return std::string(groups[static_cast<size_t>(number->second)]);
  }

  // metric.name, datapoint.value_double, datapoint.attributes["x"]; in the filter without
  // "datapoint."
  struct PathText {
    std::string name;
    std::optional<std::string> key;
  };
  PathText Path() {
    PathText path{Name(), {}};
    while (Take(".")) path.name += "." + Name();
    if (Take("[")) {
      path.key = std::get<std::string>(Sum());
      Need("]");
    }
    if (path.name == "attributes") path.name = "datapoint.attributes";
    if (path.name != "metric.name" && point_ == nullptr) Fail();
    return path;
  }
  Value Get(const PathText& path) const {
    if (path.name == "metric.name") return metric_.name;
    if (path.name == "datapoint.value_double") return point_->value;
    if (path.name != "datapoint.attributes" || !path.key) Fail();
    const auto found = point_->attributes.find(*path.key);
    return found == point_->attributes.end() ? Value(Nil{}) : Value(found->second);
  }

  void Editor() {
    const std::string name = Name();
    Need("(");
    if (name == "copy_metric") {
      Need("name");
      Need("=");
      Metric copy = metric_;
      copy.name = std::get<std::string>(Sum());
      metrics_.push_back(std::move(copy));
      if (metrics_.size() > kMaxMetrics) throw std::runtime_error("copies are copied");
    } else if (name == "set") {
      const PathText path = Path();
      Need(",");
      Set(path, Sum());
    } else if (name == "delete_key") {
      if (Path().name != "datapoint.attributes") Fail();
      Need(",");
      point_->attributes.erase(std::get<std::string>(Sum()));
    } else if (name == "replace_pattern") {
      ReplacePattern();
    } else if (name == "scale_metric" && point_ == nullptr) {
      const double factor = std::get<double>(Sum());
      for (DataPoint& each : metric_.points) each.value *= factor;
    } else if (name == "aggregate_on_attributes" && point_ == nullptr) {
      Aggregate();
    } else {
      Fail();
    }
    Need(")");
  }

  void Set(const PathText& path, const Value& value) {
    if (path.name == "metric.name") {
      metric_.name = std::get<std::string>(value);
    } else if (path.name == "datapoint.value_double") {
      point_->value = std::get<double>(value);
    } else {
      point_->attributes[path.key.value()] = std::get<std::string>(value);
    }
  }

  void ReplacePattern() {
    const PathText path = Path();
    Need(",");
    const RE2 regex(std::get<std::string>(Sum()), RE2::Quiet);
    Need(",");
    // $1 and ${1} as RE2 writes it.
    std::string replacement = std::get<std::string>(Sum());
    RE2::GlobalReplace(&replacement, R"(\$\{?(\d)\}?)", R"(\\\1)");
    const Value value = Get(path);
    if (value == Value(Nil{})) return;
    std::string text = std::get<std::string>(value);
    RE2::GlobalReplace(&text, regex, replacement);
    Set(path, text);
  }

  void Aggregate() {
    const std::string op = std::get<std::string>(Sum());
    std::optional<std::vector<std::string>> kept;
    if (Take(",")) kept = List();
    std::map<std::map<std::string, std::string>, std::vector<double>> groups;
    for (DataPoint& each : metric_.points) {
      std::erase_if(each.attributes, [&kept](const auto& attribute) {
        return kept && std::ranges::find(*kept, attribute.first) == kept->end();
      });
      groups[each.attributes].push_back(each.value);
    }
    metric_.points.clear();
    for (const auto& [attributes, values] : groups) {
      double result = op == "max" ? std::ranges::max(values) : 0;
      if (op == "sum") {
        for (const double value : values) result += value;
      } else if (op != "max") {
        Fail();
      }
      metric_.points.push_back({attributes, result});
    }
  }

  std::vector<std::string> tokens_;
  size_t at_ = 0;
  Metrics& metrics_;
  Metric& metric_;
  DataPoint* point_;
};

// A group runs over data points if one of its statements names them, over metrics otherwise.
void RunGroup(const std::vector<std::string>& statements, Metrics& metrics) {
  const bool points = std::ranges::any_of(statements, [](const std::string& statement) {
    return statement.find("datapoint.") != std::string::npos;
  });
  for (Metric& metric : metrics) {
    const auto run = [&](DataPoint* point) {
      for (const std::string& statement : statements)
        Evaluation(statement, metrics, metric, point).Statement();
    };
    if (!points) run(nullptr);
    for (size_t i = 0; points && i < metric.points.size(); ++i) run(&metric.points[i]);
  }
}

void Drop(const std::vector<std::string>& conditions, Metrics& metrics) {
  for (Metric& metric : metrics) {
    std::erase_if(metric.points, [&](DataPoint& point) {
      return std::ranges::any_of(conditions, [&](const std::string& condition) {
        return Evaluation(condition, metrics, metric, &point).Condition();
      });
    });
  }
  std::erase_if(metrics, [](const Metric& metric) { return metric.points.empty(); });
}

class Configuration {
 public:
  explicit Configuration(std::string text) : text_(std::move(text)), tree_(ParseYaml(text_)) {
    if (!tree_) throw std::runtime_error("no YAML");
  }

  void Run(Metrics& metrics) const {
    for (const auto& [name, processor] : Find(tree_->documents.at(0), "processors").members) {
      if ((*tree_)[name].value.starts_with("filter/")) {
        const TextNode drops = Find(processor, "metrics");
        Drop(Strings((*tree_)[drops.members.front().second]), metrics);
        continue;
      }
      for (const NodeId group : Find(processor, "metric_statements").items)
        RunGroup(Strings(Find(group, "statements")), metrics);
    }
  }

 private:
  TextNode Find(NodeId id, const std::string& key) const {
    const std::optional<NodeId> node = tree_->Find(id, key);
    if (!node) throw std::runtime_error("no " + key);
    return (*tree_)[*node];
  }

  // `$$` is what a collector's configuration has for `$`; a single one begins a variable.
  std::vector<std::string> Strings(const TextNode& list) const {
    std::vector<std::string> strings;
    for (const NodeId item : list.items) {
      std::string text((*tree_)[item].value);
      RE2::GlobalReplace(&text, R"(\$\$)", "\x01");
      if (text.find('$') != std::string::npos) throw std::runtime_error("a variable: " + text);
      std::ranges::replace(text, '\x01', '$');
      strings.push_back(text);
    }
    return strings;
  }

  std::string text_;  // the tree points into it
  Outcome<TextTree> tree_;
};

}  // namespace

std::string Run(const std::string& configuration, Metrics& metrics) {
  try {
    Configuration(configuration).Run(metrics);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace metrishift::ottl
