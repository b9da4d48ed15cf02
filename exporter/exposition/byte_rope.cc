#include "exporter/exposition/byte_rope.h"

#include <sys/mman.h>

#include <array>
#include <memory>
#include <new>
#include <utility>

#include "exporter/exposition/spare_pool.h"

namespace metrishift::exposition {

// One piece of kMost bytes. Its memory goes back to the system: what malloc's arenas keep of one
// thread no other gets, and under a limit (RLIMIT_DATA) one scrape that was too large would leave
// nothing for those after it. The sanitizers see only what they allocate.
struct ByteRope::FullSize {
  std::array<char, kMost> bytes;

#ifndef METRISHIFT_SANITIZED
  static void* operator new(size_t size) {
    constexpr int kAccess = PROT_READ | PROT_WRITE;
    void* const memory = mmap(nullptr, size, kAccess, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return memory;
  }
  static void operator delete(void* memory, size_t size) noexcept { munmap(memory, size); }
#endif

  // Never destroyed: ropes may live longer than this file's statics.
  static SparePool<FullSize>& Spares() {
    static auto* const spares = new SparePool<FullSize>(1);
    return *spares;
  }
};

void ByteRope::KeepAtLeast(size_t bytes) { FullSize::Spares().KeepAtLeast(bytes / kMost); }

void ByteRope::Release::operator()(char* bytes) const {
  if (is_full_size)
    FullSize::Spares().Give(std::unique_ptr<FullSize>(reinterpret_cast<FullSize*>(bytes)));
  else
    delete[] bytes;
}

char* ByteRope::NewPiece(size_t size) {
  if (size != kMost) return new char[size];
  std::unique_ptr<FullSize> piece = FullSize::Spares().Take();
  if (piece == nullptr) piece.reset(new FullSize);
  return reinterpret_cast<char*>(piece.release());
}

void ByteRope::AddPiece(size_t least) {
  const size_t size = std::max(least, std::clamp(2 * LastCapacity(), kLeast, kMost));
  Piece piece{{NewPiece(size), Release{size == kMost}}, 0};
  pieces_.push_back(std::move(piece));
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
