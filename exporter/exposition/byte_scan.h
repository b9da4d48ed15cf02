#ifndef METRISHIFT_EXPORTER_EXPOSITION_BYTE_SCAN_H_
#define METRISHIFT_EXPORTER_EXPOSITION_BYTE_SCAN_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// The inner loops of reading a body. On x86-64 they look at 16 bytes at a time (SSE2, which every
// such machine has); elsewhere at one.
namespace metrishift::exposition {

inline constexpr size_t kMaskBytes = 64;

// Bit i is set iff at[i] == c, for the 64 bytes at `at`.
inline uint64_t EqualMask64(const char* at, char c) {
  uint64_t mask = 0;
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8(c);
  for (size_t i = 0; i < kMaskBytes; i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i));
    const int equal = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted));
    mask |= uint64_t{static_cast<uint32_t>(equal)} << i;
  }
#else
  for (size_t i = 0; i < kMaskBytes; ++i) mask |= uint64_t{at[i] == c} << i;
#endif
  return mask;
}

// The first of `a` and `b` in [at, end), or `end`.
inline const char* FindEither(const char* at, const char* end, char a, char b) {
#if defined(__SSE2__)
  const __m128i wanted_a = _mm_set1_epi8(a);
  const __m128i wanted_b = _mm_set1_epi8(b);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i hits =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, wanted_a), _mm_cmpeq_epi8(bytes, wanted_b));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(hits));
    if (mask != 0) return at + std::countr_zero(mask);
  }
#endif
  while (at != end && *at != a && *at != b) ++at;
  return at;
}

inline uint64_t LoadWord(const char* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// True iff the `size` bytes at `a` and at `b` are the same. Quicker than memcmp for the lengths of
// names, because it can be inlined.
inline bool EqualBytes(const char* a, const char* b, size_t size) {
  if (size < sizeof(uint64_t)) return std::memcmp(a, b, size) == 0;
#if defined(__SSE2__)
  if (size >= 16) {
    const auto differ = [a, b](size_t i) {
      const __m128i left = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i));
      const __m128i right = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + i));
      return _mm_movemask_epi8(_mm_cmpeq_epi8(left, right)) != 0xffff;
    };
    for (size_t i = 0; i < size - 16; i += 16) {
      if (differ(i)) return false;
    }
    return !differ(size - 16);
  }
#endif
  const size_t last = size - sizeof(uint64_t);
  for (size_t i = 0; i < last; i += sizeof(uint64_t)) {
    if (LoadWord(a + i) != LoadWord(b + i)) return false;
  }
  return LoadWord(a + last) == LoadWord(b + last);
}

// The finaliser of MurmurHash3: every bit of the result depends on every bit of `hash`.
inline uint64_t MixBits(uint64_t hash) {
  hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccdU;
  hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53U;
  return hash ^ (hash >> 33U);
}

// A hash of short texts, for comparing series; not to be stored.
inline uint64_t HashBytes(std::string_view text) {
  constexpr uint64_t kFirst = 0x9e3779b97f4a7c15U;
  constexpr uint64_t kSecond = 0xd6e8feb86659fd93U;
  const char* at = text.data();
  size_t left = text.size();
  uint64_t hash = left * kFirst;
  for (; left >= sizeof(uint64_t); at += sizeof(uint64_t), left -= sizeof(uint64_t)) {
    hash = std::rotl(hash ^ (LoadWord(at) * kFirst), 29) * kSecond;
  }
  uint64_t rest = 0;
  if (left >= 4) {
    uint32_t low = 0;
    uint32_t high = 0;
    std::memcpy(&low, at, 4);
    std::memcpy(&high, at + left - 4, 4);
    rest = low | uint64_t{high} << 32U;
  } else if (left > 0) {
    const auto byte = [at](size_t i) { return uint64_t{static_cast<unsigned char>(at[i])}; };
    rest = byte(0) | byte(left / 2) << 8U | byte(left - 1) << 16U;
  }
  return std::rotl(hash ^ (rest * kFirst), 29) * kSecond;
}

// Of one label, whose name's HashBytes is given. Sums of these are the same for any order of the
// labels of a series.
inline uint64_t LabelHash(uint64_t name_hash, std::string_view value) {
  return MixBits(name_hash * 0x9e3779b97f4a7c15U ^ HashBytes(value));
}

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_BYTE_SCAN_H_
