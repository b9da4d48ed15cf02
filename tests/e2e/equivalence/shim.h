#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_SHIM_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_SHIM_H_

// Stands in for what the loader and the engine do not do yet.
#include <span>
#include <string>
#include <vector>

#include "core/mapping.h"
#include "mappings/catalog.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::e2e {
std::span<const MappingTable> Tables(const Mapping& mapping);
CatalogResult LoadAll(const std::vector<std::string>& names);
Mapping ReversedOf(const Mapping& mapping);
}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_SHIM_H_
