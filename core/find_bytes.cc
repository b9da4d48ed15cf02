#include "core/find_bytes.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace metrishift {
namespace {

// How rare a byte is: its place among the bytes of public dashboards and rules, the most frequent
// first; those that are not among the first seventy are the rarest.
constexpr std::array<uint8_t, 256> kRareness = [] {
  constexpr std::string_view kFrequent =
      " \"et\nasor:lin,udcpm}{h_fgb\\yv.$xk1=-w[])(0~j2CP/SFAVMqI5RTLN4|#93DO8Bz";
  std::array<uint8_t, 256> rareness{};
  rareness.fill(kFrequent.size());
  for (size_t i = 0; i < kFrequent.size(); ++i)
    rareness[static_cast<uint8_t>(kFrequent[i])] = static_cast<uint8_t>(i);
  return rareness;
}();

uint8_t RarenessOf(char c) { return kRareness[static_cast<uint8_t>(c)]; }

struct RarePair {
  size_t first = 0;
  size_t second = 0;
};

// REQUIRES: word.size() >= 2.
RarePair RarestOf(std::string_view word) {
  RarePair pair{0, 1};
  if (RarenessOf(word[1]) > RarenessOf(word[0])) pair = {1, 0};
  for (size_t i = 2; i < word.size(); ++i) {
    if (RarenessOf(word[i]) > RarenessOf(word[pair.first]))
      pair = {i, pair.first};
    else if (RarenessOf(word[i]) > RarenessOf(word[pair.second]))
      pair.second = i;
  }
  return pair;
}

// Compilers make vectors of a loop of so many turns.
constexpr size_t kBlock = 64;

// True iff a word whose rare bytes are `a` and `b` may begin in a block; `at_a` and `at_b` are
// where they would be if it began with its first byte.
[[gnu::always_inline]] inline bool MayBegin(const char* at_a, char a, const char* at_b, char b) {
  uint8_t any = 0;
  for (size_t i = 0; i < kBlock; ++i)
    any |= static_cast<uint8_t>(static_cast<uint8_t>(at_a[i] == a) &
                                static_cast<uint8_t>(at_b[i] == b));
  return any != 0;
}

// The first block from `at` on in which the word may begin; blocks end at or before `end`.
[[gnu::always_inline]] inline size_t SkipBlocks(std::string_view text, size_t at, size_t end,
                                                std::string_view word, RarePair rare) {
  const char a = word[rare.first];
  const char b = word[rare.second];
  for (; at + kBlock <= end; at += kBlock) {
    const char* block = text.data() + at;
    if (MayBegin(block + rare.first, a, block + rare.second, b)) break;
  }
  return at;
}

size_t SkipPlain(std::string_view text, size_t at, size_t end, std::string_view word,
                 RarePair rare) {
  return SkipBlocks(text, at, end, word, rare);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] size_t SkipWithAvx2(std::string_view text, size_t at, size_t end,
                                            std::string_view word, RarePair rare) {
  return SkipBlocks(text, at, end, word, rare);
}
const auto kSkip = __builtin_cpu_supports("avx2") != 0 ? SkipWithAvx2 : SkipPlain;
#else
constexpr auto kSkip = SkipPlain;
#endif

}  // namespace

size_t FindBytes(std::string_view text, std::string_view word, size_t from) {
  if (word.size() < 2) return text.find(word, from);
  if (from > text.size() || text.size() - from < word.size()) return text.npos;
  const RarePair rare = RarestOf(word);
  const size_t end = text.size() - word.size() + 1;  // of the offsets that it may begin at
  size_t at = from;
  while ((at = kSkip(text, at, end, word, rare)) + kBlock <= end) {
    for (const size_t next = at + kBlock; at < next; ++at) {
      if (text[at + rare.first] == word[rare.first] && text.substr(at, word.size()) == word)
        return at;
    }
  }
  const void* found = ::memmem(text.data() + at, text.size() - at, word.data(), word.size());
  return found == nullptr ? text.npos
                          : static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

WordFinder::WordFinder(std::vector<std::string> words) : words_(std::move(words)) {
  std::vector<Needle> needles;
  for (size_t i = 0; i < words_.size(); ++i) needles.push_back(NeedleOf(i));
  // Prints that differ much let the most through when they share a bucket.
  std::ranges::stable_sort(needles, {}, &Needle::print);
  for (size_t i = 0; i < needles.size(); ++i) {
    const size_t bucket = i * kBuckets / needles.size();
    AddPrint(needles[i].print, static_cast<uint8_t>(1U << bucket));
    buckets_[bucket].push_back(std::move(needles[i]));
  }
}

WordFinder::Needle WordFinder::NeedleOf(size_t word) const {
  const std::string& text = words_[word];
  const size_t size = std::min(text.size(), kPrint);
  Needle needle{word, 0, ""};
  int rarest = -1;
  for (size_t at = 0; at + size <= text.size(); ++at) {
    int rareness = 0;
    for (const char c : std::string_view(text).substr(at, size)) rareness += RarenessOf(c);
    if (rareness > rarest) needle.print_at = at;
    rarest = std::max(rarest, rareness);
  }
  needle.print = text.substr(needle.print_at, size);
  return needle;
}

// A byte that the print does not have may be any.
void WordFinder::AddPrint(std::string_view print, uint8_t bucket) {
  for (size_t i = 0; i < kPrint; ++i) {
    for (uint8_t bits = 0; bits < 16; ++bits) {
      const bool any = i >= print.size();
      const auto byte = any ? uint8_t{0} : static_cast<uint8_t>(print[i]);
      if (any || bits == (byte & 15U)) print_[i].low[bits] |= bucket;
      if (any || bits == byte >> 4U) print_[i].high[bits] |= bucket;
    }
  }
}

// Behind the end there may be anything.
uint8_t WordFinder::BucketsAt(std::string_view text, size_t at) const {
  uint8_t buckets = 0xFF;
  for (size_t i = 0; i < kPrint && at + i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[at + i]);
    buckets &= static_cast<uint8_t>(print_[i].low[byte & 15U] & print_[i].high[byte >> 4U]);
  }
  return buckets;
}

// Looks whether words of `buckets` whose print is at `at` are there.
void WordFinder::Look(std::string_view text, size_t at, uint8_t buckets, Found& found) const {
  for (uint32_t rest = buckets; rest != 0; rest &= rest - 1) {
    for (const Needle& needle : buckets_[static_cast<size_t>(std::countr_zero(rest))]) {
      if (!needle.print.empty() && needle.print.front() != text[at]) continue;
      if (found[needle.word] || at < needle.print_at) continue;
      if (text.substr(at - needle.print_at).starts_with(words_[needle.word]))
        found[needle.word] = true;
    }
  }
}

WordFinder::Found WordFinder::FindIn(std::string_view text) const {
  Found found(words_.size());
  for (size_t at = FindInBlocks(text, found); at < text.size(); ++at) {
    if (const uint8_t buckets = BucketsAt(text, at); buckets != 0) Look(text, at, buckets, found);
  }
  return found;
}

#if defined(__x86_64__)
namespace {

struct Tables {
  __m256i low;
  __m256i high;
};

[[gnu::target("avx2")]] inline __m256i Twice(const uint8_t* table) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
}

// For 32 bytes: the entries of the two tables that their low and their high four bits choose, and
// what those have in common. As "Teddy" of Intel's Hyperscan does it.
[[gnu::target("avx2")]] inline __m256i Choose(const Tables& tables, const char* bytes) {
  const __m256i four_bits = _mm256_set1_epi8(15);
  const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
  const __m256i low = _mm256_and_si256(block, four_bits);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(block, 4), four_bits);
  return _mm256_and_si256(_mm256_shuffle_epi8(tables.low, low),
                          _mm256_shuffle_epi8(tables.high, high));
}

}  // namespace

[[gnu::target("avx2")]] size_t WordFinder::FindWithAvx2(std::string_view text, Found& found) const {
  constexpr size_t kBytes = sizeof(__m256i);
  const Tables first{Twice(print_[0].low.data()), Twice(print_[0].high.data())};
  const Tables second{Twice(print_[1].low.data()), Twice(print_[1].high.data())};
  const Tables third{Twice(print_[2].low.data()), Twice(print_[2].high.data())};
  size_t at = 0;
  for (; at + kBytes + kPrint - 1 <= text.size(); at += kBytes) {
    const char* bytes = text.data() + at;
    const __m256i buckets =
        _mm256_and_si256(Choose(first, bytes),
                         _mm256_and_si256(Choose(second, bytes + 1), Choose(third, bytes + 2)));
    const __m256i none = _mm256_cmpeq_epi8(buckets, _mm256_setzero_si256());
    auto some = ~static_cast<uint32_t>(_mm256_movemask_epi8(none));
    for (; some != 0; some &= some - 1) {
      const size_t here = at + static_cast<size_t>(std::countr_zero(some));
      Look(text, here, BucketsAt(text, here), found);
    }
  }
  return at;
}

size_t WordFinder::FindInBlocks(std::string_view text, Found& found) const {
  return __builtin_cpu_supports("avx2") != 0 ? FindWithAvx2(text, found)
                                             : FindOneByOne(text, found);
}
#else
size_t WordFinder::FindInBlocks(std::string_view text, Found& found) const {
  return FindOneByOne(text, found);
}
#endif

size_t WordFinder::FindOneByOne(std::string_view text, Found& found) const {
  for (size_t i = 0; i < words_.size(); ++i) found[i] = HasBytes(text, words_[i]);
  return text.size();
}

}  // namespace metrishift
