#ifndef METRISHIFT_REWRITER_PROMQL_FUNCTIONS_H_
#define METRISHIFT_REWRITER_PROMQL_FUNCTIONS_H_

#include <cstdint>
#include <string_view>

namespace metrishift::promql {

// The type of an expression. kAny is that of a variable: it fits everywhere.
enum class ValueType : uint8_t { kScalar, kVector, kMatrix, kString, kAny };

// "scalar", "instant vector", "range vector", "string": the words of Prometheus' messages. Static
// storage.
const char* ValueTypeName(ValueType type);

// A function of PromQL: its name, the types of its arguments and of its result.
// Source: prometheus/prometheus promql/parser/functions.go, v3.14, experimental functions included.
struct Function {
  std::string_view name;
  ValueType result = ValueType::kVector;
  uint8_t arg_count = 0;  // of arg_types
  ValueType arg_types[5] = {};
  // 0: exactly arg_count arguments. n > 0: from arg_count - 1 to arg_count - 1 + n. Negative:
  // arg_count - 1 or more; further ones have the last type.
  int8_t variadic = 0;
};

// The function called `name` (names are case-sensitive); nullptr when there is none. Static
// storage.
const Function* FindFunction(std::string_view name);

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_FUNCTIONS_H_
