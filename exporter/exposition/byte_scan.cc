#include "exporter/exposition/byte_scan.h"

#include <random>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace metrishift::exposition {
namespace {

using MaskLoop = void (*)(const char* at, size_t count, char c, uint64_t* masks);

#if defined(__x86_64__)

void WithSse2(const char* at, size_t count, char c, uint64_t* masks) {
  const __m128i wanted = _mm_set1_epi8(c);
  for (; count > 0; --count, at += kMaskBytes) {
    uint64_t mask = 0;
    for (size_t i = 0; i < kMaskBytes; i += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i));
      const int equal = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted));
      mask |= uint64_t{static_cast<uint32_t>(equal)} << i;
    }
    *masks++ = mask;
  }
}

[[gnu::target("avx2")]] void WithAvx2(const char* at, size_t count, char c, uint64_t* masks) {
  const __m256i wanted = _mm256_set1_epi8(c);
  for (; count > 0; --count, at += kMaskBytes) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32));
    const int low_equal = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted));
    const int high_equal = _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted));
    *masks++ = static_cast<uint32_t>(low_equal) | uint64_t{static_cast<uint32_t>(high_equal)}
                                                      << 32U;
  }
}

MaskLoop Choose() { return __builtin_cpu_supports("avx2") != 0 ? WithAvx2 : WithSse2; }

#else

void WithBytes(const char* at, size_t count, char c, uint64_t* masks) {
  for (; count > 0; --count, at += kMaskBytes) {
    uint64_t mask = 0;
    for (size_t i = 0; i < kMaskBytes; ++i) mask |= uint64_t{at[i] == c} << i;
    *masks++ = mask;
  }
}

MaskLoop Choose() { return WithBytes; }

#endif

}  // namespace

void EqualMasks(const char* at, size_t count, char c, uint64_t* masks) {
  static const MaskLoop loop = Choose();
  loop(at, count, c, masks);
}

HashKeys MakeHashKeys() noexcept {
  std::random_device device;
  const auto word = [&device] { return uint64_t{device()} << 32U | device(); };
  return {word(), word()};
}

}  // namespace metrishift::exposition
