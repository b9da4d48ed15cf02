#include "exporter/exposition/name_beginnings.h"

#include <algorithm>

namespace metrishift::exposition {

NameBeginnings::NameBeginnings(std::span<const std::string_view> beginnings) {
  size_t size = kLook;
  for (const std::string_view beginning : beginnings) size = std::min(size, beginning.size());
  const auto load = [size](std::string_view text) {
    uint64_t word = 0;
    std::memcpy(&word, text.data(), size);
    return word;
  };
  mask_ = load("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
  for (const std::string_view beginning : beginnings) {
    const uint64_t place = PlaceOf(load(beginning));
    bits_[place / 64] |= uint64_t{1} << (place % 64);
  }
}

}  // namespace metrishift::exposition
