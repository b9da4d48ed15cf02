#ifndef METRISHIFT_EXPORTER_EXPOSITION_ESCAPING_H_
#define METRISHIFT_EXPORTER_EXPOSITION_ESCAPING_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/exposition/sample_role.h"

namespace metrishift::exposition {

// How a body spells names that are not classic ([a-zA-Z_:][a-zA-Z0-9_:]*). The parameter "escaping"
// of a Content-Type. https://prometheus.io/docs/instrumenting/escaping_schemes/
enum class Escaping : uint8_t { kNone, kUnderscores, kDots, kValues };
inline constexpr std::array kEscapings = {Escaping::kNone, Escaping::kUnderscores, Escaping::kDots,
                                          Escaping::kValues};

// "a.b" as a body has it: itself, "a_b", "a_dot_b", "U__a_2e_b". Classic names stay as they are in
// all of them (so does client_golang, whatever the document says of underscores).
std::string EscapeName(std::string_view name, Escaping escaping);

// What a Content-Type says about a body.
struct BodyFormat {
  Format format = Format::kText;
  Escaping escaping = Escaping::kNone;
};

// Nothing for what cannot be translated: another type, OpenMetrics 2, protobuf that is not
// delimited. An empty value is text, as Prometheus 2 takes it.
std::optional<BodyFormat> ParseContentType(std::string_view content_type);

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_ESCAPING_H_
