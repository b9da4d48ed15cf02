#ifndef METRISHIFT_EXPORTER_EXPOSITION_BYTE_ROPE_H_
#define METRISHIFT_EXPORTER_EXPOSITION_BYTE_ROPE_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace metrishift::exposition {

// Bytes that are only ever appended, in pieces that never move: nothing is copied again when it
// grows. Pieces start small, for the many families of one series, and stay below the size from
// which malloc asks the system for fresh pages.
class ByteRope {
 public:
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  void Append(std::string_view bytes) {
    char* const at = Reserve(bytes.size());
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    Commit(at + bytes.size());
  }

  // Room for `size` bytes in one piece; what is written there counts from Commit on.
  char* Reserve(size_t size) {
    if (static_cast<size_t>(end_ - next_) < size) AddPiece(size);
    return next_;
  }

  // REQUIRES: `end` is in or behind what Reserve gave.
  void Commit(char* end) {
    const auto added = static_cast<size_t>(end - next_);
    if (!pieces_.empty()) pieces_.back().size += added;
    size_ += added;
    next_ = end;
  }

  void Clear() { *this = ByteRope(); }

  // Calls `on_piece(std::string_view)` for each piece, in order.
  template <class OnPiece>
  void ForEach(OnPiece&& on_piece) const {
    for (const Piece& piece : pieces_) on_piece(std::string_view(piece.bytes.get(), piece.size));
  }

  void Append(ByteRope other) {
    for (Piece& piece : other.pieces_) pieces_.push_back(std::move(piece));
    size_ += other.size_;
    next_ = other.next_;
    end_ = other.end_;
  }

  std::string ToString() const {
    std::string text;
    text.reserve(size_);
    ForEach([&text](std::string_view piece) { text += piece; });
    return text;
  }

 private:
  static constexpr size_t kLeast = 256;
  static constexpr size_t kMost = size_t{64} << 10U;

  struct Piece {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
  };

  void AddPiece(size_t least) {
    const size_t last =
        pieces_.empty() ? 0 : static_cast<size_t>(end_ - pieces_.back().bytes.get());
    const size_t size = std::max(least, std::clamp(2 * last, kLeast, kMost));
    pieces_.push_back({std::make_unique_for_overwrite<char[]>(size), 0});
    next_ = pieces_.back().bytes.get();
    end_ = next_ + size;
  }

  std::vector<Piece> pieces_;
  char* next_ = nullptr;
  char* end_ = nullptr;
  size_t size_ = 0;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_BYTE_ROPE_H_
