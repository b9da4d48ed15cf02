#ifndef METRISHIFT_EXPORTER_EXPOSITION_GZIP_WRITER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_GZIP_WRITER_H_

#include <memory>
#include <string_view>

#include "exporter/exposition/gzip_splice.h"

namespace metrishift::exposition {

// Compresses a stream into one gzip member with ISA-L at its level 1: of what is sent once and
// thrown away, speed counts, and bodies get as small as with zlib's level 1. Memory: about 400 KB,
// whatever the length. Not thread-safe.
class GzipWriter {
 public:
  explicit GzipWriter(Sink out);
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;

  // False when there was no memory; then nothing is written.
  bool ok() const { return state_ != nullptr; }

  // False when the sink returned false, or not ok(). Nothing may follow Finish.
  [[nodiscard]] bool Write(std::string_view bytes) { return Run(bytes, false); }
  [[nodiscard]] bool Finish() { return Run({}, true); }

 private:
  struct State;

  bool Run(std::string_view bytes, bool is_last);

  const Sink out_;
  std::unique_ptr<State> state_;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_GZIP_WRITER_H_
