#ifndef METRISHIFT_CORE_FIND_BYTES_H_
#define METRISHIFT_CORE_FIND_BYTES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace metrishift {

// The offset of the first `word` in `text` at or behind `from`, or npos: what text.find(word, from)
// returns. For long texts that most often do not have the word: looks at the two bytes of it that
// are the rarest in dashboards and rules, several times as fast as memmem(). Pure; thread-safe.
size_t FindBytes(std::string_view text, std::string_view word, size_t from = 0);

inline bool HasBytes(std::string_view text, std::string_view word) {
  return FindBytes(text, word) != std::string_view::npos;
}

// Tells which of several words a text has, in one pass over it: as fast as looking for two or three
// of them with FindBytes. Immutable; several threads may read it.
class WordFinder {
 public:
  using Found = std::vector<bool>;  // by the number of the word

  // The empty word is in every text that has some bytes.
  explicit WordFinder(std::vector<std::string> words);

  Found FindIn(std::string_view text) const;

 private:
  static constexpr size_t kBuckets = 8;
  static constexpr size_t kPrint = 3;

  // A word is looked for by three bytes of it (its print; fewer if it has no more), and told from
  // others that have the same bucket only where they stand.
  struct Needle {
    size_t word = 0;
    size_t print_at = 0;  // in the word
    std::string print;
  };
  // Which buckets have a word whose print has a byte with these four low, or high, bits there.
  struct PrintByte {
    std::array<uint8_t, 16> low{};
    std::array<uint8_t, 16> high{};
  };

  Needle NeedleOf(size_t word) const;
  void AddPrint(std::string_view print, uint8_t bucket);
  uint8_t BucketsAt(std::string_view text, size_t at) const;
  void Look(std::string_view text, size_t at, uint8_t buckets, Found& found) const;
  // What they find in the head of `text`; they return how far they have looked.
  size_t FindInBlocks(std::string_view text, Found& found) const;
  size_t FindWithAvx2(std::string_view text, Found& found) const;
  size_t FindOneByOne(std::string_view text, Found& found) const;

  std::vector<std::string> words_;
  std::array<std::vector<Needle>, kBuckets> buckets_;
  std::array<PrintByte, kPrint> print_;
};

}  // namespace metrishift

#endif  // METRISHIFT_CORE_FIND_BYTES_H_
