#ifndef METRISHIFT_EXPORTER_HTTP_GZIP_H_
#define METRISHIFT_EXPORTER_HTTP_GZIP_H_

#include <zlib.h>

#include <string>
#include <string_view>

namespace metrishift::http {

// Compresses a stream into one gzip member, at zlib's level 1: of what is sent here once and thrown
// away, speed counts. Memory: about 270 KB, whatever the length. Not thread-safe.
class GzipStream {
 public:
  GzipStream() noexcept;
  ~GzipStream();
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  // False if zlib found no memory; then the stream must not be used.
  bool ok() const { return ok_; }

  // Appends to `out` what compressing `bytes` gives so far; often nothing.
  void Append(std::string_view bytes, std::string* out) { Run(bytes, Z_NO_FLUSH, out); }

  // Appends the rest. Nothing may follow.
  void Finish(std::string* out) { Run({}, Z_FINISH, out); }

 private:
  void Run(std::string_view bytes, int flush, std::string* out);

  z_stream stream_{};
  bool ok_ = false;
};

}  // namespace metrishift::http

#endif  // METRISHIFT_EXPORTER_HTTP_GZIP_H_
