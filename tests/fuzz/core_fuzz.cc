// Mapping tables from outside: any bytes give a table or diagnostics, and each diagnostic can be
// rendered. What loads can be asked for names, composed with itself as a later step, and turned
// round.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/mapping.h"
#include "core/mapping_loader.h"

namespace {

using metrishift::Diagnostic;
using metrishift::Mapping;
using metrishift::MappingEntry;
using metrishift::MappingTable;
using metrishift::Outcome;
using metrishift::Severity;

void Require(bool condition) {
  if (!condition) std::abort();
}

size_t Errors(const std::vector<Diagnostic>& diagnostics) {
  return static_cast<size_t>(
      std::ranges::count(diagnostics, Severity::kError, &Diagnostic::severity));
}

void CheckEntry(const MappingEntry& entry) {
  Require(metrishift::IsMetricName(entry.old_name));
  Require(metrishift::IsMetricName(entry.new_name) ==
          (entry.fate == MappingEntry::Fate::kReplaced));
  Require(entry.scale != 0);
}

// Names that are in the tables, and names that patterns may like.
void Ask(const Mapping& mapping) {
  for (const MappingEntry& entry : mapping.entries()) {
    CheckEntry(entry);
    for (const std::string_view suffix : metrishift::SeriesSuffixes(entry.type)) {
      const auto matches = mapping.FindAllOld(entry.old_name + std::string(suffix));
      Require(std::ranges::count(matches, &entry, &Mapping::Match::entry) == 1);
    }
    mapping.FindNewFamily(entry.new_name);
    Require(mapping.FindAllOld(entry.new_name + "_x").size() < 1000);
  }
  for (const auto& pattern : mapping.patterns()) {
    for (const char* end : {"", "x", "x_depth", "1_sum"}) {
      for (const Mapping::Match& match : mapping.FindAllOld(pattern.prefix + end))
        CheckEntry(*match.entry);
    }
    mapping.IsNewSeries(pattern.prefix + "x");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Outcome<MappingTable> table = metrishift::LoadMappingTable(text);
  Require(table.value.has_value() == (Errors(table.diagnostics) == 0));
  const metrishift::SourceText source("t", text);
  for (const Diagnostic& diagnostic : table.diagnostics) {
    Require(diagnostic.span.begin <= diagnostic.span.end && diagnostic.span.end <= size);
    Require(!RenderDiagnostic(source, diagnostic, true).empty());
  }
  if (!table) return 0;
  const Outcome<Mapping> mapping = Mapping::FromTables({*table});
  Require(mapping.value.has_value());  // one table never contradicts itself
  Ask(*mapping);
  const Outcome<Mapping> back = mapping->Reversed();
  Require(back.value.has_value() && Errors(back.diagnostics) == 0);
  Ask(*back);
  Require(back->Reversed().value.has_value());

  MappingTable later = *table;
  later.name += "-later";
  later.from_version = table->to_version;
  const Outcome<Mapping> both = Mapping::FromTables({*table, later});
  Require(both.value.has_value() == (Errors(both.diagnostics) == 0));
  if (both) {
    Ask(*both);
    Require(both->Reversed().value.has_value());
  }
  return 0;
}
