#ifndef METRISHIFT_CORE_FILE_H_
#define METRISHIFT_CORE_FILE_H_

#include <cstddef>
#include <optional>
#include <string>

namespace metrishift {

// The largest file that ReadFile takes, in bytes. The largest public dashboards and rule files are
// a tenth of it.
inline constexpr size_t kMaxFileBytes = size_t{256} << 20;

// The bytes of the regular file (or pipe) at `path`. On failure nothing, and `*error` is a clause
// for people ("No such file or directory") without the path.
std::optional<std::string> ReadFile(const std::string& path, std::string* error);

// All that standard input has left, the same way.
std::optional<std::string> ReadStandardInput(std::string* error);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_FILE_H_
