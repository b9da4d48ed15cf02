#include "core/entry_reader.h"

#include <array>
#include <set>

#include "core/entry_checks.h"

namespace metrishift {
namespace {

using Field = NodeReader::Field;

template <class Value>
struct Word {
  std::string_view word;
  Value value;
};
constexpr std::array kFates = {
    Word<MappingEntry::Fate>{"removed", MappingEntry::Fate::kRemoved},
    Word<MappingEntry::Fate>{"default_off", MappingEntry::Fate::kDefaultOff},
    Word<MappingEntry::Fate>{"semantics", MappingEntry::Fate::kSemantics},
};
constexpr std::array kBuckets = {
    Word<MappingEntry::Buckets>{"same", MappingEntry::Buckets::kSame},
    Word<MappingEntry::Buckets>{"scaled", MappingEntry::Buckets::kSame},
    Word<MappingEntry::Buckets>{"incompatible", MappingEntry::Buckets::kIncompatible},
};
class Reading {
 public:
  Reading(NodeReader& reader, EntryText& text) : reader_(reader), text_(text) {}

  void Read(NodeId id) {
    MappingEntry& entry = text_.entry;
    Add("old", [&](NodeId node) { entry.old_name = reader_.MetricName(node); });
    Add("new", [&](NodeId node) { text_.new_text = reader_.Text(node); });
    Add("type", [&](NodeId node) { entry.type = reader_.Type(node); });
    Add("new_type", [&](NodeId node) { entry.new_type = reader_.Type(node); });
    Add("when", [&](NodeId node) { entry.when = Labels(node, "when"); });
    Add("new_labels", [&](NodeId node) { entry.new_labels = Labels(node, "new_labels"); });
    Add("labels", [&](NodeId node) { Renames(node); });
    Add("label_values", [&](NodeId node) { Values(node); });
    Add("scale", [&](NodeId node) { entry.scale = reader_.Number(node); });
    Add("offset", [&](NodeId node) { entry.offset = reader_.Number(node); });
    Add("buckets", [&](NodeId node) { OneOf(node, kBuckets, entry.buckets); });
    Add("aggregate", [&](NodeId node) { Aggregate(node); });
    Add("expr", [&](NodeId node) { Expr(node); });
    Add("equivalence", [&](NodeId node) { EquivalenceOf(node); });
    Add("kind", [&](NodeId node) { OneOf(node, kFates, entry.fate); });
    Add("old_prefix", [&](NodeId node) { text_.old_prefix = reader_.MetricName(node); });
    Add("new_prefix", [&](NodeId node) { text_.new_prefix = reader_.MetricName(node); });
    Add("old_pattern", [&](NodeId node) { text_.old_pattern = reader_.Text(node); });
    Add("names", [&](NodeId node) { text_.names = Names(node, "names"); });
    Add("except", [&](NodeId node) { text_.except = Names(node, "except"); });
    Add("new_since", [&](NodeId node) { entry.new_since = reader_.VersionList(node); });
    Add("old_until", [&](NodeId node) { entry.old_until = reader_.Version(node); });
    Add("note", [&](NodeId node) { entry.note = reader_.Text(node); });
    Add("evidence", [&](NodeId node) { ReadEvidence(reader_, node); });
    reader_.Read(id, fields_, "an entry of metrics");
    if (!text_.Has("new_type")) entry.new_type = entry.type;
  }

 private:
  template <class ReadValue>
  void Add(std::string_view key, ReadValue read) {
    fields_.push_back({key, false, [this, key, read](NodeId node) {
                         text_.at[key] = node;
                         read(node);
                       }});
  }

  template <class Value, size_t kSize>
  void OneOf(NodeId id, const std::array<Word<Value>, kSize>& words, Value& value) {
    std::string known;
    for (const Word<Value>& word : words) {
      if (reader_[id].value == word.word) {
        value = word.value;
        return;
      }
      known += (known.empty() ? "" : ", ") + std::string(word.word);
    }
    reader_.Error(reader_[id].span, "one of these words is expected here: " + known);
  }

  void EquivalenceOf(NodeId id) {
    const std::optional<Equivalence> equivalence = ParseEquivalence(reader_[id].value);
    text_.entry.equivalence = equivalence.value_or(Equivalence::kNone);
    if (!equivalence) {
      reader_.Error(reader_[id].span,
                    "one of these words is expected here: exact, aggregated, "
                    "sum_count_only, approximate, none");
    }
  }

  template <class List>
  void CheckSize(NodeId id, const List& list, const std::string& what) {
    if (list.size() <= kMaxLabelsOfEntry) return;
    reader_.Error(reader_[id].span,
                  what + " names more than " + std::to_string(kMaxLabelsOfEntry) + " labels");
  }

  std::vector<Label> Labels(NodeId id, const std::string& what) {
    std::vector<Label> labels;
    for (const auto& [name, value] : reader_.Members(id, what))
      labels.push_back({reader_.LabelName(name), reader_.AnyText(value)});
    CheckSize(id, labels, what);
    return labels;
  }

  void Renames(NodeId id) {
    for (const NodeId item : reader_.Items(id, "labels", true)) {
      LabelRename rename;
      const std::array<Field, 2> fields = {
          Field{"old", true, [&](NodeId node) { rename.old_name = reader_.LabelName(node); }},
          Field{"new", true, [&](NodeId node) { rename.new_name = reader_.LabelName(node); }},
      };
      reader_.Read(item, fields, "an item of labels");
      text_.entry.labels.push_back(std::move(rename));
    }
    CheckSize(id, text_.entry.labels, "labels");
  }

  void Values(NodeId id) {
    for (const auto& [label, value] : reader_.Members(id, "label_values")) {
      LabelValues values;
      values.label = reader_.LabelName(label);
      ValuesOf(value, values);
      text_.entry.label_values.push_back(std::move(values));
    }
    CheckSize(id, text_.entry.label_values, "label_values");
  }

  void ValuesOf(NodeId id, LabelValues& values) {
    std::optional<NodeId> pattern;
    std::optional<NodeId> replacement;
    std::optional<NodeId> pairs;
    const std::array<Field, 4> fields = {
        Field{"pattern", false, [&](NodeId node) { pattern = node; }},
        Field{"new", false, [&](NodeId node) { replacement = node; }},
        Field{"values", false, [&](NodeId node) { pairs = node; }},
        Field{"injective", false, [&](NodeId node) { values.injective = reader_.Bool(node); }},
    };
    reader_.Read(id, fields, "an item of label_values");
    const FileSpan span = reader_[id].span;
    if (pairs.has_value() == pattern.has_value() ||
        pattern.has_value() != replacement.has_value()) {
      reader_.Error(span, "the values of a label need either `values`, or `pattern` and `new`",
                    "write {values: {old: new}} or {pattern: \"cpu(.+)\", new: \"$1\"}");
      return;
    }
    if (pairs) {
      for (const auto& [old_value, new_value] : reader_.Members(*pairs, "values"))
        values.values.emplace_back(reader_.AnyText(old_value), reader_.AnyText(new_value));
      if (values.values.empty()) reader_.Error(reader_[*pairs].span, "values maps nothing");
      CheckInjective(*pairs, values);
      return;
    }
    values.pattern = reader_.Text(*pattern);
    values.replacement = reader_.AnyText(*replacement);
    if (CheckPattern(reader_, values.pattern, reader_[*pattern].span, values.replacement,
                     reader_[*replacement].span))
      CheckInjective(*pattern, values);
  }

  void CheckInjective(NodeId id, const LabelValues& values) {
    if (!values.injective || values.Inverse()) return;
    std::set<std::string_view> images;
    for (const auto& [old_value, new_value] : values.values) {
      if (images.insert(new_value).second) continue;
      reader_.Error(reader_[id].span, "two values become \"" + new_value + "\"",
                    "say injective: false beside them if that is so");
      return;
    }
    if (values.pattern.empty()) return;
    reader_.Error(reader_[id].span, "the way back cannot be read off this pattern",
                  "use text and groups that `new` names once each, or say injective: false");
  }

  void Aggregate(NodeId id) {
    MappingEntry::Aggregate aggregate;
    std::optional<NodeId> by;
    std::optional<NodeId> without;
    const std::array<Field, 3> fields = {
        Field{"op", true, [&](NodeId node) { aggregate.op = reader_.Text(node); }},
        Field{"by", false, [&](NodeId node) { by = node; }},
        Field{"without", false, [&](NodeId node) { without = node; }},
    };
    reader_.Read(id, fields, "aggregate");
    aggregate.without = without.has_value();
    if (by.has_value() == without.has_value()) {
      reader_.Error(reader_[id].span, "aggregate needs either `without` or `by`",
                    "write {op: sum, without: [type]}");
    } else {
      const std::string what = by ? "by" : "without";
      for (const NodeId item : reader_.Items(by ? *by : *without, what, without.has_value()))
        aggregate.labels.push_back(reader_.LabelName(item));
      CheckSize(id, aggregate.labels, what);
    }
    text_.entry.aggregate = std::move(aggregate);
  }

  void Expr(NodeId id) {
    text_.entry.expr = reader_.Text(id);
    if (text_.entry.expr.find_first_not_of(" \t\r\n") == std::string::npos)
      reader_.Error(reader_[id].span, "an expression is expected here");
  }

  std::vector<EntryText::Name> Names(NodeId id, const std::string& what) {
    std::vector<EntryText::Name> names;
    for (const NodeId item : reader_.Items(id, what, true))
      names.push_back({reader_.MetricName(item), reader_[item].span});
    return names;
  }

  NodeReader& reader_;
  EntryText& text_;
  std::vector<Field> fields_;
};

}  // namespace

void ReadEvidence(NodeReader& reader, NodeId id) {
  for (const NodeId item : reader.Items(id, "evidence", false)) {
    const std::array<Field, 3> fields = {
        Field{"source", true, [&](NodeId value) { reader.Text(value); }},
        Field{"verified", false, [&](NodeId value) { reader.Bool(value); }},
        Field{"discrepancy", false, [&](NodeId value) { reader.Text(value); }},
    };
    reader.Read(item, fields, "evidence");
  }
}

std::string PlaceOf(const SourceText& source, FileSpan span) {
  if (source.path().empty()) return "";
  const LineColumn at = source.Locate(span.begin);
  return source.path() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

EntryText ReadEntry(NodeReader& reader, NodeId id, const SourceText& source) {
  EntryText text;
  text.entry.span = reader[id].span;
  text.entry.place = PlaceOf(source, text.entry.span);
  Reading(reader, text).Read(id);
  return text;
}

}  // namespace metrishift
