#include "tests/e2e/equivalence/entry_rows.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string>
#include <string_view>

#include "core/entry_labels.h"
#include "core/metric_type.h"
#include "tests/e2e/equivalence/entry_series.h"
#include "tests/e2e/equivalence/oracle.h"

namespace metrishift::e2e {
namespace {

// In these, "@" is the old name and, behind what follows it, the labels of `when`; "%" is a
// threshold that about half of the samples are above.
using Templates = std::vector<std::string>;

const Templates kRenamed = {
    "@ > %",
    R"(sum by (kept) (max_over_time(@{kept=~"a|b"}[5m])))",
    "@ - @ offset 1m",
    R"(absent(@{kept="none"}))",
};
const Templates kRenamedCounter = {
    "rate(@[5m]) > %",
    R"(sum by (kept) (increase(@{kept=~"a|b"}[5m])))",
    "@ - @ offset 1m",
    R"(absent(@{kept="none"}))",
};
const Templates kGauge = {
    "@",
    R"(@{kept="a"} > %)",
    "sum by (kept) (@)",
    "max_over_time(@[5m])",
    "delta(@[5m])",
    "changes(@[5m])",
    "@ / @ offset 1m",
    R"(absent(@{kept="none"}))",
};
const Templates kCounter = {
    "@",
    R"(rate(@{kept="a"}[5m]) > %)",
    "sum by (kept) (rate(@[5m]))",
    "increase(@[5m])",
    "resets(@[10m])",
    "rate(@[5m]) / rate(@[5m] offset 1m)",
    R"(absent(@{kept="none"}))",
};
const Templates kSumAndCount = {
    "rate(@_sum[5m]) / rate(@_count[5m])",
    R"(@_sum{kept="a"})",
    "sum by (kept) (increase(@_count[5m])) > 1",
    R"(absent(@_count{kept="none"}))",
};
const Templates kBuckets = {
    "histogram_quantile(0.9, sum by (le) (rate(@_bucket[5m])))",
    "histogram_quantile(0.5, rate(@_bucket[5m])) > %",
    R"(@_bucket{le="+Inf"})",
    R"(sum by (kept) (rate(@_bucket{le="^"}[5m])) / sum by (kept) (rate(@_count[5m])))",
};
const Templates kQuantiles = {
    R"(@{quantile="0.9"} > %)",
    "max by (quantile) (@)",
};
// Of what has not all the labels that it had.
const Templates kSummed = {
    "sum by (kept) (@)",
    "max by (instance) (@) > %",
    R"(absent(@{kept="none"}))",
};
const Templates kSummedCounter = {
    "sum by (kept) (rate(@[5m]))",
    "max by (instance) (increase(@[5m])) > 1",
    R"(absent(@{kept="none"}))",
};
const Templates kSummedSumAndCount = {
    "sum by (kept) (rate(@_sum[5m])) / sum by (kept) (rate(@_count[5m]))",
    "max by (instance) (increase(@_count[5m])) > 1",
    R"(absent(@_count{kept="none"}))",
};
const Templates kSummedBuckets = {
    "histogram_quantile(0.9, sum by (le) (rate(@_bucket[5m])))",
    R"(sum by (kept) (rate(@_bucket{le="^"}[5m])))",
};
const Templates kSummedQuantiles = {
    "max by (quantile) (@) > %",
};
// Of each label that changes: "$" is its old name, "!" and "?" are old values.
const Templates kLabel = {
    R"(@{$="!"})",
    R"(sum by ($) (@{$=~"!|?"}))",
    "count by (kept, $) (@)",
};
const Templates kSummedLabel = {
    R"(sum by ($) (@{$="!"}))",
};

void Replace(std::string& text, std::string_view what, const std::string& by) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
}

// `text` with the entry's name for each "@", and its `when` in braces behind it.
std::string Fill(std::string text, const MappingEntry& entry) {
  std::string when;
  for (const Label& label : entry.when)
    when += (when.empty() ? "" : ",") + label.name + "=\"" + label.value + "\"";
  Replace(text, "%", GoNumber(Middle(entry)));
  Replace(text, "^", OldBound(entry));
  for (size_t at = 0; (at = text.find('@', at)) != std::string::npos; at += entry.old_name.size()) {
    text.replace(at, 1, entry.old_name);
    size_t end = at + entry.old_name.size();
    while (end < text.size() && (text[end] == '_' || std::isalpha(text[end]) != 0)) ++end;
    if (when.empty()) continue;
    const bool braces = end < text.size() && text[end] == '{';
    text.insert(end + (braces ? 1 : 0), braces ? when + "," : "{" + when + "}");
  }
  return text;
}

bool LosesValues(const MappingEntry& entry) {
  return !std::ranges::all_of(entry.label_values, &LabelValues::injective);
}

// True iff the new series do not have what the old ones had in their labels: only what is
// aggregated can be the same.
bool LosesLabels(const MappingEntry& entry) {
  return !DroppedLabels(entry).empty() || LosesValues(entry);
}

void Add(const Templates& templates, Templates& out) {
  out.insert(out.end(), templates.begin(), templates.end());
}

// True iff the new side has what the old one has besides sums and counts.
bool KeepsDistribution(const MappingEntry& entry) {
  return entry.type == entry.new_type && entry.buckets == MappingEntry::Buckets::kSame;
}

Templates OfFamily(const MappingEntry& entry) {
  const bool loses = LosesLabels(entry);
  Templates out = loses ? kSummedSumAndCount : kSumAndCount;
  if (!KeepsDistribution(entry)) return out;
  if (entry.type == MetricType::kSummary) {
    Add(loses ? kSummedQuantiles : kQuantiles, out);
  } else {
    Add(loses ? kSummedBuckets : kBuckets, out);
  }
  return out;
}

bool IsFamily(const MappingEntry& entry) {
  return entry.type == MetricType::kHistogram || entry.type == MetricType::kSummary;
}

// What the table claims to be the same.
Templates Claimed(const MappingEntry& entry) {
  const bool counter = IsCounter(entry);
  if (IsFamily(entry)) return OfFamily(entry);
  if (entry.IsRename()) return counter ? kRenamedCounter : kRenamed;
  if (LosesLabels(entry)) return counter ? kSummedCounter : kSummed;
  return counter ? kCounter : kGauge;
}

// Old names of the labels that change.
std::set<std::string> ChangedLabels(const MappingEntry& entry) {
  std::set<std::string> labels;
  for (const LabelRename& rename : entry.labels) labels.insert(rename.old_name);
  for (const LabelValues& values : entry.label_values) labels.insert(values.label);
  return labels;
}

// What gives the same before an aggregation and after it.
struct Commuting {
  std::string_view op;
  std::string_view call;
};
constexpr std::array kCommuting = {
    Commuting{"sum", "rate("},
    Commuting{"sum", "increase("},
    Commuting{"sum", "delta("},
    Commuting{"max", "max_over_time("},
};

// True iff no way of rewriting `text` can do with what takes the place of the entry's series: an
// expression, of which there is no range, or several series, of which not everything can be added
// up.
bool NeedsSelector(std::string_view text, const MappingEntry& entry) {
  const bool range = text.find('[') != std::string_view::npos;
  const bool absent = text.starts_with("absent");
  if (!entry.expr.empty()) return (range || absent) && !IsMetricName(entry.expr);
  return entry.aggregate && range && std::ranges::none_of(kCommuting, [&](const Commuting& row) {
           return row.op == entry.aggregate->op && text.find(row.call) != std::string_view::npos;
         });
}

// True iff no union can be made of `text`: the labels that are lost are there on one side only, or
// nothing tells the sides apart, or the bounds are different ones.
bool NeedsOneSide(std::string_view text, const MappingEntry& entry) {
  const bool told = !entry.labels.empty() ||
                    std::ranges::any_of(entry.new_labels,
                                        [](const Label& label) { return !label.value.empty(); });
  if (LosesLabels(entry) || (entry.SameName() && !told)) return true;
  const bool regrouped = entry.aggregate || text.find("sum by (le)") != std::string_view::npos;
  return entry.scale != 1 && regrouped && text.find("_quantile(") != std::string_view::npos;
}

Row RowOf(const std::string& text, const MappingEntry& entry) {
  Row row;
  row.place = entry.table + ": " + ShowEntry(entry);
  row.expr = Fill(text, entry);
  row.least = std::min(entry.equivalence, Equivalence::kAggregated);
  row.same.fill(Expect::kEither);
  const bool past = ReadsClock(entry) && text.find("offset") != std::string::npos;
  if (past) row.rest = Expect::kYes;
  if (past || NeedsSelector(text, entry)) {
    for (const Way way : {Way::kReplace, Way::kKeep}) row.Leave(way, "not-convertible");
    row.Leave(Way::kUnion, past ? "not-convertible" : "no-union");
  }
  if (NeedsOneSide(text, entry)) row.Leave(Way::kUnion, "no-union");
  if (LosesLabels(entry) && text.starts_with("absent")) row.Leave(Way::kKeep, "not-convertible");
  return row;
}

// What is left to a person, and why.
Row PersonRow(const std::string& text, const MappingEntry& entry, std::string_view code) {
  Row row = RowOf(text, entry);
  row.least = Equivalence::kAggregated;
  for (const Way way : kWays) row.Leave(way, code);
  return row;
}

std::string_view FateCode(MappingEntry::Fate fate) {
  switch (fate) {
    case MappingEntry::Fate::kReplaced:
      break;
    case MappingEntry::Fate::kRemoved:
      return "no-replacement";
    case MappingEntry::Fate::kDefaultOff:
      return "default-off";
    case MappingEntry::Fate::kSemantics:
      return "changed-meaning";
  }
  return "";
}

void AddLabelRows(const MappingEntry& entry, std::vector<Row>& rows) {
  const std::vector<Labels> old = OldLabels(entry);
  for (const std::string& label : ChangedLabels(entry)) {
    for (std::string text : LosesLabels(entry) ? kSummedLabel : kLabel) {
      Replace(text, "$", label);
      Replace(text, "!", old.front().at(label));
      Replace(text, "?", old.back().at(label));
      if (IsFamily(entry)) Replace(text, "@", "@_count");
      rows.push_back(RowOf(text, entry));
      if (LosesValues(entry)) rows.back().Leave(Way::kKeep, "not-convertible");
    }
  }
}

// Nobody has to say which of the old series are meant: all of them are, those of other entries and
// those of none.
void AddRowsOfAll(const MappingEntry& entry, std::vector<Row>& rows) {
  MappingEntry all = entry;
  all.when.clear();
  for (const char* text : {"@", "sum by (kept) (rate(@[5m]))"}) {
    rows.push_back(RowOf(text, entry));
    rows.back().expr = Fill(text, all);
  }
}

// What no new series has, and what is not exact, without the flag that allows it. `some` are some
// of the entry's series.
void AddLeftRows(const MappingEntry& entry, const std::string& some, std::vector<Row>& rows) {
  std::set<std::string> lost;
  if (LosesValues(entry)) lost = ChangedLabels(entry);
  for (const std::string& label : DroppedLabels(entry)) {
    lost.insert(label);
    rows.push_back(PersonRow(some + "{" + label + "=\"dropped\"}", entry, "opaque-matcher"));
    rows.back().least = entry.equivalence;
  }
  if (entry.equivalence < Equivalence::kSumCountOnly) {
    for (const std::string& label : lost)
      rows.push_back(PersonRow("sum by (" + label + ") (" + some + ")", entry, "not-exact"));
    // Where the name stays, only who asks for what is lost sees a difference.
    if (!entry.SameName() || lost.empty()) rows.push_back(PersonRow(some, entry, "not-exact"));
  }
  if (IsFamily(entry) && !KeepsDistribution(entry)) {
    const bool summary = entry.type == MetricType::kSummary;
    rows.push_back(PersonRow(summary ? "@" : "@_bucket", entry, "no-replacement"));
  }
}

}  // namespace

std::vector<Row> RowsOf(const MappingEntry& entry) {
  const std::string some = IsFamily(entry) ? "@_sum" : "@";
  if (entry.fate != MappingEntry::Fate::kReplaced)
    return {PersonRow(some, entry, FateCode(entry.fate))};
  std::vector<Row> rows;
  for (const std::string& text : Claimed(entry)) rows.push_back(RowOf(text, entry));
  AddLabelRows(entry, rows);
  if (!entry.when.empty()) AddRowsOfAll(entry, rows);
  AddLeftRows(entry, some, rows);
  return rows;
}

}  // namespace metrishift::e2e
