#ifndef METRISHIFT_EXPORTER_EXPOSITION_ALIAS_HEADER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_ALIAS_HEADER_H_

#include <optional>
#include <string>
#include <string_view>

#include "core/metric_type.h"
#include "exporter/exposition/sample_role.h"

namespace metrishift::exposition {

// What stands before the samples of an alias.
struct AliasHeader {
  std::string_view family;
  std::optional<MetricType> type;
  std::string_view help;    // the source's, as its body escapes it
  std::string_view remark;  // not escaped
  std::string_view unit;    // "" for none
};

// HELP and TYPE, or TYPE, UNIT and HELP: the order that each format asks for. For protobuf the
// name, help, type and unit fields of a MetricFamily.
std::string EncodeHeader(const AliasHeader& header, Format format);

// The varint before a protobuf message of `size` bytes.
std::string LengthPrefix(size_t size);

// The type under which an alias can be written: OpenMetrics lets no name that ends in a sample's
// suffix be a family of certain types, and "unknown" is what is left.
MetricType TypeAllowedFor(std::string_view table_name, MetricType type, Format format);

// `name` as it stands at the start of a line and in its metadata: in quotes where it is no classic
// name.
std::string QuotedName(std::string_view name);

// `text` with the escapes of a label value.
void AppendEscaped(std::string_view text, std::string* out);

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_ALIAS_HEADER_H_
