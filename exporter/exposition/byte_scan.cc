#include "exporter/exposition/byte_scan.h"

#include <bit>
#include <random>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace metrishift::exposition {
namespace {

constexpr size_t kMaskBytes = 64;

// Of the bits that are set in `mask`. The first `kSure` are written whether they are there or not:
// how many there are nobody can foretell, and a wrong guess costs more than what it saves.
template <int kSure>
[[gnu::always_inline]] inline uint16_t* AppendOffsets(uint64_t mask, size_t base, uint16_t* next) {
  uint16_t* const end = next + std::popcount(mask);
  const auto take = [&mask, &next, base ]() __attribute__((always_inline)) {
    *next++ = static_cast<uint16_t>(base + static_cast<size_t>(std::countr_zero(mask)));
    mask &= mask - 1;
  };
  for (int i = 0; i < kSure; ++i) take();
  while (next < end) take();
  return end;
}

// Lines are longer than half a mask, most labels than a sixth.
template <bool kTwo>
constexpr int kSure = kTwo ? 6 : 2;

uint16_t* FindInRest(std::string_view bytes, size_t from, char a, char b, uint16_t* next) {
  for (size_t i = from; i < bytes.size(); ++i) {
    *next = static_cast<uint16_t>(i);
    next += bytes[i] == a || bytes[i] == b ? 1 : 0;
  }
  return next;
}

// Each finds either of two bytes; with kTwo false, the first alone, which is quicker. `offsets` has
// room for a few more than there are.
#if defined(__x86_64__)

template <bool kTwo>
size_t FindWithSse2(std::string_view bytes, char a, char b, uint16_t* offsets) {
  const __m128i wanted_a = _mm_set1_epi8(a);
  const __m128i wanted_b = _mm_set1_epi8(b);
  uint16_t* next = offsets;
  size_t at = 0;
  for (; at + kMaskBytes <= bytes.size(); at += kMaskBytes) {
    uint64_t mask = 0;
    for (size_t i = 0; i < kMaskBytes; i += 16) {
      const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + at + i));
      __m128i equal = _mm_cmpeq_epi8(part, wanted_a);
      if constexpr (kTwo) equal = _mm_or_si128(equal, _mm_cmpeq_epi8(part, wanted_b));
      mask |= uint64_t{static_cast<uint32_t>(_mm_movemask_epi8(equal))} << i;
    }
    next = AppendOffsets<kSure<kTwo>>(mask, at, next);
  }
  return static_cast<size_t>(FindInRest(bytes, at, a, b, next) - offsets);
}

template <bool kTwo>
[[gnu::target("avx2,bmi,popcnt")]] size_t FindWithAvx2(std::string_view bytes, char a, char b,
                                                       uint16_t* offsets) {
  const __m256i wanted_a = _mm256_set1_epi8(a);
  const __m256i wanted_b = _mm256_set1_epi8(b);
  uint16_t* next = offsets;
  size_t at = 0;
  for (; at + kMaskBytes <= bytes.size(); at += kMaskBytes) {
    uint64_t mask = 0;
    for (size_t i = 0; i < kMaskBytes; i += 32) {
      const __m256i part =
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes.data() + at + i));
      __m256i equal = _mm256_cmpeq_epi8(part, wanted_a);
      if constexpr (kTwo) equal = _mm256_or_si256(equal, _mm256_cmpeq_epi8(part, wanted_b));
      mask |= uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(equal))} << i;
    }
    next = AppendOffsets<kSure<kTwo>>(mask, at, next);
  }
  return static_cast<size_t>(FindInRest(bytes, at, a, b, next) - offsets);
}

template <bool kTwo>
[[gnu::target("avx512bw,bmi,popcnt")]] size_t FindWithAvx512(std::string_view bytes, char a, char b,
                                                             uint16_t* offsets) {
  const __m512i wanted_a = _mm512_set1_epi8(a);
  const __m512i wanted_b = _mm512_set1_epi8(b);
  uint16_t* next = offsets;
  for (size_t at = 0; at < bytes.size(); at += kMaskBytes) {
    const uint64_t there = LowBits(bytes.size() - at);
    const __m512i part = _mm512_maskz_loadu_epi8(there, bytes.data() + at);
    uint64_t mask = _mm512_mask_cmpeq_epi8_mask(there, part, wanted_a);
    if constexpr (kTwo) mask |= _mm512_mask_cmpeq_epi8_mask(there, part, wanted_b);
    next = AppendOffsets<kSure<kTwo>>(mask, at, next);
  }
  return static_cast<size_t>(next - offsets);
}

template <bool kTwo>
auto Choose() {
  const bool has_bmi = __builtin_cpu_supports("bmi") != 0;
  if (has_bmi && __builtin_cpu_supports("avx512bw") != 0) return FindWithAvx512<kTwo>;
  return has_bmi && __builtin_cpu_supports("avx2") != 0 ? FindWithAvx2<kTwo> : FindWithSse2<kTwo>;
}

#else

template <bool kTwo>
size_t FindWithBytes(std::string_view bytes, char a, char b, uint16_t* offsets) {
  return static_cast<size_t>(FindInRest(bytes, 0, a, b, offsets) - offsets);
}

template <bool kTwo>
auto Choose() {
  return FindWithBytes<kTwo>;
}

#endif

const auto kFindOne = Choose<false>();
const auto kFindTwo = Choose<true>();

}  // namespace

size_t FindAll(std::string_view bytes, char c, FoundOffsets* offsets) {
  return kFindOne(bytes, c, c, offsets->data());
}

size_t FindAll(std::string_view bytes, char a, char b, FoundOffsets* offsets) {
  return kFindTwo(bytes, a, b, offsets->data());
}

HashKeys MakeHashKeys() noexcept {
  std::random_device device;
  const auto word = [&device] { return uint64_t{device()} << 32U | device(); };
  return {word(), word()};
}

}  // namespace metrishift::exposition
