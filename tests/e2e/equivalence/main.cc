// equivalence measurements FLEET TABLE...
//   prints what a fleet has measured, for promtool tsdb create-blocks-from openmetrics
// equivalence random FIRST_SEED COUNT OLD_URL NEW_URL BOTH_URL MIXED_URL TABLE...
//   the same with random expressions
// equivalence compare EXPRESSIONS OLD_URL NEW_URL BOTH_URL MIXED_URL TABLE...
//   rewrites each expression and asks the Prometheus of each fleet; see run.sh
// equivalence builtin-measurements FLEET
// equivalence builtin OLD_URL NEW_URL BOTH_URL MIXED_URL
//   the same for what is made up for the built-in tables, one by one

#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "core/file.h"
#include "mappings/catalog.h"
#include "tests/e2e/equivalence/builtin_judge.h"
#include "tests/e2e/equivalence/comparison.h"
#include "tests/e2e/equivalence/expressions.h"
#include "tests/e2e/equivalence/fleet.h"
#include "tests/e2e/equivalence/oracle.h"

namespace metrishift::e2e {
namespace {

constexpr size_t kLeastRows = 1400;

// When each expression is asked. Late enough for a range of ten minutes and an offset; one process
// comes late, and the last time is after another one has left.
const std::vector<When> kWhens = {
    {kBegin + 1200}, {kBegin + 1815}, {kBegin + 3540}, {kBegin + 600, kBegin + 3585, 75}};

int Compare(const std::string& path, std::span<char* const> urls, const Mapping& mapping) {
  std::string why;
  const std::optional<std::string> text = ReadFile(path, &why);
  if (!text) {
    std::cerr << path << ": " << why << "\n";
    return 2;
  }
  const std::vector<Row> rows = ReadRows(*text);
  size_t failures = 0;
  for (const std::string& missing : MissingFromRows(rows)) {
    ++failures;
    std::cout << "expressions.txt: not in it: " << missing << "\n";
  }
  if (rows.size() < kLeastRows) {
    ++failures;
    std::cout << "expressions.txt: only " << rows.size() << " expressions\n";
  }
  Servers servers = Connect(urls);
  Comparison comparison(mapping, servers, kWhens, std::cout);
  for (const Row& row : rows) comparison.Compare(row);
  failures += comparison.failures();
  std::cout << rows.size() << " expressions, " << comparison.queries() << " queries, " << failures
            << " failures\n";
  return failures == 0 ? 0 : 1;
}

int CompareRandom(uint32_t first, uint32_t count, std::span<char* const> urls,
                  const Mapping& mapping) {
  Servers servers = Connect(urls);
  Comparison comparison(mapping, servers, kWhens, std::cout);
  for (uint32_t i = 0; i < count; ++i) comparison.CompareRandom(first + i);
  std::cout << count << " random expressions: " << comparison.compared() << " compared, "
            << comparison.empty() << " compared but empty, " << comparison.left()
            << " of them partly left to a person, the rest without a meaning or a deprecated name; "
            << comparison.failures() << " failures\n";
  return comparison.failures() == 0 && comparison.compared() > 0 ? 0 : 1;
}

int Print(const std::string& measurements) {
  std::cout << measurements << "# EOF\n" << std::flush;
  return std::cout ? 0 : 2;
}

int Main(std::span<char* const> args) {
  const auto mapping_of = [](std::span<char* const> tables) {
    const CatalogResult loaded =
        LoadMappings(std::vector<std::string>(tables.begin(), tables.end()));
    std::cerr << loaded.error;
    return loaded;
  };
  if (args.size() >= 3 && args[0] == std::string_view("measurements")) {
    const std::optional<Fleet> fleet = FindFleet(args[1]);
    const CatalogResult loaded = mapping_of(args.subspan(2));
    if (!fleet || !loaded.error.empty()) return 2;
    return Print(Measurements(*fleet, Oracle(loaded.mapping.tables()), EveryKind()));
  }
  if (args.size() == 2 && args[0] == std::string_view("builtin-measurements")) {
    const std::optional<Fleet> fleet = FindFleet(args[1]);
    return fleet ? Print(BuiltinMeasurements(*fleet)) : 2;
  }
  if (args.size() == 5 && args[0] == std::string_view("builtin"))
    return JudgeBuiltinTables(args.subspan(1)) ? 0 : 1;
  if (args.size() >= 7 && args[0] == std::string_view("compare")) {
    const CatalogResult loaded = mapping_of(args.subspan(6));
    return loaded.error.empty() ? Compare(args[1], args.subspan(2, 4), loaded.mapping) : 2;
  }
  if (args.size() >= 8 && args[0] == std::string_view("random")) {
    const CatalogResult loaded = mapping_of(args.subspan(7));
    if (!loaded.error.empty()) return 2;
    const auto number = [&args](size_t i) { return static_cast<uint32_t>(std::stoul(args[i])); };
    return CompareRandom(number(1), number(2), args.subspan(3, 4), loaded.mapping);
  }
  std::cerr << "see the head of main.cc\n";
  return 2;
}

}  // namespace
}  // namespace metrishift::e2e

int main(int argc, char** argv) {
  return metrishift::e2e::Main(std::span(argv, static_cast<size_t>(argc)).subspan(1));
}
