#ifndef METRISHIFT_EXPORTER_EXPOSITION_BYTE_ROPE_H_
#define METRISHIFT_EXPORTER_EXPOSITION_BYTE_ROPE_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace metrishift::exposition {

// Bytes that are only ever appended, in pieces that never move: nothing is copied again when it
// grows. Pieces start small, for the many families of one series. Those of full size are used again
// by the next rope, in whatever thread: fresh memory costs several times as much as what is written
// to it.
class ByteRope {
 public:
  // How much memory may be kept for that in the whole process. Only ever grows.
  static void KeepAtLeast(size_t bytes);

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

  // Where the room ends that the last Reserve found; it may be more than what was asked for.
  const char* room_end() const { return end_; }

  // REQUIRES: `end` is in or behind what Reserve gave.
  void Commit(char* end) {
    const auto added = static_cast<size_t>(end - next_);
    if (!pieces_.empty()) pieces_.back().size += added;
    size_ += added;
    next_ = end;
  }

  // Forgets all bytes, and gives most of the memory back.
  void Clear();

  // Moves all bytes to the end of `other`; a few are copied.
  void MoveTo(ByteRope* other);

  // Calls `on_piece(std::string_view)` for each piece, in order.
  template <class OnPiece>
  void ForEach(OnPiece&& on_piece) const {
    for (const Piece& piece : pieces_) on_piece(std::string_view(piece.bytes.get(), piece.size));
  }

  std::string ToString() const {
    std::string text;
    text.reserve(size_);
    ForEach([&text](std::string_view piece) { text += piece; });
    return text;
  }

 private:
  static constexpr size_t kLeast = 256;
  static constexpr size_t kFew = 4096;
  static constexpr size_t kMost = size_t{64} << 10U;

  struct FullSize;
  struct Release {
    bool is_full_size = false;
    void operator()(char* bytes) const;
  };
  struct Piece {
    std::unique_ptr<char[], Release> bytes;
    size_t size = 0;
  };

  size_t LastCapacity() const {
    return pieces_.empty() ? 0 : static_cast<size_t>(end_ - pieces_.back().bytes.get());
  }
  void AddPiece(size_t least);
  static char* NewPiece(size_t size);

  std::vector<Piece> pieces_;
  char* next_ = nullptr;
  char* end_ = nullptr;
  size_t size_ = 0;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_BYTE_ROPE_H_
