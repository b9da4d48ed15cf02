#ifndef METRISHIFT_EXPORTER_EXPOSITION_BYTE_SCAN_H_
#define METRISHIFT_EXPORTER_EXPOSITION_BYTE_SCAN_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// The inner loops of reading a body. On x86-64 they look at 16 bytes at a time (SSE2, which every
// such machine has), or at 32 or 64 where the machine has AVX2 or AVX-512; elsewhere at one.
namespace metrishift::exposition {

// FindAll takes no more at a time, and may write a few offsets more than it finds.
inline constexpr size_t kFindAllBytes = 4096;
using FoundOffsets = std::array<uint16_t, kFindAllBytes + 8>;

// Puts the offset of every `c` in `bytes` into `offsets`, in order; returns how many there are.
// REQUIRES: bytes.size() <= kFindAllBytes.
size_t FindAll(std::string_view bytes, char c, FoundOffsets* offsets);

// The same for every `a` and every `b`.
size_t FindAll(std::string_view bytes, char a, char b, FoundOffsets* offsets);

// The first of `a` and `b` in [at, end), or `end`. May read from `begin` on, which is quicker near
// the end.
inline const char* FindEither(const char* at, const char* end, char a, char b,
                              [[maybe_unused]] const char* begin) {
#if defined(__SSE2__)
  const __m128i wanted_a = _mm_set1_epi8(a);
  const __m128i wanted_b = _mm_set1_epi8(b);
  const auto hits = [wanted_a, wanted_b](const char* from) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i equal =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, wanted_a), _mm_cmpeq_epi8(bytes, wanted_b));
    return static_cast<uint32_t>(_mm_movemask_epi8(equal));
  };
  for (; end - at >= 16; at += 16) {
    if (const uint32_t mask = hits(at); mask != 0) return at + std::countr_zero(mask);
  }
  if (end - begin >= 16) {
    const uint32_t mask = hits(end - 16) >> static_cast<uint32_t>(16 - (end - at));
    return mask != 0 ? at + std::countr_zero(mask) : end;
  }
#endif
  while (at != end && *at != a && *at != b) ++at;
  return at;
}

inline const char* FindEither(const char* at, const char* end, char a, char b) {
  return FindEither(at, end, a, b, at);
}

// The lowest `count` of 64 bits, or all.
inline uint64_t LowBits(size_t count) {
  return count < 64 ? (uint64_t{1} << count) - 1 : ~uint64_t{0};
}

inline uint64_t LoadWord(const char* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// EqualBytes for fewer than eight.
inline bool EqualFewBytes(const char* a, const char* b, size_t size) {
  const auto load = [](const char* at) {
    uint32_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    return word;
  };
  if (size >= sizeof(uint32_t)) {
    const size_t last = size - sizeof(uint32_t);
    return load(a) == load(b) && load(a + last) == load(b + last);
  }
  for (size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

// True iff the `size` bytes at `a` and at `b` are the same. Quicker than memcmp for the lengths of
// names, because it can be inlined.
inline bool EqualBytes(const char* a, const char* b, size_t size) {
  if (size < sizeof(uint64_t)) return EqualFewBytes(a, b, size);
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

// Both halves of the product of two words: the step of wyhash.
inline uint64_t MultiplyFold(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{a} * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64U);
}

// Two words from the hardware, other ones in each process: nobody outside can make series whose
// hashes fall together.
struct HashKeys {
  uint64_t first;
  uint64_t second;
};
HashKeys MakeHashKeys() noexcept;
inline const HashKeys kHashKeys = MakeHashKeys();

// A hash of short texts, for comparing series; not to be stored.
inline uint64_t HashBytes(std::string_view text, uint64_t seed = 0) {
  const auto half = [](const char* at) {
    uint32_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    return uint64_t{word};
  };
  const char* at = text.data();
  size_t left = text.size();
  uint64_t hash = seed ^ kHashKeys.first;
  for (; left > 16; at += 16, left -= 16) {
    hash = MultiplyFold(LoadWord(at) ^ kHashKeys.second, LoadWord(at + 8) ^ hash);
  }
  uint64_t low = 0;
  uint64_t high = 0;
  if (left >= 8) {
    low = LoadWord(at);
    high = LoadWord(at + left - 8);
  } else if (left >= 4) {
    low = half(at);
    high = half(at + left - 4);
  } else if (left > 0) {
    const auto byte = [at](size_t i) { return uint64_t{static_cast<unsigned char>(at[i])}; };
    low = byte(0) | byte(left / 2) << 8U | byte(left - 1) << 16U;
  }
  hash = MultiplyFold(low ^ kHashKeys.second, high ^ hash);
  return MultiplyFold(hash ^ kHashKeys.first, text.size() ^ kHashKeys.second);
}

// Of one label, whose name's HashBytes is given. Sums of these are the same for any order of the
// labels of a series.
inline uint64_t LabelHash(uint64_t name_hash, std::string_view value) {
  return HashBytes(value, name_hash);
}

// Copies like memcpy, quicker for the lengths of lines. Returns the end of the copy.
inline char* CopyBytes(char* to, const char* from, size_t size) {
#if defined(__SSE2__)
  const auto copy = [to, from](size_t i) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i),
                     _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i)));
  };
  if (size >= 16 && size <= 256) {
    for (size_t i = 0; i < size - 16; i += 16) copy(i);
    copy(size - 16);
    return to + size;
  }
#endif
  if (size > 0) std::memcpy(to, from, size);
  return to + size;
}

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_BYTE_SCAN_H_
