#ifndef METRISHIFT_EXPORTER_EXPOSITION_NAME_BEGINNINGS_H_
#define METRISHIFT_EXPORTER_EXPOSITION_NAME_BEGINNINGS_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "exporter/exposition/byte_scan.h"

namespace metrishift::exposition {

// The first bytes of some names, to tell by a look at eight bytes that a line begins with none of
// them: quicker than finding out where its name ends. All are cut to the length of the shortest.
// Immutable, so that several threads may read it.
class NameBeginnings {
 public:
  // An empty beginning begins every name, and no beginning none.
  explicit NameBeginnings(std::span<const std::string_view> beginnings);

  // The bytes that are read at the place that is asked about.
  static constexpr size_t kLook = sizeof(uint64_t);

  // False only if what stands at `at` begins with a byte that names begin with, and with none of
  // the beginnings. True for few other names. REQUIRES: kLook bytes can be read.
  [[gnu::always_inline]] bool MayBegin(const char* at) const {
    if (!kBeginsName[static_cast<unsigned char>(*at)]) return true;
    const uint64_t place = PlaceOf(LoadWord(at));
    return (bits_[place / 64] >> (place % 64) & 1U) != 0;
  }

 private:
  static constexpr size_t kBits = 8192;
  static constexpr std::array<bool, 256> kBeginsName = [] {
    std::array<bool, 256> table{};
    for (size_t c = 0; c < table.size(); ++c)
      table[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
    return table;
  }();

  uint64_t PlaceOf(uint64_t word) const {
    return ((word & mask_) * 0x9e3779b97f4a7c15U) >> (64 - std::bit_width(kBits - 1));
  }

  uint64_t mask_ = 0;
  std::array<uint64_t, kBits / 64> bits_{};
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_NAME_BEGINNINGS_H_
