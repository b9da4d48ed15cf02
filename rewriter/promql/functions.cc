#include "rewriter/promql/functions.h"

#include <algorithm>
#include <iterator>

namespace metrishift::promql {

namespace {

constexpr ValueType kScalar = ValueType::kScalar;
constexpr ValueType kVector = ValueType::kVector;
constexpr ValueType kMatrix = ValueType::kMatrix;
constexpr ValueType kString = ValueType::kString;

// Sorted by name, for the binary search.
constexpr Function kFunctions[] = {
    {"abs", kVector, 1, {kVector}},
    {"absent", kVector, 1, {kVector}},
    {"absent_over_time", kVector, 1, {kMatrix}},
    {"acos", kVector, 1, {kVector}},
    {"acosh", kVector, 1, {kVector}},
    {"asin", kVector, 1, {kVector}},
    {"asinh", kVector, 1, {kVector}},
    {"atan", kVector, 1, {kVector}},
    {"atanh", kVector, 1, {kVector}},
    {"avg_over_time", kVector, 1, {kMatrix}},
    {"ceil", kVector, 1, {kVector}},
    {"changes", kVector, 1, {kMatrix}},
    {"clamp", kVector, 3, {kVector, kScalar, kScalar}},
    {"clamp_max", kVector, 2, {kVector, kScalar}},
    {"clamp_min", kVector, 2, {kVector, kScalar}},
    {"cos", kVector, 1, {kVector}},
    {"cosh", kVector, 1, {kVector}},
    {"count_over_time", kVector, 1, {kMatrix}},
    {"day_of_month", kVector, 1, {kVector}, 1},
    {"day_of_week", kVector, 1, {kVector}, 1},
    {"day_of_year", kVector, 1, {kVector}, 1},
    {"days_in_month", kVector, 1, {kVector}, 1},
    {"deg", kVector, 1, {kVector}},
    {"delta", kVector, 1, {kMatrix}},
    {"deriv", kVector, 1, {kMatrix}},
    {"double_exponential_smoothing", kVector, 3, {kMatrix, kScalar, kScalar}},
    {"end", kScalar, 0, {}},
    {"exp", kVector, 1, {kVector}},
    {"first_over_time", kVector, 1, {kMatrix}},
    {"floor", kVector, 1, {kVector}},
    {"histogram_avg", kVector, 1, {kVector}},
    {"histogram_count", kVector, 1, {kVector}},
    {"histogram_fraction", kVector, 3, {kScalar, kScalar, kVector}},
    {"histogram_quantile", kVector, 2, {kScalar, kVector}},
    {"histogram_quantiles", kVector, 4, {kVector, kString, kScalar, kScalar}, 9},
    {"histogram_stddev", kVector, 1, {kVector}},
    {"histogram_stdvar", kVector, 1, {kVector}},
    {"histogram_sum", kVector, 1, {kVector}},
    {"hour", kVector, 1, {kVector}, 1},
    {"idelta", kVector, 1, {kMatrix}},
    {"increase", kVector, 1, {kMatrix}},
    {"info", kVector, 2, {kVector, kVector}, 1},
    {"irate", kVector, 1, {kMatrix}},
    {"label_join", kVector, 4, {kVector, kString, kString, kString}, -1},
    {"label_replace", kVector, 5, {kVector, kString, kString, kString, kString}},
    {"last_over_time", kVector, 1, {kMatrix}},
    {"ln", kVector, 1, {kVector}},
    {"log10", kVector, 1, {kVector}},
    {"log2", kVector, 1, {kVector}},
    {"mad_over_time", kVector, 1, {kMatrix}},
    {"max_of", kScalar, 2, {kScalar, kScalar}},
    {"max_over_time", kVector, 1, {kMatrix}},
    {"min_of", kScalar, 2, {kScalar, kScalar}},
    {"min_over_time", kVector, 1, {kMatrix}},
    {"minute", kVector, 1, {kVector}, 1},
    {"month", kVector, 1, {kVector}, 1},
    {"pi", kScalar, 0, {}},
    {"predict_linear", kVector, 2, {kMatrix, kScalar}},
    {"present_over_time", kVector, 1, {kMatrix}},
    {"quantile_over_time", kVector, 2, {kScalar, kMatrix}},
    {"rad", kVector, 1, {kVector}},
    {"range", kScalar, 0, {}},
    {"rate", kVector, 1, {kMatrix}},
    {"resets", kVector, 1, {kMatrix}},
    {"round", kVector, 2, {kVector, kScalar}, 1},
    {"scalar", kScalar, 1, {kVector}},
    {"sgn", kVector, 1, {kVector}},
    {"sin", kVector, 1, {kVector}},
    {"sinh", kVector, 1, {kVector}},
    {"sort", kVector, 1, {kVector}},
    {"sort_by_label", kVector, 2, {kVector, kString}, -1},
    {"sort_by_label_desc", kVector, 2, {kVector, kString}, -1},
    {"sort_desc", kVector, 1, {kVector}},
    {"sqrt", kVector, 1, {kVector}},
    {"start", kScalar, 0, {}},
    {"start_timestamp", kVector, 1, {kVector}},
    {"stddev_over_time", kVector, 1, {kMatrix}},
    {"stdvar_over_time", kVector, 1, {kMatrix}},
    {"step", kScalar, 0, {}},
    {"sum_over_time", kVector, 1, {kMatrix}},
    {"tan", kVector, 1, {kVector}},
    {"tanh", kVector, 1, {kVector}},
    {"time", kScalar, 0, {}},
    {"timestamp", kVector, 1, {kVector}},
    {"ts_of_first_over_time", kVector, 1, {kMatrix}},
    {"ts_of_last_over_time", kVector, 1, {kMatrix}},
    {"ts_of_max_over_time", kVector, 1, {kMatrix}},
    {"ts_of_min_over_time", kVector, 1, {kMatrix}},
    {"vector", kVector, 1, {kScalar}},
    {"year", kVector, 1, {kVector}, 1},
};

constexpr bool IsSorted() {
  for (size_t i = 1; i < std::size(kFunctions); ++i) {
    if (!(kFunctions[i - 1].name < kFunctions[i].name)) return false;
  }
  return true;
}
static_assert(IsSorted());

}  // namespace

const char* ValueTypeName(ValueType type) {
  switch (type) {
    case ValueType::kScalar:
      return "scalar";
    case ValueType::kVector:
      return "instant vector";
    case ValueType::kMatrix:
      return "range vector";
    case ValueType::kString:
      return "string";
    case ValueType::kAny:
      return "any type";
  }
  return "";
}

const Function* FindFunction(std::string_view name) {
  const Function* found =
      std::lower_bound(std::begin(kFunctions), std::end(kFunctions), name,
                       [](const Function& f, std::string_view wanted) { return f.name < wanted; });
  return found != std::end(kFunctions) && found->name == name ? found : nullptr;
}

}  // namespace metrishift::promql
