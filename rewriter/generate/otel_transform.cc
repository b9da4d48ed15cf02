#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "core/name_pattern.h"
#include "core/replacement.h"
#include "rewriter/generate/companion.h"
#include "rewriter/generate/new_side.h"
#include "rewriter/generate/yaml_text.h"
#include "rewriter/rewrite/conversion.h"

namespace metrishift::generate {
namespace {

using rewrite::Quote;

constexpr std::string_view kTemporary = "metrishift_tmp_";

// A number as OTTL reads a float: it has to have a point.
std::string Float(double number) {
  std::string text = rewrite::NumberText(number);
  const size_t end = std::min(text.find('e'), text.size());
  if (text.substr(0, end).find('.') == std::string::npos) text.insert(end, ".0");
  return text;
}

std::string Attribute(const std::string& label) {
  return "datapoint.attributes[" + Quote(label) + "]";
}

// What aggregate_on_attributes calls a PromQL aggregation.
struct Aggregation {
  std::string_view promql;
  std::string_view ottl;
};
constexpr std::array kAggregations = {
    Aggregation{"sum", "sum"},  Aggregation{"min", "min"},     Aggregation{"max", "max"},
    Aggregation{"avg", "mean"}, Aggregation{"count", "count"},
};

std::string_view OttlAggregation(std::string_view promql) {
  const auto found = std::ranges::find(kAggregations, promql, &Aggregation::promql);
  return found == kAggregations.end() ? "" : found->ottl;
}

std::optional<std::string> WhyNotByCollector(const Mapping& mapping, const MappingEntry& entry,
                                             const Options& options) {
  for (const std::string_view suffix : UsedSuffixes(entry.type)) {
    if (std::optional<std::string> why = WhyNotThere(mapping, {&entry, suffix}, options))
      return why;
  }
  const std::string self = "deprecated " + entry.old_name + " ";
  const NewSide side = NewSideOf(entry);
  if (!entry.expr.empty()) return self + "is computed from other metrics; record it by a rule";
  if (SeriesSuffixes(entry.type).data() != SeriesSuffixes(entry.new_type).data())
    return self + "is of another type under its new name; record its _sum and _count by rules";
  if (side.LosesValues()) return self + "has label values that cannot be turned back";
  if (entry.aggregate && OttlAggregation(entry.aggregate->op).empty())
    return self + "is an aggregation that the processor does not have: " + entry.aggregate->op;
  if (entry.SameName()) {
    if (entry.scale != 1 || entry.offset != 0 || entry.aggregate || !side.conditions.empty())
      return self +
             "keeps its name, and whether a target has the old series or the new ones "
             "cannot be seen";
    return std::nullopt;
  }
  for (const std::string_view suffix : SeriesSuffixes(entry.type)) {
    if (mapping.IsNewSeries(entry.old_name + std::string(suffix)))
      return self + "is what something else is called now; rename it at the scrape";
  }
  return std::nullopt;
}

class Collector {
 public:
  Collector(const Mapping& mapping, const Options& options)
      : mapping_(mapping), options_(options) {}

  Companion Run() {
    for (const MappingEntry& entry : mapping_.entries()) Entry(entry);
    for (const MappingPattern& pattern : mapping_.patterns()) Pattern(pattern);
    companion_.left = left_.size();
    std::string text = Head();
    for (const std::string& why : left_) text += YamlComment("Left: " + why);
    const bool empty = companion_.made == 0;
    text += (empty ? "processors: {}\n" : "processors:\n") +
            Transform("transform/metrishift_copy", {copies_});
    if (!drops_.empty()) {
      text +=
          "  filter/metrishift_choose:\n    error_mode: ignore\n    metrics:\n      datapoint:\n";
      for (const std::string& condition : drops_) text += Item(condition, 8);
    }
    companion_.text = text + Transform("transform/metrishift_change",
                                       {dissolve_, aggregate_, labels_, values_, finish_, rename_});
    return std::move(companion_);
  }

 private:
  using Statements = std::vector<std::string>;

  bool HasChanges() const {
    return !(dissolve_.empty() && aggregate_.empty() && labels_.empty() && values_.empty() &&
             finish_.empty() && rename_.empty());
  }

  std::string Head() const {
    std::string processors;
    const auto add = [&processors](bool there, std::string_view name) {
      if (there) processors.append(processors.empty() ? "" : ", ").append(name);
    };
    add(!copies_.empty(), "transform/metrishift_copy");
    add(!drops_.empty(), "filter/metrishift_choose");
    add(HasChanges(), "transform/metrishift_change");
    return YamlComment(
               "Processors for an OpenTelemetry collector (contrib) that copy metrics to "
               "their deprecated names.") +
           MadeBy(mapping_, "otel-transform") + "#\n" +
           YamlComment("Put them into the pipeline of the metrics, in this order: processors: [" +
                       processors + "]") +
           YamlComment(
               "Written for version 0.120 and later, after its documentation; no "
               "collector was at hand to try it.") +
           YamlComment(
               "Metrics have to come by the names that a scrape has, as the prometheus receiver "
               "gives them unless trim_metric_suffixes is set; and exporters must not add to them: "
               "add_metric_suffixes: false, where an exporter has it.") +
           YamlComment(
               "Only for targets that do not expose the deprecated names themselves: what they "
               "expose would come twice.");
  }

  // `$` begins an environment variable in a collector's configuration, `$$` is one.
  static std::string Item(const std::string& statement, size_t indent) {
    return std::string(indent, ' ') + "- " + YamlScalar(EscapeForReplacement(statement)) + "\n";
  }

  // Statements of one group run over one kind of thing, metrics or data points.
  static std::string Transform(const std::string& name, const std::vector<Statements>& groups) {
    std::string text;
    for (const Statements& group : groups) {
      if (group.empty()) continue;
      text += "      - statements:\n";
      for (const std::string& statement : group) text += Item(statement, 10);
    }
    if (text.empty()) return "";
    return "  " + name + ":\n    error_mode: ignore\n    metric_statements:\n" + text;
  }

  void Entry(const MappingEntry& entry) {
    if (std::optional<std::string> why = WhyNotByCollector(mapping_, entry, options_)) {
      left_.push_back(*std::move(why));
      return;
    }
    ++companion_.made;
    // Several entries of one old name work on copies of their own.
    const size_t count = ++count_[entry.old_name];
    const std::string copy = entry.old_name + (count == 1 ? "" : "@" + std::to_string(count));
    const std::string is_copy = " where metric.name == " + Quote(copy);
    const NewSide side = NewSideOf(entry);
    if (!entry.SameName()) {
      copies_.push_back("copy_metric(name=" + Quote(copy) +
                        ") where metric.name == " + Quote(entry.new_name));
    }
    Choose(side, copy);
    if (entry.aggregate) Aggregate(*entry.aggregate, is_copy);
    Labels(side, is_copy);
    Values(entry, is_copy);
    if (count > 1) rename_.push_back("set(metric.name, " + Quote(entry.old_name) + ")" + is_copy);
  }

  // Data points of the copy that the entry is not for go.
  void Choose(const NewSide& side, const std::string& copy) {
    std::string condition;
    for (const Label& label : side.conditions) {
      const std::string attribute = "attributes[" + Quote(label.name) + "]";
      condition += (condition.empty() ? "" : " or ") + attribute +
                   " != " + (label.value.empty() ? "nil" : Quote(label.value));
    }
    if (condition.empty()) return;
    if (side.conditions.size() > 1) condition = "(" + condition + ")";
    drops_.push_back("metric.name == " + Quote(copy) + " and " + condition);
  }

  void Aggregate(const MappingEntry::Aggregate& aggregate, const std::string& is_copy) {
    const std::string begin =
        "aggregate_on_attributes(\"" + std::string(OttlAggregation(aggregate.op)) + "\"";
    if (aggregate.without) {
      for (const std::string& label : aggregate.labels)
        dissolve_.push_back("delete_key(datapoint.attributes, " + Quote(label) + ")" + is_copy);
      aggregate_.push_back(begin + ")" + is_copy);
      return;
    }
    std::string kept;
    for (const std::string& label : aggregate.labels)
      kept += (kept.empty() ? "" : ", ") + Quote(label);
    aggregate_.push_back(begin + ", [" + kept + "])" + is_copy);
  }

  void Labels(const NewSide& side, const std::string& is_copy) {
    for (const Label& label : side.fixed) {
      labels_.push_back((label.value.empty()
                             ? "delete_key(datapoint.attributes, " + Quote(label.name) + ")"
                             : "set(" + Attribute(label.name) + ", " + Quote(label.value) + ")") +
                        is_copy);
    }
    // Where one writes what another reads, all that is read is put aside before.
    const auto source = [&](const std::string& label) {
      return side.IsCrossed() ? std::string(kTemporary) + label : label;
    };
    if (side.IsCrossed()) {
      for (const NewSide::Moved& moved : side.moved)
        Copy(moved.new_label, source(moved.new_label), is_copy);
      for (const NewSide::Moved& moved : side.moved) {
        if (moved.Moves()) Delete(moved.new_label, is_copy);
      }
    }
    for (const NewSide::Moved& moved : side.moved) {
      if (moved.Moves()) Copy(source(moved.new_label), moved.old_label, is_copy);
      if (moved.revalued) Revalue(moved, source(moved.new_label), is_copy);
    }
    for (const NewSide::Moved& moved : side.moved) {
      if (moved.Moves() || side.IsCrossed()) Delete(source(moved.new_label), is_copy);
    }
  }

  void Delete(const std::string& label, const std::string& is_copy) {
    labels_.push_back("delete_key(datapoint.attributes, " + Quote(label) + ")" + is_copy);
  }

  void Copy(const std::string& from, const std::string& to, const std::string& is_copy) {
    labels_.push_back("set(" + Attribute(to) + ", " + Attribute(from) + ")" + is_copy + " and " +
                      Attribute(from) + " != nil");
  }

  void Revalue(const NewSide::Moved& moved, const std::string& source, const std::string& is_copy) {
    const LabelValues& values = *moved.to_old;
    if (!values.pattern.empty()) {
      labels_.push_back("replace_pattern(" + Attribute(moved.old_label) + ", " +
                        Quote("^(?:" + values.pattern + ")$") + ", " + Quote(values.replacement) +
                        ")" + is_copy);
    }
    for (const auto& [new_value, old_value] : values.values) {
      labels_.push_back("set(" + Attribute(moved.old_label) + ", " + Quote(old_value) + ")" +
                        is_copy + " and " + Attribute(source) + " == " + Quote(new_value));
    }
  }

  void Values(const MappingEntry& entry, const std::string& is_copy) {
    if (entry.offset != 0) {
      const std::string value = "datapoint.value_double";
      values_.push_back("set(" + value + ", " + value + " * " + Float(entry.scale) +
                        (entry.offset < 0 ? " - " : " + ") + Float(std::abs(entry.offset)) + ")" +
                        is_copy);
    } else if (entry.scale != 1) {
      finish_.push_back("scale_metric(" + Float(entry.scale) + ")" + is_copy);
    }
    if (entry.type == MetricType::kGauge && entry.new_type == MetricType::kCounter)
      finish_.push_back("convert_sum_to_gauge()" + is_copy);
    if (entry.type == MetricType::kCounter && entry.new_type == MetricType::kGauge)
      finish_.push_back("convert_gauge_to_sum(\"cumulative\", true)" + is_copy);
  }

  void Pattern(const MappingPattern& pattern) {
    const MappingEntry& entry = pattern.entry;
    const NewSide side = NewSideOf(entry);
    std::optional<std::string> why =
        WhyNotThere(mapping_, {&entry, UsedSuffixes(entry.type).front()}, options_);
    const bool renames = side.conditions.empty() && !side.ChangesLabels() && !entry.aggregate &&
                         entry.scale == 1 && entry.offset == 0 && entry.expr.empty() &&
                         entry.type == entry.new_type;
    if (!why && !renames)
      why = "deprecated " + entry.old_name +
            " would need a name made of labels, or more than a name; list its names in the table";
    if (!why && IsFollowed(mapping_, pattern))
      why = "deprecated " + entry.old_name +
            " have other names by a later table: generate this for each table alone";
    const auto back = InvertPattern({pattern.pattern, entry.new_name});
    if (!why && !back)
      why = "deprecated " + entry.old_name +
            " cannot be told from the new names, which could be read in two ways";
    if (!why && MayCopyCopies(pattern, *back))
      why = "deprecated " + entry.old_name + " look like new names, so that copies would be copied";
    if (why) {
      left_.push_back(*std::move(why));
      return;
    }
    ++companion_.made;
    copies_.push_back(CopyByPattern(pattern, *back));
    ChooseOthers(*back);
  }

  // A copy is among the metrics that the statements still come to: for ever, if it is copied again.
  static bool MayCopyCopies(const MappingPattern& pattern, const PatternAndReplacement& back) {
    const std::string& old_prefix = pattern.prefix;
    const std::string new_prefix = LiteralPrefix(back.pattern);
    return old_prefix.empty() || new_prefix.empty() || old_prefix.starts_with(new_prefix) ||
           new_prefix.starts_with(old_prefix);
  }

  std::string CopyByPattern(const MappingPattern& pattern,
                            const PatternAndReplacement& back) const {
    std::string regex = "^";
    size_t group = 0;
    const auto pieces = SplitPattern(back.pattern);
    for (const PatternPiece& piece : *pieces) {
      regex += piece.group ? "(?P<g" + std::to_string(++group) + ">" + piece.text + ")"
                           : EscapeForPattern(piece.text);
    }
    regex += "$";
    std::string parts;
    for (const Replacement::Piece& piece : ParseReplacement(back.replacement).pieces) {
      parts += (parts.empty() ? "" : ", ") +
               (piece.group ? "ExtractPatterns(metric.name, " + Quote(regex) + ")[\"g" +
                                  std::to_string(*piece.group) + "\"]"
                            : Quote(piece.text));
    }
    std::string except;
    for (const std::string& name : LeftOut(pattern, back.pattern))
      except += (except.empty() ? "" : "|") + EscapeForPattern(name);
    return "copy_metric(name=Concat([" + parts + "], \"\")) where IsMatch(metric.name, " +
           Quote(regex) + ")" +
           (except.empty()
                ? ""
                : " and not IsMatch(metric.name, " + Quote("^(?:" + except + ")$") + ")");
  }

  // Names that look like a pattern's new ones and are not, or are copies that exact entries make.
  std::vector<std::string> LeftOut(const MappingPattern& pattern, const std::string& back) const {
    std::vector<std::string> names;
    const auto add_image = [&](const std::string& old_name) {
      const auto image = Expanded(pattern.pattern, pattern.entry.new_name, old_name);
      if (image) names.push_back(*image);
    };
    for (const std::string& name : pattern.except) add_image(name);
    const RE2 backward(back, RE2::Quiet);
    for (const MappingEntry& entry : mapping_.entries()) {
      if (entry.table == pattern.entry.table) add_image(entry.old_name);
      if (RE2::FullMatch(entry.old_name, backward)) names.push_back(entry.old_name);
      if (RE2::FullMatch(entry.new_name, backward) && NewSideOf(entry).conditions.empty())
        names.push_back(entry.new_name);
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

  // Data points that an exact entry is for go from the copy that a pattern makes.
  void ChooseOthers(const PatternAndReplacement& back) {
    for (const MappingEntry& entry : mapping_.entries()) {
      const auto copy = Expanded(back.pattern, back.replacement, entry.new_name);
      std::string condition;
      for (const Label& label : NewSideOf(entry).conditions) {
        condition += " and attributes[" + Quote(label.name) +
                     "] == " + (label.value.empty() ? "nil" : Quote(label.value));
      }
      if (copy && !condition.empty())
        drops_.push_back("metric.name == " + Quote(*copy) + condition);
    }
  }

  // What `replacement` makes of `text`, if all of it matches.
  static std::optional<std::string> Expanded(const std::string& pattern,
                                             const std::string& replacement,
                                             const std::string& text) {
    const RE2 regex(pattern, RE2::Quiet);
    std::vector<re2::StringPiece> groups(
        1 + static_cast<size_t>(std::max(0, regex.NumberOfCapturingGroups())));
    if (!regex.Match(text, 0, text.size(), RE2::ANCHOR_BOTH, groups.data(),
                     static_cast<int>(groups.size())))
      return std::nullopt;
    std::vector<std::string_view> texts;
    texts.reserve(groups.size());
    for (const re2::StringPiece& group : groups) texts.emplace_back(group.data(), group.size());
    return ParseReplacement(replacement).Expand(texts);
  }

  const Mapping& mapping_;
  const Options& options_;
  Companion companion_;
  std::vector<std::string> left_;
  Statements copies_;
  Statements drops_;
  // What changes about the copies, in this order.
  Statements dissolve_;   // data points: labels that are aggregated away
  Statements aggregate_;  // metrics
  Statements labels_;     // data points
  Statements values_;     // data points
  Statements finish_;     // metrics: values, types
  Statements rename_;     // metrics: what had a copy of its own beside others of its name
  std::map<std::string, size_t> count_;  // of the entries of each old name
};

}  // namespace

Companion OtelTransform(const Mapping& mapping, const Options& options) {
  return Collector(mapping, options).Run();
}

}  // namespace metrishift::generate
