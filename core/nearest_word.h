#ifndef METRISHIFT_CORE_NEAREST_WORD_H_
#define METRISHIFT_CORE_NEAREST_WORD_H_

#include <span>
#include <string>
#include <string_view>

namespace metrishift {

// The one of `words` that somebody may have meant who wrote `word`: the first of those with the
// fewest letters left out, added, replaced or exchanged with the next one (a third of the letters
// at most); "" if there is none. Takes time in proportion to the product of the lengths.
std::string NearestWord(std::string_view word, std::span<const std::string> words);

}  // namespace metrishift

#endif  // METRISHIFT_CORE_NEAREST_WORD_H_
