#ifndef METRISHIFT_EXPORTER_EXPOSITION_GZIP_SPLICE_H_
#define METRISHIFT_EXPORTER_EXPOSITION_GZIP_SPLICE_H_

#include <zlib.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/byte_rope.h"

namespace metrishift::exposition {

// Takes bytes; false to stop.
using Sink = std::function<bool(std::string_view)>;

// Passes a gzip stream (RFC 1952) on as it is, shows what is in it, and lets something be added at
// its end: the mark of the last deflate block (RFC 1951) is cleared as it passes, and what is added
// follows as more blocks of the same member, with the CRC combined from that of the trailer and
// that of the addition. So nothing is compressed twice, and no CRC is computed of what passes:
// damage stays what it is to the client's own check. Of several members the last one gets the
// addition.
//
// Memory: what zlib needs to inflate (about 40 KiB) and, at the end, to deflate. Not thread-safe.
class GzipSplice {
 public:
  enum class Status : uint8_t {
    kOk,
    kStopped,        // a sink returned false
    kInflatedBytes,  // more came out than allowed
    kRatio,          // too much came out of too little
    kDamaged,        // the stream is cut short; with `verify` also what else is wrong with it
    kNoMemory,
  };

  struct Limits {
    size_t max_inflated_bytes = 0;
    size_t max_ratio = 0;  // inflated to compressed; looked at from the first MiB on
    bool verify = false;   // check the CRC and the length of what comes out
  };

  // `compressed` takes what goes to the client, `plain` what is in it.
  GzipSplice(Limits limits, Sink compressed, Sink plain);
  ~GzipSplice();
  GzipSplice(const GzipSplice&) = delete;
  GzipSplice& operator=(const GzipSplice&) = delete;

  // The next bytes of the stream. After anything but kOk nothing may follow.
  [[nodiscard]] Status Feed(std::string_view chunk);

  // True iff the stream stands at the end of a member, so that it is whole and can be added to. It
  // is false after something that is no gzip; then everything passes unchanged.
  bool IsWhole() const { return state_ == State::kAfterMember && head_.empty(); }

  // True iff it is whole and there was nothing in it.
  bool IsEmpty() const { return IsWhole() && inflated_bytes_ == 0; }

  // The end of the stream; adds `addition` where IsWhole(). kDamaged in the middle of a member:
  // what is cut short must not end as if it were all.
  [[nodiscard]] Status Finish(const ByteRope& addition);

 private:
  enum class State : uint8_t { kInflating, kTrailer, kAfterMember, kBroken };

  Status Inflate(std::string_view* chunk);
  Status OnInflated(size_t size);
  bool PassConsumed(std::string_view consumed);
  void OnBlockBoundary();
  Status TakeTrailer(std::string_view* chunk);
  Status TakeMagic(std::string_view* chunk);
  Status CloseMember(const ByteRope& addition);

  const Limits limits_;
  const Sink compressed_;
  const Sink plain_;
  z_stream inflate_{};
  bool has_memory_ = false;
  State state_ = State::kInflating;
  std::string pending_;        // the last byte that was read: whether it can pass is not known yet
  bool mark_is_next_ = false;  // the next byte begins with a block's "last" mark
  int used_bits_ = 0;          // of the pending byte, at the end of a member
  std::string trailer_;
  uint32_t crc_ = 0;  // with `verify`: of the member so far
  uint32_t length_ = 0;
  std::string head_;  // of what may be another member
  uint64_t compressed_bytes_ = 0;
  uint64_t inflated_bytes_ = 0;
  std::vector<char> buffer_;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_GZIP_SPLICE_H_
