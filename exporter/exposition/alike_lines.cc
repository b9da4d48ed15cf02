#include "exporter/exposition/alike_lines.h"

#include <algorithm>
#include <bit>

#include "exporter/exposition/byte_scan.h"
#include "exporter/exposition/text_cursor.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace metrishift::exposition {

size_t MatchOutlineByFind(std::string_view bytes, std::string_view outline) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (true) {
    const size_t quote = outline.find('"');
    const size_t size = std::min(quote, outline.size() - 1) + 1;
    if (static_cast<size_t>(end - at) < size) return kNoMatch;
    if (!EqualBytes(at, outline.data(), size)) return kNoMatch;
    at += size;
    if (quote == outline.npos) return static_cast<size_t>(at - bytes.data());
    at = FindEither(at, end, '"', '\\');
    if (at == end || *at == '\\') return kNoMatch;
    ++at;
    outline.remove_prefix(size + 1);
  }
}

namespace {

char* CopyNone(const AlikeLines& /*alike*/, LineQueue* /*lines*/, char* to, const char* /*end*/,
               size_t* /*count*/) {
  return to;
}

#if defined(__x86_64__)

// An attribute cannot have another name in any other way.
#define METRISHIFT_AVX512 gnu::target("avx512bw,avx512vbmi2,bmi,bmi2,popcnt,pclmul")

// Quotes as bits, times ones without carrying, are a bit for each byte from an odd quote up to the
// next one.
[[METRISHIFT_AVX512]] inline size_t MatchWithAvx512(std::string_view bytes,
                                                    std::string_view outline) {
  const __m512i quote = _mm512_set1_epi8('"');
  const __m512i backslash = _mm512_set1_epi8('\\');
  const __m128i ones = _mm_set1_epi8(-1);
  uint64_t inside = 0;  // all bits: the last mask ended between quotes
  uint64_t backslashes = 0;
  size_t matched = 0;  // of the outline
  for (size_t at = 0; at < bytes.size(); at += 64) {
    const uint64_t there = LowBits(bytes.size() - at);
    const __m512i part = _mm512_maskz_loadu_epi8(there, bytes.data() + at);
    const uint64_t quotes = _mm512_cmpeq_epi8_mask(part, quote);
    const __m128i product =
        _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<int64_t>(quotes)), ones, 0);
    const uint64_t between = static_cast<uint64_t>(_mm_cvtsi128_si64(product)) ^ inside;
    inside = static_cast<uint64_t>(static_cast<int64_t>(between) >> 63);
    backslashes |= _mm512_cmpeq_epi8_mask(part, backslash);
    const uint64_t outside = there & (quotes | ~between);
    const auto count = static_cast<size_t>(std::popcount(outside));
    const size_t left = outline.size() - matched;
    const uint64_t wanted = LowBits(std::min(left, count));
    const __m512i text = _mm512_maskz_loadu_epi8(wanted, outline.data() + matched);
    const __m512i found = _mm512_maskz_compress_epi8(outside, part);
    if (_mm512_mask_cmpneq_epi8_mask(wanted, found, text) != 0) return kNoMatch;
    if (count > left) {
      if (backslashes != 0) return kNoMatch;
      return at + static_cast<size_t>(std::countr_zero(_pdep_u64(uint64_t{1} << left, outside)));
    }
    matched += count;
  }
  return matched == outline.size() && backslashes == 0 ? bytes.size() : kNoMatch;
}

// The newlines of a whole block were found at once, so that to the machine the body seems to be
// read in leaps; while the lines are copied there is time to fetch the next block.
[[METRISHIFT_AVX512]] inline char* CopyWithAvx512(char* to, std::string_view bytes) {
  for (; bytes.size() > 64; to += 64, bytes.remove_prefix(64)) {
    _mm_prefetch(bytes.data() + kFindAllBytes, _MM_HINT_T0);
    _mm512_storeu_si512(to, _mm512_loadu_si512(bytes.data()));
  }
  _mm_prefetch(bytes.data() + kFindAllBytes, _MM_HINT_T0);
  const uint64_t there = LowBits(bytes.size());
  _mm512_mask_storeu_epi8(to, there, _mm512_maskz_loadu_epi8(there, bytes.data()));
  return to + bytes.size();
}

// REQUIRES: as many bytes at `at` as in `text`.
[[METRISHIFT_AVX512]] inline bool EqualWithAvx512(const char* at, std::string_view text) {
  while (true) {
    const uint64_t there = LowBits(text.size());
    const __m512i part = _mm512_maskz_loadu_epi8(there, at);
    const __m512i wanted = _mm512_maskz_loadu_epi8(there, text.data());
    if (_mm512_cmpneq_epi8_mask(part, wanted) != 0) return false;
    if (text.size() <= 64) return true;
    text.remove_prefix(64);
    at += 64;
  }
}

[[METRISHIFT_AVX512]] char* CopyAlikeWithAvx512(const AlikeLines& alike, LineQueue* lines, char* to,
                                                const char* end, size_t* count) {
  const AlikeLines like = alike;  // what is written cannot change these
  LineQueue queue = *lines;
  size_t taken = 0;
  for (; !queue.empty(); ++taken) {
    const std::string_view line = queue.Front();
    if (line.size() <= like.family.size() || line.size() > like.most_bytes) break;
    if (!EqualWithAvx512(line.data(), like.family)) break;
    const std::string_view rest = line.substr(like.family.size());
    const size_t value = MatchWithAvx512(rest, like.outline);
    if (value == kNoMatch || !IsPlainNumber(rest.substr(value))) break;
    if (static_cast<size_t>(end - to) <= like.target.size() + rest.size()) break;
    to = CopyWithAvx512(to, like.target);
    to = CopyWithAvx512(to, {rest.data(), rest.size() + 1});
    queue.Pop();
  }
  *lines = queue;
  *count += taken;
  return to;
}

bool HasAvx512() {
  return __builtin_cpu_supports("avx512vbmi2") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("bmi2") != 0 && __builtin_cpu_supports("pclmul") != 0;
}

const auto kMatch = HasAvx512() ? MatchWithAvx512 : MatchOutlineByFind;
const auto kCopyAlike = HasAvx512() ? CopyAlikeWithAvx512 : CopyNone;

#else

bool HasAvx512() { return false; }

constexpr auto kMatch = MatchOutlineByFind;
constexpr auto kCopyAlike = CopyNone;

#endif

}  // namespace

const bool kCanCopyAlikeLines = HasAvx512();

size_t MatchOutline(std::string_view bytes, std::string_view outline) {
  return kMatch(bytes, outline);
}

char* CopyAlikeLines(const AlikeLines& alike, LineQueue* lines, char* to, const char* end,
                     size_t* count) {
  return kCopyAlike(alike, lines, to, end, count);
}

}  // namespace metrishift::exposition
