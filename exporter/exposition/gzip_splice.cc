#include "exporter/exposition/gzip_splice.h"

#include <algorithm>
#include <utility>

namespace metrishift::exposition {
namespace {

constexpr int kGzipWindow = 15 + 16;  // 32 KiB; "+ 16" is zlib's way to say gzip
constexpr size_t kBuffer = size_t{32} << 10U;
constexpr size_t kTrailerBytes = 8;
constexpr std::string_view kMagic = "\x1f\x8b";
constexpr uint64_t kRatioFrom = uint64_t{1} << 20U;

// zlib's input pointer is not const without ZLIB_CONST, but it never writes there.
Bytef* Input(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

uint32_t LittleEndian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    value |= uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

void AppendLittleEndian(uint32_t value, std::string* out) {
  for (unsigned i = 0; i < 4; ++i) *out += static_cast<char>(value >> (8 * i));
}

// Blocks that end a deflate stream of which all but some bits of its last byte have passed. For the
// usual few lines, zlib is asked for little memory: making it ready costs more than using it.
class LastBlocks {
 public:
  LastBlocks(size_t size, int used_bits, unsigned char last_byte) {
    constexpr size_t kFew = size_t{64} << 10U;
    const int window = size < kFew ? -12 : -15;  // negative: neither header nor trailer
    const int memory = size < kFew ? 5 : 8;
    ok_ = deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, window, memory, Z_DEFAULT_STRATEGY) ==
          Z_OK;
    if (ok_ && used_bits > 0) {
      deflatePrime(&stream_, used_bits, last_byte & ((1 << used_bits) - 1));
    }
  }
  ~LastBlocks() {
    if (ok_) deflateEnd(&stream_);
  }
  LastBlocks(const LastBlocks&) = delete;
  LastBlocks& operator=(const LastBlocks&) = delete;

  bool ok() const { return ok_; }

  bool Add(std::string_view bytes, int flush, const Sink& sink) {
    std::array<char, 16384> out;
    stream_.next_in = Input(bytes);
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out.data());
      stream_.avail_out = static_cast<uInt>(out.size());
      deflate(&stream_, flush);
      const size_t size = out.size() - stream_.avail_out;
      if (size > 0 && !sink({out.data(), size})) return false;
    } while (stream_.avail_out == 0);
    return true;
  }

 private:
  z_stream stream_{};
  bool ok_ = false;
};

}  // namespace

GzipSplice::GzipSplice(Limits limits, Sink compressed, Sink plain)
    : limits_(limits),
      compressed_(std::move(compressed)),
      plain_(std::move(plain)),
      buffer_(kBuffer) {
  has_memory_ = inflateInit2(&inflate_, kGzipWindow) == Z_OK;
  // The check is the client's: see above.
  if (has_memory_) inflateValidate(&inflate_, 0);
}

GzipSplice::~GzipSplice() {
  if (has_memory_) inflateEnd(&inflate_);
}

GzipSplice::Status GzipSplice::Feed(std::string_view chunk) {
  if (!has_memory_) return Status::kNoMemory;
  compressed_bytes_ += chunk.size();
  Status status = Status::kOk;
  while (!chunk.empty() && status == Status::kOk) {
    switch (state_) {
      case State::kInflating:
        status = Inflate(&chunk);
        break;
      case State::kTrailer:
        status = TakeTrailer(&chunk);
        break;
      case State::kAfterMember:
        status = TakeMagic(&chunk);
        break;
      case State::kBroken:
        return compressed_(chunk) ? Status::kOk : Status::kStopped;
    }
  }
  return status;
}

GzipSplice::Status GzipSplice::Inflate(std::string_view* chunk) {
  inflate_.next_in = Input(*chunk);
  inflate_.avail_in = static_cast<uInt>(std::min<size_t>(chunk->size(), size_t{1} << 30U));
  const uInt available = inflate_.avail_in;
  inflate_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
  inflate_.avail_out = static_cast<uInt>(buffer_.size());
  const int result = inflate(&inflate_, Z_BLOCK);
  const std::string_view consumed = chunk->substr(0, available - inflate_.avail_in);
  chunk->remove_prefix(consumed.size());
  if (!PassConsumed(consumed)) return Status::kStopped;
  const Status status = OnInflated(buffer_.size() - inflate_.avail_out);
  if (status != Status::kOk) return status;
  const bool stuck =
      consumed.empty() && inflate_.avail_out == buffer_.size() && result == Z_BUF_ERROR;
  if ((result != Z_OK && result != Z_BUF_ERROR) || stuck) {
    // Damaged: what is left passes, for the client to find out.
    if (limits_.verify) return Status::kDamaged;
    const std::string rest = std::exchange(pending_, {});
    state_ = State::kBroken;
    return rest.empty() || compressed_(rest) ? Status::kOk : Status::kStopped;
  }
  constexpr int kAtBoundary = 128;
  if ((inflate_.data_type & kAtBoundary) != 0) OnBlockBoundary();
  return Status::kOk;
}

// Passes all but the last byte, and the "last" mark cleared.
bool GzipSplice::PassConsumed(std::string_view consumed) {
  if (consumed.empty()) return true;
  if (!pending_.empty() && !compressed_(pending_)) return false;
  pending_.assign(1, consumed.back());
  if (!std::exchange(mark_is_next_, false)) {
    return consumed.size() == 1 || compressed_(consumed.substr(0, consumed.size() - 1));
  }
  if (consumed.size() == 1) {
    pending_[0] = static_cast<char>(pending_[0] & ~1);
    return true;
  }
  const std::string first(1, static_cast<char>(consumed.front() & ~1));
  return compressed_(first) &&
         (consumed.size() == 2 || compressed_(consumed.substr(1, consumed.size() - 2)));
}

GzipSplice::Status GzipSplice::OnInflated(size_t size) {
  inflated_bytes_ += size;
  if (inflated_bytes_ > limits_.max_inflated_bytes) return Status::kInflatedBytes;
  if (inflated_bytes_ > kRatioFrom && inflated_bytes_ / limits_.max_ratio > compressed_bytes_) {
    return Status::kRatio;
  }
  if (limits_.verify) {
    crc_ =
        static_cast<uint32_t>(crc32(crc_, Input({buffer_.data(), size}), static_cast<uInt>(size)));
    length_ += static_cast<uint32_t>(size);
  }
  return size == 0 || plain_({buffer_.data(), size}) ? Status::kOk : Status::kStopped;
}

// zlib stands between two blocks, or behind the last: the bits of the pending byte that it has not
// used are where the next begins.
void GzipSplice::OnBlockBoundary() {
  constexpr int kInLastBlock = 64;
  const int unused = inflate_.data_type & 7;
  if ((inflate_.data_type & kInLastBlock) != 0) {
    used_bits_ = (8 - unused) % 8;
    state_ = State::kTrailer;
    trailer_.clear();
  } else if (unused == 0) {
    mark_is_next_ = true;
  } else {
    pending_[0] = static_cast<char>(pending_[0] & ~(1 << (8 - unused)));
  }
}

GzipSplice::Status GzipSplice::TakeTrailer(std::string_view* chunk) {
  const size_t size = std::min(chunk->size(), kTrailerBytes - trailer_.size());
  trailer_ += chunk->substr(0, size);
  chunk->remove_prefix(size);
  if (trailer_.size() < kTrailerBytes) return Status::kOk;
  state_ = State::kAfterMember;
  const bool is_right =
      LittleEndian(trailer_) == std::exchange(crc_, 0) &&
      LittleEndian(std::string_view(trailer_).substr(4)) == std::exchange(length_, 0);
  return is_right || !limits_.verify ? Status::kOk : Status::kDamaged;
}

// Another member, or what does not belong here and passes as it is.
GzipSplice::Status GzipSplice::TakeMagic(std::string_view* chunk) {
  const size_t size = std::min(chunk->size(), kMagic.size() - head_.size());
  head_ += chunk->substr(0, size);
  chunk->remove_prefix(size);
  if (head_.size() < kMagic.size() && kMagic.starts_with(head_)) return Status::kOk;
  const Status status = CloseMember(ByteRope());
  if (status != Status::kOk) return status;
  if (head_ != kMagic) {
    state_ = State::kBroken;
    return compressed_(std::exchange(head_, {})) ? Status::kOk : Status::kStopped;
  }
  inflateReset(&inflate_);
  inflateValidate(&inflate_, 0);
  state_ = State::kInflating;
  std::string_view head = kMagic;
  head_.clear();
  return Inflate(&head);
}

GzipSplice::Status GzipSplice::CloseMember(const ByteRope& addition) {
  const std::string last = std::exchange(pending_, {});
  if (used_bits_ == 0 && !compressed_(last)) return Status::kStopped;
  LastBlocks blocks(addition.size(), used_bits_, static_cast<unsigned char>(last.front()));
  if (!blocks.ok()) return Status::kNoMemory;
  uLong crc = crc32(0, nullptr, 0);
  bool passed = true;
  addition.ForEach([&](std::string_view piece) {
    if (!passed) return;
    crc = crc32(crc, Input(piece), static_cast<uInt>(piece.size()));
    passed = blocks.Add(piece, Z_NO_FLUSH, compressed_);
  });
  if (!passed || !blocks.Add({}, Z_FINISH, compressed_)) return Status::kStopped;
  const auto size = static_cast<z_off_t>(addition.size());
  std::string trailer;
  AppendLittleEndian(static_cast<uint32_t>(crc32_combine(LittleEndian(trailer_), crc, size)),
                     &trailer);
  AppendLittleEndian(
      LittleEndian(std::string_view(trailer_).substr(4)) + static_cast<uint32_t>(addition.size()),
      &trailer);
  return compressed_(trailer) ? Status::kOk : Status::kStopped;
}

GzipSplice::Status GzipSplice::Finish(const ByteRope& addition) {
  if (state_ == State::kInflating || state_ == State::kTrailer) return Status::kDamaged;
  if (state_ == State::kBroken) return Status::kOk;
  const ByteRope nothing;
  const Status status = CloseMember(IsWhole() ? addition : nothing);
  if (status != Status::kOk || head_.empty()) return status;
  return compressed_(head_) ? Status::kOk : Status::kStopped;
}

}  // namespace metrishift::exposition
