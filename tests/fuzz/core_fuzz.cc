// Mapping tables from outside: any bytes give a table or diagnostics, and each diagnostic can be
// rendered.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/mapping.h"
#include "core/mapping_loader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  metrishift::Outcome<metrishift::MappingTable> table = metrishift::LoadMappingTable(text);
  const bool refused = std::ranges::count(table.diagnostics, metrishift::Severity::kError,
                                          &metrishift::Diagnostic::severity) > 0;
  if (table.value.has_value() == refused) std::abort();
  const metrishift::SourceText source("t", text);
  for (const auto& diagnostic : table.diagnostics) {
    if (diagnostic.span.begin > diagnostic.span.end || diagnostic.span.end > size) std::abort();
    if (RenderDiagnostic(source, diagnostic, true).empty()) std::abort();
  }
  if (!table) return 0;
  for (const auto& entry : table->metrics) {
    if (!metrishift::IsMetricName(entry.old_name)) std::abort();
    const bool replaced = entry.fate == metrishift::MappingEntry::Fate::kReplaced;
    if (metrishift::IsMetricName(entry.new_name) != replaced) std::abort();
  }
  if (!metrishift::Mapping::FromTables({*table})) std::abort();
  return 0;
}
