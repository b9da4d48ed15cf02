#ifndef METRISHIFT_REWRITER_REWRITE_MENTION_H_
#define METRISHIFT_REWRITER_REWRITE_MENTION_H_

#include <iterator>
#include <optional>
#include <span>
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

// How many bytes of the word at `begin` of `text` may belong to an escape before it: \n, \x3E,
// \u003e and %28 end in characters that names have, too.
inline std::span<const size_t> EscapeTails(std::string_view text, size_t begin) {
  static constexpr size_t kTails[] = {0, 1, 2, 3, 5, 9};
  const bool escape = begin > 0 && (text[begin - 1] == '\\' || text[begin - 1] == '%');
  return std::span(kTails).first(escape ? std::size(kTails) : 1);
}

// The word at `word` of `text`, if `mapping` renames it. It may be followed by colons of the text
// ("x: the number of..."), and it may begin with the tail of an escape.
template <class SpanType>
std::optional<Mention<SpanType>> MentionAt(std::string_view text, SpanType word,
                                           const Mapping& mapping) {
  for (const size_t tail : EscapeTails(text, word.begin)) {
    if (tail >= word.size()) break;
    SpanType span{word.begin + tail, word.end};
    const auto find = [&] { return mapping.FindOld(text.substr(span.begin, span.size())); };
    if (const auto match = find()) return {{span, *match}};
    if (text[span.begin] != ':' && text[span.end - 1] != ':') continue;
    while (!span.empty() && text[span.begin] == ':') ++span.begin;
    while (!span.empty() && text[span.end - 1] == ':') --span.end;
    if (const auto match = find()) return {{span, *match}};
  }
  return std::nullopt;
}

// True iff `word`, a name, is a word of `text`.
inline bool NamesWord(std::string_view text, std::string_view word) {
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool begins = at == 0 || !IsMetricNameChar(text[at - 1]);
    if (begins && (end == text.size() || !IsMetricNameChar(text[end]))) return true;
  }
  return false;
}

// Every word of `text` that `mapping` renames, in order. A word is a longest run of [a-zA-Z0-9_:],
// so the name of a recording rule (job:x:sum) is not one of x. One pass, linear.
template <class SpanType>
std::vector<Mention<SpanType>> FindMentions(std::string_view text, const Mapping& mapping) {
  std::vector<Mention<SpanType>> mentions;
  const bool underscores = mapping.NamesHaveUnderscores();
  for (size_t at = 0; at < text.size();) {
    if (underscores) {
      size_t begin = text.find('_', at);
      if (begin == text.npos) break;
      while (begin > at && IsMetricNameChar(text[begin - 1])) --begin;
      at = begin;
    }
    if (!IsMetricNameChar(text[at])) {
      ++at;
      continue;
    }
    const size_t begin = at;
    while (at < text.size() && IsMetricNameChar(text[at])) ++at;
    if (auto mention = MentionAt(text, SpanType{begin, at}, mapping)) mentions.push_back(*mention);
  }
  return mentions;
}

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_MENTION_H_
