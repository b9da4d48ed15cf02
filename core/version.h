#ifndef METRISHIFT_CORE_VERSION_H_
#define METRISHIFT_CORE_VERSION_H_

#include <string_view>
#include <vector>

namespace metrishift {

// True iff `text` is a version as tables have them: numbers with dots between, a "v" before and a
// "-rc.1" after them. At most 18 bytes of numbers.
bool IsVersion(std::string_view text);

// The numbers of a version, which compare as versions do: 3.10 comes after 3.9. REQUIRES:
// IsVersion.
std::vector<unsigned long> VersionNumbers(std::string_view version);

// True iff `version` is not later than every release of `release`, which may be a series: 3.4.1 is
// within 3.4, and 3.4.0 not later than 3.5. REQUIRES: IsVersion of both.
bool IsWithinOrBefore(std::string_view version, std::string_view release);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_VERSION_H_
