#ifndef METRISHIFT_EXPORTER_EXPOSITION_GZIP_WRITER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_GZIP_WRITER_H_

#include <zlib.h>

#include <string_view>

#include "exporter/exposition/gzip_splice.h"

namespace metrishift::exposition {

// Compresses a stream into one gzip member, at zlib's level 1: of what is sent once and thrown
// away, speed counts. Memory: about 270 KB, whatever the length. Not thread-safe.
class GzipWriter {
 public:
  explicit GzipWriter(Sink out);
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;

  // False when the sink returned false, or when there was no memory.
  [[nodiscard]] bool Write(std::string_view bytes) { return Run(bytes, Z_NO_FLUSH); }
  [[nodiscard]] bool Finish() { return Run({}, Z_FINISH); }

 private:
  bool Run(std::string_view bytes, int flush);

  const Sink out_;
  z_stream stream_{};
  bool ok_ = false;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_GZIP_WRITER_H_
