#include "exporter/exposition/byte_rope.h"

#include "exporter/exposition/spare_pool.h"

namespace metrishift::exposition {

// One piece of kMost bytes.
struct ByteRope::FullSize {
  // Never destroyed: ropes may live longer than this file's statics.
  static SparePool<char[]>& Spares() {
    static auto* const spares = new SparePool<char[]>(1);
    return *spares;
  }
};

void ByteRope::KeepAtLeast(size_t bytes) { FullSize::Spares().KeepAtLeast(bytes / kMost); }

void ByteRope::Release::operator()(char* bytes) const {
  std::unique_ptr<char[]> owned(bytes);
  if (is_full_size) FullSize::Spares().Give(std::move(owned));
}

void ByteRope::AddPiece(size_t least) {
  const size_t size = std::max(least, std::clamp(2 * LastCapacity(), kLeast, kMost));
  std::unique_ptr<char[]> bytes = size == kMost ? FullSize::Spares().Take() : nullptr;
  if (bytes == nullptr) bytes = std::make_unique_for_overwrite<char[]>(size);
  pieces_.push_back({{bytes.release(), Release{size == kMost}}, 0});
  next_ = pieces_.back().bytes.get();
  end_ = next_ + size;
}

void ByteRope::Clear() {
  size_ = 0;
  if (LastCapacity() > kFew) pieces_.clear();
  if (pieces_.empty()) {
    next_ = end_ = nullptr;
    return;
  }
  pieces_.erase(pieces_.begin(), pieces_.end() - 1);
  pieces_.front().size = 0;
  next_ = pieces_.front().bytes.get();
}

void ByteRope::MoveTo(ByteRope* other) {
  if (size_ <= kFew) {
    if (other->empty()) other->Reserve(kFew);
    ForEach([other](std::string_view piece) { other->Append(piece); });
    return Clear();
  }
  std::ranges::move(pieces_, std::back_inserter(other->pieces_));
  other->size_ += size_;
  other->next_ = next_;
  other->end_ = end_;
  pieces_.clear();
  Clear();
}

}  // namespace metrishift::exposition
