// Mapping tables from outside: any bytes give a table or diagnostics, and each diagnostic can be
// rendered.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/mapping.h"
#include "core/mapping_loader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  metrishift::Outcome<metrishift::MappingTable> table = metrishift::LoadMappingTable(text);
  if (table.value.has_value() == !table.diagnostics.empty()) std::abort();
  const metrishift::SourceText source("t", text);
  for (const auto& diagnostic : table.diagnostics) {
    if (diagnostic.span.begin > diagnostic.span.end || diagnostic.span.end > size) std::abort();
    if (RenderDiagnostic(source, diagnostic, true).empty()) std::abort();
  }
  if (!table) return 0;
  for (const auto& entry : table->metrics) {
    if (!metrishift::IsMetricName(entry.old_name) || !metrishift::IsMetricName(entry.new_name))
      std::abort();
  }
  if (!metrishift::Mapping::FromTables({*table})) std::abort();
  return 0;
}
