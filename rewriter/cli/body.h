#ifndef METRISHIFT_REWRITER_CLI_BODY_H_
#define METRISHIFT_REWRITER_CLI_BODY_H_

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/metric_type.h"

namespace metrishift::cli {

// What a body of /metrics says of one family.
struct BodyFamily {
  std::string help;  // as its line or its message has it
  MetricType type = MetricType::kUntyped;
  std::set<std::string> labels;  // names that any of its samples has, but for le and quantile
  size_t samples = 0;            // of text; a protobuf message counts none
  double sum = 0;                // of their finite values
};

// Families by name, and every name that a sample has.
struct Body {
  std::map<std::string, BodyFamily, std::less<>> families;
  std::set<std::string, std::less<>> series;
};

// The most that is read of a body: those of whole clusters have some tens of megabytes.
inline constexpr size_t kMaxBodyBytes = size_t{64} << 20;

// The bytes of a body: of the file, of standard input ("-"), or of what http:// or https:// answers
// (asked for text format 0.0.4; no redirects, 30 s at most); without gzip around them. On failure
// nothing, and `*why` is a clause for people, without what the URL may hide.
std::optional<std::string> FetchBody(const std::string& path_or_url, std::string* why);

// Reads a body in text format 0.0.4, in OpenMetrics where it ends as such, or of delimited protobuf
// messages where it is all of that. Lines that are none are passed by. Linear in its size.
Body ParseBody(std::string_view text);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_BODY_H_
