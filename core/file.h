#ifndef METRISHIFT_CORE_FILE_H_
#define METRISHIFT_CORE_FILE_H_

#include <cstddef>
#include <optional>
#include <string>

namespace metrishift {

// The largest file that ReadFile takes, in bytes. The largest public dashboards and rule files are
// a tenth of it.
inline constexpr size_t kMaxFileBytes = size_t{256} << 20;

// The bytes of the regular file at `path`, or of a pipe: one that nobody writes to for three
// seconds is given up. Devices and sockets, which may have no end, are not read, but for /dev/null
// and what the program was handed: /dev/stdin, /dev/fd/N. On failure nothing, and `*error` is a
// clause for people ("No such file or directory") without the path.
std::optional<std::string> ReadFile(const std::string& path, std::string* error);

// All that standard input has left, the same way.
std::optional<std::string> ReadStandardInput(std::string* error);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_FILE_H_
