#include "exporter/exposition/gzip_writer.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <utility>

namespace metrishift::exposition {

struct GzipWriter::State {
  isal_zstream stream;
  std::array<uint8_t, ISAL_DEF_LVL1_DEFAULT> memory;
  std::array<uint8_t, 32768> out;
};

GzipWriter::GzipWriter(Sink out) : out_(std::move(out)), state_(new (std::nothrow) State) {
  if (state_ == nullptr) return;
  isal_zstream& stream = state_->stream;
  isal_deflate_init(&stream);
  stream.gzip_flag = IGZIP_GZIP;
  stream.level = 1;
  stream.level_buf = state_->memory.data();
  stream.level_buf_size = static_cast<uint32_t>(state_->memory.size());
}

GzipWriter::~GzipWriter() = default;

bool GzipWriter::Run(std::string_view bytes, bool is_last) {
  if (!ok()) return false;
  isal_zstream& stream = state_->stream;
  do {
    const size_t size = std::min<size_t>(bytes.size(), std::numeric_limits<uint32_t>::max());
    stream.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uint32_t>(size);
    bytes.remove_prefix(size);
    stream.end_of_stream = is_last && bytes.empty() ? 1 : 0;
    do {
      stream.next_out = state_->out.data();
      stream.avail_out = static_cast<uint32_t>(state_->out.size());
      if (isal_deflate(&stream) != COMP_OK) return false;
      const size_t made = state_->out.size() - stream.avail_out;
      const char* const begin = reinterpret_cast<const char*>(state_->out.data());
      if (made > 0 && !out_({begin, made})) return false;
    } while (stream.avail_out == 0);
  } while (!bytes.empty());
  return true;
}

}  // namespace metrishift::exposition
