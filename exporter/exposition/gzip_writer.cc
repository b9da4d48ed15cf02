#include "exporter/exposition/gzip_writer.h"

#include <array>
#include <utility>

namespace metrishift::exposition {

GzipWriter::GzipWriter(Sink out) : out_(std::move(out)) {
  constexpr int kGzipWindow = 15 + 16;
  ok_ =
      deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK;
}

GzipWriter::~GzipWriter() {
  if (ok_) deflateEnd(&stream_);
}

bool GzipWriter::Run(std::string_view bytes, int flush) {
  if (!ok_) return false;
  std::array<char, 16384> step;
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream_.avail_in = static_cast<uInt>(bytes.size());
  do {
    stream_.next_out = reinterpret_cast<Bytef*>(step.data());
    stream_.avail_out = static_cast<uInt>(step.size());
    deflate(&stream_, flush);
    const size_t size = step.size() - stream_.avail_out;
    if (size > 0 && !out_({step.data(), size})) return false;
  } while (stream_.avail_out == 0);
  return true;
}

}  // namespace metrishift::exposition
