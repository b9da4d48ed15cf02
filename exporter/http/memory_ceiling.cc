#include "exporter/http/memory_ceiling.h"

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "core/file.h"

namespace metrishift::http {
namespace {

constexpr uint64_t kLeastData = uint64_t{32} << 20U;  // twice what an idle exporter has

// What version 1 says where there is no limit is next to the largest that a page counter can hold.
constexpr uint64_t kNoLimit = uint64_t{1} << 60U;

std::optional<uint64_t> ReadLimit(const std::string& path) {
  std::string error;
  const std::optional<std::string> text = ReadFile(path, &error);
  uint64_t limit = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), limit).ec != std::errc())
    return {};  // "max", too
  return limit < kNoLimit ? std::optional(limit) : std::nullopt;
}

}  // namespace

std::optional<uint64_t> ContainerMemory(const std::string& root) {
  const std::optional<uint64_t> limit = ReadLimit(root + "/memory.max");
  return limit ? limit : ReadLimit(root + "/memory/memory.limit_in_bytes");
}

std::optional<uint64_t> LimitDataWithin(uint64_t container) {
#ifdef METRISHIFT_SANITIZED
  return {};
#endif
  rlimit data{};
  if (getrlimit(RLIMIT_DATA, &data) != 0 || data.rlim_cur != RLIM_INFINITY) return {};
  data.rlim_cur = std::min<rlim_t>(std::max(container / 4 * 3, kLeastData), data.rlim_max);
  if (setrlimit(RLIMIT_DATA, &data) != 0) return {};
  return data.rlim_cur;
}

}  // namespace metrishift::http
