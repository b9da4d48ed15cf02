// equivalence measurements FLEET TABLE...
//   prints what a fleet has measured, for promtool tsdb create-blocks-from openmetrics
// equivalence random FIRST_SEED COUNT OLD_URL NEW_URL BOTH_URL MIXED_URL TABLE...
//   the same with random expressions
// equivalence compare EXPRESSIONS OLD_URL NEW_URL BOTH_URL MIXED_URL TABLE...
//   rewrites each expression and asks the Prometheus of each fleet; see run.sh

#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "core/file.h"
#include "mappings/catalog.h"
#include "tests/e2e/equivalence/comparison.h"
#include "tests/e2e/equivalence/expressions.h"
#include "tests/e2e/equivalence/fleet.h"
#include "tests/e2e/equivalence/oracle.h"

namespace metrishift::e2e {
namespace {

constexpr size_t kLeastRows = 1400;

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
  Comparison comparison(mapping, urls);
  for (const Row& row : rows) comparison.Compare(row);
  failures += comparison.failures();
  std::cout << rows.size() << " expressions, " << comparison.queries() << " queries, " << failures
            << " failures\n";
  return failures == 0 ? 0 : 1;
}

int CompareRandom(uint32_t first, uint32_t count, std::span<char* const> urls,
                  const Mapping& mapping) {
  Comparison comparison(mapping, urls);
  for (uint32_t i = 0; i < count; ++i) comparison.CompareRandom(first + i);
  std::cout << count << " random expressions: " << comparison.compared() << " compared, "
            << comparison.empty() << " compared but empty, " << comparison.left()
            << " of them partly left to a person, the rest without a meaning or a deprecated name; "
            << comparison.failures() << " failures\n";
  return comparison.failures() == 0 && comparison.compared() > 0 ? 0 : 1;
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
    std::cout << Measurements(*fleet, Oracle(loaded.mapping.tables())) << std::flush;
    return std::cout ? 0 : 2;
  }
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
