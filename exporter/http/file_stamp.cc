#include "exporter/http/file_stamp.h"

#include <sys/stat.h>

#include <cstdint>

namespace metrishift::http {

std::string StampOf(std::span<const std::string> paths) {
  std::string stamp;
  for (const std::string& path : paths) {
    struct stat status {};
    stamp += '/';
    if (path.empty() || stat(path.c_str(), &status) != 0) continue;
    for (const int64_t part : {int64_t{status.st_mtim.tv_sec}, int64_t{status.st_mtim.tv_nsec},
                               int64_t{status.st_ctim.tv_sec}, int64_t{status.st_ctim.tv_nsec},
                               static_cast<int64_t>(status.st_ino), int64_t{status.st_size}})
      stamp += std::to_string(part) + " ";
  }
  return stamp;
}

}  // namespace metrishift::http
