#include "exporter/exposition/metric_rewriter.h"

#include <algorithm>
#include <array>

#include "exporter/exposition/wire.h"

namespace metrishift::exposition {
namespace {

struct Shape;

// A field that holds a number in the unit of what is measured, or a message with such fields.
struct MeasuredField {
  uint32_t number = 0;
  const Shape* message = nullptr;  // nullptr: a double
};

struct Shape {
  std::array<MeasuredField, 4> fields;  // number 0: unused
};

constexpr Shape kValueOnly = {{{{1, nullptr}}}};
constexpr Shape kSecondOnly = {{{{2, nullptr}}}};  // of an exemplar, or a quantile
constexpr Shape kCounter = {{{{1, nullptr}, {2, &kSecondOnly}}}};
constexpr Shape kSummary = {{{{2, nullptr}, {3, &kSecondOnly}}}};
constexpr Shape kBucket = {{{{2, nullptr}, {3, &kSecondOnly}}}};
constexpr Shape kHistogram = {{{{2, nullptr}, {3, &kBucket}, {16, &kSecondOnly}}}};
constexpr Shape kMetric = {{{{metric_field::kGauge, &kValueOnly},
                             {metric_field::kCounter, &kCounter},
                             {metric_field::kSummary, &kSummary},
                             {metric_field::kUntyped, &kValueOnly}}}};

const Shape* ShapeOf(uint32_t number) {
  if (number == metric_field::kHistogram) return &kHistogram;
  const auto found = std::ranges::find(kMetric.fields, number, &MeasuredField::number);
  return found == kMetric.fields.end() ? nullptr : found->message;
}

// Copies `message` with its measured numbers in another unit. False where it is broken. The depth
// is that of the shapes.
bool ChangeUnit(std::string_view message, const Shape& shape, const UnitChange& unit,
                std::string* out) {
  WireReader fields(message);
  while (const std::optional<WireField> field = fields.Next()) {
    const auto row = std::ranges::find(shape.fields, field->number, &MeasuredField::number);
    if (row == shape.fields.end()) {
      *out += field->whole;
    } else if (row->message == nullptr && field->type == WireType::kFixed64) {
      AppendDoubleField(field->number, unit.Apply(DecodeDouble(field->payload)), out);
    } else if (row->message != nullptr && field->type == WireType::kBytes) {
      std::string inner;
      if (!ChangeUnit(field->payload, *row->message, unit, &inner)) return false;
      AppendBytesField(field->number, inner, out);
    } else {
      return false;
    }
  }
  return fields.ok();
}

// The fields of a histogram from its schema to its positive counts are a native one's.
bool HasNativeBuckets(std::string_view histogram) {
  constexpr uint32_t kSchema = 5;
  constexpr uint32_t kPositiveCount = 14;
  WireReader fields(histogram);
  while (const std::optional<WireField> field = fields.Next()) {
    if (field->number >= kSchema && field->number <= kPositiveCount) return true;
  }
  return false;
}

// Both messages have the count as field 1 and the sum as field 2.
bool KeepSumAndCount(std::string_view message, const UnitChange& unit, std::string* out) {
  constexpr uint32_t kCount = 1;
  constexpr uint32_t kSum = 2;
  std::string kept;
  WireReader fields(message);
  bool has_count = false;
  while (const std::optional<WireField> field = fields.Next()) {
    if (field->number == kCount && field->type == WireType::kVarint) {
      has_count = true;
      kept += field->whole;
    } else if (field->number == kSum && field->type == WireType::kFixed64) {
      AppendDoubleField(kSum, unit.Apply(DecodeDouble(field->payload)), &kept);
    }
  }
  if (!fields.ok() || !has_count) return false;
  AppendBytesField(metric_field::kSummary, kept, out);
  return true;
}

// The number of the field that holds the value of a metric of `type`; 0 where no single one does.
uint32_t ValueField(MetricType type) {
  switch (type) {
    case MetricType::kGauge:
    case MetricType::kInfo:
    case MetricType::kStateSet:
      return metric_field::kGauge;
    case MetricType::kCounter:
      return metric_field::kCounter;
    default:
      return 0;
  }
}

// A counter becomes a gauge, or a gauge a counter: the value alone goes along.
bool MoveValue(const WireField& from, uint32_t to, const UnitChange& unit, std::string* out) {
  WireReader fields(from.payload);
  while (const std::optional<WireField> field = fields.Next()) {
    if (field->number != 1 || field->type != WireType::kFixed64) continue;
    std::string value;
    AppendDoubleField(1, unit.Apply(DecodeDouble(field->payload)), &value);
    AppendBytesField(to, value, out);
  }
  return fields.ok();
}

bool RewriteValue(const WireField& field, const AliasRule& rule, std::string* out) {
  const uint32_t target = rule.source_type != rule.target_type ? ValueField(rule.target_type) : 0;
  if (rule.sum_and_count_only) return KeepSumAndCount(field.payload, rule.unit, out);
  if (target != 0 && field.number != target) return MoveValue(field, target, rule.unit, out);
  if (rule.unit.IsIdentity()) {
    *out += field.whole;
    return true;
  }
  std::string changed;
  if (!ChangeUnit(field.payload, *ShapeOf(field.number), rule.unit, &changed)) return false;
  AppendBytesField(field.number, changed, out);
  return true;
}

void AppendLabels(std::span<const LabelItem> labels, std::string* out) {
  for (const LabelItem& label : labels) {
    if (!label.whole.empty()) {
      *out += label.whole;
      continue;
    }
    std::string pair;
    AppendBytesField(1, label.name, &pair);
    AppendBytesField(2, label.value, &pair);
    AppendBytesField(metric_field::kLabel, pair, out);
  }
}

}  // namespace

std::optional<Fault> RewriteMetric(std::string_view metric, const AliasRule& rule,
                                   std::span<const LabelItem> labels, std::string* out) {
  AppendLabels(labels, out);
  WireReader fields(metric);
  while (const std::optional<WireField> field = fields.Next()) {
    if (field->number == metric_field::kLabel) continue;
    if (ShapeOf(field->number) == nullptr || field->type != WireType::kBytes) {
      *out += field->whole;
      continue;
    }
    const bool is_native = field->number == metric_field::kHistogram && !rule.unit.IsIdentity() &&
                           !rule.sum_and_count_only && HasNativeBuckets(field->payload);
    if (is_native) return Fault::kUnitOfHistogram;
    if (!RewriteValue(*field, rule, out)) return Fault::kUnreadableLine;
  }
  return fields.ok() ? std::nullopt : std::optional(Fault::kUnreadableLine);
}

}  // namespace metrishift::exposition
