#ifndef METRISHIFT_EXPORTER_EXPOSITION_SERIES_SET_H_
#define METRISHIFT_EXPORTER_EXPOSITION_SERIES_SET_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace metrishift::exposition {

// True iff two of `hashes` are equal; changes their order. A series has few labels, or is hostile.
inline bool HasRepeat(std::vector<uint64_t>& hashes) {
  constexpr size_t kFew = 12;
  if (hashes.size() > kFew) {
    std::ranges::sort(hashes);
    return std::ranges::adjacent_find(hashes) != hashes.end();
  }
  for (size_t i = 1; i < hashes.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (hashes[i] == hashes[j]) return true;
    }
  }
  return false;
}

// A set of hashes of series, which are uniform already: an open-addressing table, at most half
// full.
class SeriesSet {
 public:
  // False iff it was there.
  bool Insert(uint64_t hash) {
    if (hash == kFree) hash = 1;
    if (size_ == 0) {
      only_ = hash;  // most families have one series: nothing is allocated for it
      size_ = 1;
      return true;
    }
    if (size_ == 1 && slots_.empty()) {
      if (hash == only_) return false;
      Grow();
      Place(only_);
    }
    if (2 * (size_ + 1) > slots_.size()) Grow();
    const bool fresh = Place(hash);
    size_ += fresh ? 1 : 0;
    return fresh;
  }

  size_t size() const { return size_; }
  void Clear() { *this = SeriesSet(); }

 private:
  static constexpr uint64_t kFree = 0;

  bool Place(uint64_t hash) {
    const size_t mask = slots_.size() - 1;
    size_t slot = hash & mask;
    for (; slots_[slot] != kFree; slot = (slot + 1) & mask) {
      if (slots_[slot] == hash) return false;
    }
    slots_[slot] = hash;
    return true;
  }

  void Grow() {
    constexpr size_t kMany = 4096;  // from here on memory counts
    const size_t factor = slots_.size() < kMany ? 4 : 2;
    std::vector<uint64_t> old(slots_.empty() ? 8 : factor * slots_.size(), kFree);
    old.swap(slots_);
    for (const uint64_t hash : old) {
      if (hash != kFree) Place(hash);
    }
  }

  uint64_t only_ = kFree;
  std::vector<uint64_t> slots_;
  size_t size_ = 0;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_SERIES_SET_H_
