#ifndef METRISHIFT_CORE_FIND_BYTES_H_
#define METRISHIFT_CORE_FIND_BYTES_H_

#include <cstddef>
#include <string_view>

namespace metrishift {

// The offset of the first `word` in `text` at or behind `from`, or npos: what text.find(word, from)
// returns. For long texts that most often do not have the word: looks at the two bytes of it that
// are the rarest in dashboards and rules, several times as fast as memmem(). Pure; thread-safe.
size_t FindBytes(std::string_view text, std::string_view word, size_t from = 0);

inline bool HasBytes(std::string_view text, std::string_view word) {
  return FindBytes(text, word) != std::string_view::npos;
}

}  // namespace metrishift

#endif  // METRISHIFT_CORE_FIND_BYTES_H_
