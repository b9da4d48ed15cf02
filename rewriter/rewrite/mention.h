#ifndef METRISHIFT_REWRITER_REWRITE_MENTION_H_
#define METRISHIFT_REWRITER_REWRITE_MENTION_H_

#include <string_view>
#include <vector>

#include "core/mapping.h"

namespace metrishift::rewrite {

// A word of a text that is a deprecated series name.
template <class SpanType>
struct Mention {
  SpanType span;
  Mapping::Match match;
};

// Every word [a-zA-Z_:][a-zA-Z0-9_:]* of `text` that `mapping` renames, in order. A letter behind a
// backslash begins no word, so that "\nname" in the raw bytes of a JSON string is found as "name".
// One pass, linear.
template <class SpanType>
std::vector<Mention<SpanType>> FindMentions(std::string_view text, const Mapping& mapping) {
  std::vector<Mention<SpanType>> mentions;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '\\') {
      at += 2;
      continue;
    }
    if (!IsMetricNameChar(text[at])) {
      ++at;
      continue;
    }
    const size_t begin = at;
    while (at < text.size() && IsMetricNameChar(text[at])) ++at;
    if (const auto match = mapping.FindOld(text.substr(begin, at - begin))) {
      mentions.push_back({{begin, at}, *match});
    }
  }
  return mentions;
}

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_MENTION_H_
