#include "core/find_bytes.h"

#include <array>
#include <cstdint>
#include <cstring>

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

}  // namespace metrishift
