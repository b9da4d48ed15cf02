#ifndef METRISHIFT_EXPORTER_HTTP_MEMORY_CEILING_H_
#define METRISHIFT_EXPORTER_HTTP_MEMORY_CEILING_H_

#include <cstdint>
#include <optional>
#include <string>

namespace metrishift::http {

// How much memory the container may have, in bytes, beyond which the kernel ends it: by the files
// of cgroups (version 2 or 1) at `root`. Nothing where there is no limit, or no container.
// https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
std::optional<uint64_t> ContainerMemory(const std::string& root = "/sys/fs/cgroup");

// Has allocations fail before that, so that one scrape fails and not all: limits the memory that
// the process may write to (RLIMIT_DATA) to three quarters of `container`, the rest being for the
// kernel's buffers and the program itself. Returns that limit; nothing, where there has been one
// already or the sanitizers need the room.
std::optional<uint64_t> LimitDataWithin(uint64_t container);

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_MEMORY_CEILING_H_
