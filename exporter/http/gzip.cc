#include "exporter/http/gzip.h"

#include <array>

namespace metrishift::http {
namespace {

constexpr int kLevel = 1;
constexpr int kGzipWindow = 15 + 16;  // 32 KiB; "+ 16" is zlib's way to ask for a gzip header
constexpr int kMemLevel = 8;
constexpr size_t kStep = 16384;

}  // namespace

GzipStream::GzipStream() noexcept {
  ok_ = deflateInit2(&stream_, kLevel, Z_DEFLATED, kGzipWindow, kMemLevel, Z_DEFAULT_STRATEGY) ==
        Z_OK;
}

GzipStream::~GzipStream() {
  if (ok_) deflateEnd(&stream_);
}

void GzipStream::Run(std::string_view bytes, int flush, std::string* out) {
  std::array<char, kStep> step;
  // zlib's input pointer is not const without ZLIB_CONST, but it never writes there.
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream_.avail_in = static_cast<uInt>(bytes.size());
  do {
    stream_.next_out = reinterpret_cast<Bytef*>(step.data());
    stream_.avail_out = static_cast<uInt>(step.size());
    deflate(&stream_, flush);
    out->append(step.data(), step.size() - stream_.avail_out);
  } while (stream_.avail_out == 0);
}

}  // namespace metrishift::http
