#ifndef METRISHIFT_EXPORTER_HTTP_FILE_STAMP_H_
#define METRISHIFT_EXPORTER_HTTP_FILE_STAMP_H_

#include <span>
#include <string>

namespace metrishift::http {

// Tells whether one of the files has been replaced, written to, made or removed: then it differs.
// Empty paths are passed over. Costs a system call a file.
std::string StampOf(std::span<const std::string> paths);

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_FILE_STAMP_H_
