#ifndef METRISHIFT_TESTS_E2E_EQUIVALENCE_LABELS_H_
#define METRISHIFT_TESTS_E2E_EQUIVALENCE_LABELS_H_

#include <map>
#include <string>

namespace metrishift::e2e {

using Labels = std::map<std::string, std::string>;  // name -> value; none is empty

}  // namespace metrishift::e2e

#endif  // METRISHIFT_TESTS_E2E_EQUIVALENCE_LABELS_H_
