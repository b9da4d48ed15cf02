#include "exporter/exposition/byte_scan.h"

#include <bit>
#include <random>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace metrishift::exposition {
namespace {

using Finder = size_t (*)(std::string_view bytes, char c, uint16_t* offsets);

constexpr size_t kMaskBytes = 64;
constexpr uint64_t kHighest = uint64_t{1} << 63U;

// Of the bits that are set in `mask`. Two are written whether they are there or not: most lines are
// longer than half a mask, and where they end nobody can foretell.
[[gnu::always_inline]] inline uint16_t* AppendOffsets(uint64_t mask, size_t base, uint16_t* next) {
  const auto take = [&mask, &next, base ]() __attribute__((always_inline)) {
    *next = static_cast<uint16_t>(base + static_cast<size_t>(std::countr_zero(mask | kHighest)));
    next += mask != 0 ? 1 : 0;
    mask &= mask - 1;
  };
  take();
  take();
  while (mask != 0) take();
  return next;
}

uint16_t* FindInRest(std::string_view bytes, size_t from, char c, uint16_t* next) {
  for (size_t i = from; i < bytes.size(); ++i) {
    *next = static_cast<uint16_t>(i);
    next += bytes[i] == c ? 1 : 0;
  }
  return next;
}

#if defined(__x86_64__)

size_t FindWithSse2(std::string_view bytes, char c, uint16_t* offsets) {
  const __m128i wanted = _mm_set1_epi8(c);
  uint16_t* next = offsets;
  size_t at = 0;
  for (; at + kMaskBytes <= bytes.size(); at += kMaskBytes) {
    uint64_t mask = 0;
    for (size_t i = 0; i < kMaskBytes; i += 16) {
      const auto* const from = reinterpret_cast<const __m128i*>(bytes.data() + at + i);
      const int equal = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(from), wanted));
      mask |= uint64_t{static_cast<uint32_t>(equal)} << i;
    }
    next = AppendOffsets(mask, at, next);
  }
  return static_cast<size_t>(FindInRest(bytes, at, c, next) - offsets);
}

[[gnu::target("avx2,bmi")]] size_t FindWithAvx2(std::string_view bytes, char c, uint16_t* offsets) {
  const __m256i wanted = _mm256_set1_epi8(c);
  uint16_t* next = offsets;
  size_t at = 0;
  for (; at + kMaskBytes <= bytes.size(); at += kMaskBytes) {
    const auto* const from = reinterpret_cast<const __m256i*>(bytes.data() + at);
    const int low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(from), wanted));
    const int high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(from + 1), wanted));
    const uint64_t mask = static_cast<uint32_t>(low) | uint64_t{static_cast<uint32_t>(high)} << 32U;
    next = AppendOffsets(mask, at, next);
  }
  return static_cast<size_t>(FindInRest(bytes, at, c, next) - offsets);
}

Finder Choose() {
  const bool has_both = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0;
  return has_both ? FindWithAvx2 : FindWithSse2;
}

#else

size_t FindWithBytes(std::string_view bytes, char c, uint16_t* offsets) {
  return static_cast<size_t>(FindInRest(bytes, 0, c, offsets) - offsets);
}

Finder Choose() { return FindWithBytes; }

#endif

}  // namespace

size_t FindAll(std::string_view bytes, char c, FoundOffsets* offsets) {
  static const Finder finder = Choose();
  return finder(bytes, c, offsets->data());
}

HashKeys MakeHashKeys() noexcept {
  std::random_device device;
  const auto word = [&device] { return uint64_t{device()} << 32U | device(); };
  return {word(), word()};
}

}  // namespace metrishift::exposition
